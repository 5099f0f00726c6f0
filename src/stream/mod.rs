//! Events and frames as a `Stream`, for asynchronous code.
//!
//! An [`EventStream`] decodes a `Stream` of chunks with a [`BytesDecoder`](crate::BytesDecoder).
//! The chunks are any `Stream<Item = Result<impl Into<Bytes>, E>>`, which is how many HTTP clients
//! give you a body. It fetches a chunk only after it has given you all events of the chunk before.
//! It needs no runtime and sets no timer.
//!
//! ```
//! use futures_util::{StreamExt, stream};
//! use sse_proto::stream::{EventStream, StreamError};
//!
//! # use futures_util::FutureExt;
//! # async {
//! let body = stream::iter([Ok("event: token\nda"), Ok("ta: Hello\n\n"), Err("reset by peer")]);
//! let mut events = EventStream::new(body);
//! # let mut seen = Vec::new();
//! while let Some(event) = events.next().await {
//!     match event {
//!         Ok(event) => println!("{}: {}", event.event_type(), event.data()),
//!         // One event was larger than the limit. The stream continues after it.
//!         Err(StreamError::TooLarge(error)) => println!("{error}"),
//!         // The transport failed. This is the last item.
//!         Err(error) => println!("{error}, after the event {:?}", events.last_event_id()),
//!     }
//! #   seen.push(());
//! }
//! # assert_eq!(seen.len(), 2);
//! # }.now_or_never().unwrap();
//! ```
//!
//! If you have the response of an HTTP client, enable the feature `http` and call
//! `EventStream::from_response`. It also checks whether the response is an event stream.
//!
//! If you have an `AsyncRead`, such as a file, a socket or a pipe, make a stream of it with the
//! `ReaderStream` of the crate `tokio-util`: `EventStream::new(ReaderStream::new(reader))`.
//!
//! If you write a server, [`KeepAlive`] adds a comment to your stream of encoded events after each
//! silence.

mod budget;
mod events;
#[cfg(feature = "http")]
mod response;

pub use crate::keep_alive::KeepAlive;
#[cfg(feature = "http")]
pub(crate) use budget::Budget;
pub use events::{EventStream, FrameStream, StreamError};
#[cfg(feature = "http")]
pub use response::{BodyStream, UnexpectedResponse};
#[cfg(feature = "http")]
pub(crate) use response::{check, content_type};
