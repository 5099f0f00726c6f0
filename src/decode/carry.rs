//! The carry: the bytes of a line that the end of a chunk cut.
//!
//! It collects them until the line end comes; then the line is interpreted like any other.
//! Nothing but its name is looked at before. A line that means nothing is not collected.

use alloc::vec::Vec;
use core::mem;

use super::chunk::Chunk;
use super::core::{Core, Step};
use super::field::{self, Field, LONGEST_NAME};
use super::line::Position;
use super::scratch::CARRY;
use crate::line_end;

impl Core {
    /// Whether the chunk only continues the line in the carry, or is empty. This is asked before
    /// anything else, because streams that come byte by byte have hardly anything else to ask.
    #[inline]
    pub(super) fn is_carried_on(&mut self, chunk: &mut Chunk<'_>) -> bool {
        match chunk.remaining() {
            [] => true,
            _ => matches!(self.position, Position::Carried(_)) && self.carry_all(chunk),
        }
    }

    /// Appends all of the chunk to the carry, if no line ends in it and it fits. The general way
    /// does the same, in twice the time for streams that come in small chunks.
    #[inline(never)]
    fn carry_all(&mut self, chunk: &mut Chunk<'_>) -> bool {
        let rest = chunk.remaining();
        let carry = &mut self.interpreter.scratch.buffers[CARRY];
        let is_counted = match self.position {
            Position::Carried(Some((field, _))) => field.counts_for_block(),
            _ => false,
        };
        let room = carry.capacity().min(self.interpreter.room).saturating_sub(carry.len());
        if !is_counted || rest.len() > room {
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

    /// Appends a piece of its line to the carry: up to the line end, or else all of the chunk.
    /// `known` is what the carry shows already of the line's field.
    pub(super) fn carry_on(
        &mut self,
        chunk: &mut Chunk<'_>,
        known: Option<(Field, usize)>,
        end: Option<usize>,
        frames: bool,
    ) -> Step {
        let piece = &chunk.remaining()[..end.unwrap_or(chunk.remaining().len())];
        let carry = &mut self.interpreter.scratch.buffers[CARRY];
        let before = carry.len();
        let (read, known) = match known {
            None => read_name(carry, piece),
            _ => (0, known),
        };
        let Some((field, colon)) = known.or_else(|| end.map(|_| field::unusual(carry))) else {
            self.position = Position::Carried(None);
            chunk.advance_to(&[]);
            return Step::EndOfChunk;
        };
        let field = field.asked_for(frames);
        if field == Field::Unknown {
            self.position = Position::Skipped;
            chunk.set_searched(piece.len());
            return Step::NextLine;
        }
        let len = before + piece.len();
        if len + usize::from(end.is_some()) > self.interpreter.room_for(field) {
            return self.exceed(chunk, field, colon, before, end);
        }
        let in_use = self.interpreter.block.in_use();
        self.interpreter.scratch.append(CARRY, b"", &piece[read..], in_use);
        let Some(end) = end else {
            self.position = Position::Carried(Some((field, colon)));
            chunk.advance_to(&[]);
            return Step::EndOfChunk;
        };

        let mut carry = mem::take(&mut self.interpreter.scratch.buffers[CARRY]);
        let value = field::value(&carry, colon, 0);
        let step = self.interpreter.process_field(field, len, value, &carry);
        self.interpreter.hold_carried(field, &mut carry);
        self.end_line(chunk, end);
        step
    }
}

/// Appends bytes of a line to those that `carry` holds, until they show which field it is. Returns
/// how many bytes that took.
fn read_name(carry: &mut Vec<u8>, piece: &[u8]) -> (usize, Option<(Field, usize)>) {
    let head = &piece[..piece.len().min(LONGEST_NAME + 1 - carry.len())];
    carry.extend_from_slice(head);
    let unknown = (carry.len() > LONGEST_NAME).then_some((Field::Unknown, 0));
    (head.len(), field::usual(carry).or(unknown))
}
