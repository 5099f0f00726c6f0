//! The lines that [`Core::read`] leaves to others: those that a chunk cuts, those beyond the
//! limit, those without a usual name, and the rest of what an earlier chunk began.
//!
//! A line is interpreted whole here too. If a chunk cuts it, the carry collects its bytes until
//! its line end comes; nothing but its name is looked at before.

use core::mem;

use super::block::{Block, Place, Value};
use super::chunk::{Chunk, Span};
use super::core::{Core, Step};
use super::field::{self, Field, Split};
use super::line::{self, BOM, Name, Position};
use super::scratch::{Buffer, InUse};
use crate::line_end;

impl Core {
    /// Reads line by line from anywhere in the grammar, up to the next item, the end of the chunk
    /// or the start of a block ([`Step::NextLine`]).
    #[inline(never)]
    pub(super) fn read_on(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        while let Some(&first) = chunk.remaining().first() {
            let step = match self.position {
                Position::BlockStart => return Step::NextLine,
                Position::LineStart if self.is_dropping => {
                    self.drop_line(chunk);
                    Step::NextLine
                }
                Position::LineStart => {
                    self.read_data_lines(chunk);
                    self.read_line(chunk, frames)
                }
                Position::Carried(name) => self.carry_on(chunk, name, frames),
                Position::Skipped => {
                    self.skip_line(chunk);
                    Step::NextLine
                }
                Position::AfterCr => {
                    chunk.advance(usize::from(first == b'\n'));
                    self.position = self.line_start();
                    Step::NextLine
                }
                Position::StreamStart { bom } => {
                    self.start_stream(chunk, bom, first);
                    Step::NextLine
                }
            };
            match step {
                Step::NextLine => {}
                Step::Comment | Step::Retry | Step::Id if !frames => {}
                Step::Event => return step,
                step => {
                    // This may be in the middle of a block, whose rest may be in another chunk.
                    self.hold(chunk.source());
                    return step;
                }
            }
        }
        self.hold(chunk.source());
        Step::EndOfChunk
    }

    /// At the start of the stream, after `bom` bytes of a byte order mark.
    fn start_stream(&mut self, chunk: &mut Chunk<'_>, bom: u8, next: u8) {
        self.position = match bom {
            _ if next == BOM[usize::from(bom)] => {
                chunk.advance(1);
                if bom == 2 { self.line_start() } else { Position::StreamStart { bom: bom + 1 } }
            }
            0 => self.line_start(),
            // Half a byte order mark is the start of a name, and of none that is known.
            _ => Position::Skipped,
        };
    }

    /// Where a line starts: at the start of a block if nothing of it has been read.
    fn line_start(&self) -> Position {
        match self.room == self.limit && !self.is_dropping {
            true => Position::BlockStart,
            false => Position::LineStart,
        }
    }

    /// A line of a block that is dropped. Its blank line is the end of that.
    fn drop_line(&mut self, chunk: &mut Chunk<'_>) {
        if line_end::is_at_start(chunk.remaining()) {
            self.is_dropping = false;
            self.end_line(chunk, 0);
        } else {
            self.position = Position::Skipped;
        }
    }

    /// The rest of a line that means nothing.
    fn skip_line(&mut self, chunk: &mut Chunk<'_>) {
        match chunk.find_line_end(0) {
            Some(len) => self.end_line(chunk, len),
            None => chunk.advance(chunk.remaining().len()),
        }
    }

    /// Reads further `data` lines of a block, if they come next and lie whole in the chunk:
    /// [`read_line`](Core::read_line) takes twice as long for each.
    #[inline(never)]
    fn read_data_lines(&mut self, chunk: &mut Chunk<'_>) {
        let (mut block, mut room) = (self.block, self.room);
        let mut rest = chunk.remaining();
        while let (true, Some((Field::Data, colon))) = (block.data.is_set(), field::usual(rest)) {
            let next =
                self.interpreter.usual_line(Field::Data, colon, rest, &mut block, &mut room, chunk);
            match next {
                Ok(next) => rest = next,
                Err(searched) => {
                    chunk.advance_to(rest);
                    chunk.set_searched(searched);
                    break;
                }
            }
        }
        chunk.advance_to(rest);
        (self.block, self.room) = (block, room);
    }

    /// Reads a line from its start.
    fn read_line(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        let (rest, start) = (chunk.remaining(), chunk.position());
        if rest.is_empty() {
            return Step::NextLine;
        }
        let usual = field::usual(rest);
        let Some(len) = chunk.find_line_end(usual.map_or(0, |(_, colon)| colon)) else {
            let name =
                usual.map_or(Name::Unfinished, |(field, colon)| Name::before(colon - 1, field));
            return self.cut_line(chunk, name, frames);
        };
        if len == 0 {
            return self.blank_line(chunk);
        }
        let line = match usual {
            Some((field, colon)) => Split::after_colon(field, colon, &rest[..len]),
            None => field::split(&rest[..len]),
        };
        let field = asked_for(line.field, frames);
        if len >= self.room_for(field) {
            return self.exceed(chunk, field, line.name, 0, Some(len));
        }
        let value = Span { start: start + line.value, end: start + len };
        let step = self.interpret(field, len, value, chunk.source());
        self.end_line(chunk, len);
        step
    }

    fn blank_line(&mut self, chunk: &mut Chunk<'_>) -> Step {
        let step = self.interpreter.dispatch(&self.block, chunk);
        if step != Step::Event {
            self.block = Block::EMPTY;
        }
        self.room = self.limit;
        self.end_line(chunk, 0);
        step
    }

    /// Begins the carry with the start of a line, which the end of the chunk cuts.
    fn cut_line(&mut self, chunk: &mut Chunk<'_>, name: Name, frames: bool) -> Step {
        self.hold(chunk.source());
        self.interpreter.scratch.carry.clear();
        match name {
            Name::Known(field, _)
                if field != Field::Comment && chunk.remaining().len() <= self.room =>
            {
                self.hold_bytes(Buffer::Carry, chunk.remaining());
                self.position = Position::Carried(name);
                chunk.advance_to(&[]);
                Step::NextLine
            }
            _ => self.carry_on(chunk, name, frames),
        }
    }

    /// Appends to the carry what the chunk has of its line, and interprets the line if it ends.
    fn carry_on(&mut self, chunk: &mut Chunk<'_>, name: Name, frames: bool) -> Step {
        let rest = chunk.remaining();
        let end = chunk.find_line_end(0);
        let piece = &rest[..end.unwrap_or(rest.len())];
        let before = self.interpreter.scratch.carry.len();
        let (read, name) = match name {
            Name::Unfinished => line::read_name(&mut self.interpreter.scratch.carry, piece),
            known => (0, known),
        };
        let (field, name) = match name {
            Name::Known(field, name) => (asked_for(field, frames), usize::from(name)),
            // "Otherwise, the string is not empty but does not contain a U+003A COLON character."
            Name::Unfinished if end.is_some() => (
                Field::named(&self.interpreter.scratch.carry),
                self.interpreter.scratch.carry.len(),
            ),
            Name::Unfinished => {
                chunk.advance(piece.len());
                self.position = Position::Carried(Name::Unfinished);
                return Step::NextLine;
            }
        };
        if field == Field::Unknown {
            chunk.set_searched(piece.len());
            self.position = Position::Skipped;
            return Step::NextLine;
        }
        if before + piece.len() + usize::from(end.is_some()) > self.room_for(field) {
            return self.exceed(chunk, field, name, before, end);
        }
        self.hold_bytes(Buffer::Carry, &piece[read..]);
        match end {
            Some(end) => self.end_carried_line(chunk, end, field, name),
            None => {
                chunk.advance(piece.len());
                self.position = Position::Carried(Name::before(name, field));
                Step::NextLine
            }
        }
    }

    /// Appends all of the chunk to the carry, if that is all there is to do: if no line ends in
    /// it, and it fits. This is asked before anything else, because for streams that come in
    /// small chunks the general way, which does the same, costs twice as much.
    #[inline(never)]
    pub(super) fn carries_all(&mut self, chunk: &mut Chunk<'_>) -> bool {
        let rest = chunk.remaining();
        let carry = &mut self.interpreter.scratch.carry;
        match self.position {
            Position::Carried(Name::Known(field, _)) if field != Field::Comment => {}
            _ => return false,
        }
        if rest.len() > carry.capacity().min(self.room).saturating_sub(carry.len()) {
            return false;
        }
        match *rest {
            // No call to search and to copy a single byte.
            [byte] if line_end::is(byte) => return false,
            [byte] => carry.push(byte),
            _ => match line_end::find(rest) {
                None => carry.extend_from_slice(rest),
                Some(len) => {
                    chunk.set_searched(len);
                    return false;
                }
            },
        }
        chunk.advance_to(&[]);
        true
    }

    /// The line in the carry has ended.
    fn end_carried_line(
        &mut self,
        chunk: &mut Chunk<'_>,
        end: usize,
        field: Field,
        name: usize,
    ) -> Step {
        let mut carry = mem::take(&mut self.interpreter.scratch.carry);
        let len = carry.len();
        let start = field::value_start(&carry, name + 1).min(len);
        let step = self.interpret(field, len, Span { start, end: len }, &carry);
        match (self.block.data.place(), self.interpreter.comment.place()) {
            // The carry becomes the data buffer, so that a long line is copied once.
            (Place::InSource(data), _) => {
                mem::swap(&mut self.interpreter.scratch.data, &mut carry);
                self.block.data = Value::held(data);
            }
            (_, Place::InSource(text)) if field == Field::Comment => {
                self.interpreter.comment = Value::held(text);
            }
            _ => self.hold(&carry),
        }
        self.interpreter.scratch.carry = carry;
        self.end_line(chunk, end);
        step
    }

    /// Counts a whole line of `len` bytes that is within the limit, and processes its field.
    fn interpret(&mut self, field: Field, len: usize, value: Span, source: &[u8]) -> Step {
        if counts_for_block(field) {
            self.room -= len + 1;
        }
        self.interpreter.process_field(field, value, source, &mut self.block)
    }

    /// Moves the values that lie in the source to the scratch: no span outlives its source.
    #[inline]
    fn hold(&mut self, source: &[u8]) {
        if self.block.is_in_source() {
            self.move_to_scratch(source);
        }
    }

    #[inline(never)]
    fn move_to_scratch(&mut self, source: &[u8]) {
        let Block { data, event_type, id } = self.block;
        if let Place::InSource(span) = data.place() {
            self.interpreter.scratch.data.clear();
            self.hold_bytes(Buffer::Data, &source[span.range()]);
            self.block.data =
                Value::held(Span { start: 0, end: self.interpreter.scratch.data.len() });
        }
        if !event_type.is_held() && !id.is_held() {
            self.interpreter.scratch.values.clear();
        }
        self.block.event_type = self.hold_value(event_type, source);
        self.block.id = self.hold_value(id, source);
    }

    fn hold_value(&mut self, value: Value, source: &[u8]) -> Value {
        let Place::InSource(span) = value.place() else { return value };
        let start = self.interpreter.scratch.values.len();
        self.hold_bytes(Buffer::Values, &source[span.range()]);
        Value::held(Span { start, end: self.interpreter.scratch.values.len() })
    }

    fn hold_bytes(&mut self, buffer: Buffer, bytes: &[u8]) {
        self.interpreter.scratch.append(buffer, b"", bytes, InUse::of(&self.block));
    }

    /// Goes behind the line end that comes after `len` bytes.
    fn end_line(&mut self, chunk: &mut Chunk<'_>, len: usize) {
        let rest = chunk.remaining();
        match line_end::behind(rest, len) {
            Some(next) => {
                chunk.advance(next);
                self.position = self.line_start();
            }
            None => {
                chunk.advance(rest.len());
                self.position = Position::AfterCr;
            }
        }
    }

    // ---- The limit ----

    /// How many bytes a line of this field and its line end may have.
    fn room_for(&self, field: Field) -> usize {
        match field {
            Field::Comment => self.limit,
            Field::Unknown => usize::MAX,
            _ => self.room,
        }
    }

    /// A line goes beyond the limit, or its line end does, which is at `end` if it is in the
    /// chunk. Earlier chunks had `before` bytes of the line. The chunk is read up to the first
    /// byte beyond the limit; the bytes of the name count when its colon or line end comes.
    fn exceed(
        &mut self,
        chunk: &mut Chunk<'_>,
        field: Field,
        name: usize,
        before: usize,
        end: Option<usize>,
    ) -> Step {
        let read = name.max(self.room_for(field)) + 1 - before;
        if field != Field::Comment {
            self.forget_block();
            self.is_dropping = true;
            self.interpreter.scratch.release_large();
        }
        match end {
            Some(end) if read > end => self.end_line(chunk, end),
            _ => {
                let searched = end.unwrap_or(chunk.remaining().len()) - read;
                chunk.advance(read);
                chunk.set_searched(searched);
                self.position = Position::Skipped;
            }
        }
        match field {
            // The block around the comment is untouched.
            Field::Comment => Step::CommentTooLarge,
            _ => Step::EventTooLarge,
        }
    }
}

/// A comment that nobody asked for is nothing.
fn asked_for(field: Field, frames: bool) -> Field {
    if field == Field::Comment && !frames { Field::Unknown } else { field }
}

/// Whether the bytes of such a line count for its block.
fn counts_for_block(field: Field) -> bool {
    matches!(field, Field::Data | Field::Event | Field::Id | Field::Retry)
}
