//! The memory of a decoder: bytes that could not stay in their chunk.
//!
//! Each of the three buffers holds at most the limit, because each byte in it was counted when it
//! came. Before one of them grows while there is more than [`SMALL`], those that are not in use are
//! given back. So the sum is bounded, whichever fields a stream fills one after the other: see
//! "Limits" in the crate's documentation.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

/// The held value of the data buffer.
pub(super) const DATA: usize = 0;
/// The held values of the event type buffer and the last event ID buffer.
pub(super) const VALUES: usize = 1;
/// The bytes of the line that a chunk cut; after its end, those of a comment.
pub(super) const CARRY: usize = 2;

/// Whether the bytes of each buffer are still needed.
pub(super) type InUse = [bool; 3];

/// Memory up to this size, in bytes, is kept for good.
pub(super) const SMALL: usize = 32 * 1024;

/// Memory beyond that is given back after this many blocks in a row that hardly used it.
const IDLE_BLOCKS: u8 = 64;

#[derive(Clone, Default)]
pub(super) struct Scratch {
    pub(super) buffers: [Vec<u8>; 3],
    /// The text of the event or comment that was handed out last, if it was malformed.
    pub(super) lossy: String,
    /// Whether there is more memory than what is kept for good.
    pub(super) is_large: bool,
    idle_blocks: u8,
    /// The most that a buffer has to hold.
    limit: usize,
}

impl Scratch {
    pub(super) fn new(limit: usize) -> Self {
        Scratch { limit, ..Scratch::default() }
    }

    /// Appends bytes to a buffer, in two parts.
    #[inline]
    pub(super) fn append(&mut self, buffer: usize, first: &[u8], second: &[u8], in_use: InUse) {
        let (additional, target) = (first.len() + second.len(), &self.buffers[buffer]);
        if additional > target.capacity() - target.len() {
            self.grow(buffer, additional, in_use);
        }
        self.buffers[buffer].extend_from_slice(first);
        self.buffers[buffer].extend_from_slice(second);
    }

    /// Makes room for more bytes. The capacity doubles while it is small and then grows by half,
    /// but not beyond the limit: a block of the largest size fills it to the last byte.
    #[cold]
    fn grow(&mut self, buffer: usize, additional: usize, mut in_use: InUse) {
        let len = self.buffers[buffer].len() + additional;
        let spare = if len <= SMALL / 8 { len } else { len / 2 };
        let spare = spare.min(self.limit.saturating_sub(len));
        in_use[buffer] = true;
        // Memory that is large enough and not in use serves first.
        let large_enough = |&other: &usize| !in_use[other] && self.buffers[other].capacity() >= len;
        if let Some(other) = (0..3).find(large_enough) {
            let mut memory = mem::take(&mut self.buffers[other]);
            memory.clear();
            memory.extend_from_slice(&self.buffers[buffer]);
            self.buffers[other] = mem::replace(&mut self.buffers[buffer], memory);
            return;
        }
        if self.is_large {
            self.release(in_use);
        }
        self.buffers[buffer].reserve_exact(additional + spare);
        self.note_size();
    }

    /// Gives back all memory that is not in use.
    fn release(&mut self, in_use: InUse) {
        for buffer in (0..3).filter(|&buffer| !in_use[buffer]) {
            self.buffers[buffer] = Vec::new();
        }
        self.lossy = String::new();
        self.note_size();
    }

    /// Gives back all memory, if it is large, because nothing is in use.
    pub(super) fn release_large(&mut self) {
        if self.is_large {
            self.release([false; 3]);
        }
    }

    /// Counts a block that ends here while there is large memory, which is given back after
    /// [`IDLE_BLOCKS`].
    #[cold]
    pub(super) fn count_block(&mut self, in_use: InUse) {
        // This is the text of the block before.
        self.lossy = String::new();
        let used = (0..3).filter(|&buffer| in_use[buffer]).map(|buffer| self.buffers[buffer].len());
        if used.sum::<usize>() >= self.capacity() / 4 {
            self.idle_blocks = 0;
        } else {
            self.idle_blocks += 1;
        }
        if self.idle_blocks == IDLE_BLOCKS {
            self.idle_blocks = 0;
            self.release(in_use);
            self.buffers.iter_mut().for_each(Vec::shrink_to_fit);
        }
        self.note_size();
    }

    fn note_size(&mut self) {
        self.is_large = self.capacity() > SMALL;
    }

    fn capacity(&self) -> usize {
        self.lossy.capacity() + self.buffers.iter().map(Vec::capacity).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The capacity of a buffer at each length up to `most`, byte by byte.
    fn capacities(limit: usize, most: usize) -> Vec<usize> {
        let mut scratch = Scratch::new(limit);
        let mut after = |_| {
            scratch.append(DATA, b"", b"x", [false; 3]);
            scratch.buffers[DATA].capacity()
        };
        (1..=most).map(&mut after).collect()
    }

    #[test]
    fn growth_never_passes_the_limit() {
        let mut capacities = capacities(100_000, 100_000);
        assert_eq!(capacities.last(), Some(&100_000));
        capacities.dedup();
        assert!(capacities.len() < 32, "{capacities:?}");
    }

    #[test]
    fn growth_is_to_twice_the_size_at_first_and_by_half_later() {
        let capacities = capacities(usize::MAX, 100_000);
        for (len, pair) in (2..).zip(capacities.windows(2)) {
            let spare = if len <= SMALL / 8 { len } else { len / 2 };
            let expected = if pair[0] < len { len + spare } else { pair[0] };
            assert_eq!(pair[1], expected, "at {len}");
        }
    }

    #[test]
    fn memory_that_is_not_in_use_serves_another_buffer() {
        let mut scratch = Scratch::new(usize::MAX);
        scratch.append(DATA, b"", &[b'x'; 100_000], [false; 3]);
        scratch.append(CARRY, b"", b"ab", [true, false, false]);
        let memory = scratch.buffers[DATA].as_ptr();
        scratch.append(CARRY, b"", &[b'c'; 60_000], [false; 3]);
        assert_eq!(scratch.buffers[CARRY].as_ptr(), memory);
        assert_eq!(scratch.buffers[CARRY][..3], *b"abc");
        assert_eq!(scratch.buffers[CARRY].len(), 60_002);
    }
}
