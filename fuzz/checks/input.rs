//! The meaning of a fuzzer's bytes: text from the front, choices from the back.
//!
//! So a file of the corpus starts with what it is about, readable, and a mutation of
//! the text leaves the choices alone.

use std::borrow::Cow;

use crate::model::Options;

pub struct Input<'i> {
    bytes: &'i [u8],
}

impl<'i> Input<'i> {
    pub fn new(bytes: &'i [u8]) -> Self {
        Input { bytes }
    }

    /// One choice; 0 once there are none left.
    pub fn byte(&mut self) -> u8 {
        match self.bytes.split_last() {
            Some((&byte, rest)) => {
                self.bytes = rest;
                byte
            }
            None => 0,
        }
    }

    /// One of `0..below`.
    pub fn below(&mut self, below: u8) -> u8 {
        self.byte() % below
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn number(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A length: every small one, and some up to 4 KiB.
    pub fn length(&mut self) -> usize {
        match usize::from(self.byte()) {
            small @ ..192 => small,
            large => (large - 191) * 64,
        }
    }

    /// The next bytes of the front, as many as are left of `length`.
    pub fn take(&mut self, length: usize) -> &'i [u8] {
        let (taken, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    /// A text from the front.
    pub fn text(&mut self) -> Cow<'i, str> {
        let length = self.length();
        String::from_utf8_lossy(self.take(length))
    }

    /// The bytes that are left after every choice is made.
    pub fn rest(self) -> &'i [u8] {
        self.bytes
    }

    /// A limit, mostly a small one, and the ID of a connection before.
    pub fn options(&mut self) -> Options {
        let max_event_size = match self.byte() {
            0 => Options::default().max_event_size,
            small => usize::from(small) - 1,
        };
        let last_event_id = ["", "7", "한", "a longer ID than most"][usize::from(self.below(4))];
        Options { max_event_size, last_event_id: last_event_id.to_owned(), frames: true }
    }

    /// How to cut a stream: the lengths of its chunks, some of them 0.
    pub fn chunk_lengths(&mut self) -> ChunkLengths {
        let (again, count) = (self.flag(), self.below(12));
        ChunkLengths { lengths: (0..count).map(|_| self.length()).collect(), again }
    }
}

pub struct ChunkLengths {
    lengths: Vec<usize>,
    /// Whether the lengths start over where they end; if not, the last chunk is the rest.
    again: bool,
}

impl ChunkLengths {
    /// Where they cut a stream of this length: ascending, equal ones for an empty chunk.
    pub fn cuts(&self, stream: usize) -> Vec<usize> {
        let (mut cuts, mut at) = (Vec::new(), 0);
        loop {
            for length in &self.lengths {
                at += length;
                if at > stream {
                    return cuts;
                }
                cuts.push(at);
            }
            if !self.again || self.lengths.iter().all(|&length| length == 0) {
                return cuts;
            }
        }
    }
}
