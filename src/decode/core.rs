//! The one state machine under both decoders: bytes to lines to fields to items.
//!
//! Advice for whoever changes it: there are two ways for a line to be read, and
//! they meet in [`Interpreter`]. A line that lies whole in the chunk and fits the
//! limit is read in one step ([`Interpreter::line`]): that is the quick path, and
//! nearly all lines take it. Any other line comes in pieces ([`Core::piece`]).
//! The exhaustive test holds the two together at every cut.

use alloc::string::String;

use super::chunk::{Chunk, Span};
use super::field::{self, Field};
use super::interpret::{Interpreter, Item};
use super::line::{BOM, Name, Position};
use crate::{EventTooLarge, line_end};

#[derive(Clone, Debug)]
pub(crate) struct Core {
    position: Position,
    pub(crate) interpreter: Interpreter,
}

/// What reading one line, or one piece of it, came to.
enum Step {
    Item(Item),
    NextLine,
    EndOfChunk,
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
        }
    }

    #[inline]
    pub(crate) fn is_at_line_start(&self) -> bool {
        self.position == Position::LineStart
    }

    pub(crate) fn is_mid_event(&self) -> bool {
        let mid_line = match self.position {
            Position::StreamStart { bom } => bom > 0,
            Position::LineStart | Position::AfterCr => false,
            Position::Name(_) | Position::AfterColon(_) | Position::Value(_) => true,
        };
        mid_line || self.interpreter.is_mid_block()
    }

    pub(crate) fn reconnect(&mut self) {
        self.position = Position::StreamStart { bom: 0 };
        self.interpreter.reconnect();
    }

    /// Reads up to the next item, or to the end of the chunk.
    ///
    /// Without `frames` only events are items, and comments are skipped without
    /// being held or counted.
    #[inline]
    pub(crate) fn advance(
        &mut self,
        chunk: &mut Chunk<'_>,
        frames: bool,
    ) -> Result<Option<Item>, EventTooLarge> {
        loop {
            let step = match self.position {
                Position::LineStart => self.line(chunk, frames)?,
                _ => self.resume(chunk, frames)?,
            };
            match step {
                Step::Item(item @ Item::Event { .. }) => return Ok(Some(item)),
                Step::Item(item) if frames => {
                    self.interpreter.leave_chunk(chunk);
                    return Ok(Some(item));
                }
                Step::Item(_) | Step::NextLine => {}
                Step::EndOfChunk => {
                    self.interpreter.leave_chunk(chunk);
                    return Ok(None);
                }
            }
        }
    }

    /// The quick path: a line from its start, read in one step if it lies whole in the chunk.
    #[inline]
    fn line(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Result<Step, EventTooLarge> {
        let (rest, start) = (chunk.remaining(), chunk.position());
        let Some(len) = line_end::find(rest) else {
            return self.piece(chunk, rest, None, frames);
        };
        if len == 0 {
            self.end_line(chunk, rest, len);
            return Ok(self.interpreter.blank_line(chunk).into());
        }
        let (field, value) = field::split(&rest[..len]);
        let field = asked_for(field, frames);
        if !self.interpreter.fits(field, len) {
            return self.piece(chunk, rest, Some(len), frames);
        }
        self.end_line(chunk, rest, len);
        let value = Span { start: start + value, end: start + len };
        Ok(self.interpreter.line(field, len, value, chunk).into())
    }

    /// Goes to the start of the next line, behind a CRLF as a whole where it
    /// lies in the chunk.
    #[inline]
    fn end_line(&mut self, chunk: &mut Chunk<'_>, rest: &[u8], len: usize) {
        let mut end = len + 1;
        if rest[len] == b'\r' {
            match rest.get(end) {
                Some(b'\n') => end += 1,
                Some(_) => {}
                None => self.position = Position::AfterCr,
            }
        }
        chunk.advance(end);
    }

    /// Goes on from where the last chunk ended.
    fn resume(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Result<Step, EventTooLarge> {
        let rest = chunk.remaining();
        let Some(&first) = rest.first() else {
            return Ok(Step::EndOfChunk);
        };
        match self.position {
            Position::StreamStart { bom } => {
                self.position = match bom {
                    _ if first == BOM[usize::from(bom)] => {
                        chunk.advance(1);
                        if bom == 2 {
                            Position::LineStart
                        } else {
                            Position::StreamStart { bom: bom + 1 }
                        }
                    }
                    0 => Position::LineStart,
                    // Half a BOM is the start of a name, and of none that is known.
                    _ => Position::Value(Field::Unknown),
                };
                Ok(Step::NextLine)
            }
            Position::AfterCr => {
                chunk.advance(usize::from(first == b'\n'));
                self.position = Position::LineStart;
                Ok(Step::NextLine)
            }
            Position::LineStart | Position::Name(_) => {
                self.piece(chunk, rest, line_end::find(rest), frames)
            }
            // A comment is handed out only if it was asked for from its first byte on.
            Position::AfterColon(field) => {
                self.position = Position::AfterColon(asked_for(field, frames));
                self.piece(chunk, rest, line_end::find(rest), frames)
            }
            Position::Value(field) => {
                self.position = Position::Value(asked_for(field, frames));
                self.piece(chunk, rest, line_end::find(rest), frames)
            }
        }
    }

    /// A line in pieces: up to `end`, where it ends, or else all of `rest`.
    #[inline(never)]
    fn piece(
        &mut self,
        chunk: &mut Chunk<'_>,
        rest: &[u8],
        end: Option<usize>,
        frames: bool,
    ) -> Result<Step, EventTooLarge> {
        if rest.is_empty() {
            return Ok(Step::EndOfChunk);
        }
        // Pieces go to the scratch, behind what the block has already.
        self.interpreter.leave_chunk(chunk);
        let piece = &rest[..end.unwrap_or(rest.len())];
        if let Err(Exceeded { field, read }) = self.read_piece(piece, frames) {
            chunk.advance(read);
            self.position = Position::Value(Field::Unknown);
            return Err(self.exceed(field));
        }
        chunk.advance(piece.len());
        let Some(&end) = rest.get(piece.len()) else {
            return Ok(Step::EndOfChunk);
        };
        chunk.advance(1);
        let ended = self.end_of_pieces(frames);
        self.position = if end == b'\r' { Position::AfterCr } else { Position::LineStart };
        match ended {
            Ok(item) => Ok(item.into()),
            Err(Exceeded { field, .. }) => Err(self.exceed(field)),
        }
    }

    fn exceed(&mut self, field: Field) -> EventTooLarge {
        self.interpreter.exceed(field);
        EventTooLarge { limit: self.interpreter.max_event_size() }
    }

    /// A piece without a line end.
    fn read_piece(&mut self, piece: &[u8], frames: bool) -> Result<(), Exceeded> {
        let mut read = 0;
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
                    let field = self.begin(Field::named(name.as_bytes()), frames);
                    // The name is known here, so its bytes count here.
                    self.count(field, name.as_bytes().len() + 1, read)
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

    /// The end of a line that came in pieces.
    fn end_of_pieces(&mut self, frames: bool) -> Result<Option<Item>, Exceeded> {
        let field = match self.position {
            Position::AfterColon(field) | Position::Value(field) => field,
            // "Otherwise, the string is not empty but does not contain a colon."
            Position::Name(name) => {
                let field = self.begin(Field::named(name.as_bytes()), frames);
                self.count(field, name.as_bytes().len(), 0)?;
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
