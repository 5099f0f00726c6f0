//! "UTF-8 decode" into a buffer, and how buffers grow.
//!
//! Every delimiter of the format is ASCII, so decoding value by value gives what
//! decoding the whole stream first would give.

use alloc::string::String;

use crate::utf8::{self, Part, Pieces};

/// What decoding puts in place of a malformed sequence.
const REPLACEMENT: &str = "\u{FFFD}";

/// Up to this capacity, in bytes, a buffer doubles; beyond it it grows by half.
const DOUBLING: usize = 4 * 1024;

/// Appends `text`, growing `buffer` so that its peak stays within the bound that
/// the crate promises: never by more spare than the `room` that the limit leaves.
#[inline]
pub(crate) fn append(buffer: &mut String, text: &str, room: usize) {
    if text.len() > buffer.capacity() - buffer.len() {
        grow(buffer, text.len(), room);
    }
    buffer.push_str(text);
}

#[cold]
fn grow(buffer: &mut String, additional: usize, room: usize) {
    let len = buffer.len() + additional;
    let spare = if len <= DOUBLING { len } else { len / 2 };
    buffer.reserve_exact(additional + spare.min(room));
}

/// Appends text that is complete.
pub(crate) fn append_lossy(buffer: &mut String, bytes: &[u8], room: usize) {
    utf8::split_malformed(bytes, |part| append_part(buffer, part, room.min(bytes.len())));
}

/// Appends one piece of a text.
#[inline]
pub(crate) fn append_piece(buffer: &mut String, piece: &[u8], pieces: &mut Pieces, room: usize) {
    pieces.feed(piece, |part| append_part(buffer, part, room));
}

/// Appends a few ASCII characters, without the calls to validate and to copy them.
#[inline]
pub(crate) fn append_ascii(buffer: &mut String, ascii: &[u8], room: usize) {
    if ascii.len() > buffer.capacity() - buffer.len() {
        grow(buffer, ascii.len(), room);
    }
    for &byte in ascii {
        buffer.push(char::from(byte));
    }
}

/// Ends a text that came in pieces.
#[inline]
pub(crate) fn finish_pieces(buffer: &mut String, pieces: &mut Pieces, room: usize) {
    pieces.finish(|part| append_part(buffer, part, room));
}

#[inline]
fn append_part(buffer: &mut String, part: Part<'_>, room: usize) {
    match part {
        Part::Text(text) => append(buffer, text, room),
        Part::Malformed => append(buffer, REPLACEMENT, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn growth_never_passes_what_the_limit_leaves() {
        let mut buffer = String::new();
        let limit = 100_000;
        let mut capacities = Vec::new();
        for len in 1..=limit {
            append(&mut buffer, "x", limit - len);
            capacities.push(buffer.capacity());
        }
        assert_eq!(buffer.capacity(), limit);
        capacities.dedup();
        assert!(capacities.len() < 32, "{capacities:?}");
    }
}
