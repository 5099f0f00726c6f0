//! The standard's sentences on fields and blank lines: `#event-stream-interpretation`.

use alloc::string::String;
use core::time::Duration;

use super::block::{Block, Place, Value};
use super::chunk::{Chunk, Span};
use super::core::Step;
use super::field::{self, Field};
use super::scratch::{Buffer, InUse, SMALL, Scratch};
use crate::utf8::{self, Text};

/// What a stream sets beside its blocks, and the memory of a block that cannot stay in its chunk.
#[derive(Clone)]
pub(super) struct Interpreter {
    /// The standard's last event ID string.
    pub(super) last_event_id: String,
    /// Whether a block has set it since this was last taken back to false.
    pub(super) is_id_changed: bool,
    /// The standard's reconnection time.
    pub(super) reconnection_time: Option<Duration>,
    /// The comment that was read last. In the scratch it is in the carry.
    pub(super) comment: Value,
    pub(super) scratch: Scratch,
}

impl Interpreter {
    pub(super) fn new(limit: usize, last_event_id: String) -> Self {
        Interpreter {
            last_event_id,
            is_id_changed: false,
            reconnection_time: None,
            comment: Value::UNSET,
            scratch: Scratch::new(limit),
        }
    }

    /// The time that a `retry` line has just set.
    pub(super) fn retry(&self) -> Duration {
        self.reconnection_time.expect("a retry line sets the reconnection time")
    }

    /// "Process the field" (`#event-stream-interpretation`): the value is this span of `source`.
    #[inline(always)]
    pub(super) fn process_field(
        &mut self,
        field: Field,
        value: Span,
        source: &[u8],
        block: &mut Block,
    ) -> Step {
        match field {
            // "Append the field value to the data buffer, then append a single U+000A LINE FEED
            // (LF) character to the data buffer." The LF is written before each line but the
            // first instead, so that there is none for dispatch to remove.
            Field::Data => {
                block.data = match block.data.place() {
                    Place::Unset => Value::in_source(value),
                    Place::InSource(first) => {
                        let in_use = InUse::of(block);
                        Value::held(self.join_data(first, value, source, in_use))
                    }
                    Place::Held(held) => {
                        let in_use = InUse::of(block);
                        Value::held(self.append_data(held.start, &source[value.range()], in_use))
                    }
                }
            }
            // "Set the event type buffer to the field value."
            Field::Event => block.event_type = Value::in_source(value),
            // "If the field value does not contain U+0000 NULL, then set the last event ID buffer
            // to the field value. Otherwise, ignore the field."
            Field::Id => {
                if !has_null(&source[value.range()]) {
                    block.id = Value::in_source(value);
                }
            }
            // "If the field value consists of only ASCII digits, then interpret the field value as
            // an integer in base ten, and set the event stream's reconnection time to that
            // integer." This is in force at once, without a blank line.
            Field::Retry => {
                if let Some(milliseconds) = field::milliseconds(&source[value.range()]) {
                    self.reconnection_time = Some(Duration::from_millis(milliseconds));
                    return Step::Retry;
                }
            }
            // "Ignore the line." As a frame it is handed out.
            Field::Comment => {
                self.comment = Value::in_source(value);
                return Step::Comment;
            }
            // "The field is ignored."
            Field::Unknown => {}
        }
        Step::NextLine
    }

    /// "Dispatch the event" (`#event-stream-interpretation`), its first two steps. The others are
    /// in [`Event`](crate::Event) and in `process_field`.
    #[inline(always)]
    pub(super) fn dispatch(&mut self, block: &Block, chunk: &mut Chunk<'_>) -> Step {
        if self.scratch.is_large() {
            self.scratch.count_block(InUse::of(block));
        }
        // 1. "Set the last event ID string of the event source to the value of the last event ID
        // buffer." This precedes the check for empty data, so a block of only an ID commits it.
        match block.id.place() {
            Place::Unset => {}
            Place::InSource(id) => self.commit_id_in_chunk(id, chunk),
            Place::Held(id) => self.commit_held_id(id),
        }
        // 2. "If the data buffer is an empty string, set the data buffer and the event type buffer
        // to the empty string and return."
        match (block.data.is_set(), block.id.is_set()) {
            (true, _) => Step::Event,
            (false, true) => Step::Id,
            (false, false) => Step::NextLine,
        }
    }

    fn commit_id_in_chunk(&mut self, id: Span, chunk: &mut Chunk<'_>) {
        self.prepare_id();
        match chunk.text(id) {
            Some(id) => self.last_event_id.push_str(id),
            None => utf8::push_lossy(&mut self.last_event_id, &chunk.source()[id.range()]),
        }
    }

    fn commit_held_id(&mut self, id: Span) {
        self.prepare_id();
        Text::of(&self.scratch.values[id.range()]).push_to(&mut self.last_event_id);
    }

    /// Makes the last event ID string empty, without the memory of a large one.
    fn prepare_id(&mut self) {
        self.is_id_changed = true;
        if self.last_event_id.capacity() > SMALL {
            self.last_event_id = String::new();
        }
        self.last_event_id.clear();
    }

    /// The second `data` line of a block whose first one lies in the same source.
    #[inline(never)]
    fn join_data(&mut self, first: Span, value: Span, source: &[u8], in_use: InUse) -> Span {
        self.scratch.data.clear();
        self.scratch.append(Buffer::Data, b"", &source[first.range()], in_use);
        self.append_data(0, &source[value.range()], in_use)
    }

    /// A further `data` line of a block whose data is held and starts at `start`.
    #[inline(never)]
    fn append_data(&mut self, start: usize, value: &[u8], in_use: InUse) -> Span {
        self.scratch.append(Buffer::Data, b"\n", value, in_use);
        Span { start, end: self.scratch.data.len() }
    }
}

/// Whether an ID's value holds U+0000, which is part of no other character's bytes.
#[inline]
fn has_null(bytes: &[u8]) -> bool {
    match bytes.len() {
        // Not worth a call.
        0..16 => bytes.contains(&0),
        _ => memchr::memchr(0, bytes).is_some(),
    }
}
