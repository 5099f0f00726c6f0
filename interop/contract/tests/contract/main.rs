//! What LaunchDarkly's sse-contract-tests ask of a client, asked of the test service over real
//! sockets: the original's cases on HTTP, reconnection, comments and line ends, without Go.
//!
//! The original has more cases on parsing; the crate's own tests have those.

mod comments;
mod driver;
mod http;
mod line_ends;
mod reconnection;
mod service;
mod stream;
