//! What reading came to: an item to be handed out, and the block of an event.

use super::buffer::Place;
use super::chunk::Span;

/// What a line brought about that is to be handed out. What it holds is in the
/// [`Interpreter`]'s fields, to be taken out before the next line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// `data`, `event_type`, `id` (where the block set one) and `last_event_id`.
    Event,
    /// `comment`.
    Comment,
    /// `reconnection_time`.
    Retry,
    /// `last_event_id`, which a block without data set.
    Id,
}

/// What a block that is dispatched holds: places in its buffers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    pub(crate) data: Place,
    pub(crate) event_type: Place,
    pub(crate) id: Place,
}

/// Where the values of a block stand in one text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) data: Span,
    pub(crate) type_field: Option<Span>,
    pub(crate) id: Option<Span>,
}

impl Block {
    /// From the first to the last byte of its values, if all of them lie in the chunk.
    pub(crate) fn span_in_chunk(self) -> Option<Span> {
        let Place::InChunk(mut all) = self.data else { return None };
        for place in [self.event_type, self.id] {
            match place {
                Place::Unset => {}
                Place::InChunk(span) => {
                    all = Span { start: all.start.min(span.start), end: all.end.max(span.end) };
                }
                Place::Scratch => return None,
            }
        }
        Some(all)
    }
}
