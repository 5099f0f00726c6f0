//! The client: what it does by name, and all it does against its model.

mod check;
mod client;
mod requests;
mod sequences;
mod turns;
mod waits;
