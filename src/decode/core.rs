//! The state machine under both decoders: bytes to lines, lines to fields, fields to items.
//!
//! [`Core::read`] is a loop over the lines that lie whole in the chunk. It keeps the block and
//! the room in locals, and interprets the lines that nearly all streams consist of. For
//! everything else it stores the two, asks a function of `any_line.rs`, and loads them again.
//! Each rule of the standard is in one function that both use.

use alloc::string::String;
use core::{fmt, mem};

use super::block::Block;
use super::chunk::{Chunk, Span};
use super::field::{self, Field};
use super::interpret::Interpreter;
use super::line::Position;
use crate::{Event, EventTooLarge, Lost, line_end};

#[derive(Clone)]
pub(super) struct Core {
    /// Where in the grammar the next byte is.
    pub(super) position: Position,
    /// What the lines of the block have set so far, outside of [`read`](Core::read).
    pub(super) block: Block,
    /// How many more bytes the limit allows the block, outside of [`read`](Core::read) and
    /// unless the position is at a block's start, where it is all of the limit.
    pub(super) room: usize,
    /// The block went beyond the limit: none of it counts, up to its blank line.
    pub(super) is_dropping: bool,
    pub(super) limit: usize,
    pub(super) interpreter: Interpreter,
}

/// What reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next line comes, with nothing to hand out before it.
    NextLine,
    /// All of the chunk has been read.
    EndOfChunk,
    /// The block is an event.
    Event,
    /// A comment is in `comment`.
    Comment,
    /// A valid `retry` line is in `reconnection_time`.
    Retry,
    /// A block without data has set `last_event_id`.
    Id,
    /// The block is larger than the limit.
    EventTooLarge,
    /// The comment is larger than the limit.
    CommentTooLarge,
}

impl Core {
    pub(super) fn new(limit: usize, last_event_id: String) -> Self {
        Core {
            position: Position::StreamStart { bom: 0 },
            block: Block::EMPTY,
            room: limit,
            is_dropping: false,
            limit,
            interpreter: Interpreter::new(limit, last_event_id),
        }
    }

    /// Whether the stream would lose something if it ended here.
    pub(super) fn is_mid_event(&self) -> bool {
        let is_mid_line = match self.position {
            Position::StreamStart { bom } => bom > 0,
            Position::BlockStart | Position::LineStart | Position::AfterCr => false,
            Position::Carried(_) | Position::Skipped => true,
        };
        is_mid_line || self.is_dropping || self.block.is_set()
    }

    /// The event of the block, which is empty afterwards.
    #[inline(always)]
    pub(super) fn event<'d, 'c: 'd>(&'d mut self, chunk: &mut Chunk<'c>) -> Event<'d> {
        let block = mem::replace(&mut self.block, Block::EMPTY);
        self.interpreter.event(block, chunk)
    }

    /// Whether the chunk only continues the line in the carry, or is empty. This is asked before
    /// anything else, because streams that come byte by byte have hardly anything else to ask.
    #[inline]
    pub(super) fn is_carried_on(&mut self, chunk: &mut Chunk<'_>) -> bool {
        match chunk.remaining() {
            [] => true,
            _ => matches!(self.position, Position::Carried(_)) && self.carries_all(chunk),
        }
    }

    /// What a step is that hands out nothing: the end of the chunk, or an error.
    #[inline]
    pub(super) fn end_or_error<T>(&self, step: Step) -> Result<Option<T>, EventTooLarge> {
        let lost = match step {
            Step::EventTooLarge => Lost::Event,
            Step::CommentTooLarge => Lost::Comment,
            _ => return Ok(None),
        };
        Err(EventTooLarge { limit: self.limit, lost })
    }

    /// What a decoder's `Debug` shows: its state, not the text it holds.
    pub(super) fn debug(&self, mut decoder: fmt::DebugStruct<'_, '_>) -> fmt::Result {
        decoder
            .field("last_event_id", &self.interpreter.last_event_id)
            .field("reconnection_time", &self.interpreter.reconnection_time)
            .field("is_mid_event", &self.is_mid_event())
            .field("max_event_size", &self.limit)
            .finish_non_exhaustive()
    }

    /// A new stream (`#sse-processing-model`, "reestablish the connection"): the unfinished line
    /// and the block are forgotten, the last event ID string and the reconnection time stay.
    pub(super) fn reconnect(&mut self) {
        self.position = Position::StreamStart { bom: 0 };
        self.forget_block();
        self.is_dropping = false;
        self.interpreter.scratch.release_large();
    }

    pub(super) fn forget_block(&mut self) {
        self.block = Block::EMPTY;
        self.room = self.limit;
    }

    /// Reads up to the next item, or to the end of the chunk. The block is that of
    /// [`Step::Event`].
    ///
    /// Without `FRAMES` only events are items, and comments are skipped without being held or
    /// counted.
    #[inline(always)]
    pub(super) fn read<const FRAMES: bool>(&mut self, chunk: &mut Chunk<'_>) -> Step {
        loop {
            if self.position == Position::BlockStart {
                match self.read_usual_block::<FRAMES>(chunk) {
                    Step::NextLine => {}
                    step => return step,
                }
            }
            match self.read_on(chunk, FRAMES) {
                Step::NextLine => {}
                step => return step,
            }
        }
    }

    #[inline(never)]
    pub(super) fn read_event(&mut self, chunk: &mut Chunk<'_>) -> Step {
        self.read::<false>(chunk)
    }

    /// Reads blocks that lie whole in the chunk and have only usual lines, up to the first one
    /// that is an item. [`Step::NextLine`] means that the next line is of another kind: it is
    /// left to [`read_on`](Core::read_on), together with the block up to there.
    #[inline(always)]
    fn read_usual_block<const FRAMES: bool>(&mut self, chunk: &mut Chunk<'_>) -> Step {
        let mut room = self.limit;
        let mut rest = chunk.remaining();
        // How much of the next line has been searched for its end.
        let searched = loop {
            if let Some(next) = line_end::blank_line(rest) {
                rest = &rest[next..];
                let step = self.interpreter.dispatch(&self.block, chunk);
                if step == Step::Event {
                    chunk.advance_to(rest);
                    return step;
                }
                (self.block, room) = (Block::EMPTY, self.limit);
                if step == Step::Id && FRAMES {
                    chunk.advance_to(rest);
                    return step;
                }
                continue;
            }
            // Each arm has a field of its own, known to the compiler: one arm for all of them
            // takes 20 to 40 more instructions an event.
            let next = match field::usual(rest) {
                Some((Field::Data, colon)) if !self.block.data.is_set() => self
                    .interpreter
                    .usual_line(Field::Data, colon, rest, &mut self.block, &mut room, chunk),
                Some((Field::Event, colon)) => self.interpreter.usual_line(
                    Field::Event,
                    colon,
                    rest,
                    &mut self.block,
                    &mut room,
                    chunk,
                ),
                Some((Field::Id, colon)) => self.interpreter.usual_line(
                    Field::Id,
                    colon,
                    rest,
                    &mut self.block,
                    &mut room,
                    chunk,
                ),
                Some((Field::Retry, colon)) if !FRAMES => self.interpreter.usual_line(
                    Field::Retry,
                    colon,
                    rest,
                    &mut self.block,
                    &mut room,
                    chunk,
                ),
                Some((Field::Comment, colon)) if !FRAMES => {
                    Line::find(rest, colon).map(|line| &rest[line.next..])
                }
                Some((Field::Comment, colon)) if room == self.limit => {
                    let next = self.interpreter.usual_line(
                        Field::Comment,
                        colon,
                        rest,
                        &mut self.block,
                        &mut room,
                        chunk,
                    );
                    if let Ok(next) = next {
                        chunk.advance_to(next);
                        return Step::Comment;
                    }
                    next
                }
                _ => Err(0),
            };
            match next {
                Ok(next) => rest = next,
                Err(searched) => break searched,
            }
        };
        chunk.advance_to(rest);
        if rest.is_empty() && room == self.limit {
            return Step::EndOfChunk;
        }
        chunk.set_searched(searched);
        (self.room, self.position) = (room, Position::LineStart);
        Step::NextLine
    }
}

impl Interpreter {
    /// A line with a name that is known, if it lies whole at the start of `rest` and is within
    /// the limit. Returns the rest behind it, or how far the line was searched for its end.
    #[inline(always)]
    pub(super) fn usual_line<'c>(
        &mut self,
        field: Field,
        after_colon: usize,
        rest: &'c [u8],
        block: &mut Block,
        room: &mut usize,
        chunk: &Chunk<'c>,
    ) -> Result<&'c [u8], usize> {
        let line = Line::find(rest, after_colon)?;
        if line.len >= *room {
            return Err(line.len);
        }
        if field != Field::Comment {
            *room -= line.len + 1;
        }
        let start = chunk.offset(rest);
        let value =
            Span { start: start + field::value_start(rest, after_colon), end: start + line.len };
        self.process_field(field, value, chunk.source(), block);
        Ok(&rest[line.next..])
    }
}

/// A line that lies whole in the chunk: where it ends, and where the next one starts.
struct Line {
    len: usize,
    next: usize,
}

impl Line {
    /// Finds the end of the line at the start of `bytes`, which is not in its first `known`
    /// bytes. If it is not there, or is a CR that may be half of a CRLF, this returns how many
    /// bytes of the line have been searched.
    #[inline(always)]
    fn find(bytes: &[u8], known: usize) -> Result<Line, usize> {
        let len = known + line_end::find(&bytes[known..]).ok_or(bytes.len())?;
        let next = line_end::behind(bytes, len).ok_or(len)?;
        Ok(Line { len, next })
    }
}
