//! The memory that the crate holds and the number of its allocations, counted.

mod counter;
mod peak;
mod release;
mod steady;
mod subject;
