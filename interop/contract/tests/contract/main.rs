//! The cases of LaunchDarkly's sse-contract-tests on HTTP, reconnection, comments and line ends,
//! run against the test service over real sockets, without Go.
//!
//! The original has more cases on parsing; the crate's own tests have those.

mod comments;
mod driver;
mod http;
mod line_ends;
mod reconnection;
mod service;
mod stream;
