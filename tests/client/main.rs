//! The client: what it does by name, and all it does against its model.

mod check;
mod examples;
mod sequences;
