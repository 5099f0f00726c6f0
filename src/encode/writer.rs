//! Data that comes in pieces and is written straight into the block.
//!
//! The writer splits each piece at its line ends as it comes, even if a character is cut between
//! two pieces. Line ends and names are ASCII, so the lines in the buffer are UTF-8 exactly if the
//! data is. `finish` validates them once, as a whole, unless every piece is known to be text.
//!
//! Serializers write a few bytes at a time: `serde_json` writes a hundred times for one event of a
//! chat. A quick check finds that nearly all of those pieces are ASCII without a line end.

use core::fmt;

use super::buffer::{Buffer, Sealed};
use super::error::DataError;
use super::lines;
use super::plain::is_plain;
use crate::utf8;

const NAME: &str = "data: ";

/// The most bytes for which the quick check is worth it. With the check before the search for line
/// ends, long pieces take more instructions: a quarter more if the data has twenty lines.
const SHORT: usize = 64;

/// From this many bytes on, `write` makes a call. If the check of longer pieces is inlined too, the
/// loops of `serde_json` around it become 7 % slower.
#[cfg(feature = "std")]
const INLINED: usize = 8;

/// Writes the data of one block, which [`begin`](crate::EventEncoder::begin) has begun.
///
/// You can write with `write!` without an import, with [`fmt::Write`], and with `std::io::Write`
/// (feature `std`), which serializers such as `serde_json::to_writer` take. `flush` does nothing.
///
/// You may write the data in any pieces. The block is the same as if you had passed the whole data
/// to [`encode`](crate::EventEncoder::encode). Bytes may be cut anywhere, but the whole data has to
/// be UTF-8.
///
/// If you drop the writer before [`finish`](DataWriter::finish), it removes the block from the
/// buffer. Only `mem::forget` can leave an unfinished block there.
#[must_use = "if it is dropped unfinished, the event is taken back"]
pub struct DataWriter<'o, B: Buffer> {
    out: &'o mut B,
    /// Where the block starts in `out`. A writer that is dropped cuts `out` back to here.
    block: usize,
    /// Where the data starts in `out`, after the name of its first line.
    data: usize,
    /// The last piece ended in a CR, which has ended its line. If the next piece starts with an LF,
    /// that LF belongs to the CR and does not end another line.
    after_cr: bool,
    /// Some of the data was written as bytes that are not plain, so it may not be UTF-8.
    is_unchecked: bool,
    /// Half of a value may be in the data, because its `Display` reported an error.
    format_failed: bool,
}

impl<B: Buffer> fmt::Debug for DataWriter<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let block = self.out.len() - self.block;
        f.debug_struct("DataWriter").field("block", &block).finish_non_exhaustive()
    }
}

impl<'o, B: Buffer> DataWriter<'o, B> {
    /// Begins the data at the end of `out`. `block` is where the block starts in `out`.
    #[inline]
    pub(crate) fn begin(out: &'o mut B, block: usize) -> Self {
        out.put_slice(NAME.as_bytes());
        let data = out.len();
        DataWriter { out, block, data, after_cr: false, is_unchecked: false, format_failed: false }
    }

    /// Writes formatted text. `write!` calls this method.
    ///
    /// # Errors
    ///
    /// [`DataError::Format`] if a value could not be formatted, in this call or an earlier one. You
    /// cannot finish the event then, because half of the value may be written.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), DataError> {
        self.format_failed |= fmt::write(self, arguments).is_err();
        self.check_format()
    }

    /// Ends the block with its blank line.
    ///
    /// # Errors
    ///
    /// [`DataError`] if the data is not UTF-8, or if a value could not be formatted. The buffer is
    /// then as it was at `begin`.
    #[inline]
    pub fn finish(mut self) -> Result<(), DataError> {
        self.check_format()?;
        let lines = &self.out[self.data..];
        if self.is_unchecked && utf8::validate(lines).is_none() {
            return Err(not_utf8(lines));
        }
        self.out.put_slice(b"\n\n");
        self.block = self.out.len();
        Ok(())
    }

    fn check_format(&self) -> Result<(), DataError> {
        if self.format_failed { Err(DataError::Format) } else { Ok(()) }
    }

    /// Most pieces that a serializer writes are constants of a few bytes. If the check of a
    /// constant is inlined, the compiler removes it.
    #[cfg(feature = "std")]
    #[inline]
    fn write_bytes(&mut self, bytes: &[u8]) {
        if bytes.len() >= INLINED || !self.put_plain(bytes) {
            self.write_more_bytes(bytes);
        }
    }

    #[cfg(feature = "std")]
    #[inline(never)]
    fn write_more_bytes(&mut self, bytes: &[u8]) {
        if !self.put_plain(bytes) {
            self.is_unchecked = true;
            self.write_lines(bytes);
        }
    }

    /// Appends a short piece if the quick check finds that it is text without a line end.
    #[inline(always)]
    fn put_plain(&mut self, piece: &[u8]) -> bool {
        let is_plain = piece.len() <= SHORT && !self.after_cr && is_plain(piece);
        if is_plain {
            self.out.put_slice(piece);
        }
        is_plain
    }

    #[inline(never)]
    fn write_lines(&mut self, piece: &[u8]) {
        let Some(last) = piece.last() else {
            return;
        };
        let lines = match piece {
            [b'\n', rest @ ..] if self.after_cr => rest,
            _ => piece,
        };
        lines::append(self.out, NAME, lines);
        self.after_cr = *last == b'\r';
    }
}

/// Makes the error for data that is not UTF-8. `lines` is the data as it was written, with a name
/// in each line but the first.
#[cold]
fn not_utf8(lines: &[u8]) -> DataError {
    let valid = utf8::valid_prefix(lines);
    let names = valid.matches('\n').count() * NAME.len();
    DataError::NotUtf8 { valid_up_to: valid.len() - names }
}

impl<B: Buffer> Drop for DataWriter<'_, B> {
    #[inline]
    fn drop(&mut self) {
        self.out.truncate(self.block, Sealed);
    }
}

impl<B: Buffer> fmt::Write for DataWriter<'_, B> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !self.put_plain(text.as_bytes()) {
            self.write_lines(text.as_bytes());
        }
        Ok(())
    }

    /// Remembers a failure as the inherent method does; the default would not.
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> fmt::Result {
        DataWriter::write_fmt(self, arguments).map_err(|_| fmt::Error)
    }
}

/// Only `write_fmt` can fail. Its error has the kind `InvalidData` and contains the [`DataError`].
#[cfg(feature = "std")]
impl<B: Buffer> std::io::Write for DataWriter<'_, B> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_bytes(bytes);
        Ok(bytes.len())
    }

    /// Remembers a failure as the inherent method does; the default would not.
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> std::io::Result<()> {
        DataWriter::write_fmt(self, arguments)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventEncoder;
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::fmt::Write as _;

    fn encoded(data: &str) -> Vec<u8> {
        let mut out = Vec::new();
        EventEncoder::new().encode(data, &mut out).unwrap();
        out
    }

    fn written(pieces: [&str; 3], write: impl Fn(&mut DataWriter<'_, Vec<u8>>, &str)) -> Vec<u8> {
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
                    let of_text = written(pieces, |writer, text| writer.write_str(text).unwrap());
                    assert_eq!(of_text, expected, "{pieces:?}");
                }
            }
            #[cfg(feature = "std")]
            for bytes_at_once in 1..=text.len().max(1) {
                let mut out = Vec::new();
                let mut writer = EventEncoder::new().begin(&mut out).unwrap();
                for bytes in text.as_bytes().chunks(bytes_at_once) {
                    writer.write_bytes(bytes);
                }
                writer.finish().unwrap();
                assert_eq!(out, expected, "{text:?}, {bytes_at_once} bytes at once");
            }
        }
    }

    /// Lengths up to two bytes beyond those that get the quick check.
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
                        written(pieces, |writer, text| writer.write_str(text).unwrap()),
                        expected
                    );
                    #[cfg(feature = "std")]
                    {
                        let of_bytes = written(pieces, |writer, text| {
                            writer.write_bytes(text.as_bytes());
                        });
                        assert_eq!(of_bytes, expected);
                    }
                }
            }
        }
    }
}
