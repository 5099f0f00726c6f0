//! What the state machine hands out: events and comments, borrowed or owned.

use alloc::string::String;
use alloc::vec::Vec;

use super::block::{Block, Place, Value};
use super::chunk::Chunk;
use super::interpret::Interpreter;
use super::scratch::{SMALL, Scratch};
use crate::event::CarriedId;
use crate::utf8::{self, Text};
use crate::{Event, OwnedEvent};

impl Interpreter {
    /// The event of a block.
    #[inline(always)]
    pub(super) fn event<'d, 'c: 'd>(
        &'d mut self,
        block: Block,
        chunk: &mut Chunk<'c>,
    ) -> Event<'d> {
        let Scratch { data: held_data, values: held_values, lossy, is_large, .. } =
            &mut self.scratch;
        let source = chunk.source();
        // The type first: it mostly precedes the data, and text is validated forwards.
        let event_type = match block.event_type.place() {
            Place::Unset => Some(""),
            Place::InSource(span) => chunk.text(span),
            Place::Held(span) => utf8::validate(&held_values[span.range()]),
        };
        let data = match block.data.place() {
            Place::Unset => Some(""),
            Place::InSource(span) => chunk.text(span),
            Place::Held(span) => utf8::validate(&held_data[span.range()]),
        };
        let (data, event_type) = match (data, event_type) {
            (Some(data), Some(event_type)) => (data, event_type),
            (data, event_type) => {
                let malformed = |value, held| Text::Malformed(bytes(value, source, held));
                let data = data.map_or(malformed(block.data, held_data), Text::Valid);
                let event_type =
                    event_type.map_or(malformed(block.event_type, held_values), Text::Valid);
                decode_lossy(data, event_type, lossy, is_large)
            }
        };
        Event {
            data,
            type_field: block.event_type.is_set().then_some(event_type),
            last_event_id: &self.last_event_id,
            sets_id: block.id.is_set(),
        }
    }

    /// The text of the comment that was just read.
    #[inline]
    pub(super) fn comment<'d, 'c: 'd>(&'d mut self, chunk: &mut Chunk<'c>) -> &'d str {
        let Scratch { carry, lossy, is_large, .. } = &mut self.scratch;
        let text = match self.comment.place() {
            Place::Unset => Some(""),
            Place::InSource(span) => chunk.text(span),
            Place::Held(span) => utf8::validate(&carry[span.range()]),
        };
        text.unwrap_or_else(|| {
            let text = Text::Malformed(bytes(self.comment, chunk.source(), carry));
            decode_lossy(text, Text::Valid(""), lossy, is_large).0
        })
    }

    /// The text of the comment that was just read, validated alone.
    pub(super) fn comment_text<'d>(&'d self, chunk: &Chunk<'d>) -> Text<'d> {
        Text::of(bytes(self.comment, chunk.source(), &self.scratch.carry))
    }

    /// The event of a block, owned. Give `carried_id` if the block did not set the ID itself.
    #[inline]
    pub(super) fn owned_event(
        &mut self,
        block: Block,
        source: &[u8],
        carried_id: CarriedId,
    ) -> OwnedEvent {
        let large = match block.data.place() {
            Place::Held(span) if span.end > LARGE => Some((self.scratch.take_data(), span.start)),
            _ => None,
        };
        let scratch = &self.scratch;
        let value =
            |value: Value| value.is_set().then(|| Text::of(bytes(value, source, &scratch.values)));
        let (event_type, id) = (value(block.event_type), value(block.id));
        match large {
            Some((data, start)) => large_event(data, start, event_type, id, carried_id),
            None => {
                let data = Text::of(bytes(block.data, source, &scratch.data));
                OwnedEvent::copied(data, event_type, id, carried_id)
            }
        }
    }
}

/// Decodes malformed values into the same memory. A large one of before is given back first:
/// malformed bytes become three times as long.
#[cold]
fn decode_lossy<'t>(
    first: Text<'_>,
    second: Text<'_>,
    lossy: &'t mut String,
    is_large: &mut bool,
) -> (&'t str, &'t str) {
    lossy.clear();
    if first.size() + second.size() > SMALL / 3 {
        *lossy = String::new();
        lossy.reserve_exact(first.len() + second.len());
    }
    first.push_to(lossy);
    let first_len = lossy.len();
    second.push_to(lossy);
    *is_large |= lossy.capacity() > SMALL;
    lossy.split_at(first_len)
}

/// From this size on, in bytes, an owned event takes over the memory of its data.
const LARGE: usize = 16 * 1024;

/// An event of data that starts at `start` in this buffer.
#[inline(never)]
fn large_event(
    data: Vec<u8>,
    start: usize,
    event_type: Option<Text<'_>>,
    id: Option<Text<'_>>,
    carried_id: CarriedId,
) -> OwnedEvent {
    let others = event_type.map_or(0, Text::len) + id.map_or(0, Text::len);
    match (String::from_utf8(data), u8::try_from(start)) {
        (Ok(mut text), Ok(start)) => {
            text.reserve_exact(others);
            text.shrink_to(text.len() + others);
            OwnedEvent::with_data(text, start, event_type, id, carried_id)
        }
        (Ok(text), Err(_)) => {
            OwnedEvent::copied(Text::Valid(&text[start..]), event_type, id, carried_id)
        }
        (Err(malformed), _) => {
            let data = Text::Malformed(&malformed.as_bytes()[start..]);
            OwnedEvent::copied(data, event_type, id, carried_id)
        }
    }
}

/// The bytes of a value, which is in the source or in this buffer of the scratch.
#[inline(always)]
fn bytes<'b>(value: Value, source: &'b [u8], held: &'b [u8]) -> &'b [u8] {
    match value.place() {
        Place::Unset => &[],
        Place::InSource(span) => &source[span.range()],
        Place::Held(span) => &held[span.range()],
    }
}
