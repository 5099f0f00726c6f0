//! What the crate holds and how often it allocates, counted.

mod counter;
mod peak;
mod release;
mod steady;
mod subject;
