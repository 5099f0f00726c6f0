//! Data that comes in pieces: straight into the frame.

use core::fmt;

use super::buffer::Buffer;
use super::error::DataError;
use super::lines::Splitter;
#[cfg(feature = "std")]
use crate::utf8::Part;
use crate::utf8::Pieces;

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
#[derive(Debug)]
#[must_use = "dropped unfinished, the event is taken back"]
pub struct DataWriter<'o, B: Buffer> {
    out: &'o mut B,
    /// The length of `out` to go back to.
    start: usize,
    lines: Splitter,
    utf8: Pieces,
    /// How many bytes of data were taken.
    written: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Poisoned(DataError),
    Finished,
}

impl<'o, B: Buffer> DataWriter<'o, B> {
    pub(crate) fn begin(out: &'o mut B, start: usize) -> Self {
        out.put(b"data: ");
        DataWriter {
            out,
            start,
            lines: Splitter::default(),
            utf8: Pieces::default(),
            written: 0,
            state: State::Open,
        }
    }

    /// Writes formatted text; this is what `write!` calls.
    ///
    /// # Errors
    ///
    /// [`DataError`], and the writer is poisoned: if the formatting failed, or a
    /// write before left a character unfinished.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), DataError> {
        if fmt::write(self, arguments).is_err() {
            self.poison(DataError::Format);
        }
        self.check()
    }

    /// Ends the event.
    ///
    /// # Errors
    ///
    /// [`DataError`] if a write was refused, or the data ends in the middle of a
    /// character. The buffer is as it was at `begin`.
    pub fn finish(mut self) -> Result<(), DataError> {
        self.end_characters();
        self.check()?;
        self.out.put(b"\n\n");
        self.state = State::Finished;
        Ok(())
    }

    fn write_text(&mut self, text: &str) -> Result<(), DataError> {
        self.end_characters();
        self.check()?;
        self.lines.write(self.out, "data: ", text);
        self.written += text.len();
        Ok(())
    }

    #[cfg(feature = "std")]
    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.check()?;
        let (out, lines, written) = (&mut *self.out, &mut self.lines, &mut self.written);
        let mut malformed = None;
        self.utf8.feed(bytes, |part| match part {
            Part::Text(text) if malformed.is_none() => {
                lines.write(out, "data: ", text);
                *written += text.len();
            }
            Part::Text(_) => {}
            Part::Malformed => malformed = malformed.or(Some(*written)),
        });
        if let Some(valid_up_to) = malformed {
            self.poison(DataError::NotUtf8 { valid_up_to });
        }
        self.check()
    }

    /// No character may be unfinished here.
    #[inline]
    fn end_characters(&mut self) {
        let mut malformed = false;
        self.utf8.finish(|_| malformed = true);
        if malformed {
            self.poison(DataError::NotUtf8 { valid_up_to: self.written });
        }
    }

    /// The first error stays.
    fn poison(&mut self, error: DataError) {
        if self.state == State::Open {
            self.state = State::Poisoned(error);
        }
    }

    #[inline]
    fn check(&self) -> Result<(), DataError> {
        match self.state {
            State::Poisoned(error) => Err(error),
            State::Open | State::Finished => Ok(()),
        }
    }
}

impl<B: Buffer> Drop for DataWriter<'_, B> {
    #[inline]
    fn drop(&mut self) {
        if self.state != State::Finished {
            self.out.truncate(self.start);
        }
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
        self.write_bytes(bytes).map_err(invalid_data)?;
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
fn invalid_data(error: DataError) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, error)
}
