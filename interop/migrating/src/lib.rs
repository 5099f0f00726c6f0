//! The programs of MIGRATING.md: each is here with another crate, and with sse-proto. A test runs
//! them and compares what they print.

use std::cell::RefCell;

thread_local! {
    static PRINTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what is printed, in place of the standard library's macro of this name: so the
/// programs look as yours do, and a test can compare what they print.
macro_rules! println {
    ($($text:tt)*) => { $crate::PRINTED.with_borrow_mut(|lines| lines.push(format!($($text)*))) };
}

pub mod axum_sse;
pub mod eventsource_client;
pub mod eventsource_stream;
pub mod reqwest_eventsource;
pub mod sse_stream;

/// The output of the programs of this thread since the last call.
pub fn printed() -> Vec<String> {
    PRINTED.take()
}
