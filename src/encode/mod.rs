//! Encoding: events in, bytes out.
//!
//! - [`EventEncoder`] writes a block. You pass its data in one piece, or write it in a closure.
//! - [`DataWriter`] takes the data of one event in pieces.
//! - [`comment`] and [`KEEP_ALIVE`] write comments.
//! - [`Frame::encode`](crate::Frame::encode) writes a frame that was decoded.
//!
//! No text that you pass can forge a field or an event. Each of these splits the text into lines,
//! or refuses it before it writes a byte.
//!
//! # Readers that do not follow the standard
//!
//! Some popular readers also split lines at U+2028, U+2029 and U+0085, or fail at comments, IDs or
//! types. The table in `interop/READERS.md` in the repository says what to leave out for each of
//! them. If a reader splits lines at other characters, send it JSON that is one line of ASCII:
//!
//! ```
//! use std::fmt::Write;
//!
//! use sse_proto::EventEncoder;
//!
//! /// Escapes all characters beyond ASCII. JSON has these only in its strings.
//! fn to_ascii(json: &str) -> String {
//!     let mut ascii = String::with_capacity(json.len());
//!     for unit in json.encode_utf16() {
//!         match u8::try_from(unit) {
//!             Ok(byte) if byte.is_ascii() => ascii.push(byte.into()),
//!             _ => write!(ascii, "\\u{unit:04x}").expect("a String takes all"),
//!         }
//!     }
//!     ascii
//! }
//!
//! let json = serde_json::json!({ "text": "one\u{2028}two 🦀" }).to_string();
//! let mut out = Vec::new();
//! EventEncoder::new().encode(&to_ascii(&json), &mut out)?;
//! assert_eq!(out, b"data: {\"text\":\"one\\u2028two \\ud83e\\udd80\"}\n\n");
//! # Ok::<(), sse_proto::EncodeError>(())
//! ```

mod buffer;
mod comment;
mod encoder;
mod error;
mod frame;
mod lines;
mod plain;
mod writer;

pub use buffer::Buffer;
pub use comment::{KEEP_ALIVE, comment};
pub use encoder::EventEncoder;
pub use error::{DataError, EncodeError, Field, WriteError};
pub use writer::DataWriter;
