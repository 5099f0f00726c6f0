//! One of the standard's buffers: text that stays in the chunk while it can.

use alloc::string::String;

use super::chunk::{Chunk, Span};
use super::text;
use crate::utf8::Pieces;

/// Where the text of a buffer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Unset,
    InChunk(Span),
    Scratch,
}

impl Place {
    #[inline]
    pub(crate) fn is_set(self) -> bool {
        self != Place::Unset
    }
}

/// A buffer of the standard.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    place: Place,
    /// The text, where it had to be copied. Stale while `place` says otherwise,
    /// so that an event can borrow it after it was taken out of the buffer.
    scratch: String,
}

impl Buffer {
    pub(crate) const fn new() -> Self {
        Buffer { place: Place::Unset, scratch: String::new() }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.place.is_set()
    }

    #[inline]
    pub(crate) fn unset(&mut self) {
        self.place = Place::Unset;
    }

    #[inline]
    pub(crate) fn set(&mut self, span: Span) {
        self.place = Place::InChunk(span);
    }

    #[inline]
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Puts back what was taken out, or would have been.
    pub(crate) fn put(&mut self, place: Place) {
        self.place = place;
    }

    /// Takes the text out. Where it is in the scratch it stays there to be read
    /// until the buffer is next written to.
    #[inline]
    pub(crate) fn take(&mut self) -> Place {
        core::mem::replace(&mut self.place, Place::Unset)
    }

    /// Sets the buffer to the empty string, in the scratch.
    pub(crate) fn clear(&mut self) {
        self.scratch.clear();
        self.place = Place::Scratch;
    }

    /// Moves the text to the scratch if it is in the chunk.
    pub(crate) fn leave_chunk(&mut self, chunk: &mut Chunk<'_>, room: usize) {
        if let Place::InChunk(span) = self.place {
            self.clear();
            self.push_span(span, chunk, room);
        }
    }

    // Writing to the scratch. The caller has seen to it that it is in use.

    #[inline]
    pub(crate) fn push_str(&mut self, text: &str, room: usize) {
        text::append(&mut self.scratch, text, room);
    }

    #[inline]
    pub(crate) fn push_span(&mut self, span: Span, chunk: &mut Chunk<'_>, room: usize) {
        match chunk.text(span) {
            Some(text) => text::append(&mut self.scratch, text, room),
            None => text::append_lossy(&mut self.scratch, chunk.bytes(span), room),
        }
    }

    #[inline]
    pub(crate) fn push_piece(&mut self, piece: &[u8], pieces: &mut Pieces, room: usize) {
        text::append_piece(&mut self.scratch, piece, pieces, room);
    }

    #[inline]
    pub(crate) fn push_ascii(&mut self, ascii: &[u8], room: usize) {
        text::append_ascii(&mut self.scratch, ascii, room);
    }

    pub(crate) fn finish_pieces(&mut self, pieces: &mut Pieces, room: usize) {
        text::finish_pieces(&mut self.scratch, pieces, room);
    }

    // Reading.

    /// The text that [`take`](Buffer::take) found in this place.
    #[inline]
    pub(crate) fn text<'d, 'c: 'd>(&'d mut self, place: Place, chunk: &mut Chunk<'c>) -> &'d str {
        match place {
            Place::Unset => "",
            Place::Scratch => &self.scratch,
            Place::InChunk(span) => match chunk.text(span) {
                Some(text) => text,
                None => self.lossy(chunk.bytes(span)),
            },
        }
    }

    #[cold]
    fn lossy(&mut self, bytes: &[u8]) -> &str {
        self.scratch.clear();
        text::append_lossy(&mut self.scratch, bytes, usize::MAX);
        &self.scratch
    }

    // The line of an ID that may turn out not to count.

    /// Makes the scratch ready for a second text behind the one that stands;
    /// returns where it starts.
    pub(crate) fn keep_scratch(&mut self) -> usize {
        if self.place != Place::Scratch {
            self.scratch.clear();
        }
        self.scratch.len()
    }

    /// Drops the second text.
    pub(crate) fn drop_behind(&mut self, start: usize) {
        self.scratch.truncate(start);
    }

    /// Drops the first text: the second one is the buffer's.
    pub(crate) fn drop_before(&mut self, start: usize) {
        self.scratch.drain(..start);
        self.place = Place::Scratch;
    }

    // Memory.

    pub(crate) fn capacity(&self) -> usize {
        self.scratch.capacity()
    }

    /// How much of the scratch is in use.
    pub(crate) fn used(&self) -> usize {
        if self.place == Place::Scratch { self.scratch.len() } else { 0 }
    }

    /// Gives back all capacity that is not in use.
    pub(crate) fn shrink(&mut self) {
        if self.place != Place::Scratch {
            self.scratch.clear();
        }
        self.scratch.shrink_to_fit();
    }

    /// The scratch's text, to keep: the buffer itself if it is large, else a copy.
    pub(crate) fn take_or_copy(&mut self) -> String {
        if self.scratch.len() > LARGE {
            let mut text = core::mem::take(&mut self.scratch);
            text.shrink_to_fit();
            text
        } else {
            String::from(self.scratch.as_str())
        }
    }
}

/// From this size on an owned event takes the scratch with it, in bytes.
const LARGE: usize = 16 * 1024;
