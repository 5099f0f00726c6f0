//! Events in, bytes out.
//!
//! | file | job |
//! |---|---|
//! | `mod` | [`EventEncoder`]: the fields of a block, checked, in wire order |
//! | `lines` | text to lines |
//! | `writer` | [`DataWriter`]: data that comes in pieces |
//! | `buffer` | what is written to |
//! | `plain` | the quick look at a short text |
//! | `error` | what is refused |

mod buffer;
mod error;
mod lines;
mod plain;
mod writer;

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

pub use buffer::Buffer;
pub use error::{DataError, EncodeError, Field};
pub use writer::DataWriter;

use self::plain::is_plain;
use crate::{Event, OwnedEvent};

/// The bytes of a keep-alive: one comment line.
///
/// Proxies close connections that are silent for long. If you have nothing to send for
/// about 15 seconds, send this (`#authoring-notes`).
///
/// No blank line follows it. A blank line would end a block without data, and some popular
/// SDKs (openai-python and those built on it) take such a block for an event with empty
/// data once they have seen an ID, and then fail to parse it as JSON. They ignore a comment
/// line.
///
/// Send it only between two whole blocks, as the encoder writes them. In the middle of a
/// line it would become a part of that line.
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n";

/// What a block holds beside its texts, if each of them is one line: at most 52 bytes.
const NAMES_AND_ENDS: usize = 64;

/// Encodes one block: the fields that are set here, and its data.
///
/// ```
/// use sse_proto::EventEncoder;
/// use std::time::Duration;
///
/// let mut out = Vec::new();
/// EventEncoder::new()
///     .event_type("token")
///     .id("7")
///     .retry(Duration::from_secs(2))
///     .comment("hi")
///     .encode("two\nlines", &mut out)?;
/// assert_eq!(out, b": hi\nid: 7\nevent: token\nretry: 2000\ndata: two\ndata: lines\n\n");
/// # Ok::<(), sse_proto::EncodeError>(())
/// ```
///
/// Nothing that a caller passes can forge a second field or a second event:
/// data and comments are split at every CR, LF and CRLF, and a type or an ID that
/// holds one is refused before a byte is written. A reader gets LF for each of them.
///
/// Each line is the name, a colon, a space, the text, and LF. A field that is set
/// twice has the value set last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct EventEncoder<'a> {
    comment: Option<&'a str>,
    id: Option<&'a str>,
    event_type: Option<&'a str>,
    retry: Option<Duration>,
}

impl<'a> EventEncoder<'a> {
    /// A block with no field but the data it is given later.
    #[inline]
    pub const fn new() -> Self {
        EventEncoder { comment: None, id: None, event_type: None, retry: None }
    }

    /// The type. `""` writes an empty `event` field, which readers take as `message`.
    #[inline]
    pub const fn event_type(mut self, event_type: &'a str) -> Self {
        self.event_type = Some(event_type);
        self
    }

    /// The ID, which becomes the reader's last event ID. `""` resets it.
    #[inline]
    pub const fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// The reconnection time, written in milliseconds, rounded up, at most `u64::MAX`.
    #[inline]
    pub const fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// A comment in front of the fields, one line for each of its lines.
    #[inline]
    pub const fn comment(mut self, text: &'a str) -> Self {
        self.comment = Some(text);
        self
    }

    /// The ID that was set.
    pub(crate) const fn id_field(&self) -> Option<&'a str> {
        self.id
    }

    /// Appends the block with this data to `out`.
    ///
    /// `""` is an event with empty data, one `data` line. A line end at the end of
    /// `data` is one more empty line.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written; `out` is as it was.
    #[inline]
    pub fn encode<B: Buffer>(&self, data: &str, out: &mut B) -> Result<(), EncodeError> {
        self.write_fields(data.len(), out)?;
        lines::write(out, "data: ", data, "\n\n");
        Ok(())
    }

    /// Appends the block without data to `out`: readers dispatch no event, but take
    /// the ID and the reconnection time. With nothing set, appends nothing.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written; `out` is as it was.
    pub fn encode_fields<B: Buffer>(&self, out: &mut B) -> Result<(), EncodeError> {
        let start = out.as_bytes().len();
        self.write_fields(0, out)?;
        if out.as_bytes().len() > start {
            out.put(b"\n");
        }
        Ok(())
    }

    /// The block with this data, on its own: encoded once, it can be cloned to every client.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written.
    pub fn to_bytes(&self, data: &str) -> Result<Bytes, EncodeError> {
        let mut out = Vec::new();
        self.encode(data, &mut out)?;
        Ok(out.into())
    }

    /// Appends the block to `out`, with data that is written in pieces.
    ///
    /// ```
    /// use sse_proto::EventEncoder;
    ///
    /// let mut out = Vec::new();
    /// let mut data = EventEncoder::new().event_type("answer").begin(&mut out)?;
    /// serde_json::to_writer(&mut data, &serde_json::json!({ "x": 1 }))?;
    /// write!(data, "\n{}", 2)?;
    /// data.finish()?;
    /// assert_eq!(out, b"event: answer\ndata: {\"x\":1}\ndata: 2\n\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written; `out` is as it was.
    #[inline]
    pub fn begin<'o, B: Buffer>(&self, out: &'o mut B) -> Result<DataWriter<'o, B>, EncodeError> {
        let start = out.as_bytes().len();
        self.write_fields(0, out)?;
        Ok(DataWriter::begin(out, start))
    }

    /// The fields that are set, in wire order, and room for `data` bytes behind them.
    ///
    /// # Errors
    ///
    /// If one of them cannot be written: nothing is.
    #[inline]
    fn write_fields<B: Buffer>(&self, data: usize, out: &mut B) -> Result<(), EncodeError> {
        let EventEncoder { comment, id, event_type, retry } = self;
        // Most events have data only. For those the rest is not even called.
        if comment.is_none() && id.is_none() && event_type.is_none() && retry.is_none() {
            out.reserve(data + NAMES_AND_ENDS);
            return Ok(());
        }
        self.write_set_fields(data, out)
    }

    #[inline(never)]
    fn write_set_fields<B: Buffer>(&self, data: usize, out: &mut B) -> Result<(), EncodeError> {
        self.check()?;
        let len = |text: Option<&str>| text.map_or(0, str::len);
        let texts = len(self.comment) + len(self.id) + len(self.event_type);
        out.reserve(texts + data + NAMES_AND_ENDS);
        if let Some(text) = self.comment {
            comment(text, out);
        }
        if let Some(id) = self.id {
            write_line(out, "id: ", id.as_bytes());
        }
        if let Some(event_type) = self.event_type {
            write_line(out, "event: ", event_type.as_bytes());
        }
        if let Some(time) = self.retry {
            let (digits, start) = decimal(milliseconds(time));
            write_line(out, "retry: ", &digits[start..]);
        }
        Ok(())
    }

    /// Refuses what one line cannot hold.
    #[inline]
    fn check(&self) -> Result<(), EncodeError> {
        if let Some(id) = self.id {
            // Every reader ignores an ID that holds U+0000.
            check_line(Field::Id, id, b"\r\n\0")?;
        }
        if let Some(event_type) = self.event_type {
            check_line(Field::Event, event_type, b"\r\n")?;
        }
        Ok(())
    }
}

/// What the block itself said: [`id`](Event::id) and [`type_field`](Event::type_field),
/// not the last event ID or the type by default.
impl<'a> From<Event<'a>> for EventEncoder<'a> {
    fn from(event: Event<'a>) -> Self {
        EventEncoder { id: event.id(), event_type: event.type_field(), ..EventEncoder::new() }
    }
}

/// See the conversion from [`Event`].
impl<'a> From<&'a OwnedEvent> for EventEncoder<'a> {
    fn from(event: &'a OwnedEvent) -> Self {
        event.as_event().into()
    }
}

/// Appends a comment: one line for each of its lines, and no blank line after them.
///
/// [`KEEP_ALIVE`] says why there is none, and where a comment may stand.
///
/// ```
/// let mut out = Vec::new();
/// sse_proto::encode::comment("too slow:\n7 events missed", &mut out);
/// assert_eq!(out, b": too slow:\n: 7 events missed\n");
/// ```
pub fn comment<B: Buffer>(text: &str, out: &mut B) {
    lines::write(out, ": ", text, "\n");
}

#[inline]
fn check_line(field: Field, text: &str, refused: &[u8]) -> Result<(), EncodeError> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    refuse_line(field, text, refused)
}

#[cold]
fn refuse_line(field: Field, text: &str, refused: &[u8]) -> Result<(), EncodeError> {
    match text.bytes().position(|byte| refused.contains(&byte)) {
        None => Ok(()),
        Some(offset) => {
            Err(EncodeError { field, character: char::from(text.as_bytes()[offset]), offset })
        }
    }
}

/// A line whose text was checked.
#[inline(always)]
fn write_line<B: Buffer>(out: &mut B, name: &str, text: &[u8]) {
    out.put(name.as_bytes());
    out.put(text);
    out.put(b"\n");
}

/// Whole milliseconds: rounded up, so that a client never comes back early.
fn milliseconds(time: Duration) -> u64 {
    let fraction = time.subsec_nanos().div_ceil(1_000_000);
    time.as_secs().saturating_mul(1000).saturating_add(u64::from(fraction))
}

/// The decimal digits of a number: the array from the offset on.
fn decimal(mut number: u64) -> ([u8; 20], usize) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] += (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return (digits, start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_is_rounded_up_to_whole_milliseconds() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_micros(1_999_001)), 2000);
        assert_eq!(milliseconds(Duration::from_millis(u64::MAX)), u64::MAX);
        assert_eq!(milliseconds(Duration::MAX), u64::MAX);
    }

    #[test]
    fn decimal_writes_what_display_writes() {
        for number in [0, 1, 9, 10, 99, 100, 1500, u64::MAX - 1, u64::MAX] {
            let (digits, start) = decimal(number);
            assert_eq!(&digits[start..], alloc::format!("{number}").as_bytes());
        }
    }
}
