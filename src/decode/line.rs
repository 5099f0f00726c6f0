//! Bytes to lines: the byte order mark, the three line ends, and the line that a chunk cuts.
//!
//! `#parsing-an-event-stream`:
//!
//! ```text
//! stream      = [ bom ] *event
//! end-of-line = ( cr lf / cr / lf )
//! ```

use alloc::vec::Vec;

use super::field::{self, Field, LONGEST_NAME};
use crate::line_end;

/// "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present."
pub(super) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The place in the grammar where the next byte is.
///
/// Within a chunk the decoder goes from line start to line start. The other positions are the
/// ones that the end of a chunk, or the limit, can leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// At the start of the stream, after this many bytes of a byte order mark.
    StreamStart { bom: usize },
    /// At the start of a line.
    LineStart,
    /// At the start of a line of a block that is dropped for its size.
    DroppedLine,
    /// At the start of a line, after a CR: an LF here belongs to that CR.
    AfterCr,
    /// Within a line whose first bytes are in the carry.
    Carried(Name),
    /// Within a line that means nothing, or whose event is being dropped.
    Skipped,
}

/// How much is known of the name of the line in the carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Neither a colon nor more bytes than the longest name have come yet.
    Unfinished,
    /// The line's field, and the length of its name.
    Known(Field, usize),
}

/// A line that lies whole in the chunk: where it ends, and where the next one starts.
pub(super) struct Line {
    pub(super) len: usize,
    pub(super) next: usize,
}

impl Line {
    /// Finds the end of the line at the start of `bytes`, which is not in its first `known`
    /// bytes. If it is not there, or is a CR that may be half of a CRLF, this returns how many
    /// bytes of the line have been searched.
    #[inline(always)]
    pub(super) fn find(bytes: &[u8], known: usize) -> Result<Line, usize> {
        let len = known + line_end::find(&bytes[known..]).ok_or(bytes.len())?;
        let next = line_end::behind(bytes, len).ok_or(len)?;
        Ok(Line { len, next })
    }
}

impl Name {
    /// The name that [`field::usual`](super::field::usual) found.
    pub(super) fn of(usual: Option<(Field, usize)>) -> Self {
        usual.map_or(Name::Unfinished, |(field, colon)| Name::Known(field, colon - 1))
    }
}

/// Appends bytes of a line to those that `carry` holds, until they show which field it is. Returns
/// how many bytes that took.
pub(super) fn read_name(carry: &mut Vec<u8>, piece: &[u8]) -> (usize, Name) {
    let head = &piece[..piece.len().min(LONGEST_NAME + 1 - carry.len())];
    carry.extend_from_slice(head);
    let name = match Name::of(field::usual(carry)) {
        Name::Unfinished if carry.len() > LONGEST_NAME => Name::Known(Field::Unknown, 0),
        name => name,
    };
    (head.len(), name)
}
