//! The features `stream` and `http`: streams of events.

mod events;
#[cfg(feature = "http")]
#[path = "../fake/mod.rs"]
mod fake;
#[cfg(feature = "http")]
mod keep_alive;
mod polling;
#[cfg(feature = "http")]
mod response;
mod script;
