//! The one state machine under both decoders: bytes to lines to fields to items.
//!
//! Advice for whoever changes it: a line can be read in three ways, which meet in
//! [`Interpreter`].
//!
//! - It lies whole in the chunk and fits the limit: in one step ([`Core::line`],
//!   [`Interpreter::line`]).
//! - A chunk boundary cuts it, or it passes the limit: in pieces ([`Core::piece`],
//!   [`Interpreter::begin`] and on). The usual pieces of data have a shorter way to the
//!   same calls ([`Core::begin_data`], [`Core::read_data`], [`Core::read_data_byte`]).
//! - It belongs to a block that is usual in every respect: the whole block in one
//!   step, in `quick.rs`.
//!
//! The exhaustive test holds the three together at every cut.

use alloc::string::String;
use core::fmt;

use super::block::Item;
use super::chunk::{Chunk, Span};
use super::field::{self, Field};
use super::interpret::Interpreter;
use super::line::{BOM, Name, Position};
use crate::{EventTooLarge, line_end};

#[derive(Clone)]
pub(crate) struct Core {
    position: Position,
    pub(crate) interpreter: Interpreter,
    /// How large a block the quick path may read; 0 unless the state machine is
    /// at the start of one.
    pub(crate) quick_room: usize,
}

/// What reading one line, or one piece of it, came to.
enum Step {
    Item(Item),
    NextLine,
    EndOfChunk,
    TooLarge,
}

impl From<Option<Item>> for Step {
    #[inline]
    fn from(item: Option<Item>) -> Step {
        item.map_or(Step::NextLine, Step::Item)
    }
}

/// The limit was passed within a piece, this many bytes into it.
struct Exceeded {
    field: Field,
    read: usize,
}

impl Core {
    pub(crate) fn new(max_event_size: usize, last_event_id: String) -> Self {
        Core {
            position: Position::StreamStart { bom: 0 },
            interpreter: Interpreter::new(max_event_size, last_event_id),
            quick_room: 0,
        }
    }

    /// Whether a line starts with the next byte, or with the one behind the LF of a CRLF.
    #[inline]
    pub(crate) fn is_between_lines(&self) -> bool {
        matches!(self.position, Position::LineStart | Position::AfterCr)
    }

    pub(crate) fn is_mid_event(&self) -> bool {
        let mid_line = match self.position {
            Position::StreamStart { bom } => bom > 0,
            Position::LineStart | Position::AfterCr => false,
            Position::Name(_) | Position::AfterColon(_) | Position::Value(_) => true,
        };
        mid_line || self.interpreter.is_mid_block()
    }

    /// What a decoder's `Debug` shows: its state, not the text it holds.
    pub(crate) fn debug(
        &self,
        mut decoder: fmt::DebugStruct<'_, '_>,
        last_event_id: &str,
    ) -> fmt::Result {
        decoder
            .field("last_event_id", &last_event_id)
            .field("reconnection_time", &self.interpreter.reconnection_time())
            .field("is_mid_event", &self.is_mid_event())
            .field("max_event_size", &self.interpreter.max_event_size())
            .finish_non_exhaustive()
    }

    pub(crate) fn reconnect(&mut self) {
        self.position = Position::StreamStart { bom: 0 };
        self.interpreter.reconnect();
        self.prepare_quick_block();
    }

    /// Reads up to the next item, or to the end of the chunk.
    ///
    /// Without `frames` only events are items, and comments are skipped without
    /// being held or counted.
    #[inline(always)]
    pub(crate) fn read(
        &mut self,
        chunk: &mut Chunk<'_>,
        frames: bool,
    ) -> Result<Option<Item>, EventTooLarge> {
        match self.read_data(chunk) {
            true => Ok(None),
            false => self.advance(chunk, frames),
        }
    }

    /// Goes on with a line of data, if that is where the chunk stands, and says whether
    /// the chunk was all of that line: for streams that come in small pieces, where
    /// what else there is to ask costs more than the piece does.
    #[inline(always)]
    fn read_data(&mut self, chunk: &mut Chunk<'_>) -> bool {
        if self.position != Position::Value(Field::Data) {
            return false;
        }
        let rest = chunk.remaining();
        let end = chunk.find_line_end(0);
        let len = end.unwrap_or(rest.len());
        if self.interpreter.count(Field::Data, len + usize::from(end.is_some())).is_err() {
            chunk.set_searched(len);
            return false;
        }
        self.interpreter.append(Field::Data, &rest[..len]);
        match end {
            Some(len) => self.end_line(chunk, len),
            None => chunk.advance_to(&[]),
        }
        end.is_none()
    }

    /// The same for a chunk of a single byte: what is called for nothing else has less to
    /// set up, and streams that come byte by byte take a third less time.
    #[inline(never)]
    pub(crate) fn read_data_byte(&mut self, byte: u8) -> bool {
        let is_data = self.position == Position::Value(Field::Data) && !line_end::is(byte);
        if !is_data || self.interpreter.count(Field::Data, 1).is_err() {
            return false;
        }
        self.interpreter.append(Field::Data, &[byte]);
        true
    }

    #[inline(never)]
    fn advance(
        &mut self,
        chunk: &mut Chunk<'_>,
        frames: bool,
    ) -> Result<Option<Item>, EventTooLarge> {
        let step = loop {
            let step = match self.position {
                Position::LineStart => self.line(chunk, frames),
                _ => self.resume(chunk, frames),
            };
            match step {
                Step::NextLine => {}
                Step::Item(item) if item != Item::Event && !frames => {}
                step => break step,
            }
        };
        self.prepare_quick_block();
        match step {
            Step::Item(Item::Event) => Ok(Some(Item::Event)),
            Step::Item(item) => {
                // It may stand in the middle of a block, whose rest may come in another chunk.
                self.interpreter.leave_chunk(chunk);
                Ok(Some(item))
            }
            Step::NextLine | Step::EndOfChunk => Ok(None),
            Step::TooLarge => Err(EventTooLarge { limit: self.interpreter.max_event_size() }),
        }
    }

    /// A line from its start: read in one step, if it lies whole in the chunk and
    /// is within the limit.
    #[inline]
    fn line(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        let (rest, start) = (chunk.remaining(), chunk.position());
        let usual = field::usual(rest);
        let Some(len) = chunk.find_line_end(usual.map_or(0, |(_, value)| value)) else {
            self.interpreter.leave_chunk(chunk);
            return match usual {
                Some((Field::Data, value)) => self.begin_data(chunk, value, frames),
                _ => self.piece(chunk, rest, frames),
            };
        };
        if len == 0 {
            self.end_line(chunk, len);
            return self.interpreter.blank_line(chunk).into();
        }
        let (field, value) = usual.unwrap_or_else(|| field::split(&rest[..len]));
        let field = asked_for(field, frames);
        if !self.interpreter.fits(field, len) {
            self.interpreter.leave_chunk(chunk);
            return self.piece(chunk, &rest[..len], frames);
        }
        self.end_line(chunk, len);
        let value = Span { start: start + value, end: start + len };
        self.interpreter.line(field, len, value, chunk).into()
    }

    /// The start of a usual line of data, which the chunk boundary cuts: [`piece`](Core::piece)
    /// in fewer steps, if it is within the limit.
    fn begin_data(&mut self, chunk: &mut Chunk<'_>, value: usize, frames: bool) -> Step {
        let rest = chunk.remaining();
        if self.interpreter.count(Field::Data, rest.len()).is_err() {
            return self.piece(chunk, rest, frames);
        }
        self.interpreter.begin(Field::Data);
        self.interpreter.append(Field::Data, &rest[value..]);
        self.position = Position::Value(Field::Data);
        chunk.advance_to(&[]);
        Step::EndOfChunk
    }

    /// Goes behind the line end that comes after `len` bytes.
    #[inline]
    fn end_line(&mut self, chunk: &mut Chunk<'_>, len: usize) {
        let rest = chunk.remaining();
        match line_end::behind(rest, len) {
            Some(next) => {
                self.position = Position::LineStart;
                chunk.advance(next);
            }
            None => self.end_with_cr(chunk),
        }
    }

    /// Goes on from where the last chunk ended. A comment that is not asked for any
    /// more is none: it is handed out only if all of it was asked for.
    #[inline]
    fn resume(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Step {
        let rest = chunk.remaining();
        let Some(&first) = rest.first() else {
            // Behind a CR there may be a block that lies in this chunk so far.
            self.interpreter.leave_chunk(chunk);
            return Step::EndOfChunk;
        };
        match self.position {
            Position::StreamStart { bom } if first == BOM[usize::from(bom)] => {
                chunk.advance(1);
                self.position = match bom {
                    2 => Position::LineStart,
                    _ => Position::StreamStart { bom: bom + 1 },
                };
                Step::NextLine
            }
            Position::StreamStart { bom: 0 } => self.at_line_start(),
            // Half a BOM is the start of a name, and of none that is known.
            Position::StreamStart { .. } => {
                self.position = Position::Value(Field::Unknown);
                Step::NextLine
            }
            Position::AfterCr => {
                self.skip_line_feed(chunk);
                Step::NextLine
            }
            Position::Value(field) => {
                self.position = Position::Value(asked_for(field, frames));
                self.rest_of_line(chunk, rest, frames)
            }
            Position::AfterColon(field) => {
                self.position = Position::AfterColon(asked_for(field, frames));
                self.rest_of_line(chunk, rest, frames)
            }
            Position::LineStart | Position::Name(_) => self.rest_of_line(chunk, rest, frames),
        }
    }

    /// Behind a CR an LF belongs to it, and with anything else a line starts.
    #[inline]
    pub(crate) fn skip_line_feed(&mut self, chunk: &mut Chunk<'_>) {
        if self.position == Position::AfterCr && !chunk.is_empty() {
            chunk.advance(usize::from(chunk.remaining()[0] == b'\n'));
            self.position = Position::LineStart;
        }
    }

    /// The chunk ends with a CR that ends a line: see [`skip_line_feed`](Core::skip_line_feed).
    #[inline]
    pub(crate) fn end_with_cr(&mut self, chunk: &mut Chunk<'_>) {
        chunk.advance_to(&[]);
        self.position = Position::AfterCr;
    }

    #[inline]
    fn at_line_start(&mut self) -> Step {
        self.position = Position::LineStart;
        Step::NextLine
    }

    /// A line that an earlier chunk began: up to its end, or else all of `rest`.
    #[inline]
    fn rest_of_line(&mut self, chunk: &mut Chunk<'_>, rest: &[u8], frames: bool) -> Step {
        match chunk.find_line_end(0) {
            Some(len) => self.piece(chunk, &rest[..len], frames),
            None => self.piece(chunk, rest, frames),
        }
    }

    /// A line in pieces: this one, and the line end if one comes behind it.
    fn piece(&mut self, chunk: &mut Chunk<'_>, piece: &[u8], frames: bool) -> Step {
        if let Err(Exceeded { field, read }) = self.read_piece(piece, frames) {
            chunk.advance(read);
            self.position = Position::Value(Field::Unknown);
            self.interpreter.exceed(field);
            return Step::TooLarge;
        }
        chunk.advance(piece.len());
        if chunk.is_empty() {
            return Step::EndOfChunk;
        }
        let ended = self.end_of_pieces(frames);
        self.end_line(chunk, 0);
        match ended {
            Ok(item) => item.into(),
            Err(Exceeded { field, .. }) => {
                self.interpreter.exceed(field);
                Step::TooLarge
            }
        }
    }

    /// A piece without a line end.
    #[inline]
    fn read_piece(&mut self, piece: &[u8], frames: bool) -> Result<(), Exceeded> {
        let mut read = self.read_usual_start(piece, frames);
        while let Some(&byte) = piece.get(read) {
            self.position = match self.position {
                Position::Value(field) => {
                    let value = &piece[read..];
                    self.count(field, value.len(), read)?;
                    self.interpreter.append(field, value);
                    read = piece.len();
                    Position::Value(field)
                }
                Position::AfterColon(field) => {
                    let space = field::leading_space(&piece[read..]);
                    self.count(field, space, read)?;
                    read += space;
                    Position::Value(field)
                }
                Position::Name(name) if byte == b':' => {
                    let field = self.begin(name.field(), frames);
                    // The name is known here, so its bytes count here.
                    self.count(field, name.len() + 1, read)
                        .map_err(|exceeded| Exceeded { read: read + 1, ..exceeded })?;
                    read += 1;
                    Position::AfterColon(field)
                }
                Position::Name(name) => {
                    read += 1;
                    name.push(byte).map_or(Position::Value(Field::Unknown), Position::Name)
                }
                // The line starts here.
                _ => Position::Name(Name::EMPTY),
            };
        }
        Ok(())
    }

    /// The usual start of a line, in one step if it is within the limit; returns its length.
    fn read_usual_start(&mut self, piece: &[u8], frames: bool) -> usize {
        if self.position != Position::LineStart {
            return 0;
        }
        match field::usual(piece) {
            Some((field, value)) if self.interpreter.fits(asked_for(field, frames), value) => {
                let field = self.begin(field, frames);
                // It fits, but for a comment, whose room begins here and is larger.
                let _ = self.interpreter.count(field, value);
                self.position = Position::Value(field);
                value
            }
            _ => 0,
        }
    }

    /// The end of a line that came in pieces.
    fn end_of_pieces(&mut self, frames: bool) -> Result<Option<Item>, Exceeded> {
        let field = match self.position {
            Position::AfterColon(field) | Position::Value(field) => field,
            // "Otherwise, the string is not empty but does not contain a colon."
            Position::Name(name) => {
                let field = self.begin(name.field(), frames);
                self.count(field, name.len(), 0)?;
                field
            }
            _ => Field::Unknown,
        };
        self.count(field, 1, 0)?;
        Ok(self.interpreter.end(field))
    }

    fn begin(&mut self, field: Field, frames: bool) -> Field {
        self.interpreter.begin(asked_for(field, frames))
    }

    /// Counts `bytes` that stand at `offset` in the piece.
    #[inline]
    fn count(&mut self, field: Field, bytes: usize, offset: usize) -> Result<(), Exceeded> {
        self.interpreter
            .count(field, bytes)
            .map_err(|within| Exceeded { field, read: offset + within + 1 })
    }
}

/// A comment that nobody asked for is nothing.
#[inline]
fn asked_for(field: Field, frames: bool) -> Field {
    if field == Field::Comment && !frames { Field::Unknown } else { field }
}
