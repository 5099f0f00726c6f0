//! Writing an event stream, connecting to one, serving one, and testing the code that reads it.
//!
//! These are the steps 6 to 11 of the [tutorial](super). [Reading](super::reading) has those
//! before.
//!
//! # Encoding
//!
//! An [`EventEncoder`] writes a block. It splits data into lines, and it refuses a type or an ID
//! that has a line end. So no text that you pass to it can forge a field or an event:
//!
//! ```
//! use sse_proto::{EventEncoder, encode};
//!
//! let mut out = Vec::new();
//! EventEncoder::new().event_type("said").id("7").encode("two\nlines", &mut out)?;
//! assert_eq!(out, b"id: 7\nevent: said\ndata: two\ndata: lines\n\n");
//!
//! // The encoder refuses this type, and leaves `out` as it was.
//! assert!(EventEncoder::new().event_type("a\ndata: forged").encode("x", &mut out).is_err());
//!
//! // If you have sent nothing for 15 seconds, send a comment, so that proxies keep the connection.
//! out.extend_from_slice(encode::KEEP_ALIVE);
//!
//! // To send one event to many clients, encode it once, and clone the `Bytes`.
//! let event: bytes::Bytes = EventEncoder::new().to_bytes("Hello")?;
//! # assert_eq!(event, "data: Hello\n\n");
//! # Ok::<(), sse_proto::EncodeError>(())
//! ```
//!
//! # JSON
//!
//! A JSON serializer can write straight into an event, and a JSON parser reads the event's data:
//!
//! ```
//! # #[cfg(feature = "std")] {
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
//!         break; // Many chat services end a stream with this text. It is not JSON.
//!     }
//!     let value: Value = serde_json::from_str(event.data())?;
//!     answer += value["token"].as_str().unwrap_or_default();
//! }
//! assert_eq!(answer, "Hello");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If the serializer fails, the encoder removes the unfinished event from `out`.
//!
//! # HTTP by hand
//!
//! The crate opens no connection, but [`client`](crate::client) and [`header`](crate::header) have
//! the headers that a request for an event stream needs. This function sends such a request over a
//! plain TCP connection. It uses HTTP/1.0, because the body is then the event stream itself,
//! without the chunk sizes of HTTP/1.1:
//!
//! ```
//! use std::io::{self, BufRead, BufReader, Write};
//! use std::net::TcpStream;
//!
//! use sse_proto::client::RequestHeaders;
//!
//! /// Returns the status, the `Content-Type` and the body.
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
//!     // A line of two bytes is CR LF alone. It ends the head.
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
//! Before you decode a body, check the status, and check the `Content-Type` with
//! [`header::is_event_stream`](crate::header::is_event_stream). Malformed input is no error. If you
//! decode an error page, the decoder finds no events in it and reports nothing.
//!
//! # Reconnecting
//!
//! When a stream ends, a browser's `EventSource` waits and then connects again. It sends the last
//! event ID, so that the server can continue after that event. A
//! [`client::Connection`](crate::client::Connection) decides the same for your program: you tell it
//! what has happened, and it tells you what to do. Together with the function `get` of the step
//! before, this is a whole client:
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
//!                 connection.received(start.elapsed())?; // The head has come.
//!                 // An error or an empty slice is the end of the body.
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
//!         // The random number keeps many clients from coming back at the same time.
//!         let random = RandomState::new().hash_one(0) as u32;
//!         match connection.disconnected(&decoder, random) {
//!             Ok(wait) => thread::sleep(wait),
//!             Err(reason) => return Ok(reason), // There will be no further request.
//!         }
//!     }
//! }
//! # assert_eq!(print_events("").unwrap(), CloseReason::NoContent);
//! ```
//!
//! The loop ends when the server answers with the status 204, and when it answers with something
//! that is not an event stream. If you set [`Policy::max_attempts`], the loop also ends after that
//! many failed attempts in a row.
//!
//! If your HTTP client is asynchronous, you need not write this loop. A [`Subscription`] (feature
//! `http`) is a stream of events that reconnects.
//!
//! Never reconnect if a request costs money or changes something. For example, a language model
//! would answer the same POST again and again, and you would pay for each answer.
//!
//! # Serving and replaying
//!
//! To serve an event stream, send the headers
//! [`header::RESPONSE_HEADERS`](crate::header::RESPONSE_HEADERS), then write block after block, and
//! flush each of them.
//!
//! A client that was away for a while may want the events that it missed. To keep them for it, push
//! each event into a [`ReplayBuffer`]. The buffer gives the event an ID, encodes it, and keeps it.
//! When a client connects, ask the buffer what to send first:
//!
//! ```
//! use bytes::Bytes;
//! use sse_proto::EventEncoder;
//! use sse_proto::server::{Epoch, ReplayBuffer, Since};
//!
//! /// The first blocks of a response to a request with this `Last-Event-ID`.
//! fn first_blocks(buffer: &ReplayBuffer, last_event_id: Option<&str>, state: &str) -> Vec<Bytes> {
//!     match buffer.since(last_event_id) {
//!         Since::Events(missed) => missed.collect(),
//!         Since::NothingNew => vec![],
//!         // A new client. This block has only an ID. If the client is cut off before its first
//!         // event, it comes back with this ID and misses nothing.
//!         Since::New => vec![buffer.place()],
//!         // The buffer no longer has all that the client missed, or does not know its ID. So send
//!         // the state as it is now, with the ID of the newest event. Do not push this event.
//!         Since::Gone | Since::Unknown => {
//!             let id = buffer.last_event_id();
//!             let snapshot = EventEncoder::new().event_type("snapshot").id(&id);
//!             vec![snapshot.to_bytes(state).expect("the ID is the buffer's own")]
//!         }
//!     }
//! }
//!
//! # let random = 7;
//! let mut buffer = ReplayBuffer::new(Epoch::new(random)); // 128 random bits
//! let one = buffer.push(EventEncoder::new(), "one")?; // Send this to every client.
//! let id = buffer.last_event_id();
//! let two = buffer.push(EventEncoder::new(), "two")?;
//!
//! // A client comes back. It had received `one`.
//! assert_eq!(first_blocks(&buffer, Some(&id), "one, two"), [two]);
//! # assert_eq!(one, "id: 7-1\ndata: one\n\n");
//! # assert_eq!(first_blocks(&buffer, None, ""), ["id: 7-2\n\n"]);
//! # let snapshot = first_blocks(&buffer, Some("8-1"), "one, two");
//! # assert_eq!(snapshot, ["id: 7-2\nevent: snapshot\ndata: one, two\n\n"]);
//! # Ok::<(), sse_proto::server::PushError>(())
//! ```
//!
//! The module [`server`](crate::server) says which lock you need, and how to keep the events in a
//! log, so that they survive a restart.
//!
//! # Testing your handler
//!
//! Put the code that handles an event into a function of its own. In the test of that function,
//! make the events yourself:
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
//! To test the code that reads from the network, give it the same stream in chunks of every size.
//! The events have to be the same each time:
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
//! [`EventEncoder`]: crate::EventEncoder
//! [`Policy::max_attempts`]: crate::client::Policy::max_attempts
//! [`ReplayBuffer`]: crate::server::ReplayBuffer
#![cfg_attr(feature = "http", doc = "[`Subscription`]: crate::client::Subscription")]
#![cfg_attr(not(feature = "http"), doc = "[`Subscription`]: crate#features")]
