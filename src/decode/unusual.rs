//! The lines that [`Core::read`] leaves to others: those that a chunk cuts, those beyond the limit,
//! those without a usual name, and the rest of what an earlier chunk began.

use super::chunk::Chunk;
use super::core::{Core, Step};
use super::field::{self, Field};
use super::line::{BOM, Position};
use super::scratch::CARRY;
use crate::line_end;

impl Core {
    /// Reads one line, or what the chunk has of it, from any place in the grammar.
    #[inline(never)]
    pub(super) fn read_unusual(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        let Some(&first) = chunk.remaining().first() else {
            self.interpreter.hold(chunk.source());
            return Step::EndOfChunk;
        };
        let step = match self.position {
            Position::LineStart => self.read_line(chunk, frames),
            Position::Carried(field) => self.carry_on(chunk, field, chunk.find_line_end(0), frames),
            Position::Skipped => self.skip_line(chunk),
            Position::DroppedLine => {
                // The blank line is the last one.
                self.interpreter.is_dropping = !line_end::is_at_start(chunk.remaining());
                self.skip_line(chunk)
            }
            Position::AfterCr => {
                chunk.advance_to(&chunk.remaining()[usize::from(first == b'\n')..]);
                self.start_line()
            }
            Position::StreamStart { bom } if first == BOM[bom] => {
                chunk.advance_to(&chunk.remaining()[1..]);
                self.position = Position::StreamStart { bom: bom + 1 };
                if bom == 2 { self.start_line() } else { Step::NextLine }
            }
            Position::StreamStart { bom: 0 } => self.start_line(),
            // Half a byte order mark is the start of a name, and of none that is known.
            Position::StreamStart { .. } => self.skip_line(chunk),
        };
        match step {
            Step::Comment | Step::Retry | Step::Id if !frames => Step::NextLine,
            Step::NextLine | Step::Event => step,
            step => {
                // The rest of the block may be in another chunk.
                self.interpreter.hold(chunk.source());
                step
            }
        }
    }

    /// A line starts here.
    fn start_line(&mut self) -> Step {
        self.position = match self.interpreter.is_dropping {
            false => Position::LineStart,
            true => Position::DroppedLine,
        };
        Step::NextLine
    }

    /// The rest of a line that means nothing.
    fn skip_line(&mut self, chunk: &mut Chunk<'_>) -> Step {
        let Some(len) = chunk.find_line_end(0) else {
            self.position = Position::Skipped;
            chunk.advance_to(&[]);
            return Step::EndOfChunk;
        };
        self.end_line(chunk, len);
        Step::NextLine
    }

    /// Reads a line from its start.
    fn read_line(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        let usual = field::usual(chunk.remaining());
        let Some(len) = chunk.find_line_end(usual.map_or(0, |(_, colon)| colon)) else {
            self.interpreter.hold(chunk.source());
            self.interpreter.scratch.buffers[CARRY].clear();
            return self.carry_on(chunk, usual, None, frames);
        };
        if len == 0 {
            let step = self.interpreter.dispatch(chunk);
            self.end_line(chunk, 0);
            return step;
        }
        let line = &chunk.remaining()[..len];
        let (field, colon) = usual.unwrap_or_else(|| field::unusual(line));
        let field = field.asked_for(frames);
        if len >= self.interpreter.room_for(field) {
            return self.exceed(chunk, field, colon, 0, Some(len));
        }
        let value = field::value(line, colon, chunk.position());
        let step = self.interpreter.process_field(field, len, value, chunk.source());
        self.end_line(chunk, len);
        step
    }

    /// Continues after the line end that comes after `len` bytes.
    pub(super) fn end_line(&mut self, chunk: &mut Chunk<'_>, len: usize) {
        match line_end::after(chunk.remaining(), len) {
            Some(next) => {
                chunk.advance_to(&chunk.remaining()[next..]);
                self.start_line();
            }
            None => {
                chunk.advance_to(&[]);
                self.position = Position::AfterCr;
            }
        }
    }

    /// A line goes beyond the limit, or its line end does, which is at `end` if it is in the
    /// chunk. Earlier chunks had `before` bytes of the line. The chunk is read up to the first
    /// byte beyond the limit. The bytes of the name count when its colon or line end comes, and
    /// `colon` is the offset after that.
    pub(super) fn exceed(
        &mut self,
        chunk: &mut Chunk<'_>,
        field: Field,
        colon: usize,
        before: usize,
        end: Option<usize>,
    ) -> Step {
        let read = colon.max(self.interpreter.room_for(field) + 1) - before;
        let step = self.interpreter.exceed(field);
        match end {
            Some(end) if read > end => self.end_line(chunk, end),
            _ => {
                chunk.advance_to(&chunk.remaining()[read..]);
                self.position = Position::Skipped;
            }
        }
        step
    }
}
