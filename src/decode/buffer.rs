//! One of the standard's buffers: bytes that stay in the chunk while they can, and
//! "UTF-8 decode" for whoever reads them.
//!
//! Every delimiter of the format is ASCII, so to decode a buffer when it is read
//! gives what decoding the whole stream first would give, and costs one validation
//! however many pieces the bytes came in.

use alloc::string::String;
use alloc::vec::Vec;

use super::chunk::{Chunk, Span};
use crate::utf8;

/// Where the bytes of a buffer are.
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
#[derive(Clone)]
pub(crate) struct Buffer {
    place: Place,
    /// The bytes, where they had to be copied. Stale while `place` says otherwise,
    /// so that an event can borrow them after they were taken out of the buffer.
    scratch: Vec<u8>,
    /// The text, where the bytes are malformed.
    lossy: String,
}

/// Scratch up to this size, in bytes, is kept for good.
pub(crate) const SMALL_SCRATCH: usize = 32 * 1024;

impl Buffer {
    pub(crate) const fn new() -> Self {
        Buffer { place: Place::Unset, scratch: Vec::new(), lossy: String::new() }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.place.is_set()
    }

    #[inline]
    pub(crate) fn is_in_chunk(&self) -> bool {
        matches!(self.place, Place::InChunk(_))
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

    /// Takes the bytes out. Where they are in the scratch they stay there to be
    /// read until the buffer is next written to.
    #[inline]
    pub(crate) fn take(&mut self) -> Place {
        core::mem::replace(&mut self.place, Place::Unset)
    }

    // ---- Writing to the scratch ----

    /// Sets the buffer to the empty string, in the scratch.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.scratch.clear();
        self.place = Place::Scratch;
    }

    /// Moves the bytes to the scratch if they are in the chunk.
    #[inline]
    pub(crate) fn leave_chunk(&mut self, chunk: &Chunk<'_>, room: usize) {
        if let Place::InChunk(span) = self.place {
            self.clear();
            self.push(chunk.bytes(span), room);
        }
    }

    /// Appends bytes. The caller has seen to it that the scratch is in use.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8], room: usize) {
        if bytes.len() > self.scratch.capacity() - self.scratch.len() {
            self.grow(bytes.len(), room);
        }
        match bytes {
            // For streams that come byte by byte: no call to copy one.
            [byte] => self.scratch.push(*byte),
            _ => self.scratch.extend_from_slice(bytes),
        }
    }

    /// Doubles the scratch while it is small, then adds half, but never more than
    /// the `room` that the limit leaves to the block: a block of the largest size
    /// fills it to the last byte.
    #[cold]
    fn grow(&mut self, additional: usize, room: usize) {
        let len = self.scratch.len() + additional;
        let spare = if len <= SMALL_SCRATCH / 8 { len } else { len / 2 };
        self.scratch.reserve_exact(additional + spare.min(room));
    }

    /// Cuts the scratch to this length.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.scratch.truncate(len);
    }

    /// Removes this many bytes from the front of the scratch.
    pub(crate) fn remove_front(&mut self, len: usize) {
        self.scratch.drain(..len);
    }

    // ---- Reading ----

    /// The text of the bytes that [`take`](Buffer::take) found in this place.
    #[inline]
    pub(crate) fn text<'d, 'c: 'd>(&'d mut self, place: Place, chunk: &mut Chunk<'c>) -> &'d str {
        match place {
            Place::Unset => "",
            Place::InChunk(span) => match chunk.text(span) {
                Some(text) => text,
                None => {
                    self.lossy.clear();
                    utf8::push_lossy(&mut self.lossy, chunk.bytes(span));
                    &self.lossy
                }
            },
            Place::Scratch => self.scratch_text(),
        }
    }

    fn scratch_text(&mut self) -> &str {
        match utf8::validate(&self.scratch) {
            Some(text) => text,
            None => {
                self.lossy.clear();
                utf8::push_lossy(&mut self.lossy, &self.scratch);
                &self.lossy
            }
        }
    }

    /// Copies that text to where it is to be kept.
    pub(crate) fn copy_text(&self, place: Place, chunk: &mut Chunk<'_>, text: &mut String) {
        text.clear();
        self.append_text(place, chunk, text);
    }

    fn append_text(&self, place: Place, chunk: &mut Chunk<'_>, text: &mut String) {
        let (valid, bytes) = match place {
            Place::Unset => (Some(""), &[][..]),
            Place::InChunk(span) => (chunk.text(span), chunk.bytes(span)),
            Place::Scratch => (utf8::validate(&self.scratch), self.scratch.as_slice()),
        };
        match valid {
            Some(valid) => push_exact(text, valid),
            None => utf8::push_lossy(text, bytes),
        }
    }

    /// Appends that text to what is to be owned, and says where it stands there. Of
    /// large scratch the memory goes along: not even for a moment is it held twice.
    pub(crate) fn own_text(
        &mut self,
        place: Place,
        chunk: &mut Chunk<'_>,
        text: &mut String,
    ) -> Option<Span> {
        let start = text.len();
        match place {
            Place::Unset => return None,
            Place::Scratch if self.is_large() => {
                match String::from_utf8(core::mem::take(&mut self.scratch)) {
                    Ok(valid) if start == 0 => *text = valid,
                    Ok(valid) => push_exact(text, &valid),
                    Err(malformed) => utf8::push_lossy(text, &malformed.into_bytes()),
                }
            }
            _ => self.append_text(place, chunk, text),
        }
        Some(Span { start, end: text.len() })
    }

    /// How much to make ready for that.
    pub(crate) fn len_to_own(&self, place: Place) -> usize {
        match place {
            Place::Unset => 0,
            Place::InChunk(span) => span.end - span.start,
            Place::Scratch if self.is_large() => 0,
            Place::Scratch => self.scratch.len(),
        }
    }

    fn is_large(&self) -> bool {
        const LARGE: usize = 16 * 1024;
        self.scratch.len() > LARGE
    }

    // ---- Memory ----

    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.scratch.capacity() + self.lossy.capacity()
    }

    /// How much of the scratch is in use.
    pub(crate) fn used(&self) -> usize {
        if self.place == Place::Scratch { self.scratch.len() } else { 0 }
    }

    /// Gives back all capacity that is not in use.
    pub(crate) fn shrink(&mut self) {
        match self.place {
            Place::Scratch => self.scratch.shrink_to_fit(),
            Place::Unset | Place::InChunk(_) => self.scratch = Vec::new(),
        }
        self.release_lossy();
    }

    /// Gives back the memory of what an earlier event left here.
    pub(crate) fn release_unused(&mut self) {
        if self.place == Place::Unset {
            self.scratch = Vec::new();
        }
        self.release_lossy();
    }

    pub(crate) fn release_lossy(&mut self) {
        self.lossy = String::new();
    }
}

fn push_exact(text: &mut String, value: &str) {
    text.reserve_exact(value.len());
    text.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_never_passes_what_the_limit_leaves() {
        let mut buffer = Buffer::new();
        let limit = 100_000;
        let mut capacities = Vec::new();
        for len in 1..=limit {
            buffer.push(b"x", limit - len);
            capacities.push(buffer.capacity());
        }
        assert_eq!(buffer.capacity(), limit);
        capacities.dedup();
        assert!(capacities.len() < 32, "{capacities:?}");
    }

    #[test]
    fn growth_is_to_twice_the_size_at_first_and_by_half_later() {
        let mut buffer = Buffer::new();
        for len in 1..100_000 {
            let before = buffer.capacity();
            buffer.push(b"x", usize::MAX);
            assert!(len > before || buffer.capacity() == before, "it fits");
            if buffer.capacity() > before {
                let spare = if len <= SMALL_SCRATCH / 8 { len } else { len / 2 };
                assert_eq!(buffer.capacity(), len + spare);
            }
        }
    }
}
