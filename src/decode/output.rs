//! The events and comments that the state machine hands out, borrowed or owned.

use alloc::string::String;
use core::mem;

use super::block::{Block, Place};
use super::chunk::Chunk;
use super::interpret::Interpreter;
use super::scratch::{CARRY, DATA, SMALL, Scratch, VALUES};
use crate::Event;
use crate::owned_event::EventText;
use crate::utf8::Text;

/// From this size on, in bytes, an owned event takes over the memory of its data.
const LARGE: usize = 16 * 1024;

impl Interpreter {
    /// Takes out the event of the block.
    #[inline(always)]
    pub(super) fn event<'d, 'c: 'd>(&'d mut self, chunk: &mut Chunk<'c>) -> Event<'d> {
        let block = mem::take(&mut self.block);
        let Scratch { buffers, lossy, is_large, .. } = &mut self.scratch;
        // The type first: it mostly precedes the data, and text is validated forwards.
        let event_type = text(block.event_type, &buffers[VALUES], chunk);
        let data = text(block.data, &buffers[DATA], chunk);
        let (data, event_type) = match (data, event_type) {
            (Text::Valid(data), Text::Valid(event_type)) => (data, event_type),
            (data, event_type) => decode_lossy(data, event_type, lossy, is_large),
        };
        let type_field = block.event_type.is_set().then_some(event_type);
        let last_event_id = &self.last_event_id;
        Event { data, type_field, last_event_id, sets_id: block.id.is_set() }
    }

    /// The text of the comment that was just read.
    #[inline]
    pub(super) fn comment<'d, 'c: 'd>(&'d mut self, chunk: &mut Chunk<'c>) -> &'d str {
        let Scratch { buffers, lossy, is_large, .. } = &mut self.scratch;
        match text(self.comment, &buffers[CARRY], chunk) {
            Text::Valid(text) => text,
            malformed => decode_lossy(malformed, Text::Valid(""), lossy, is_large).0,
        }
    }

    /// The same, owned.
    pub(super) fn owned_comment(&self, source: &[u8]) -> String {
        Text::of(self.comment.bytes(source, &self.scratch.buffers[CARRY])).into_string()
    }

    /// The text of the event of a block, owned.
    #[inline(always)]
    pub(super) fn owned_text(&mut self, block: Block, source: &[u8]) -> EventText {
        let large = match block.data {
            Place::Held(span) if span.end > LARGE => {
                Some((mem::take(&mut self.scratch.buffers[DATA]), span.start))
            }
            _ => None,
        };
        let buffers = &self.scratch.buffers;
        let value =
            |place: Place| place.is_set().then(|| Text::of(place.bytes(source, &buffers[VALUES])));
        let (event_type, id) = (value(block.event_type), value(block.id));
        match large.map(|(data, start)| (String::from_utf8(data), start)) {
            None => {
                let data = Text::of(block.data.bytes(source, &buffers[DATA]));
                EventText::copied(data, event_type, id)
            }
            Some((Ok(mut text), start)) => {
                text.reserve_exact(event_type.map_or(0, Text::len) + id.map_or(0, Text::len));
                EventText::with_data(text, start, event_type, id)
            }
            Some((Err(malformed), start)) => {
                let data = Text::Malformed(&malformed.as_bytes()[start..]);
                EventText::copied(data, event_type, id)
            }
        }
    }
}

/// The text of a value that is in the chunk or in this buffer of the scratch.
#[inline(always)]
pub(super) fn text<'t, 'c: 't>(value: Place, held: &'t [u8], chunk: &mut Chunk<'c>) -> Text<'t> {
    match value {
        Place::Unset => Text::Valid(""),
        Place::InSource(span) => match chunk.text(span) {
            Some(text) => Text::Valid(text),
            None => Text::Malformed(&chunk.source()[span.range()]),
        },
        Place::Held(span) => Text::of(&held[span.range()]),
    }
}

/// Decodes malformed values into the same memory. Malformed bytes become three times as long, so
/// if that is large, it gets what it needs and no more, and the memory of before goes first.
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
