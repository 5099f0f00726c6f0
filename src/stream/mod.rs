//! A `Stream` of chunks becomes a `Stream` of events, for asynchronous code.
//!
//! [`EventStream`] is [`BytesDecoder`](crate::BytesDecoder) in the shape that async
//! frameworks expect. It takes any `Stream<Item = Result<impl Into<Bytes>, E>>`, as HTTP
//! clients hand out bodies, and fetches a chunk only after it has handed out all events
//! of the one before. It needs no runtime and sets no timer.
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
//!         // This is the last item. A new request can continue from `last_event_id()`.
//!         Err(error) => println!("{error}; had read up to {:?}", events.last_event_id()),
//!     }
//! #   seen.push(());
//! }
//! # assert_eq!(seen.len(), 2);
//! # }.now_or_never().unwrap();
//! ```
//!
//! An `AsyncRead` (a file, a socket, a pipe) becomes such a stream with `tokio_util`'s
//! `ReaderStream`: `EventStream::new(ReaderStream::new(reader))`.
//!
//! With the feature `http` there is a shorter way from the response of an HTTP client:
//! `EventStream::from_response`, which also looks whether it is an event stream at all.
//!
//! A server that encodes events into a stream has [`KeepAlive`], which puts a comment into
//! it after each silence.

mod budget;
mod events;
#[cfg(feature = "http")]
mod response;

pub use crate::keep_alive::KeepAlive;
#[cfg(feature = "http")]
pub(crate) use budget::Budget;
pub use events::{EventStream, FrameStream, StreamError};
#[cfg(feature = "http")]
pub(crate) use response::check;
#[cfg(feature = "http")]
pub use response::{BodyStream, UnexpectedResponse};
