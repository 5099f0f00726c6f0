//! The client: named cases, the cases of web-platform-tests, and all sequences of calls compared
//! with a model.

mod check;
mod client;
mod requests;
mod sequences;
mod turns;
mod waits;
mod web_platform;
