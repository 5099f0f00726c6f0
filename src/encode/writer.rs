//! Data that comes in pieces: straight into the frame.
//!
//! Serializers write a few bytes at a time, `serde_json` about a hundred times per
//! event. So a write only appends; the text is searched for line ends once, by
//! `finish`, and split where it lies. That is four times as fast as to search each
//! piece, and faster than to serialize into a string first.

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
/// the buffer has the length that it had at `begin`. Until then the writer holds
/// what is in the buffer: one that is leaked, as `mem::forget` does, takes all of it
/// along, and leaves the buffer empty, not with half an event.
#[derive(Debug)]
#[must_use = "dropped unfinished, the event is taken back"]
pub struct DataWriter<'o, B: Buffer> {
    /// Where `buffer` goes when the writer is dropped.
    out: &'o mut B,
    /// What was in `out`, and what was written. The data in it is not split into
    /// lines yet, so nobody may see it.
    buffer: B,
    /// How much of `buffer` stays when the writer is dropped.
    keep: usize,
    /// Where the data starts, behind its first name.
    data: usize,
    /// Whether all that was written is known to hold no line end.
    is_plain: bool,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The data so far is text.
    Whole,
    /// It ends within a character.
    #[cfg(feature = "std")]
    Cut(Pieces),
    Poisoned(DataError),
}

impl<'o, B: Buffer> DataWriter<'o, B> {
    /// `start` is where the block starts in `out`, which ends where its data is to start.
    #[inline]
    pub(crate) fn begin(out: &'o mut B, start: usize) -> Self {
        let mut buffer = out.take();
        buffer.put(NAME.as_bytes());
        let data = buffer.len();
        DataWriter { out, buffer, keep: start, data, is_plain: true, state: State::Whole }
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
        if !self.is_plain {
            lines::split(&mut self.buffer, self.data, NAME);
        }
        self.buffer.put(b"\n\n");
        self.keep = self.buffer.len();
        Ok(())
    }

    #[inline]
    fn write_text(&mut self, text: &str) -> Result<(), DataError> {
        self.end_character()?;
        self.is_plain &= text.len() <= SHORT && is_plain(text.as_bytes());
        self.buffer.put(text.as_bytes());
        Ok(())
    }

    /// Inlined as far as it is cheap, and free for a constant: most of what a serializer
    /// writes is one, and inlining more of it slows down the serializer's own loops.
    #[cfg(feature = "std")]
    #[inline]
    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        if bytes.len() < 8 && matches!(self.state, State::Whole) && is_plain(bytes) {
            self.buffer.put(bytes);
            return Ok(());
        }
        self.write_piece(bytes)
    }

    #[cfg(feature = "std")]
    #[inline(never)]
    fn write_piece(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        let mut pieces = match self.state {
            State::Whole if bytes.len() <= SHORT && is_plain(bytes) => {
                self.buffer.put(bytes);
                return Ok(());
            }
            State::Whole => Pieces::default(),
            State::Cut(pieces) => pieces,
            State::Poisoned(error) => return Err(error),
        };
        self.is_plain = false;
        let (buffer, mut malformed) = (&mut self.buffer, false);
        pieces.feed(bytes, |part| match part {
            Part::Text(text) if !malformed => buffer.put(text.as_bytes()),
            Part::Text(_) => {}
            Part::Malformed => malformed = true,
        });
        if malformed {
            return Err(self.refuse(self.not_utf8()));
        }
        self.state = if pieces.is_whole() { State::Whole } else { State::Cut(pieces) };
        Ok(())
    }

    /// No character may be unfinished here.
    #[inline]
    fn end_character(&mut self) -> Result<(), DataError> {
        match self.state {
            State::Whole => Ok(()),
            #[cfg(feature = "std")]
            State::Cut(_) => Err(self.refuse(self.not_utf8())),
            State::Poisoned(error) => Err(error),
        }
    }

    /// What is in the buffer is text; what came behind it is not.
    #[cfg(feature = "std")]
    fn not_utf8(&self) -> DataError {
        DataError::NotUtf8 { valid_up_to: self.buffer.len() - self.data }
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
        self.buffer.truncate(self.keep);
        core::mem::swap(self.out, &mut self.buffer);
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
