//! The standard's sentences on fields and blank lines (`#event-stream-interpretation`), and the
//! limit.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::block::{Block, Place};
use super::chunk::{Chunk, Span};
use super::core::Step;
use super::field::{self, Field};
use super::output;
use super::scratch::{CARRY, DATA, SMALL, Scratch, VALUES};

#[derive(Clone, Default)]
pub(super) struct Interpreter {
    /// The values that the lines of the block have set so far.
    pub(super) block: Block,
    /// How many more bytes the limit allows the block.
    pub(super) room: usize,
    /// The block went beyond the limit: none of it counts, up to its blank line.
    pub(super) is_dropping: bool,
    pub(super) limit: usize,
    /// The comment that was read last. If it is held, it is in the carry.
    pub(super) comment: Place,
    pub(super) scratch: Scratch,
    /// The standard's last event ID string.
    pub(super) last_event_id: String,
    /// Whether it was set since this was last taken back to false; at first, by the caller.
    pub(super) is_id_changed: bool,
    /// The standard's reconnection time.
    pub(super) reconnection_time: Option<Duration>,
}

impl Interpreter {
    pub(super) fn new(limit: usize, last_event_id: String) -> Self {
        Interpreter {
            room: limit,
            limit,
            scratch: Scratch::new(limit),
            last_event_id,
            is_id_changed: true,
            ..Interpreter::default()
        }
    }

    // ---- Fields ----

    /// "Process the field": the value is this span of `source`, and its line has `len` bytes,
    /// which are within the limit.
    #[inline(always)]
    pub(super) fn process_field(
        &mut self,
        field: Field,
        len: usize,
        value: Span,
        source: &[u8],
    ) -> Step {
        if field.counts_for_block() {
            self.room -= len + 1;
        }
        match field {
            // "Append the field value to the data buffer, then append a single U+000A LINE FEED
            // (LF) character to the data buffer." The LF is written before each line but the
            // first instead, so that there is none for dispatch to remove.
            Field::Data if self.block.data.is_set() => self.append_data(value, source),
            Field::Data => self.block.data = Place::InSource(value),
            // "Set the event type buffer to the field value."
            Field::Event => self.block.event_type = Place::InSource(value),
            // "If the field value does not contain U+0000 NULL, then set the last event ID buffer
            // to the field value. Otherwise, ignore the field."
            Field::Id => {
                if !source[value.range()].contains(&0) {
                    self.block.id = Place::InSource(value);
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
                self.comment = Place::InSource(value);
                return Step::Comment;
            }
            // "The field is ignored."
            Field::Unknown => {}
        }
        Step::NextLine
    }

    /// Appends a further `data` line to the data, which moves to the scratch for that.
    #[inline(never)]
    fn append_data(&mut self, value: Span, source: &[u8]) {
        self.hold_data(source);
        self.scratch.append(DATA, b"\n", &source[value.range()], self.block.in_use());
        if let Place::Held(data) = &mut self.block.data {
            data.end = self.scratch.buffers[DATA].len();
        }
    }

    #[inline]
    fn hold_data(&mut self, source: &[u8]) {
        if let Place::InSource(span) = self.block.data {
            self.scratch.buffers[DATA].clear();
            self.block.data = self.store(DATA, &source[span.range()]);
        }
    }

    /// Moves the values that lie in the source to the scratch: no span outlives its source.
    #[inline]
    pub(super) fn hold(&mut self, source: &[u8]) {
        if self.block.is_in_source() {
            self.move_to_scratch(source);
        }
    }

    #[inline(never)]
    fn move_to_scratch(&mut self, source: &[u8]) {
        self.hold_data(source);
        let Block { event_type, id, .. } = self.block;
        if !event_type.is_held() && !id.is_held() {
            self.scratch.buffers[VALUES].clear();
        }
        if let Place::InSource(span) = event_type {
            self.block.event_type = self.store(VALUES, &source[span.range()]);
        }
        if let Place::InSource(span) = id {
            self.block.id = self.store(VALUES, &source[span.range()]);
        }
    }

    /// Appends bytes to a buffer of the scratch; returns their place.
    fn store(&mut self, buffer: usize, bytes: &[u8]) -> Place {
        let start = self.scratch.buffers[buffer].len();
        self.scratch.append(buffer, b"", bytes, self.block.in_use());
        Place::Held(Span { start, end: start + bytes.len() })
    }

    /// The same for the values of the line in the carry. As the first data of its block, the carry
    /// itself becomes the data buffer, so that a long line is copied once.
    pub(super) fn hold_carried(&mut self, field: Field, carry: &mut Vec<u8>) {
        match (field, self.block.data, self.comment) {
            (Field::Data, Place::InSource(data), _) => {
                mem::swap(&mut self.scratch.buffers[DATA], carry);
                self.block.data = Place::Held(data);
            }
            (Field::Comment, _, Place::InSource(text)) => self.comment = Place::Held(text),
            _ => self.hold(carry),
        }
        self.scratch.is_large |= carry.capacity() > SMALL;
        self.scratch.buffers[CARRY] = mem::take(carry);
    }

    // ---- Blank lines ----

    /// "Dispatch the event", its first two steps, for the blank line of the block. The others are
    /// in `process_field` and in [`Event`](crate::Event). The block is that of [`Step::Event`].
    #[inline(always)]
    pub(super) fn dispatch(&mut self, chunk: &mut Chunk<'_>) -> Step {
        if self.scratch.is_large {
            self.scratch.count_block(self.block.in_use());
        }
        // 1. "Set the last event ID string of the event source to the value of the last event ID
        // buffer." This precedes the check for empty data, so a block of only an ID commits it.
        if self.block.id.is_set() {
            self.commit_id(chunk);
        }
        self.room = self.limit;
        if self.block.data.is_set() {
            return Step::Event;
        }
        // 2. "If the data buffer is an empty string, set the data buffer and the event type buffer
        // to the empty string and return."
        match mem::take(&mut self.block).id.is_set() {
            true => Step::Id,
            false => Step::NextLine,
        }
    }

    #[inline(never)]
    fn commit_id(&mut self, chunk: &mut Chunk<'_>) {
        self.is_id_changed = true;
        self.last_event_id.clear();
        if self.last_event_id.capacity() > SMALL {
            self.last_event_id = String::new();
        }
        let id = output::text(self.block.id, &self.scratch.buffers[VALUES], chunk);
        id.push_to(&mut self.last_event_id);
    }

    // ---- The limit ----

    /// How many bytes a line of this field and its line end may have.
    #[inline]
    pub(super) fn room_for(&self, field: Field) -> usize {
        match field {
            Field::Comment => self.limit,
            Field::Unknown => usize::MAX,
            _ => self.room,
        }
    }

    /// The first byte beyond the limit: the block is dropped, or only the comment.
    pub(super) fn exceed(&mut self, field: Field) -> Step {
        if field == Field::Comment {
            return Step::CommentTooLarge;
        }
        self.forget_block();
        self.is_dropping = true;
        Step::EventTooLarge
    }

    /// Forgets the block, whose memory is needed no more.
    pub(super) fn forget_block(&mut self) {
        self.block = Block::default();
        self.room = self.limit;
        self.is_dropping = false;
        self.scratch.release_large();
    }
}
