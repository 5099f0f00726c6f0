//! A tutorial: from the bytes of a stream to a client and a server that lose no event.
//!
//! 1. [From bytes to events](#from-bytes-to-events)
//! 2. [Chunks](#chunks)
//! 3. [Keeping events](#keeping-events)
//! 4. [Frames](#frames)
//! 5. [Limits and errors](#limits-and-errors)
//! 6. [Encoding](#encoding)
//! 7. [JSON](#json)
//! 8. [HTTP by hand](#http-by-hand)
//! 9. [Reconnecting](#reconnecting)
//! 10. [Serving and replaying](#serving-and-replaying)
//! 11. [Testing your handler](#testing-your-handler)
//!
//! Each step is a program that compiles. If you use reqwest, hyper or axum, read steps 1, 3, 6
//! and 7, and then the programs in the README.
//!
//! # From bytes to events
//!
//! An event stream is text in lines. A line is a *field*: a name, a colon, perhaps one space, and
//! a value. A blank line ends a *block* of fields, and a block with `data` becomes an *event*.
//! A [`Decoder`] reads the events of a byte slice one by one:
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
//! An event without an `event` field has the type `message`. Several `data` lines are joined with
//! line feeds. A line may end in LF, CRLF or CR.
//!
//! # Chunks
//!
//! A network delivers a stream in pieces, and cuts it anywhere. Keep one decoder for the whole
//! stream, and make a new [`Chunk`] of each piece:
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
//! Two rules:
//!
//! - Make the chunk *before* the inner loop. The chunk remembers how far it has been read. A loop
//!   `while let Some(event) = decoder.next_event(&mut Chunk::new(bytes))?` reads the first event
//!   again and again, and never ends.
//! - Call `next_event` until it gives `None`. If you drop a chunk before that, the decoder never
//!   sees the rest of it.
//!
//! At the end of the stream you call nothing. The standard discards an event that no blank line
//! ended. If you want to know, ask [`Decoder::is_mid_event`].
//!
//! # Keeping events
//!
//! The events of a `Decoder` borrow from the chunk or from the decoder, so you have one at a time.
//! To keep one, call [`Event::into_owned`]. To keep most of them, or to send them to another
//! thread or task, use a [`BytesDecoder`]. You push chunks into it, and each [`OwnedEvent`] that
//! you pull owns its text:
//!
//! ```
//! use std::{sync::mpsc, thread};
//!
//! use sse_proto::BytesDecoder;
//!
//! let (sender, receiver) = mpsc::channel();
//! let printer = thread::spawn(move || {
//!     for event in receiver {
//!         let event: sse_proto::OwnedEvent = event;
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
//! For asynchronous code there is [`EventStream`], which is a `BytesDecoder` over a `Stream` of
//! chunks (feature `stream`).
//!
//! # Frames
//!
//! An event is most of what you want from a stream, but not all that a stream says. If you write a
//! proxy or a monitor, call `next_frame` instead. It also gives comments, retries, and the IDs of
//! blocks without data, in the order of the stream:
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
//!         _ => {} // `Frame` may grow
//!     }
//!     frame.encode(&mut out)?; // a proxy passes it on
//! }
//! assert_eq!(out, b": keep-alive\nretry: 2000\nid: 7\n\ndata: Hello\n\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If you read events only, you need no frames for IDs and retries. The decoder keeps them:
//! [`Decoder::last_event_id`], [`Decoder::reconnection_time`].
//!
//! # Limits and errors
//!
//! Malformed input is never an error, because the standard says how to read it: an unknown field
//! is ignored, a bad byte becomes U+FFFD. The one error is [`EventTooLarge`]. The decoder skips an
//! event that is larger than [`max_event_size`](crate::DecoderBuilder::max_event_size), and
//! tells you once. The `?` in the programs above ends the loop then. To continue with the next
//! event, match the result, and keep the chunk:
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
//!         Ok(None) => break, // fetch the next chunk
//!         Err(too_large) => eprintln!("{too_large}"),
//!     }
//! #   seen.push(());
//! }
//! # assert_eq!(seen.len(), 2);
//! ```
//!
//! # Encoding
//!
//! [`EventEncoder`] writes a block. It splits data into lines, and refuses a type or an ID with a
//! line end in it. So no text that you pass can forge a field or an event:
//!
//! ```
//! use sse_proto::{EventEncoder, encode};
//!
//! let mut out = Vec::new();
//! EventEncoder::new().event_type("said").id("7").encode("two\nlines", &mut out)?;
//! assert_eq!(out, b"id: 7\nevent: said\ndata: two\ndata: lines\n\n");
//!
//! // Refused, and `out` is as it was.
//! assert!(EventEncoder::new().event_type("a\ndata: forged").encode("x", &mut out).is_err());
//!
//! // After 15 seconds of silence: a comment, so that proxies keep the connection.
//! out.extend_from_slice(encode::KEEP_ALIVE);
//!
//! // To send one event to many clients, encode it once and clone the `Bytes`.
//! let event: bytes::Bytes = EventEncoder::new().to_bytes("Hello")?;
//! # assert_eq!(event, "data: Hello\n\n");
//! # Ok::<(), sse_proto::EncodeError>(())
//! ```
//!
//! # JSON
//!
//! JSON needs nothing special. A serializer writes straight into the event, and a parser reads the
//! event's data:
//!
//! ```
//! use serde_json::{Value, json};
//! use sse_proto::{Chunk, Decoder, EventEncoder};
//!
//! let mut out = Vec::new();
//! for token in ["Hel", "lo"] {
//!     let value = json!({ "token": token });
//!     EventEncoder::new().encode_with(|data| serde_json::to_writer(data, &value), &mut out)?;
//! }
//! EventEncoder::new().encode("[DONE]", &mut out)?;
//!
//! let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&out));
//! let mut answer = String::new();
//! while let Some(event) = decoder.next_event(&mut chunk)? {
//!     if event.data() == "[DONE]" {
//!         break; // many chat services end a stream with this, which is no JSON
//!     }
//!     let value: Value = serde_json::from_str(event.data())?;
//!     answer += value["token"].as_str().unwrap_or_default();
//! }
//! assert_eq!(answer, "Hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If the serializer fails, the half-written event is taken back.
//!
//! # HTTP by hand
//!
//! The crate opens no connection, but [`client`](crate::client) and [`header`](crate::header) know
//! what HTTP has to carry. This function asks for a stream over a plain TCP connection. It uses
//! HTTP/1.0, because there the body is the stream as it is, without HTTP's own chunks:
//!
//! ```
//! use std::io::{self, BufRead, BufReader, Write};
//! use std::net::TcpStream;
//!
//! use sse_proto::client::RequestHeaders;
//!
//! /// Gives the status, the `Content-Type`, and the body.
//! fn get(
//!     host: &str,
//!     headers: RequestHeaders<'_>,
//! ) -> io::Result<(u16, Option<String>, impl BufRead + use<>)> {
//!     let mut connection = TcpStream::connect(host)?;
//!     write!(connection, "GET /events HTTP/1.0\r\nhost: {host}\r\n")?;
//!     for (name, value) in headers {
//!         write!(connection, "{name}: {value}\r\n")?;
//!     }
//!     write!(connection, "\r\n")?;
//!
//!     let mut body = BufReader::new(connection);
//!     let (mut status, mut content_type, mut line) = (0, None, String::new());
//!     while body.read_line(&mut line)? > 2 {
//!         if let Some((name, value)) = line.split_once(':') {
//!             if name.eq_ignore_ascii_case("content-type") {
//!                 content_type = Some(value.trim().to_owned());
//!             }
//!         } else if let Some(code) = line.split(' ').nth(1) {
//!             status = code.parse().unwrap_or(0); // HTTP/1.0 200 OK
//!         }
//!         line.clear();
//!     }
//!     Ok((status, content_type, body))
//! }
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let host = listener.local_addr().unwrap().to_string();
//! # std::thread::spawn(move || {
//! #     let response = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n";
//! #     let mut connection = listener.accept().unwrap().0;
//! #     connection.write_all(response.as_bytes()).unwrap();
//! #     io::copy(&mut connection, &mut io::sink()).unwrap();
//! # });
//! # let (status, content_type, mut body) = get(&host, RequestHeaders::new("")).unwrap();
//! # assert_eq!((status, content_type.as_deref()), (200, Some("text/event-stream")));
//! # assert_eq!(body.fill_buf().unwrap(), b"data: x\n\n");
//! ```
//!
//! Before you decode a body, look at the status and at
//! [`header::is_event_stream`](crate::header::is_event_stream). Because malformed input is no
//! error, a page that says "404" is read as a stream without events.
//!
//! # Reconnecting
//!
//! A browser's `EventSource` reconnects when a stream ends, waits before that, and sends the last
//! event ID so that the server can continue. [`client::Connection`](crate::client::Connection)
//! decides all this. You tell it what has happened, and it says what to do. With the function `get`
//! of the last step this is a whole client:
//!
//! ```
//! use std::hash::{BuildHasher, RandomState};
//! use std::io::BufRead;
//! # use std::io;
//! # use std::time::Duration;
//! use std::time::Instant;
//!
//! use sse_proto::client::{CloseReason, Connection, Policy, ReadyState};
//! use sse_proto::{Chunk, Decoder};
//! # use sse_proto::client::RequestHeaders;
//! # fn get(
//! #     _: &str,
//! #     headers: RequestHeaders<'_>,
//! # ) -> io::Result<(u16, Option<String>, impl BufRead + use<>)> {
//! #     let (status, body) = match headers.count() {
//! #         2 => (200, "id: 1\ndata: Hello\n\n"),
//! #         _ => (204, ""),
//! #     };
//! #     Ok((status, Some("text/event-stream".to_owned()), body.as_bytes()))
//! # }
//! # mod thread { pub fn sleep(_: std::time::Duration) {} }
//! # #[cfg(any())]
//! use std::thread;
//!
//! fn print_events(host: &str) -> Result<CloseReason, Box<dyn std::error::Error>> {
//!     let mut connection = Connection::new(Policy::new());
//!     let mut decoder = Decoder::new();
//!     let start = Instant::now();
//!     loop {
//!         let headers = connection.request(&mut decoder)?;
//!         if let Ok((status, content_type, mut body)) = get(host, headers) {
//!             if connection.response(status, content_type)? == ReadyState::Open {
//!                 while let Ok(bytes @ [_, ..]) = body.fill_buf() {
//!                     connection.received(start.elapsed())?;
//!                     let mut chunk = Chunk::new(bytes);
//!                     while let Some(event) = decoder.next_event(&mut chunk)? {
//!                         println!("{}", event.data());
//!                     }
//!                     let length = bytes.len();
//!                     body.consume(length);
//!                 }
//!             }
//!         }
//!         // A random number, so that many clients do not come back all at once.
//!         let random = RandomState::new().hash_one(0) as u32;
//!         match connection.disconnected(&decoder, random) {
//!             Ok(wait) => thread::sleep(wait),
//!             Err(reason) => return Ok(reason), // there will be no further request
//!         }
//!     }
//! }
//! # assert_eq!(print_events("").unwrap(), CloseReason::NoContent);
//! ```
//!
//! A server ends this loop with the status 204. Each [`Policy`](crate::client::Policy) can end it
//! after a number of attempts.
//!
//! With an asynchronous HTTP client you need not write this loop: [`Subscription`] is a stream of
//! events that reconnects (feature `http`).
//!
//! Never reconnect where a request costs money or changes something. A language model that answers
//! a POST would answer it, and charge for it, again and again.
//!
//! # Serving and replaying
//!
//! A response is the headers [`header::RESPONSE_HEADERS`](crate::header::RESPONSE_HEADERS), and
//! then blocks, written and flushed one by one. If clients may miss nothing while they are away,
//! push each event into a [`ReplayBuffer`](crate::server::ReplayBuffer). It gives the event an ID,
//! encodes it, and keeps it. When a client connects, ask what it has missed:
//!
//! ```
//! use bytes::Bytes;
//! use sse_proto::EventEncoder;
//! use sse_proto::server::{Epoch, ReplayBuffer, Since};
//!
//! /// The first blocks of a response to a request with this `Last-Event-ID`.
//! fn first_blocks(buffer: &ReplayBuffer, last_event_id: Option<&str>) -> Vec<Bytes> {
//!     match buffer.since(last_event_id) {
//!         Since::Events(missed) => missed.collect(),
//!         Since::NothingNew => vec![],
//!         // A new client. From here on it has a place in the stream.
//!         Since::New => vec![buffer.place()],
//!         // Too old an ID, or not one of this buffer: the client has to start anew.
//!         Since::Gone | Since::Unknown => vec![buffer.place()],
//!     }
//! }
//!
//! # let random = 7;
//! let mut buffer = ReplayBuffer::new(Epoch::new(random)); // 128 random bits
//! let one = buffer.push(EventEncoder::new(), "one")?; // send it to every client
//! let id = buffer.last_event_id();
//! let two = buffer.push(EventEncoder::new(), "two")?;
//!
//! assert_eq!(first_blocks(&buffer, Some(&id)), [two]);
//! # assert_eq!(one, "id: 7-1\ndata: one\n\n");
//! # assert_eq!(first_blocks(&buffer, None), ["id: 7-2\n\n"]);
//! # assert_eq!(first_blocks(&buffer, Some("8-1")), ["id: 7-2\n\n"]);
//! # Ok::<(), sse_proto::server::PushError>(())
//! ```
//!
//! [`server`](crate::server) says what to send in the last case, which lock you need, and how a
//! log keeps the events over a restart.
//!
//! # Testing your handler
//!
//! Put the code that handles an event into a function. In its test, make the events yourself:
//!
//! ```
//! use sse_proto::OwnedEvent;
//!
//! fn apply(answer: &mut String, event: &OwnedEvent) {
//!     match event.event_type() {
//!         "token" => answer.push_str(event.data()),
//!         "reset" => answer.clear(),
//!         _ => {}
//!     }
//! }
//!
//! let mut answer = String::new();
//! apply(&mut answer, &OwnedEvent::new("Hello").with_event_type("token"));
//! apply(&mut answer, &OwnedEvent::new("ignored"));
//! assert_eq!(answer, "Hello");
//! ```
//!
//! To test the code that reads the network, give it a stream in chunks of every size. The events
//! must be the same:
//!
//! ```
//! use sse_proto::BytesDecoder;
//!
//! let stream = "data: 한\r\n\r\nevent: token\r\ndata: x\r\n\r\n";
//! for size in 1..=stream.len() {
//!     let mut decoder = BytesDecoder::new();
//!     let mut data = Vec::new();
//!     for chunk in stream.as_bytes().chunks(size) {
//!         decoder.push(chunk.to_vec());
//!         while let Some(event) = decoder.next_event()? {
//!             data.push(event.into_data());
//!         }
//!     }
//!     assert_eq!(data, ["한", "x"], "in chunks of {size} bytes");
//! }
//! # Ok::<(), sse_proto::EventTooLarge>(())
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
//! [`EventEncoder`]: crate::EventEncoder
//! [`EventTooLarge`]: crate::EventTooLarge
#![cfg_attr(feature = "stream", doc = "[`EventStream`]: crate::stream::EventStream")]
#![cfg_attr(feature = "http", doc = "[`Subscription`]: crate::client::Subscription")]
