//! The standard's buffers and what each field and each blank line does to them:
//! `#event-stream-interpretation`. Every transition lives here.
//!
//! # Theory of operation
//!
//! A block is the lines between two blank lines. While it is read, the text of
//! each of the standard's three buffers (data, event type, last event ID) is a
//! span of the current chunk for as long as that is possible, and most events are
//! handed out without a copy. It moves to the scratch of its [`Buffer`] when
//!
//! - a second `data` line comes, because the lines have to be joined;
//! - the chunk ends, or a frame is handed out in the middle of a block: no span
//!   outlives that ([`Interpreter::leave_chunk`]);
//! - a chunk boundary cuts the line: then it comes in pieces
//!   ([`begin`](Interpreter::begin), [`append`](Interpreter::append),
//!   [`end`](Interpreter::end)).
//!
//! `room` is what the limit leaves to the block. While an oversized block is
//! dropped it is 0, so that no line of it fits and the quick path needs no check.

use alloc::string::String;
use core::time::Duration;

use bytestring::ByteString;

use super::block::{Block, Item, Parts};
use super::buffer::{Buffer, Place, SMALL_SCRATCH};
use super::chunk::{Chunk, Span};
use super::field::{Field, Retry};
use crate::Event;

#[derive(Clone)]
pub(crate) struct Interpreter {
    // The block.
    pub(crate) data: Buffer,
    pub(crate) event_type: Buffer,
    /// Unset means: what the standard's buffer holds is `last_event_id`.
    pub(crate) id: Buffer,
    /// How many more bytes the block may have.
    room: usize,
    /// The block went beyond the limit: nothing of it counts up to its blank line.
    dropping: bool,

    // The line, where it comes in pieces.
    pub(crate) comment: Buffer,
    /// How many more bytes the comment may have.
    comment_room: usize,
    retry: Retry,
    /// How much of the ID's scratch an earlier `id` line of the block takes up.
    earlier_id: usize,
    id_was_set: bool,
    id_has_null: bool,

    // The stream.
    pub(crate) last_event_id: String,
    /// Whether it was set since [`take_id_changed`](Interpreter::take_id_changed) asked.
    id_changed: bool,
    reconnection_time: Option<Duration>,
    max_event_size: usize,
    /// How many events in a row hardly used a large scratch.
    idle_events: u8,
    /// Whether the scratch is larger than what is kept for good.
    large_scratch: bool,
}

/// Larger scratch is released after so many events in a row that used less than
/// a quarter of it.
const IDLE_EVENTS: u8 = 64;

impl Interpreter {
    pub(crate) fn new(max_event_size: usize, last_event_id: String) -> Self {
        Interpreter {
            data: Buffer::new(),
            event_type: Buffer::new(),
            id: Buffer::new(),
            room: max_event_size,
            dropping: false,
            comment: Buffer::new(),
            comment_room: 0,
            retry: Retry::Empty,
            earlier_id: 0,
            id_was_set: false,
            id_has_null: false,
            last_event_id,
            id_changed: false,
            reconnection_time: None,
            max_event_size,
            idle_events: 0,
            large_scratch: false,
        }
    }

    pub(crate) fn max_event_size(&self) -> usize {
        self.max_event_size
    }

    pub(crate) fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Whether a block set the last event ID since this was last asked.
    #[inline]
    pub(crate) fn take_id_changed(&mut self) -> bool {
        core::mem::take(&mut self.id_changed)
    }

    pub(crate) fn is_id_changed(&self) -> bool {
        self.id_changed
    }

    pub(crate) fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    /// Whether the block has begun and its blank line is still to come.
    pub(crate) fn is_mid_block(&self) -> bool {
        self.dropping || self.data.is_set() || self.event_type.is_set() || self.id.is_set()
    }

    /// A new stream (`#sse-processing-model`): the block is forgotten. The last
    /// event ID string and the reconnection time stay.
    pub(crate) fn reconnect(&mut self) {
        self.reset_block();
    }

    #[inline]
    fn reset_block(&mut self) {
        self.data.unset();
        self.event_type.unset();
        self.id.unset();
        self.room = self.max_event_size;
        self.dropping = false;
    }

    // ---- The quick path ----

    /// Whether a block that is read elsewhere needs nothing from here: none has
    /// begun, and no scratch waits to be released.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.room == self.max_event_size && !self.large_scratch
    }

    /// Takes over a block that was begun elsewhere, `size` bytes of it.
    pub(crate) fn resume_block(&mut self, block: Block, size: usize) {
        self.data.put(block.data);
        self.event_type.put(block.event_type);
        self.id.put(block.id);
        self.room -= size;
    }

    /// Takes out the block that [`Item::Event`] spoke of.
    #[inline]
    pub(crate) fn take_block(&mut self) -> Block {
        Block { data: self.data.take(), event_type: self.event_type.take(), id: self.id.take() }
    }

    /// The event of a block whose blank line was just read.
    #[inline(always)]
    pub(crate) fn event<'d, 'c: 'd>(
        &'d mut self,
        block: Block,
        chunk: &mut Chunk<'c>,
    ) -> Event<'d> {
        let Block { data, event_type, id } = block;
        Event {
            type_field: event_type.is_set().then(|| self.event_type.text(event_type, chunk)),
            data: self.data.text(data, chunk),
            sets_id: id.is_set(),
            last_event_id: &self.last_event_id,
        }
    }

    /// The text of such a block, and where its values stand in it, to be owned.
    pub(crate) fn own_text(&mut self, block: Block, chunk: &mut Chunk<'_>) -> (ByteString, Parts) {
        let Block { data, event_type, id } = block;
        let mut text = String::with_capacity(
            self.data.len_to_own(data)
                + self.event_type.len_to_own(event_type)
                + self.id.len_to_own(id),
        );
        let parts = Parts {
            data: self.data.own_text(data, chunk, &mut text).unwrap_or_default(),
            type_field: self.event_type.own_text(event_type, chunk, &mut text),
            id: self.id.own_text(id, chunk, &mut text),
        };
        text.shrink_to_fit();
        (text.into(), parts)
    }

    // ---- The limit ----

    /// Whether a whole line of this length, and its end, is within the limit.
    #[inline]
    pub(crate) fn fits(&self, field: Field, len: usize) -> bool {
        match field {
            Field::Data | Field::Event | Field::Id => len < self.room,
            Field::Comment => len < self.max_event_size,
            Field::Retry | Field::Unknown => true,
        }
    }

    /// Counts bytes of a line that comes in pieces; `Err` says how many of them
    /// are within the limit.
    #[inline]
    pub(crate) fn count(&mut self, field: Field, bytes: usize) -> Result<(), usize> {
        let room = match field {
            Field::Data | Field::Event | Field::Id => &mut self.room,
            Field::Comment => &mut self.comment_room,
            Field::Retry | Field::Unknown => return Ok(()),
        };
        *room = room.checked_sub(bytes).ok_or(*room)?;
        Ok(())
    }

    /// The first byte beyond the limit: the block is given up, or the comment alone.
    pub(crate) fn exceed(&mut self, field: Field) {
        if field != Field::Comment {
            self.reset_block();
            self.room = 0;
            self.dropping = true;
            self.release_unused_scratch();
        }
    }

    // ---- Fields ("process the field") ----

    /// A whole line, with its value in the chunk. It [`fits`](Interpreter::fits).
    #[inline]
    pub(crate) fn line(
        &mut self,
        field: Field,
        len: usize,
        value: Span,
        chunk: &mut Chunk<'_>,
    ) -> Option<Item> {
        match field {
            Field::Data => {
                self.room -= len + 1;
                if self.data.is_set() {
                    self.join_data(value, chunk);
                } else {
                    self.data.set(value);
                }
            }
            Field::Event => {
                self.room -= len + 1;
                self.event_type.set(value);
            }
            Field::Id => {
                self.room -= len + 1;
                // "If the field value does not contain U+0000 NULL … Otherwise, ignore the field."
                if !has_null(chunk.bytes(value)) {
                    self.id.set(value);
                }
            }
            Field::Retry => return self.set_retry(chunk.bytes(value)),
            Field::Comment if !self.dropping => {
                self.comment.unset();
                self.release_unused_scratch();
                self.comment.set(value);
                return Some(Item::Comment);
            }
            Field::Comment | Field::Unknown => {}
        }
        None
    }

    /// The start of a line that comes in pieces; returns what to read it as.
    #[inline]
    pub(crate) fn begin(&mut self, field: Field) -> Field {
        if self.dropping {
            return Field::Unknown;
        }
        self.comment.unset();
        match field {
            Field::Data => self.open_data_line(),
            Field::Event => self.event_type.clear(),
            Field::Id => self.open_id_line(),
            Field::Retry => self.retry = Retry::Empty,
            Field::Comment => {
                self.comment.clear();
                self.comment_room = self.max_event_size;
            }
            Field::Unknown => {}
        }
        self.release_unused_scratch();
        field
    }

    /// A piece of the line's value.
    #[inline]
    pub(crate) fn append(&mut self, field: Field, piece: &[u8]) {
        match field {
            Field::Data => self.data.push(piece, self.room),
            Field::Event => self.event_type.push(piece, self.room),
            Field::Id => {
                self.id_has_null |= has_null(piece);
                self.id.push(piece, self.room);
            }
            Field::Retry => self.retry = self.retry.push(piece),
            Field::Comment => self.comment.push(piece, self.comment_room),
            Field::Unknown => {}
        }
    }

    /// The end of that line.
    pub(crate) fn end(&mut self, field: Field) -> Option<Item> {
        match field {
            Field::Data | Field::Event | Field::Unknown => None,
            Field::Id => {
                self.end_id_line();
                None
            }
            Field::Retry => self.end_retry(),
            Field::Comment => {
                self.note_scratch();
                Some(Item::Comment)
            }
        }
    }

    /// A `data` line behind another that lies in this chunk too.
    fn join_data(&mut self, value: Span, chunk: &Chunk<'_>) {
        if self.data.is_in_chunk() {
            self.release_unused_scratch();
            self.data.leave_chunk(chunk, self.room);
        }
        self.open_data_line();
        self.data.push(chunk.bytes(value), self.room);
    }

    /// "Append the field value to the data buffer, then append a single U+000A LF":
    /// the LF is written in front of each line but the first instead, so that the
    /// one that dispatch would remove again is never there.
    fn open_data_line(&mut self) {
        if self.data.is_set() {
            self.data.push(b"\n", self.room);
        } else {
            self.data.clear();
        }
    }

    /// The new value is read behind the one that stands, for it may turn out to
    /// hold a U+0000 NULL.
    fn open_id_line(&mut self) {
        self.id_was_set = self.id.is_set();
        if !self.id_was_set {
            self.id.clear();
        }
        self.earlier_id = self.id.used();
        self.id_has_null = false;
    }

    fn end_id_line(&mut self) {
        match (self.id_has_null, self.id_was_set) {
            (false, _) => self.id.remove_front(self.earlier_id),
            (true, true) => self.id.truncate(self.earlier_id),
            (true, false) => self.id.unset(),
        }
    }

    /// A whole `retry` line.
    pub(crate) fn set_retry(&mut self, value: &[u8]) -> Option<Item> {
        self.retry = Retry::Empty.push(value);
        self.end_retry()
    }

    /// "Set the event stream's reconnection time to that integer": at once, no
    /// blank line needed.
    fn end_retry(&mut self) -> Option<Item> {
        if self.dropping {
            return None;
        }
        let time = Duration::from_millis(self.retry.milliseconds()?);
        self.reconnection_time = Some(time);
        Some(Item::Retry)
    }

    // ---- Dispatch ----

    /// "If the line is empty (a blank line): dispatch the event."
    #[inline]
    pub(crate) fn blank_line(&mut self, chunk: &mut Chunk<'_>) -> Option<Item> {
        // Step 1 sets the last event ID string to the ID buffer. It precedes the
        // check for empty data, so a block of only an ID commits it.
        if self.id.is_set() {
            self.commit_id(self.id.place(), chunk);
        }
        self.room = self.max_event_size;
        self.note_scratch();
        if self.large_scratch {
            self.release_idle_scratch();
        }
        if self.data.is_set() {
            return Some(Item::Event);
        }
        // Step 2: "If the data buffer is an empty string, set the data buffer and
        // the event type buffer to the empty string and return."
        let sets_id = self.id.is_set();
        self.reset_block();
        sets_id.then_some(Item::Id)
    }

    /// Makes this ID, which is that of a block whose blank line has been read, the
    /// last event ID.
    pub(crate) fn commit_id(&mut self, id: Place, chunk: &mut Chunk<'_>) {
        let last_event_id = &mut self.last_event_id;
        if last_event_id.capacity() > SMALL_SCRATCH {
            *last_event_id = String::new();
        }
        self.id.copy_text(id, chunk, last_event_id);
        self.id_changed = true;
    }

    // ---- The scratch ----

    /// Moves what lies in the chunk to the scratch: no span outlives a chunk.
    #[inline]
    pub(crate) fn leave_chunk(&mut self, chunk: &Chunk<'_>) {
        if self.data.is_in_chunk() || self.event_type.is_in_chunk() || self.id.is_in_chunk() {
            self.move_to_scratch(chunk);
        }
    }

    #[inline(never)]
    fn move_to_scratch(&mut self, chunk: &Chunk<'_>) {
        self.release_unused_scratch();
        self.data.leave_chunk(chunk, self.room);
        self.event_type.leave_chunk(chunk, self.room);
        self.id.leave_chunk(chunk, self.room);
    }

    /// Releases what earlier blocks left in the scratch of fields that this one has not
    /// had, and what was made of malformed text. To be called before more is written.
    #[inline]
    fn release_unused_scratch(&mut self) {
        self.note_scratch();
        if self.large_scratch {
            self.data.release_unused();
            self.event_type.release_unused();
            self.id.release_unused();
            self.comment.release_unused();
            self.note_scratch();
        }
    }

    #[inline]
    fn note_scratch(&mut self) {
        self.large_scratch = self.scratch_capacity() > SMALL_SCRATCH;
    }

    #[inline]
    fn scratch_capacity(&self) -> usize {
        self.data.capacity()
            + self.event_type.capacity()
            + self.id.capacity()
            + self.comment.capacity()
    }

    /// Counts a block, and releases large scratch when too many in a row had no use for it,
    /// or when it could hold more than a block.
    ///
    /// So between blocks the scratch is within the limit; while one is read it is within
    /// twice the limit; and when malformed text becomes three times as long it is within
    /// the limit again.
    #[cold]
    fn release_idle_scratch(&mut self) {
        // What was made of malformed text is not even kept for the next event.
        self.data.release_lossy();
        self.event_type.release_lossy();
        self.id.release_lossy();
        self.comment.release_unused();
        if self.scratch_capacity() > self.max_event_size {
            self.shrink_scratch();
        }
        let used = self.data.used() + self.event_type.used() + self.id.used();
        if used >= self.scratch_capacity() / 4 {
            self.idle_events = 0;
            return;
        }
        self.idle_events += 1;
        if self.idle_events == IDLE_EVENTS {
            self.idle_events = 0;
            self.shrink_scratch();
        }
    }

    fn shrink_scratch(&mut self) {
        self.data.shrink();
        self.event_type.shrink();
        self.id.shrink();
        self.comment.shrink();
        self.note_scratch();
    }
}

/// Whether an ID's value holds U+0000, which no other character's bytes contain.
#[inline]
pub(crate) fn has_null(bytes: &[u8]) -> bool {
    match bytes.len() {
        // Not worth a call.
        0..16 => bytes.contains(&0),
        _ => memchr::memchr(0, bytes).is_some(),
    }
}
