//! Reading an event stream: from a byte slice to limits and errors.
//!
//! These are the steps 1 to 5 of the [tutorial](super). [Writing](super::writing) has the others.
//!
//! # From bytes to events
//!
//! An event stream is text, and most of its lines are *fields*. A field has a name, a colon and a
//! value, often with a space between the colon and the value. A blank line ends a *block* of
//! fields. If the block has a `data` field, it becomes an *event*. A [`Decoder`] reads the events
//! one by one:
//!
//! ```
//! use sse_proto::{Chunk, Decoder};
//!
//! # let mut seen = String::new();
//! let mut decoder = Decoder::new();
//! let mut chunk = Chunk::new(b"data: Hello\n\nevent: token\ndata: two\ndata: lines\n\n");
//! while let Some(event) = decoder.next_event(&mut chunk)? {
//!     println!("{}: {:?}", event.event_type(), event.data());
//! #   seen += &format!("{}: {:?}\n", event.event_type(), event.data());
//! }
//! # assert_eq!(seen, "message: \"Hello\"\ntoken: \"two\\nlines\"\n");
//! # Ok::<(), sse_proto::EventTooLarge>(())
//! ```
//!
//! It prints:
//!
//! ```text
//! message: "Hello"
//! token: "two\nlines"
//! ```
//!
//! An event without an `event` field has the type `message`. The decoder joins the values of
//! several `data` fields with line feeds. A line may end in LF, CRLF or CR.
//!
//! # Chunks
//!
//! A network delivers a stream in pieces, and may cut it anywhere, even within a character. Keep
//! one decoder for the whole stream, and make a new [`Chunk`] of each piece:
//!
//! ```
//! use std::io::Read;
//!
//! use sse_proto::{Chunk, Decoder};
//!
//! fn print_events(mut stream: impl Read) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut decoder = Decoder::new();
//!     let mut buffer = [0; 8192];
//!     loop {
//!         let length = stream.read(&mut buffer)?;
//!         if length == 0 {
//!             return Ok(());
//!         }
//!         let mut chunk = Chunk::new(&buffer[..length]);
//!         while let Some(event) = decoder.next_event(&mut chunk)? {
//!             println!("{}", event.data());
//!         }
//!     }
//! }
//! # print_events(&b"data: Hello\n\n"[..]).unwrap();
//! ```
//!
//! There are two rules:
//!
//! - Make the chunk *before* the inner loop. The chunk remembers how far it has been read. A loop
//!   `while let Some(event) = decoder.next_event(&mut Chunk::new(bytes))?` reads the first event
//!   again and again, and never ends.
//! - Call `next_event` until it gives `None`. If you drop a chunk before that, the decoder never
//!   sees the rest of it.
//!
//! You need not tell the decoder that the stream has ended. If the stream ends before the blank
//! line of an event, that event is lost, because the standard discards it. To find out if this
//! happened, ask [`Decoder::is_mid_event`].
//!
//! # Keeping events
//!
//! An event of a `Decoder` borrows its text from the chunk or from the decoder, so you can hold
//! only one at a time. To keep an event, call [`Event::into_owned`]. To keep most of the events, or
//! to send them to another thread or task, use a [`BytesDecoder`]. You push chunks into it, and
//! each
//! [`OwnedEvent`] that you pull owns its text:
//!
//! ```
//! use std::{sync::mpsc, thread};
//!
//! use sse_proto::{BytesDecoder, OwnedEvent};
//!
//! let (sender, receiver) = mpsc::channel::<OwnedEvent>();
//! let printer = thread::spawn(move || {
//!     for event in receiver {
//!         println!("{}", event.data());
//!     }
//! });
//! let mut decoder = BytesDecoder::new();
//! for chunk in ["data: Hel", "lo\n\nda", "ta: bye\n\n"] {
//!     decoder.push(chunk);
//!     while let Some(event) = decoder.next_event()? {
//!         sender.send(event)?;
//!     }
//! }
//! drop(sender);
//! printer.join().unwrap();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In asynchronous code, use [`EventStream`] (feature `stream`): it takes a `Stream` of chunks and
//! decodes them with a `BytesDecoder`.
//!
//! # Frames
//!
//! Most programs need only the events of a stream. A proxy or a monitor needs more, so it calls
//! `next_frame` instead of `next_event`. A *frame* is an event, a comment, a retry, or the ID of a
//! block without data. Frames come in the order of the stream:
//!
//! ```
//! use sse_proto::{Chunk, Decoder, Frame};
//!
//! let mut decoder = Decoder::new();
//! let mut chunk = Chunk::new(b": keep-alive\nretry: 2000\nid: 7\n\ndata: Hello\n\n");
//! let mut out = Vec::new();
//! while let Some(frame) = decoder.next_frame(&mut chunk)? {
//!     match frame {
//!         Frame::Event(event) => println!("event: {}", event.data()),
//!         Frame::Comment(text) => println!("comment: {text}"),
//!         Frame::Retry(time) => println!("retry: {time:?}"),
//!         Frame::Id(id) => println!("id: {id}"),
//!         _ => {} // A later version may have more kinds of frames.
//!     }
//!     frame.encode(&mut out)?; // A proxy passes the frame on.
//! }
//! assert_eq!(out, b": keep-alive\nretry: 2000\nid: 7\n\ndata: Hello\n\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! You need no frames to know the last event ID and the reconnection time. The decoder keeps both,
//! whichever method you call: see [`Decoder::last_event_id`] and [`Decoder::reconnection_time`].
//!
//! # Limits and errors
//!
//! Malformed input is never an error, because the standard says how to read it. For example, the
//! decoder ignores a field that it does not know, and reads a byte that is not UTF-8 as U+FFFD.
//!
//! The only error is [`EventTooLarge`]. If an event is larger than
//! [`max_event_size`](crate::DecoderBuilder::max_event_size), the decoder skips it and returns this
//! error once. In the programs above, the `?` ends the loop then. To continue with the next event,
//! match the result, and call `next_event` again with the same chunk:
//!
//! ```
//! use sse_proto::{Chunk, Decoder};
//!
//! # let mut seen = Vec::new();
//! let mut decoder = Decoder::builder().max_event_size(100).build();
//! let long = format!("data: {}\n\ndata: short\n\n", "x".repeat(1000));
//! let mut chunk = Chunk::new(long.as_bytes());
//! loop {
//!     match decoder.next_event(&mut chunk) {
//!         Ok(Some(event)) => println!("{}", event.data()),
//!         Ok(None) => break, // The chunk has been read.
//!         Err(too_large) => eprintln!("{too_large}"),
//!     }
//! #   seen.push(());
//! }
//! # assert_eq!(seen.len(), 2);
//! ```
//!
//! [`Decoder`]: crate::Decoder
//! [`Decoder::is_mid_event`]: crate::Decoder::is_mid_event
//! [`Decoder::last_event_id`]: crate::Decoder::last_event_id
//! [`Decoder::reconnection_time`]: crate::Decoder::reconnection_time
//! [`BytesDecoder`]: crate::BytesDecoder
//! [`Chunk`]: crate::Chunk
//! [`Event::into_owned`]: crate::Event::into_owned
//! [`OwnedEvent`]: crate::OwnedEvent
//! [`EventTooLarge`]: crate::EventTooLarge
#![cfg_attr(feature = "stream", doc = "[`EventStream`]: crate::stream::EventStream")]
#![cfg_attr(not(feature = "stream"), doc = "[`EventStream`]: crate#features")]
