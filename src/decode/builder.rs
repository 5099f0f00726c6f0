//! The settings of a decoder.

use alloc::string::String;
use core::marker::PhantomData;

use super::core::Core;
use crate::owned_event::LONGEST_VALUE;
use crate::{BytesDecoder, Decoder};

/// The largest event by default: 64 MiB.
///
/// It is large enough for real streams, such as images in base64 on one line or lists of tools of
/// some megabytes, and small enough that a peer cannot fill the memory.
pub const DEFAULT_MAX_EVENT_SIZE: usize = 64 << 20;

/// The largest limit there is: 256 MiB.
const LARGEST_MAX_EVENT_SIZE: usize = 256 << 20;

// Malformed text becomes three times as long when it is decoded.
const _: () = assert!(3 * LARGEST_MAX_EVENT_SIZE <= LONGEST_VALUE);

/// Builds a [`Decoder`] or a [`BytesDecoder`].
///
/// ```
/// use sse_proto::Decoder;
///
/// let decoder = Decoder::builder().max_event_size(1 << 20).last_event_id("42").build();
/// assert_eq!(decoder.last_event_id(), "42");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DecoderBuilder<D> {
    max_event_size: usize,
    last_event_id: String,
    decoder: PhantomData<fn() -> D>,
}

impl<D> DecoderBuilder<D> {
    pub(crate) fn new() -> Self {
        DecoderBuilder {
            max_event_size: DEFAULT_MAX_EVENT_SIZE,
            last_event_id: String::new(),
            decoder: PhantomData,
        }
    }

    /// Sets the largest event, in bytes. It is [`DEFAULT_MAX_EVENT_SIZE`] unless set, and 256 MiB
    /// if you set more.
    ///
    /// The size of an event is the number of raw bytes in the `data`, `event`, `id` and `retry`
    /// lines of its block, names and colons included, and one for each line end (a CRLF is one).
    /// A line counts once its name is known. A value that a later line replaces still counts.
    /// Unknown fields do not count, and neither do comments that you do not ask for: the decoder
    /// skips them, however long they are, and holds nothing of them. So the size depends on the
    /// stream alone, never on how it was cut. A comment that [`next_frame`](Decoder::next_frame)
    /// reads counts by the same measure, on its own.
    ///
    /// The decoder's own memory stays within a small multiple of it: see
    /// [the crate's documentation](crate#limits).
    pub fn max_event_size(mut self, bytes: usize) -> Self {
        self.max_event_size = bytes.min(LARGEST_MAX_EVENT_SIZE);
        self
    }

    /// Sets the last event ID to start from, that of a connection before. It is empty unless set.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = id.into();
        self
    }

    fn core(self) -> Core {
        Core::new(self.max_event_size, self.last_event_id)
    }
}

impl DecoderBuilder<Decoder> {
    /// Makes the decoder.
    #[must_use]
    pub fn build(self) -> Decoder {
        Decoder::with_core(self.core())
    }
}

impl DecoderBuilder<BytesDecoder> {
    /// Makes the decoder.
    #[must_use]
    pub fn build(self) -> BytesDecoder {
        BytesDecoder::with_core(self.core())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_largest_limit() {
        for (asked, given) in [(7, 7), (256 << 20, 256 << 20), (usize::MAX, 256 << 20)] {
            let decoder = Decoder::builder().max_event_size(asked);
            assert_eq!(decoder.core().interpreter.limit, given);
        }
    }
}
