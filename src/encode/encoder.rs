//! One block: its fields, and its data.

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::buffer::Sealed;
use super::plain::is_plain;
use super::{Buffer, DataWriter, EncodeError, Field, WriteError, comment, lines};
use crate::{Event, OwnedEvent};

/// Room for the names and line ends of a block whose texts are one line each. They take at most 52
/// bytes.
const NAMES_AND_ENDS: usize = 64;

/// Encodes one block: the fields that you set, and the data.
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
/// Nothing that you pass can forge a second field or a second event. The encoder splits data and
/// comments at every CR, LF and CRLF, and a reader gets an LF for each of them. If the type or the
/// ID has a CR or an LF in it, the encoder refuses it before it writes a byte.
///
/// Each line is written as the name, a colon, a space, the text, and LF. If you set a field twice,
/// the last value counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct EventEncoder<'a> {
    comment: Option<&'a str>,
    pub(crate) id: Option<&'a str>,
    event_type: Option<&'a str>,
    retry: Option<Duration>,
}

impl<'a> EventEncoder<'a> {
    /// Makes an encoder that writes only the data, until you set a field.
    #[inline]
    pub const fn new() -> Self {
        EventEncoder { comment: None, id: None, event_type: None, retry: None }
    }

    /// Sets the event type. If you set none, the event has the type `message`.
    ///
    /// `""` writes an empty `event` field, which also means `message`.
    #[inline]
    pub const fn event_type(mut self, event_type: &'a str) -> Self {
        self.event_type = Some(event_type);
        self
    }

    /// Sets the ID, which becomes the reader's last event ID. `""` resets the last event ID.
    #[inline]
    pub const fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the reader's reconnection time.
    ///
    /// It is written in whole milliseconds, rounded up, and at most `u64::MAX` of them.
    #[inline]
    pub const fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// Sets a comment, which is written before the fields. Each of its lines becomes a comment
    /// line.
    #[inline]
    pub const fn comment(mut self, text: &'a str) -> Self {
        self.comment = Some(text);
        self
    }

    /// Appends the block with this data to `out`.
    ///
    /// If `data` is empty, the block has one empty `data` line, and a reader gets an event with
    /// empty data. If `data` ends with a line end, the block has an empty `data` line at its end.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written. `out` is then as it was.
    #[inline]
    pub fn encode<B: Buffer>(&self, data: &str, out: &mut B) -> Result<(), EncodeError> {
        self.write_fields(data.len(), out)?;
        lines::write(out, "data: ", data, "\n\n");
        Ok(())
    }

    /// Appends the block without data to `out`.
    ///
    /// A reader gets no event from it, but sets its last event ID and its reconnection time. If you
    /// set no field, nothing is appended.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written. `out` is then as it was.
    pub fn encode_fields<B: Buffer>(&self, out: &mut B) -> Result<(), EncodeError> {
        let start = out.len();
        self.write_fields(0, out)?;
        if out.len() > start {
            out.put_slice(b"\n");
        }
        Ok(())
    }

    /// Appends the block to `out` with the data that a closure writes, such as JSON.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use sse_proto::EventEncoder;
    ///
    /// let (value, mut out) = (serde_json::json!({ "x": 1 }), Vec::new());
    /// EventEncoder::new().encode_with(|data| serde_json::to_writer(data, &value), &mut out)?;
    /// EventEncoder::new().encode_with(|data| write!(data, "{}%\n", 50), &mut out)?;
    /// assert_eq!(out, b"data: {\"x\":1}\n\ndata: 50%\ndata: \n\n");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the type or the ID cannot be written, if the closure fails, or if its data
    /// is not UTF-8. `out` is then as it was.
    pub fn encode_with<B: Buffer, E>(
        &self,
        write: impl FnOnce(&mut DataWriter<'_, B>) -> Result<(), E>,
        out: &mut B,
    ) -> Result<(), WriteError<E>> {
        let mut data = self.begin(out)?;
        write(&mut data).map_err(WriteError::Closure)?;
        Ok(data.finish()?)
    }

    /// Encodes the block with this data, and returns it as `Bytes`.
    ///
    /// To send an event to many clients, encode it once, and send each of them a clone of the
    /// `Bytes`. The clones share their memory.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written.
    pub fn to_bytes(&self, data: &str) -> Result<Bytes, EncodeError> {
        let mut out = Vec::new();
        self.encode(data, &mut out)?;
        Ok(out.into())
    }

    /// Encodes the block with the data that a closure writes, and returns it as `Bytes`.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use sse_proto::EventEncoder;
    ///
    /// let value = serde_json::json!({ "x": 1 });
    /// let event = EventEncoder::new().to_bytes_with(|data| serde_json::to_writer(data, &value))?;
    /// assert_eq!(event, "data: {\"x\":1}\n\n");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError`], for the same reasons as [`encode_with`](Self::encode_with).
    pub fn to_bytes_with<E>(
        &self,
        write: impl FnOnce(&mut DataWriter<'_, Vec<u8>>) -> Result<(), E>,
    ) -> Result<Bytes, WriteError<E>> {
        let mut out = Vec::new();
        self.encode_with(write, &mut out)?;
        Ok(out.into())
    }

    /// Begins the block in `out`, and returns a writer for its data.
    ///
    /// If a closure can write all of the data, [`encode_with`](Self::encode_with) is shorter.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use sse_proto::EventEncoder;
    ///
    /// let mut out = Vec::new();
    /// let mut data = EventEncoder::new().event_type("answer").begin(&mut out)?;
    /// serde_json::to_writer(&mut data, &serde_json::json!({ "x": 1 }))?;
    /// write!(data, "\n{}", 2)?;
    /// data.finish()?;
    /// assert_eq!(out, b"event: answer\ndata: {\"x\":1}\ndata: 2\n\n");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the type or the ID cannot be written. `out` is then as it was.
    #[inline]
    pub fn begin<'o, B: Buffer>(&self, out: &'o mut B) -> Result<DataWriter<'o, B>, EncodeError> {
        let start = out.len();
        self.write_fields(0, out)?;
        Ok(DataWriter::begin(out, start))
    }

    /// Appends the comment and the fields that are set, and makes room for `data` bytes after them.
    /// On an error it writes nothing.
    #[inline]
    pub(super) fn write_fields<B: Buffer>(
        &self,
        data: usize,
        out: &mut B,
    ) -> Result<(), EncodeError> {
        // Most events have only data, and need no call.
        if *self == EventEncoder::new() {
            out.reserve(data + NAMES_AND_ENDS, Sealed);
            return Ok(());
        }
        self.write_set_fields(data, out)
    }

    #[inline(never)]
    fn write_set_fields<B: Buffer>(&self, data: usize, out: &mut B) -> Result<(), EncodeError> {
        if let Some(id) = self.id {
            // A reader ignores an ID that holds U+0000 (`#event-stream-interpretation`).
            check_line(Field::Id, id, b"\r\n\0")?;
        }
        if let Some(event_type) = self.event_type {
            check_line(Field::Event, event_type, b"\r\n")?;
        }
        let texts = [self.comment, self.id, self.event_type].into_iter().flatten();
        out.reserve(texts.map(str::len).sum::<usize>() + data + NAMES_AND_ENDS, Sealed);
        if let Some(text) = self.comment {
            comment(text, out);
        }
        if let Some(id) = self.id {
            write_line(out, "id: ", id);
        }
        if let Some(event_type) = self.event_type {
            write_line(out, "event: ", event_type);
        }
        if let Some(time) = self.retry {
            out.put_slice(b"retry: ");
            write_decimal(milliseconds(time), out);
            out.put_slice(b"\n");
        }
        Ok(())
    }
}

/// Takes over the [`id`](Event::id) and the [`type_field`](Event::type_field) of the event's own
/// block. A last event ID from an earlier block is not written again.
impl<'a> From<Event<'a>> for EventEncoder<'a> {
    fn from(event: Event<'a>) -> Self {
        EventEncoder { id: event.id(), event_type: event.type_field(), ..EventEncoder::new() }
    }
}

/// Does the same as the conversion from [`Event`].
impl<'a> From<&'a OwnedEvent> for EventEncoder<'a> {
    fn from(event: &'a OwnedEvent) -> Self {
        event.as_event().into()
    }
}

/// Refuses a text that one line cannot hold.
#[inline]
fn check_line(field: Field, text: &str, refused: &[u8]) -> Result<(), EncodeError> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    match text.bytes().enumerate().find(|(_, byte)| refused.contains(byte)) {
        None => Ok(()),
        Some((offset, byte)) => Err(EncodeError { field, character: char::from(byte), offset }),
    }
}

/// Writes a line whose text was checked.
#[inline(always)]
fn write_line<B: Buffer>(out: &mut B, name: &str, text: &str) {
    out.put_slice(name.as_bytes());
    out.put_slice(text.as_bytes());
    out.put_slice(b"\n");
}

/// Rounds up to whole milliseconds, so that a client never comes back too early.
fn milliseconds(time: Duration) -> u64 {
    let fraction = time.subsec_nanos().div_ceil(1_000_000);
    time.as_secs().saturating_mul(1000).saturating_add(u64::from(fraction))
}

fn write_decimal<B: Buffer>(number: u64, out: &mut B) {
    if number >= 10 {
        write_decimal(number / 10, out);
    }
    out.put_slice(&[b'0' + (number % 10) as u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_writes_what_display_writes() {
        for number in [0, 1, 9, 10, 99, 100, 1500, u64::MAX - 1, u64::MAX] {
            let mut out = Vec::new();
            write_decimal(number, &mut out);
            assert_eq!(out, alloc::format!("{number}").as_bytes());
        }
    }
}
