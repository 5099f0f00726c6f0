//! Bytes to lines: the byte order mark, and the three line ends, across chunks.
//!
//! `#parsing-an-event-stream`:
//!
//! ```text
//! stream      = [ bom ] *event
//! end-of-line = ( cr lf / cr / lf )
//! ```

use super::field::{Field, LONGEST_NAME};

/// "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present."
pub(crate) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Where in the grammar the next byte stands.
///
/// Within a chunk the decoder goes from line start to line start; the other
/// states are what a chunk boundary can leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// At the start of the stream, behind this many bytes of a byte order mark.
    StreamStart {
        bom: u8,
    },
    LineStart,
    /// At the start of a line, behind a CR: an LF here belongs to that line end.
    AfterCr,
    /// In the name of a field.
    Name(Name),
    /// Behind the colon: a space here is dropped.
    AfterColon(Field),
    Value(Field),
}

/// The start of a line that has no colon yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    bytes: [u8; LONGEST_NAME],
    len: u8,
}

impl Name {
    pub(crate) const EMPTY: Name = Name { bytes: [0; LONGEST_NAME], len: 0 };

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The name with one more byte, or `None` when it is longer than every name that is known.
    pub(crate) fn push(mut self, byte: u8) -> Option<Name> {
        *self.bytes.get_mut(usize::from(self.len))? = byte;
        self.len += 1;
        Some(self)
    }
}
