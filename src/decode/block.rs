//! A block: the lines between two blank lines, and the standard's buffers while they are read.

use super::chunk::Span;

/// Where the bytes of one of the standard's buffers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No line of the block has set the buffer.
    Unset,
    /// In the line's source: the chunk, or the carry while its line is interpreted.
    InSource(Span),
    /// In the scratch, because the chunk has ended or a second `data` line came.
    Held(Span),
}

/// A [`Place`] in two words instead of three. The loop over lines keeps a place for each buffer,
/// and with three words each they do not fit in the registers of an x86-64: it takes 20
/// instructions an event to move them to the stack and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// [`UNSET`], or an offset, with [`HELD`] if it is one in the scratch.
    start: usize,
    end: usize,
}

const UNSET: usize = usize::MAX;

/// No slice is so long that an offset in it would have this bit.
const HELD: usize = 1 << (usize::BITS - 1);

impl Value {
    pub(super) const UNSET: Value = Value { start: UNSET, end: 0 };

    #[inline]
    pub(super) fn in_source(span: Span) -> Self {
        Value { start: span.start, end: span.end }
    }

    #[inline]
    pub(super) fn held(span: Span) -> Self {
        Value { start: span.start | HELD, end: span.end }
    }

    #[inline]
    pub(super) fn place(self) -> Place {
        let Value { start, end } = self;
        if start & HELD == 0 {
            Place::InSource(Span { start, end })
        } else if start == UNSET {
            Place::Unset
        } else {
            Place::Held(Span { start: start & !HELD, end })
        }
    }

    #[inline]
    pub(super) fn is_set(self) -> bool {
        self.start != UNSET
    }

    #[inline]
    pub(super) fn is_held(self) -> bool {
        self.is_set() && self.start & HELD != 0
    }
}

/// The standard's three buffers (`#event-stream-interpretation`), as far as the block has set
/// them.
///
/// An ID that is unset means that the last event ID buffer still holds the last event ID
/// string, from which it starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) data: Value,
    pub(super) event_type: Value,
    pub(super) id: Value,
}

impl Block {
    /// A block of which no line has been read.
    pub(super) const EMPTY: Block =
        Block { data: Value::UNSET, event_type: Value::UNSET, id: Value::UNSET };

    /// Whether a value lies in the source.
    #[inline]
    pub(super) fn is_in_source(&self) -> bool {
        self.data.start & self.event_type.start & self.id.start & HELD == 0
    }

    /// Whether a line of the block has set anything that its blank line would dispatch or commit.
    pub(super) fn is_set(&self) -> bool {
        self.data.is_set() || self.event_type.is_set() || self.id.is_set()
    }
}
