//! Server-Sent Events (`text/event-stream`) without I/O: chunks of bytes in, events
//! out; events in, bytes out.
//!
//! The crate owns no socket, clock, thread or random source. It does what the
//! [WHATWG standard] says, wherever the network cuts the stream.
//!
//! # Decoding
//!
//! ```
//! use sse_proto::{Chunk, Decoder};
//!
//! let mut decoder = Decoder::new();
//! # let mut seen = String::new();
//! for bytes in [&b"event: token\nda"[..], b"ta: Hel", b"lo\n\n"] {
//!     let mut chunk = Chunk::new(bytes);
//!     while let Some(event) = decoder.next_event(&mut chunk)? {
//!         println!("{}: {}", event.event_type(), event.data());
//! #       seen.push_str(event.data());
//!     }
//! }
//! # assert_eq!(seen, "Hello");
//! # Ok::<(), sse_proto::EventTooLarge>(())
//! ```
//!
//! There are two layers over one state machine:
//!
//! - [`Decoder`] reads a [`Chunk`] of `&[u8]`, and its [`Event`]s borrow. For a loop
//!   that handles each event at once.
//! - [`BytesDecoder`] takes [`bytes::Bytes`], and its [`OwnedEvent`]s own their text.
//!   For tasks, channels and streams.
//!
//! Both have `next_event` for events and `next_frame` for those who want comments,
//! retries and IDs too, in stream order.
//!
//! # Encoding
//!
//! ```
//! use sse_proto::EventEncoder;
//!
//! let mut out = Vec::new();
//! EventEncoder::new().event_type("token").encode("Hello", &mut out)?;
//! assert_eq!(out, b"event: token\ndata: Hello\n\n");
//! # Ok::<(), sse_proto::EncodeError>(())
//! ```
//!
//! [`EventEncoder`] writes a block in one call, or gives you a [`DataWriter`] so that you
//! can serialize data straight into the event. Nothing that you pass to it can forge a
//! second field or event.
//!
//! # Connections
//!
//! One floor above the codec, which needs none of it: [`client`] and [`server`] are the
//! two ends of a connection as state machines, without I/O either; [`header`] is what
//! HTTP says of event streams. The repository's `interop/cookbook` has whole servers and
//! clients, on axum, actix-web, hyper, reqwest and ureq.
//!
//! # Limits
//!
//! Malformed input is never an error; the only one is [`EventTooLarge`], for a block
//! beyond [`max_event_size`](DecoderBuilder::max_event_size) (64 MiB by default).
//! The rest of the stream is decoded as if nothing had happened. With a limit of *n*
//! bytes a decoder's own memory stays below 3 *n* + 64 KiB at worst, or 7 *n* + 64 KiB
//! where the text is malformed (one such byte becomes a U+FFFD, three bytes). Not counted
//! are what the caller keeps and the last event ID, which [`BytesDecoder`] holds twice if
//! events carry it. Memory beyond 32 KiB that a large event needed is released after 64
//! blocks that hardly used it.
//!
//! # Conformance
//!
//! Where the standard leaves something open, this is what is done:
//!
//! - A `retry` with an empty value is ignored; one beyond `u64::MAX` is `u64::MAX`
//!   milliseconds.
//! - A comment's text is what stands behind the colon, without one leading space.
//! - At the end of the stream there is nothing to call: what is pending is discarded.
//!
//! Where it departs from the standard: an event beyond the limit is not dispatched.
//! That is all.
//!
//! # Features
//!
//! - `std` (default): [`std::io::Write`] for [`DataWriter`], and the choice of SIMD
//!   instructions at run time.
//! - `stream`: `stream::EventStream`, a `futures_core::Stream` of events, and
//!   `stream::KeepAlive` for servers.
//! - `http`: `stream` and `std`, and for HTTP clients whose responses are those of the
//!   crate `http`: `EventStream::from_response`, and `client::Subscription`, a stream of
//!   events that reconnects.
//! - `simd` (default): UTF-8 validation with `simdutf8`; without it text that is not
//!   ASCII takes several times as long.
//! - `portable-atomic`: for targets without compare-and-swap, such as `thumbv6m-none-eabi`
//!   and `riscv32imc-unknown-none-elf`. `bytes` then takes its atomics from the crate
//!   `portable-atomic`, which your program tells how to make them: with its feature
//!   `critical-section`, or with `unsafe-assume-single-core`. On such a target owned events,
//!   [`BytesDecoder`] and [`server::ReplayBuffer`] cannot be sent to another thread.
//!
//! Without `std` the crate needs only `alloc`.
//!
//! [WHATWG standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html

#![no_std]
#![forbid(unsafe_code)]
#![warn(unreachable_pub)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod client;
mod decode;
pub mod encode;
mod error;
mod event;
mod frame;
pub mod header;
#[cfg(feature = "stream")]
mod keep_alive;
mod line_end;
pub mod server;
mod shared;
#[cfg(feature = "stream")]
pub mod stream;
mod utf8;
#[cfg(test)]
mod work;

pub use decode::{BytesDecoder, Chunk, DEFAULT_MAX_EVENT_SIZE, Decoder, DecoderBuilder};
pub use encode::{DataError, DataWriter, EncodeError, EventEncoder, WriteError};
pub use error::{EventTooLarge, Lost};
pub use event::{Event, OwnedEvent};
pub use frame::{Frame, OwnedFrame};

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
