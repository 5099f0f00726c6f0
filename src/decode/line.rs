//! Bytes to lines: the byte order mark, the three line ends, and the line that a chunk cuts.
//!
//! `#parsing-an-event-stream`:
//!
//! ```text
//! stream      = [ bom ] *event
//! end-of-line = ( cr lf / cr / lf )
//! ```

use alloc::vec::Vec;

use super::field::{Field, LONGEST_NAME};

/// "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present."
pub(super) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The place in the grammar where the next byte is.
///
/// Within a chunk the decoder goes from line start to line start. The other positions are the
/// ones that the end of a chunk, or the limit, can leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// At the start of the stream, after this many bytes of a byte order mark.
    StreamStart { bom: u8 },
    /// At the start of a line, and no line of the block has been read.
    BlockStart,
    /// At the start of a line within a block.
    LineStart,
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
    Known(Field, u8),
}

impl Name {
    /// The name that ends before the colon at this offset, which is not far.
    pub(super) fn before(colon: usize, field: Field) -> Self {
        Name::Known(field, colon as u8)
    }
}

/// Appends bytes of a line to those of its name that `carry` holds, until they show which field
/// it is. Returns how many bytes that took.
pub(super) fn read_name(carry: &mut Vec<u8>, piece: &[u8]) -> (usize, Name) {
    let most = LONGEST_NAME + 1 - carry.len();
    let head = &piece[..piece.len().min(most)];
    match head.iter().position(|&byte| byte == b':') {
        Some(colon) => {
            carry.extend_from_slice(&head[..=colon]);
            let name = carry.len() - 1;
            (colon + 1, Name::before(name, Field::named(&carry[..name])))
        }
        None => {
            carry.extend_from_slice(head);
            let is_unknown = carry.len() > LONGEST_NAME;
            (head.len(), if is_unknown { Name::Known(Field::Unknown, 0) } else { Name::Unfinished })
        }
    }
}
