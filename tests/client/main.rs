//! The client: what it does by name, what web-platform-tests ask of it, and all it does against its
//! model.

mod check;
mod client;
mod requests;
mod sequences;
mod turns;
mod waits;
mod web_platform;
