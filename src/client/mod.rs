//! A client that keeps its place in a stream: it reconnects, and asks for what it missed.
//!
//! If you read one response and are done, a decoder is enough. This module is the rest of the
//! standard's [processing model]: which headers a request carries, which response is good, when
//! the client reconnects and when it stops.
//!
//! - [`Connection`] is that model as a state machine. You bring the HTTP client, the
//!   clock, the random numbers and a decoder. It needs no runtime and no `std`.
//! - `Subscription` (feature `http`) is a `Stream` of events that drives a `Connection`
//!   over an HTTP client whose responses are `http::Response`s, such as reqwest or hyper.
//!
//! This is the loop around a [`Connection`]. The decoder keeps the place, which is the
//! last event ID and the reconnection time:
//!
//! ```
//! use sse_proto::client::{Connection, Policy, ReadyState};
//! use sse_proto::{Chunk, Decoder};
//! # use sse_proto::client::{CloseReason, RequestHeaders};
//! # use std::time::Duration;
//! # struct Response { status: u16, content_type: &'static str, body: Vec<&'static [u8]> }
//! # struct Http { requests: Vec<Vec<(String, String)>> }
//! # impl Http {
//! #     fn get(&mut self, headers: RequestHeaders<'_>) -> Result<Response, ()> {
//! #         self.requests.push(headers.map(|(name, value)| (name.into(), value.into())).collect());
//! #         let (content_type, status) = ("text/event-stream", 200);
//! #         match self.requests.len() {
//! #             1 => Ok(Response { status, content_type, body: vec![b"retry: 10\nid: 1\nda", b"ta: a\n\nid: 2\ndata: b\n"] }),
//! #             2 => Err(()),
//! #             3 => Ok(Response { status, content_type, body: vec![b"id: 2\ndata: b\n\n"] }),
//! #             _ => Ok(Response { status: 204, content_type: "", body: vec![] }),
//! #         }
//! #     }
//! # }
//! # let mut handled = vec![];
//! # let mut http = Http { requests: vec![] };
//! # let mut run = || -> Result<(), Box<dyn std::error::Error>> {
//! # let start = std::time::Instant::now();
//! # fn random() -> u32 { 0 }
//! # fn sleep(_: Duration) {}
//!
//! let mut connection = Connection::new(Policy::new());
//! let mut decoder = Decoder::new();
//! loop {
//!     let headers = connection.request(&mut decoder)?;
//!     if let Ok(response) = http.get(headers) {
//!         let state = connection.response(response.status, Some(response.content_type))?;
//!         if state == ReadyState::Open {
//!             for bytes in response.body {
//!                 connection.received(start.elapsed())?;
//!                 let mut chunk = Chunk::new(bytes);
//!                 while let Some(event) = decoder.next_event(&mut chunk)? {
//!                     println!("{}", event.data()); // or connection.close(), and leave the loop
//! #                   handled.push(event.data().to_owned());
//!                 }
//!             }
//!         }
//!     }
//!     // The `?` ends the loop once the state is CLOSED.
//!     sleep(connection.disconnected(&decoder, random())?);
//! }
//! # };
//! # let error = run().unwrap_err();
//! # assert_eq!(handled, ["a", "b"]);
//! # assert_eq!(http.requests[3][2], ("last-event-id".to_owned(), "2".to_owned()));
//! # assert_eq!(http.requests[1], http.requests[2]);
//! # assert_eq!(error.downcast_ref(), Some(&CloseReason::NoContent));
//! ```
//!
//! That loop also ends at an event beyond the decoder's limit. If it is to survive one,
//! match the result of `next_event` instead, as [`EventTooLarge`](crate::EventTooLarge)
//! shows.
//!
//! When a connection is cut, the decoder may hold an event without its blank line, or an
//! ID that no blank line committed. The next request discards them. An event is handed
//! out and its ID committed at once, so the next request names the last event that the
//! application saw.
//!
//! [processing model]: https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model

mod connection;
mod decode;
mod error;
mod policy;
mod request;
pub(crate) mod response;
#[cfg(feature = "http")]
mod subscription;

pub use connection::{Connection, ReadyState};
pub use decode::Decode;
pub use error::{CloseReason, WrongCall};
pub use policy::Policy;
pub use request::RequestHeaders;
#[cfg(feature = "http")]
pub use subscription::{Cause, Subscription, SubscriptionBuilder, SubscriptionError, Update};
