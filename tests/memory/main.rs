//! How much memory the crate holds, and how often it allocates.

mod counter;
mod peak;
mod release;
mod steady;
mod subject;
