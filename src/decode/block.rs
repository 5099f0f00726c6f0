//! A block: the lines between two blank lines, and the standard's buffers while they are read.

use super::chunk::Span;
use super::scratch::InUse;

/// Where the bytes of one of the standard's buffers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// No line of the block has set the buffer.
    #[default]
    Unset,
    /// In the line's source: the chunk, or the carry while its line is interpreted.
    InSource(Span),
    /// In the scratch, because the chunk has ended or a second `data` line came.
    Held(Span),
}

impl Place {
    #[inline]
    pub(super) fn is_set(self) -> bool {
        !matches!(self, Place::Unset)
    }

    #[inline]
    fn is_in_source(self) -> bool {
        matches!(self, Place::InSource(_))
    }

    #[inline]
    pub(super) fn is_held(self) -> bool {
        matches!(self, Place::Held(_))
    }

    /// The bytes, which are in the source or in this buffer of the scratch.
    #[inline]
    pub(super) fn bytes<'b>(self, source: &'b [u8], held: &'b [u8]) -> &'b [u8] {
        match self {
            Place::Unset => &[],
            Place::InSource(span) => &source[span.range()],
            Place::Held(span) => &held[span.range()],
        }
    }
}

/// The standard's three buffers (`#event-stream-interpretation`), as far as the block has set
/// them; by default, none. If the ID is not set, the last event ID buffer is as the block before
/// left it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    pub(super) data: Place,
    pub(super) event_type: Place,
    pub(super) id: Place,
}

impl Block {
    /// Whether its blank line would dispatch or commit anything.
    pub(super) fn is_set(&self) -> bool {
        self.data.is_set() || self.event_type.is_set() || self.id.is_set()
    }

    /// Whether a value lies in the source.
    #[inline]
    pub(super) fn is_in_source(&self) -> bool {
        self.data.is_in_source() || self.event_type.is_in_source() || self.id.is_in_source()
    }

    /// The buffers of the scratch that hold its values.
    #[inline]
    pub(super) fn in_use(&self) -> InUse {
        [self.data.is_held(), self.event_type.is_held() || self.id.is_held(), false]
    }
}
