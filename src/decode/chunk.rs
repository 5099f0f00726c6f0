//! A chunk of the stream: bytes, a position in them, and the text validated so far.

use core::fmt;
use core::ops::Range;

use crate::{line_end, utf8};

/// A piece of a stream, of any length and cut anywhere, that a [`Decoder`](crate::Decoder) reads
/// from.
///
/// It is a cursor: it remembers how far it was read. To make one costs nothing, because its text
/// is validated only when it is reached, a window at a time.
///
/// The decoder has seen nothing of the bytes that you have not pulled, so pull until `None`. If
/// you leave the loop over a chunk before that, continue later with the same chunk, or with a new
/// one of its [`remaining`](Chunk::remaining) bytes. Read all chunks of a stream with the same
/// decoder.
#[derive(Clone)]
pub struct Chunk<'c> {
    bytes: &'c [u8],
    /// The end of `bytes` that has not been read.
    rest: &'c [u8],
    /// Before this offset no line ends that has not been read.
    searched: usize,
    /// Valid text: `bytes[text_start..][..text.len()]`.
    text: &'c str,
    text_start: usize,
    /// How many bytes are validated together with a value, at least.
    window: usize,
}

/// Where a value is in its chunk, or in other text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    #[inline]
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// How far beyond a value text is validated with it. Small events are cheap, because many values
/// share one validation. The work is linear even if a caller makes a new `Chunk` from `remaining()`
/// for each event, because a validation is bounded.
const WINDOW: usize = 4 * 1024;

/// How many bytes a line end and the blank line after it have at most.
const LINE_ENDS: usize = 4;

/// How far it was read, and what comes next.
impl fmt::Debug for Chunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        let next = &self.rest[..self.rest.len().min(SHOWN)];
        f.debug_struct("Chunk")
            .field("read", &self.position())
            .field("remaining", &self.rest.len())
            .field("next", &format_args!("b\"{}\"", next.escape_ascii()))
            .finish()
    }
}

impl<'c> Chunk<'c> {
    /// A chunk with nothing read from it yet.
    #[must_use]
    #[inline]
    pub fn new(bytes: &'c [u8]) -> Self {
        Chunk { bytes, rest: bytes, searched: 0, text: "", text_start: 0, window: WINDOW }
    }

    /// The bytes that have not been read yet.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> &'c [u8] {
        self.rest
    }

    /// Whether all bytes have been read.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A chunk of which the first `position` bytes have been read, and whose values are
    /// validated one by one.
    #[inline]
    pub(super) fn resumed(bytes: &'c [u8], position: usize) -> Self {
        let rest = &bytes[position..];
        Chunk { bytes, rest, searched: 0, text: "", text_start: 0, window: 0 }
    }

    /// The offset of the next byte to be read.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    /// The length of the line at the position, if its end is in the chunk. The caller knows that
    /// it is not in the first `known` bytes.
    #[inline]
    pub(super) fn find_line_end(&self, known: usize) -> Option<usize> {
        let known = known.max(self.searched.saturating_sub(self.position()));
        line_end::find(&self.rest[known..]).map(|len| known + len)
    }

    /// Remembers that no line ends in the next `len` bytes.
    #[inline]
    pub(super) fn set_searched(&mut self, len: usize) {
        self.searched = self.position() + len;
    }

    /// Where `rest`, an end of the chunk, starts.
    #[inline]
    pub(super) fn offset(&self, rest: &[u8]) -> usize {
        self.bytes.len() - rest.len()
    }

    /// Continues where `rest`, an end of the chunk, starts.
    #[inline]
    pub(super) fn advance_to(&mut self, rest: &'c [u8]) {
        self.rest = rest;
    }

    /// All of the chunk, in which spans are offsets.
    #[inline]
    pub(super) fn source(&self) -> &'c [u8] {
        self.bytes
    }

    /// The text of a value, or `None` if it is not UTF-8.
    ///
    /// A value starts and ends at an ASCII delimiter, so a value within valid text is valid.
    #[inline]
    pub(super) fn text(&mut self, span: Span) -> Option<&'c str> {
        let text = self.text;
        let start = span.start.wrapping_sub(self.text_start);
        let end = span.end.wrapping_sub(self.text_start);
        match text.get(start..end) {
            Some(value) => Some(value),
            None => self.validate(span),
        }
    }

    /// Validates the value, and a window after it along with it.
    #[inline(never)]
    fn validate(&mut self, span: Span) -> Option<&'c str> {
        let rest = &self.bytes[span.start..];
        let len = span.end - span.start;
        // A chunk of one event ends like this: there is nothing to look ahead to.
        if rest.len() <= len + LINE_ENDS {
            #[cfg(test)]
            crate::work::TEXT.add(len);
            return utf8::validate(&rest[..len]);
        }
        let window = &rest[..rest.len().min(len.max(self.window))];
        let whole = &window[..window.len() - utf8::incomplete_suffix(window)];
        (self.text, self.text_start) = (utf8::valid_prefix(whole), span.start);
        #[cfg(test)]
        crate::work::TEXT.add(self.text.len() + 1);
        self.text.get(..len)
    }
}
