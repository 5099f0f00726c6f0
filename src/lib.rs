//! Server-Sent Events (`text/event-stream`) without I/O: chunks of bytes in, events
//! out; events in, bytes out.
//!
//! The crate owns no socket, clock, thread or random source. The decoder does what the
//! [WHATWG standard] says, wherever the network cuts the stream.
//!
//! The [`tutorial`] starts with one event and ends with a client and a server that lose none.
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
//! Make each [`Chunk`] before the loop over its events, as here: the chunk remembers how far it
//! has been read. [`Decoder::next_event`] says what goes wrong otherwise.
//!
//! There are two decoders, which share one state machine:
//!
//! - [`Decoder`] reads a [`Chunk`] of `&[u8]`, and its [`Event`]s borrow their text. Use it in a
//!   loop that handles each event at once.
//! - [`BytesDecoder`] takes [`bytes::Bytes`], and its [`OwnedEvent`]s own their text. Use it for
//!   tasks, channels and streams.
//!
//! Both have `next_event`. If you also want comments, retries and IDs, in stream order, call
//! `next_frame` instead.
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
//! [`client`] and [`server`] are the two ends of a connection as state machines, also without
//! I/O. If your program is not async, use [`client::Connection`] for a client that reconnects. If
//! it is async, use `client::Subscription` (feature `http`). [`header`] has the headers of event
//! streams. You need none of these to decode or to encode.
//!
//! The repository's `interop/cookbook` has whole programs on axum, actix-web, hyper, reqwest and
//! ureq.
//!
//! # Words
//!
//! These words have one meaning each in this documentation:
//!
//! - **Chunk**: a piece of the stream as the network delivered it. It may begin and end anywhere,
//!   even within a line or a character.
//! - **Field**: a line of the stream: a name, and a value after a colon. The names that mean
//!   something are `data`, `event`, `id` and `retry`.
//! - **Block**: the lines up to and including a blank line.
//! - **Event**: the type, the data and the last event ID that a block with a `data` field gives.
//! - **Frame**: an event, a comment, a retry, or the ID of a block without data. A proxy needs
//!   them all.
//! - **Carry**: the bytes of a line that the end of a chunk cut. The decoder keeps them until the
//!   line ends.
//! - **Last event ID**: the value of the newest `id` field whose block has ended. A client sends it
//!   when it reconnects, so that the server can continue from there.
//! - **Reconnection time**: how long a client waits before it reconnects. A `retry` field sets it.
//!
//! # Limits
//!
//! Malformed input is never an error. The only error is [`EventTooLarge`], for a block beyond
//! [`max_event_size`](DecoderBuilder::max_event_size), which is 64 MiB by default. The
//! decoder then continues with the next block. If you call `next_frame`, each comment has the same
//! limit for itself, and does not count for its block.
//!
//! With a limit of *n* bytes a decoder's own memory stays below 3 *n* + 64 KiB if the text is
//! valid, and below 7 *n* + 64 KiB if it is malformed, because one bad byte becomes a U+FFFD of
//! three bytes. This is the worst case: while a buffer grows, the old and the new one both count.
//! The decoder frees memory beyond 32 KiB after 64 blocks in a row that hardly used it.
//!
//! These bounds leave out three things: the events that you keep, the chunks that you pushed but
//! have not pulled yet, and the last event ID. A [`BytesDecoder`] holds the last event ID twice if
//! its events carry it.
//!
//! # Conformance
//!
//! The decoder follows the standard, with one deviation: it skips an event that is larger than the
//! limit. The standard leaves these cases open:
//!
//! - The decoder ignores a `retry` with an empty value, and reads a number beyond `u64::MAX` as
//!   `u64::MAX` milliseconds.
//! - The text of a comment starts after the colon and one optional space.
//!
//! You need not tell the decoder that the stream has ended. An unfinished block is discarded, as
//! the standard asks.
//!
//! # Features
//!
//! - `std` (default): `std::io::Write` for [`DataWriter`], and the choice of SIMD
//!   instructions at run time.
//! - `stream`: `stream::EventStream`, a `futures_core::Stream` of events, and
//!   `stream::KeepAlive` for servers.
//! - `http`: for HTTP clients whose responses are those of the crate `http`:
//!   `EventStream::from_response`, and `client::Subscription`, a stream of events that
//!   reconnects. It includes `stream` and `std`.
//! - `simd` (default): UTF-8 validation with `simdutf8`. Without it, text that is not ASCII
//!   takes several times as long.
//! - `portable-atomic`: for targets without an atomic compare-and-swap, such as
//!   `thumbv6m-none-eabi` and `riscv32imc-unknown-none-elf`. There the crate `bytes` does not build
//!   without the crate `portable-atomic`, which this feature adds. Your program has to depend on
//!   `portable-atomic` too, and choose one of its features `critical-section` and
//!   `unsafe-assume-single-core`. On such a target you cannot send owned events, a [`BytesDecoder`]
//!   or a [`server::ReplayBuffer`] to another thread.
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
mod owned_event;
pub mod server;
mod shared;
#[cfg(feature = "stream")]
pub mod stream;
#[cfg(any(doc, doctest))]
pub mod tutorial;
mod utf8;
#[cfg(test)]
mod work;

pub use decode::{BytesDecoder, Chunk, DEFAULT_MAX_EVENT_SIZE, Decoder, DecoderBuilder};
pub use encode::{DataError, DataWriter, EncodeError, EventEncoder, WriteError};
pub use error::{EventTooLarge, Lost};
pub use event::Event;
pub use frame::{Frame, OwnedFrame};
pub use owned_event::OwnedEvent;

/// The examples of the README compile and run. One of them writes JSON, which takes `std`.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
