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

/// The start of a line that has no colon yet: its bytes, the last one lowest, behind a 1
/// that marks where they begin. A register, not an array: to put bytes into one and take
/// them out together stalls, which took up to a sixth of the time in 64-byte chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name(u64);

impl Name {
    pub(crate) const EMPTY: Name = Name(1);

    pub(crate) fn len(self) -> usize {
        self.0.ilog2() as usize / 8
    }

    pub(crate) fn field(self) -> Field {
        let bytes = self.0.to_be_bytes();
        Field::named(&bytes[bytes.len() - self.len()..])
    }

    /// The name with one more byte, or `None` when it is longer than every name that is known.
    pub(crate) fn push(self, byte: u8) -> Option<Name> {
        (self.len() < LONGEST_NAME).then_some(Name(self.0 << 8 | u64::from(byte)))
    }
}
