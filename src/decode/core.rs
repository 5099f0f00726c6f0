//! The state machine under both decoders: bytes to lines, lines to items.
//!
//! [`Core::read`] is the one loop over lines. [`Core::read_usual_lines`] reads lines that lie
//! whole in the chunk and start with a name that is known and its colon; nearly all lines are like
//! that. When it meets another line, [`Core::read_unusual`] reads that. Both only find lines, and
//! leave it to the [`Interpreter`] what a line means.

use alloc::string::String;
use core::fmt;

use super::chunk::Chunk;
use super::field::{self, Field};
use super::interpret::Interpreter;
use super::line::{self, Position};
use crate::{EventTooLarge, Lost, line_end};

#[derive(Clone)]
pub(super) struct Core {
    /// Where in the grammar the next byte is.
    pub(super) position: Position,
    pub(super) interpreter: Interpreter,
}

/// The result of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next line comes, with nothing to hand out before it.
    NextLine,
    /// All of the chunk has been read.
    EndOfChunk,
    /// The block is an event, to be taken out.
    Event,
    /// `comment` has been read.
    Comment,
    /// A valid `retry` line has set `reconnection_time`.
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
            interpreter: Interpreter::new(limit, last_event_id),
        }
    }

    /// Reads up to the next item, or to the end of the chunk.
    ///
    /// Without `FRAMES` only events are items, and comments are skipped without being held or
    /// counted.
    #[inline(always)]
    pub(super) fn read<const FRAMES: bool>(&mut self, chunk: &mut Chunk<'_>) -> Step {
        loop {
            if self.position == Position::LineStart {
                match self.read_usual_lines::<FRAMES>(chunk) {
                    Step::NextLine => {}
                    step => return step,
                }
            }
            match self.read_unusual(chunk, FRAMES) {
                Step::NextLine => {}
                step => return step,
            }
        }
    }

    /// [`read`](Core::read) for events, out of line.
    #[inline(never)]
    pub(super) fn read_event(&mut self, chunk: &mut Chunk<'_>) -> Step {
        self.read::<false>(chunk)
    }

    /// Reads usual lines, up to the next item. [`Step::NextLine`] means that the next line is of
    /// another kind, or not all there.
    #[inline(always)]
    fn read_usual_lines<const FRAMES: bool>(&mut self, chunk: &mut Chunk<'_>) -> Step {
        let mut rest = chunk.remaining();
        // How much of the next line has been searched for its end.
        let searched = loop {
            if let Some(next) = line_end::blank_line(rest) {
                rest = &rest[next..];
                match self.interpreter.dispatch(chunk) {
                    step if step == Step::Event || (step == Step::Id && FRAMES) => {
                        chunk.advance_to(rest);
                        return step;
                    }
                    _ => continue,
                }
            }
            // Each arm has a field of its own, known to the compiler: one arm for all of them
            // takes 20 to 40 more instructions an event.
            let line = match field::usual(rest) {
                Some((Field::Data, colon)) => self.usual_line(Field::Data, colon, rest, chunk),
                Some((Field::Event, colon)) => self.usual_line(Field::Event, colon, rest, chunk),
                Some((Field::Id, colon)) => self.usual_line(Field::Id, colon, rest, chunk),
                Some((Field::Retry, colon)) => self.usual_line(Field::Retry, colon, rest, chunk),
                Some((Field::Comment, colon)) if FRAMES => {
                    self.usual_line(Field::Comment, colon, rest, chunk)
                }
                Some((Field::Comment, colon)) => {
                    line::find(rest, colon).map(|(_, next)| (Step::NextLine, next))
                }
                _ => Err(0),
            };
            match line {
                Ok((step, next)) => {
                    rest = &rest[next..];
                    if FRAMES && step != Step::NextLine {
                        chunk.advance_to(rest);
                        // The rest of the block may be in another chunk.
                        self.interpreter.hold(chunk.source());
                        return step;
                    }
                }
                Err(searched) => break searched,
            }
        };
        chunk.advance_to(rest);
        if rest.is_empty() && !self.interpreter.block.is_in_source() {
            return Step::EndOfChunk;
        }
        chunk.set_searched(searched);
        Step::NextLine
    }

    /// Interprets a line with a usual name, if it lies whole at the start of `rest` and is within
    /// the limit. Returns where the next one starts, or how far this one was searched for its end.
    #[inline(always)]
    fn usual_line(
        &mut self,
        field: Field,
        after_colon: usize,
        rest: &[u8],
        chunk: &Chunk<'_>,
    ) -> Result<(Step, usize), usize> {
        let (len, next) = line::find(rest, after_colon)?;
        if len >= self.interpreter.room_for(field) {
            return Err(len);
        }
        let value = field::value(&rest[..len], after_colon, chunk.offset(rest));
        Ok((self.interpreter.process_field(field, len, value, chunk.source()), next))
    }

    /// Turns a step that hands out nothing into the end of the chunk, or into an error.
    #[inline]
    pub(super) fn end_or_error<T>(&self, step: Step) -> Result<Option<T>, EventTooLarge> {
        let lost = match step {
            Step::EventTooLarge => Lost::Event,
            Step::CommentTooLarge => Lost::Comment,
            _ => return Ok(None),
        };
        Err(EventTooLarge { limit: self.interpreter.limit, lost })
    }

    /// Whether the stream would lose something if it ended here.
    pub(super) fn is_mid_event(&self) -> bool {
        let is_mid_line = match self.position {
            Position::StreamStart { bom } => bom > 0,
            Position::LineStart | Position::DroppedLine | Position::AfterCr => false,
            Position::Carried(_) | Position::Skipped => true,
        };
        is_mid_line || self.interpreter.is_dropping || self.interpreter.block.is_set()
    }

    /// A new stream (`#sse-processing-model`, "reestablish the connection"): the unfinished line
    /// and the block are forgotten, the last event ID string and the reconnection time stay.
    pub(super) fn reconnect(&mut self) {
        self.position = Position::StreamStart { bom: 0 };
        self.interpreter.forget_block();
    }

    /// Shows the state of a decoder, not the text it holds.
    pub(super) fn debug(&self, mut decoder: fmt::DebugStruct<'_, '_>) -> fmt::Result {
        decoder
            .field("last_event_id", &self.interpreter.last_event_id)
            .field("reconnection_time", &self.interpreter.reconnection_time)
            .field("is_mid_event", &self.is_mid_event())
            .field("max_event_size", &self.interpreter.limit)
            .finish_non_exhaustive()
    }
}
