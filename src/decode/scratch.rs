//! The memory of a decoder: bytes that could not stay in their chunk.
//!
//! There are three buffers of bytes and one of text. Each byte buffer holds at most the limit,
//! because each byte in it was counted when it came; and before one of them grows beyond
//! [`SMALL`], those that are not in use are given back. So the sum is bounded, whichever fields
//! a stream fills one after the other: see "Limits" in the crate's documentation.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::block::Block;

/// Memory up to this size, in bytes, is kept for good.
pub(super) const SMALL: usize = 32 * 1024;

/// Memory beyond that is given back after this many blocks in a row that hardly used it.
const IDLE_BLOCKS: u8 = 64;

#[derive(Clone)]
pub(super) struct Scratch {
    /// The value of the data buffer, when it is held.
    pub(super) data: Vec<u8>,
    /// The values of the event type buffer and of the last event ID buffer, when they are held.
    pub(super) values: Vec<u8>,
    /// The bytes of the line that the end of a chunk cut, or the comment that such a line was.
    pub(super) carry: Vec<u8>,
    /// The text of the event, or comment, that was handed out last, if it was malformed.
    pub(super) lossy: String,
    /// The most that a buffer of bytes can have to hold.
    limit: usize,
    /// Whether there is more than what is kept for good.
    pub(super) is_large: bool,
    /// How many blocks in a row hardly used it.
    idle_blocks: u8,
}

/// A buffer of bytes in the [`Scratch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buffer {
    Data,
    Values,
    Carry,
}

/// The buffers whose bytes are still needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InUse {
    data: bool,
    values: bool,
    carry: bool,
}

impl InUse {
    const NOTHING: InUse = InUse { data: false, values: false, carry: false };

    /// The buffers that hold values of the block.
    #[inline]
    pub(super) fn of(block: &Block) -> Self {
        InUse {
            data: block.data.is_held(),
            values: block.event_type.is_held() || block.id.is_held(),
            carry: false,
        }
    }

    /// This buffer as well.
    pub(super) fn and(mut self, buffer: Buffer) -> Self {
        match buffer {
            Buffer::Data => self.data = true,
            Buffer::Values => self.values = true,
            Buffer::Carry => self.carry = true,
        }
        self
    }
}

impl Scratch {
    pub(super) const fn new(limit: usize) -> Self {
        Scratch {
            data: Vec::new(),
            values: Vec::new(),
            carry: Vec::new(),
            lossy: String::new(),
            limit,
            is_large: false,
            idle_blocks: 0,
        }
    }

    #[inline]
    pub(super) fn buffer(&mut self, buffer: Buffer) -> &mut Vec<u8> {
        match buffer {
            Buffer::Data => &mut self.data,
            Buffer::Values => &mut self.values,
            Buffer::Carry => &mut self.carry,
        }
    }

    /// Appends bytes to a buffer, in two parts.
    #[inline]
    pub(super) fn append(&mut self, buffer: Buffer, first: &[u8], second: &[u8], in_use: InUse) {
        let additional = first.len() + second.len();
        let target = self.buffer(buffer);
        if additional > target.capacity() - target.len() {
            self.grow(buffer, additional, in_use.and(buffer));
        }
        let target = self.buffer(buffer);
        target.extend_from_slice(first);
        target.extend_from_slice(second);
    }

    /// Makes room for so many more bytes. The capacity doubles while it is small and then grows
    /// by half, but never beyond the limit: a block of the largest size fills it to the last byte.
    #[cold]
    fn grow(&mut self, buffer: Buffer, additional: usize, in_use: InUse) {
        let len = self.buffer(buffer).len() + additional;
        let spare = if len <= SMALL / 8 { len } else { len / 2 };
        let spare = spare.min(self.limit.saturating_sub(len));
        if self.is_large && self.take_over(buffer, len, in_use) {
            return;
        }
        if self.is_large || len + spare > SMALL {
            self.release(in_use);
        }
        self.buffer(buffer).reserve_exact(additional + spare);
        self.note_size();
    }

    /// Moves the bytes of a buffer to another one's memory that is not in use and large enough.
    fn take_over(&mut self, buffer: Buffer, len: usize, in_use: InUse) -> bool {
        let InUse { data, values, carry } = in_use;
        for (is_used, other) in
            [(data, Buffer::Data), (values, Buffer::Values), (carry, Buffer::Carry)]
        {
            if !is_used && self.buffer(other).capacity() >= len {
                let mut memory = mem::take(self.buffer(other));
                memory.clear();
                memory.extend_from_slice(self.buffer(buffer));
                *self.buffer(other) = mem::replace(self.buffer(buffer), memory);
                return true;
            }
        }
        false
    }

    /// Gives back all memory that is not in use.
    pub(super) fn release(&mut self, in_use: InUse) {
        if !in_use.data {
            self.data = Vec::new();
        }
        if !in_use.values {
            self.values = Vec::new();
        }
        if !in_use.carry {
            self.carry = Vec::new();
        }
        self.lossy = String::new();
        self.note_size();
    }

    /// Notes whether there is now more memory than what is kept for good.
    fn note_size(&mut self) {
        self.is_large = self.capacity() > SMALL;
    }

    fn capacity(&self) -> usize {
        self.data.capacity()
            + self.values.capacity()
            + self.carry.capacity()
            + self.lossy.capacity()
    }

    /// Whether there is more memory than what is kept for good.
    #[inline]
    pub(super) fn is_large(&self) -> bool {
        self.is_large
    }

    /// Gives back all large memory, because nothing is in use.
    pub(super) fn release_large(&mut self) {
        if self.is_large {
            self.release(InUse::NOTHING);
        }
    }

    /// Counts a block that ends here while there is large memory, and gives that back after
    /// [`IDLE_BLOCKS`].
    #[cold]
    pub(super) fn count_block(&mut self, in_use: InUse) {
        let used =
            [(in_use.data, &self.data), (in_use.values, &self.values), (in_use.carry, &self.carry)];
        let used: usize =
            used.iter().filter(|(used, _)| *used).map(|(_, buffer)| buffer.len()).sum();
        // The lossy text is that of the block before.
        self.lossy = String::new();
        if used >= self.capacity() / 4 {
            self.idle_blocks = 0;
        } else {
            self.idle_blocks += 1;
            if self.idle_blocks == IDLE_BLOCKS {
                self.idle_blocks = 0;
                self.shrink(in_use);
            }
        }
        self.note_size();
    }

    /// Gives back all memory beyond what the bytes in use need.
    fn shrink(&mut self, in_use: InUse) {
        let InUse { data, values, carry } = in_use;
        for (used, buffer) in
            [(data, &mut self.data), (values, &mut self.values), (carry, &mut self.carry)]
        {
            match used {
                true => buffer.shrink_to_fit(),
                false => *buffer = Vec::new(),
            }
        }
    }

    /// Takes the data out, memory and all.
    pub(super) fn take_data(&mut self) -> Vec<u8> {
        let data = mem::take(&mut self.data);
        self.note_size();
        data
    }
}
