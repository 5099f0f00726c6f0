//! Bytes to lines: the byte order mark, the three line ends, and the line that a chunk cuts.
//!
//! `#parsing-an-event-stream`:
//!
//! ```text
//! stream      = [ bom ] *event
//! end-of-line = ( cr lf / cr / lf )
//! ```

use super::field::Field;
use crate::line_end;

/// "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present."
pub(super) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The place in the grammar where the next byte is.
///
/// Within a chunk the decoder goes from line start to line start. The other positions are the
/// ones at which the end of a chunk, or the limit, can stop it.
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
    /// Within a line whose first bytes are in the carry. Its field and the offset after its colon,
    /// if they show them already.
    Carried(Option<(Field, usize)>),
    /// Within a line that means nothing, or whose event is being dropped.
    Skipped,
}

/// The length of the line at the start of `bytes`, and where the next one starts. The caller knows
/// that the line does not end in its first `known` bytes.
///
/// If the line end is not there, or is a CR that may be half of a CRLF, this returns how many bytes
/// of the line have been searched.
#[inline(always)]
pub(super) fn find(bytes: &[u8], known: usize) -> Result<(usize, usize), usize> {
    let len = known + line_end::find(&bytes[known..]).ok_or(bytes.len())?;
    let next = line_end::after(bytes, len).ok_or(len)?;
    Ok((len, next))
}
