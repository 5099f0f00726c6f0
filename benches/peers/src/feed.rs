//! A stream cut into chunks, as an HTTP client hands them to a reader.
//!
//! Every reader gets each chunk as a [`Bytes`] of its own: an allocation that was made before the
//! clock starts and that the reader drops while it runs. A reader that takes slices borrows from
//! that `Bytes`. So all of them pay for letting go of a chunk, and none of them profits from chunks
//! that share memory.

use bytes::Bytes;

use crate::corpora::Corpus;

/// How a stream is cut.
pub struct Shape {
    /// The name on the command line and for `instructions.sh`.
    pub name: &'static str,
    /// The name in the report.
    pub title: &'static str,
    /// A corpus is cut off at this many bytes where small chunks would take too long.
    pub most: usize,
}

/// All shapes. 1460 bytes are what a TCP segment holds on an Ethernet; a model's tokens come as one
/// event per chunk; the last two are what a reader must bear, not what it meets every day.
pub const SHAPES: [Shape; 5] = [
    Shape { name: "16k", title: "chunks of 16 KiB", most: usize::MAX },
    Shape { name: "1460", title: "chunks of 1460 bytes", most: usize::MAX },
    Shape { name: "event", title: "one event per chunk", most: usize::MAX },
    Shape { name: "64", title: "chunks of 64 bytes", most: 512 << 10 },
    Shape { name: "1", title: "chunks of one byte", most: 128 << 10 },
];

pub struct Feed {
    bytes: Vec<u8>,
    /// Where each chunk ends.
    ends: Vec<usize>,
}

impl Feed {
    /// Cuts a corpus into a shape: `event`, `16k`, or a number of bytes. `None` if it is none of
    /// these.
    pub fn shaped(corpus: &Corpus, shape: &str) -> Option<Self> {
        Some(match shape {
            "event" => Feed { bytes: corpus.bytes.clone(), ends: corpus.ends.clone() },
            "16k" => Self::by_size(&corpus.bytes, 16 << 10),
            size => Self::by_size(&corpus.bytes, size.parse().ok().filter(|&size| size > 0)?),
        })
    }

    /// Cuts into chunks of `size` bytes; the last one may be shorter.
    pub fn by_size(bytes: &[u8], size: usize) -> Self {
        let ends = (1..=bytes.len().div_ceil(size)).map(|nth| bytes.len().min(nth * size));
        Feed { bytes: bytes.to_vec(), ends: ends.collect() }
    }

    /// The chunks, each in an allocation of its own.
    pub fn chunks(&self) -> Vec<Bytes> {
        let mut start = 0;
        let cut = |&end: &usize| {
            Bytes::copy_from_slice(&self.bytes[std::mem::replace(&mut start, end)..end])
        };
        self.ends.iter().map(cut).collect()
    }

    /// How many chunks a line of this length spans, about.
    pub fn chunks_per_line(&self, length: usize) -> usize {
        length * self.ends.len() / self.bytes.len().max(1)
    }
}
