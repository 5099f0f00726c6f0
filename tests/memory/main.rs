//! How much memory the crate holds, and how often it allocates.
#![cfg(feature = "std")] // `steady` writes data through `std::io::Write`.

mod counter;
mod peak;
mod release;
mod steady;
mod subject;
