//! A client that reconnects, and asks for the events that it missed.
//!
//! If you read only one response, a decoder is enough. This module is the rest of the standard's
//! [processing model]: which headers a request carries, which response is an event stream, when the
//! client reconnects, and when it stops.
//!
//! - [`Connection`] is that model as a state machine. You bring the HTTP client, the clock, the
//!   random numbers and a decoder. It needs no runtime and no `std`.
//! - `Subscription` (feature `http`) is a `Stream` of events that reconnects. It works with every
//!   HTTP client whose responses become an `http::Response`, such as reqwest or hyper.
//!
//! This is the loop around a [`Connection`]. The decoder keeps the last event ID and the
//! reconnection time, and the connection asks it for them:
//!
//! ```
//! use std::hash::{BuildHasher, RandomState};
//!
//! use sse_proto::client::{Connection, Policy, ReadyState};
//! use sse_proto::{Chunk, Decoder};
//! # use sse_proto::client::{CloseReason, RequestHeaders};
//! # use std::time::Duration;
//! # struct Response { status: u16, content_type: &'static str, body: Vec<&'static [u8]> }
//! # struct Http { requests: Vec<Vec<(String, String)>> }
//! # impl Http {
//! #     fn get(&mut self, headers: RequestHeaders<'_>) -> Result<Response, ()> {
//! #         let owned = |(name, value): (&str, &str)| (name.into(), value.into());
//! #         self.requests.push(headers.map(owned).collect());
//! #         let (status, body): (_, Vec<&[u8]>) = match self.requests.len() {
//! #             1 => (200, vec![b"retry: 10\nid: 1\nda", b"ta: a\n\nid: 2\ndata: b\n"]),
//! #             2 => return Err(()),
//! #             3 => (200, vec![b"id: 2\ndata: b\n\n"]),
//! #             _ => (204, vec![]),
//! #         };
//! #         Ok(Response { status, content_type: "text/event-stream", body })
//! #     }
//! # }
//! # let mut handled = vec![];
//! # let mut http = Http { requests: vec![] };
//! # let mut run = || -> Result<(), Box<dyn std::error::Error>> {
//! # let start = std::time::Instant::now();
//! # fn sleep(_: Duration) {}
//!
//! let mut connection = Connection::new(Policy::new());
//! let mut decoder = Decoder::new();
//! loop {
//!     let headers = connection.request(&mut decoder)?;
//!     if let Ok(response) = http.get(headers) {
//!         let state = connection.response(response.status, Some(response.content_type))?;
//!         if state == ReadyState::Open {
//!             // A connection that lives too short has failed, so its life is measured.
//!             connection.received(start.elapsed())?;
//!             for bytes in response.body {
//!                 connection.received(start.elapsed())?;
//!                 let mut chunk = Chunk::new(bytes);
//!                 while let Some(event) = decoder.next_event(&mut chunk)? {
//!                     println!("{}", event.data());
//! #                   handled.push(event.data().to_owned());
//!                 }
//!             }
//!         }
//!     }
//!     let random = RandomState::new().hash_one(0) as u32;
//!     // When the state is CLOSED, the `?` ends the loop.
//!     sleep(connection.disconnected(&decoder, random)?);
//! }
//! # };
//! # let error = run().unwrap_err();
//! # assert_eq!(handled, ["a", "b"]);
//! # assert_eq!(http.requests[3][2], ("last-event-id".to_owned(), "2".to_owned()));
//! # assert_eq!(http.requests[1], http.requests[2]);
//! # assert_eq!(error.downcast_ref(), Some(&CloseReason::NoContent));
//! ```
//!
//! An event that is larger than the decoder's limit also ends this loop. If your loop has to
//! continue then, match the result of `next_event` as [`EventTooLarge`](crate::EventTooLarge)
//! shows.
//!
//! If the network fails in the middle of a block, the next request discards the unfinished block
//! and its ID. A decoder sets the last event ID when it gives you the event, so the next request
//! names the last event that your program saw.
//!
//! [processing model]:
//!     https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model

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
