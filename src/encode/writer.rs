//! Data that comes in pieces: straight into the frame.
//!
//! Serializers write a few bytes at a time, `serde_json` a hundred times per event of
//! a chat. So a write takes a quick look at them, and appends what is plain; only the
//! rest is validated and searched for line ends. Under callgrind that is 5600
//! instructions for such an event, of which 4600 are `serde_json`'s; without the quick
//! look it was 24500.

use core::fmt;

use super::buffer::Buffer;
use super::error::DataError;
use super::lines;
#[cfg(feature = "std")]
use super::pieces::{Part, Pieces};
use super::plain::is_plain;

const NAME: &str = "data: ";

/// Up to how many bytes of a write the quick look at them is worth it; beyond that
/// memchr and simdutf8 are quicker.
const SHORT: usize = 64;

/// Writes the data of a block that [`begin`](crate::EventEncoder::begin) started.
///
/// What is written in pieces is what one `encode` of the whole would have written,
/// whatever the pieces. It takes `write!` without an import, [`fmt::Write`], and,
/// with the feature `std`, `std::io::Write` for serializers such as
/// `serde_json::to_writer`; bytes have to be UTF-8 in the end, but may be cut
/// anywhere. `flush` does nothing.
///
/// Dropped before [`finish`](DataWriter::finish), it takes back all that it wrote:
/// the buffer has the length that it had at `begin`. Only `mem::forget` can leave
/// half an event there.
#[must_use = "dropped unfinished, the event is taken back"]
pub struct DataWriter<'o, B: Buffer> {
    out: &'o mut B,
    /// How much of `out` stays when the writer is dropped.
    keep: usize,
    /// The length of `out` less the bytes of data that were taken: where they would
    /// start if they stood there as they came.
    base: usize,
    state: State,
}

/// Where it stands: what was written is in the buffer.
impl<B: Buffer> fmt::Debug for DataWriter<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataWriter").field("state", &self.state).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The data so far is text.
    Text,
    /// It is text, and a CR ended its last line: an LF that comes next belongs to it.
    AfterCr,
    /// It ends within a character.
    #[cfg(feature = "std")]
    Cut(Pieces),
    Poisoned(DataError),
}

impl<'o, B: Buffer> DataWriter<'o, B> {
    /// `start` is where the block starts in `out`, which ends where its data is to start.
    #[inline]
    pub(crate) fn begin(out: &'o mut B, start: usize) -> Self {
        out.put(NAME.as_bytes());
        let base = out.len();
        DataWriter { out, keep: start, base, state: State::Text }
    }

    /// Writes formatted text; this is what `write!` calls.
    ///
    /// # Errors
    ///
    /// [`DataError`], and the writer is poisoned: if the formatting failed, or a
    /// write before left a character unfinished.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), DataError> {
        if fmt::write(self, arguments).is_err() {
            // If a write failed, its error stays.
            self.refuse(DataError::Format);
        }
        // Whoever formats may have kept the failure of a write to itself.
        match self.state {
            State::Poisoned(error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Ends the event.
    ///
    /// # Errors
    ///
    /// [`DataError`] if a write was refused, or the data ends in the middle of a
    /// character. The buffer is as it was at `begin`.
    #[inline]
    pub fn finish(mut self) -> Result<(), DataError> {
        self.end_character()?;
        self.out.put(b"\n\n");
        self.keep = self.out.len();
        Ok(())
    }

    #[inline]
    fn write_text(&mut self, text: &str) -> Result<(), DataError> {
        if text.len() <= SHORT && matches!(self.state, State::Text) && is_plain(text.as_bytes()) {
            self.out.put(text.as_bytes());
            return Ok(());
        }
        self.end_character()?;
        self.append(text);
        Ok(())
    }

    /// Inlined as far as it is cheap, and nothing is left of the look at a constant: most
    /// of what a serializer writes is one. With more inlined, its own loops get slower.
    #[cfg(feature = "std")]
    #[inline]
    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        if bytes.len() < 8 && matches!(self.state, State::Text) && is_plain(bytes) {
            self.out.put(bytes);
            return Ok(());
        }
        self.write_piece(bytes)
    }

    #[cfg(feature = "std")]
    #[inline(never)]
    fn write_piece(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        if bytes.len() <= SHORT && matches!(self.state, State::Text) && is_plain(bytes) {
            self.out.put(bytes);
            return Ok(());
        }
        self.write_unknown(bytes)
    }

    /// Bytes that may be anything: line ends, half a character, no text at all.
    #[cfg(feature = "std")]
    #[inline(never)]
    fn write_unknown(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        let mut pieces = match self.state {
            State::Text | State::AfterCr => Pieces::default(),
            State::Cut(pieces) => pieces,
            State::Poisoned(error) => return Err(error),
        };
        let mut malformed = false;
        pieces.feed(bytes, |part| match part {
            Part::Text(text) if !malformed => self.append(text),
            Part::Text(_) => {}
            Part::Malformed => malformed = true,
        });
        if malformed {
            return Err(self.refuse(self.not_utf8()));
        }
        if !pieces.is_whole() {
            self.state = State::Cut(pieces);
        }
        Ok(())
    }

    /// Appends text, behind text or the character that it completes.
    fn append(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let lines = match (self.state, text.as_bytes()) {
            (State::AfterCr, [b'\n', rest @ ..]) => rest,
            (_, lines) => lines,
        };
        let len = self.out.len();
        lines::append(self.out, NAME, lines);
        self.base = self.base + (self.out.len() - len) - text.len();
        self.state = if text.ends_with('\r') { State::AfterCr } else { State::Text };
    }

    /// No character may be unfinished here.
    #[inline]
    fn end_character(&mut self) -> Result<(), DataError> {
        match self.state {
            State::Text | State::AfterCr => Ok(()),
            #[cfg(feature = "std")]
            State::Cut(_) => Err(self.refuse(self.not_utf8())),
            State::Poisoned(error) => Err(error),
        }
    }

    /// What was taken is text; what came behind it is not.
    #[cfg(feature = "std")]
    fn not_utf8(&self) -> DataError {
        DataError::NotUtf8 { valid_up_to: self.out.len() - self.base }
    }

    /// Poisons the writer. The first error stays.
    #[cold]
    fn refuse(&mut self, error: DataError) -> DataError {
        if let State::Poisoned(first) = self.state {
            return first;
        }
        self.state = State::Poisoned(error);
        error
    }
}

impl<B: Buffer> Drop for DataWriter<'_, B> {
    #[inline]
    fn drop(&mut self) {
        self.out.truncate(self.keep);
    }
}

impl<B: Buffer> fmt::Write for DataWriter<'_, B> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write_text(text).map_err(|_| fmt::Error)
    }

    /// Poisons like the inherent method, which the default would not.
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> fmt::Result {
        DataWriter::write_fmt(self, arguments).map_err(|_| fmt::Error)
    }
}

/// Errors are of the kind `InvalidData` and hold the [`DataError`].
#[cfg(feature = "std")]
impl<B: Buffer> std::io::Write for DataWriter<'_, B> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.write_bytes(bytes).map_err(invalid_data)
    }

    /// Poisons like the inherent method, which the default would not.
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> std::io::Result<()> {
        DataWriter::write_fmt(self, arguments).map_err(invalid_data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "std")]
#[cold]
fn invalid_data(error: DataError) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventEncoder;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn encoded(data: &str) -> Vec<u8> {
        let mut out = Vec::new();
        EventEncoder::new().encode(data, &mut out).unwrap();
        out
    }

    fn written(pieces: [&str; 3], write: fn(&mut DataWriter<'_, Vec<u8>>, &str)) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = EventEncoder::new().begin(&mut out).unwrap();
        pieces.iter().for_each(|piece| write(&mut writer, piece));
        writer.finish().unwrap();
        out
    }

    #[test]
    fn every_text_of_six_line_ends_and_characters_may_be_cut_anywhere() {
        const PIECES: [&str; 4] = ["", "é", "\r", "\n"];
        for number in 0..PIECES.len().pow(6) {
            let piece = |place| PIECES[number / PIECES.len().pow(place) % PIECES.len()];
            let text: String = (0..6).map(piece).collect();
            let expected = encoded(&text);
            for (first, _) in text.char_indices() {
                for (second, _) in text[first..].char_indices() {
                    let (start, rest) = text.split_at(first);
                    let (middle, end) = rest.split_at(second);
                    let pieces = [start, middle, end];
                    let of_text = written(pieces, |writer, text| writer.write_text(text).unwrap());
                    assert_eq!(of_text, expected, "{pieces:?}");
                }
            }
            #[cfg(feature = "std")]
            for bytes_at_once in 1..=text.len().max(1) {
                let mut out = Vec::new();
                let mut writer = EventEncoder::new().begin(&mut out).unwrap();
                for bytes in text.as_bytes().chunks(bytes_at_once) {
                    writer.write_bytes(bytes).unwrap();
                }
                writer.finish().unwrap();
                assert_eq!(out, expected, "{text:?}, {bytes_at_once} bytes at once");
            }
        }
    }

    /// Up to two bytes beyond what gets the quick look.
    #[test]
    fn a_line_end_is_seen_wherever_it_is_in_a_write_of_any_length() {
        for length in 1..=SHORT + 2 {
            for place in 0..length {
                for special in ["\n", "\r", "\r\n", "é", "\0"] {
                    let piece =
                        ["x".repeat(place).as_str(), special, &"y".repeat(length - place - 1)]
                            .concat();
                    let pieces = ["plain", &piece, "plain"];
                    let expected = encoded(&pieces.concat());
                    assert_eq!(
                        written(pieces, |writer, piece| writer.write_text(piece).unwrap()),
                        expected
                    );
                    #[cfg(feature = "std")]
                    assert_eq!(
                        written(pieces, |writer, piece| writer
                            .write_bytes(piece.as_bytes())
                            .unwrap()),
                        expected
                    );
                }
            }
        }
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_poisoned_writer_refuses_even_what_is_empty() {
        let mut out = Vec::new();
        let mut writer = EventEncoder::new().begin(&mut out).unwrap();
        let error = Err(DataError::NotUtf8 { valid_up_to: 2 });
        writer.write_bytes(b"ab").unwrap();
        assert_eq!(writer.write_bytes(b"\xFF"), error);
        assert_eq!(writer.write_bytes(b""), error);
        assert_eq!(writer.write_text(""), error);
        assert_eq!(write!(writer, ""), error);
        assert_eq!(writer.finish(), error);
        assert!(out.is_empty());
    }
}
