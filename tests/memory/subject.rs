//! A decoder whose memory is measured, of either layer, which reads events or frames.

use bytes::Bytes;
use sse_proto::{BytesDecoder, Chunk, Decoder, OwnedEvent, OwnedFrame};

use crate::counter::Since;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    BorrowedEvents,
    BorrowedFrames,
    OwnedEvents,
    OwnedFrames,
}

impl Layer {
    pub const ALL: [Layer; 4] =
        [Layer::BorrowedEvents, Layer::BorrowedFrames, Layer::OwnedEvents, Layer::OwnedFrames];

    fn hands_out_frames(self) -> bool {
        matches!(self, Layer::BorrowedFrames | Layer::OwnedFrames)
    }
}

pub enum Subject {
    Borrowed(Decoder, Layer),
    Owned(BytesDecoder, Layer),
}

impl Subject {
    pub fn new(layer: Layer, limit: usize) -> Self {
        match layer {
            Layer::BorrowedEvents | Layer::BorrowedFrames => {
                Subject::Borrowed(Decoder::builder().max_event_size(limit).build(), layer)
            }
            Layer::OwnedEvents | Layer::OwnedFrames => {
                Subject::Owned(BytesDecoder::builder().max_event_size(limit).build(), layer)
            }
        }
    }

    pub fn last_event_id(&self) -> &str {
        match self {
            Subject::Borrowed(decoder, _) => decoder.last_event_id(),
            Subject::Owned(decoder, _) => decoder.last_event_id(),
        }
    }

    pub fn reconnect(&mut self) {
        match self {
            Subject::Borrowed(decoder, _) => decoder.reconnect(),
            Subject::Owned(decoder, _) => decoder.reconnect(),
        }
    }

    /// Reads a chunk, and returns how many items and errors came. It keeps none of them.
    pub fn read(&mut self, bytes: Bytes) -> usize {
        match self {
            Subject::Borrowed(decoder, layer) => {
                let (mut chunk, frames) = (Chunk::new(&bytes), layer.hands_out_frames());
                count(|| match frames {
                    true => decoder.next_frame(&mut chunk).map(|frame| frame.is_some()),
                    false => decoder.next_event(&mut chunk).map(|event| event.is_some()),
                })
            }
            Subject::Owned(decoder, layer) => {
                decoder.push(bytes);
                let frames = layer.hands_out_frames();
                count(|| match frames {
                    true => decoder.next_frame().map(|frame| frame.is_some()),
                    false => decoder.next_event().map(|event| event.is_some()),
                })
            }
        }
    }

    /// Reads a stream in chunks of this size.
    pub fn read_all(&mut self, stream: &Bytes, chunk_size: usize) -> usize {
        chunks(stream, chunk_size).map(|chunk| self.read(chunk)).sum()
    }

    /// How often a decoder that has read this stream a few times allocates when it reads it again.
    /// Two of its buffers change places, so it takes more than once until both are large enough.
    pub fn allocations_once_warm(
        layer: Layer,
        limit: usize,
        stream: &Bytes,
        chunk_size: usize,
    ) -> usize {
        let mut subject = Subject::new(layer, limit);
        let warm = subject.read_all(stream, chunk_size);
        for _ in 0..3 {
            subject.read_all(stream, chunk_size);
        }
        let since = Since::now();
        assert_eq!(subject.read_all(stream, chunk_size), warm);
        since.allocations()
    }

    /// Reads a chunk, and keeps its events. It copies those that are borrowed.
    pub fn read_into(&mut self, bytes: Bytes, kept: &mut Vec<OwnedEvent>) {
        match self {
            Subject::Borrowed(decoder, _) => {
                let mut chunk = Chunk::new(&bytes);
                while let Some(event) = decoder.next_event(&mut chunk).unwrap() {
                    kept.push(event.into_owned());
                }
            }
            Subject::Owned(decoder, layer) => {
                decoder.push(bytes);
                if layer.hands_out_frames() {
                    while let Some(frame) = decoder.next_frame().unwrap() {
                        if let OwnedFrame::Event(event) = frame {
                            kept.push(event);
                        }
                    }
                } else {
                    kept.extend(std::iter::from_fn(|| decoder.next_event().unwrap()));
                }
            }
        }
    }
}

fn count<E>(mut pull: impl FnMut() -> Result<bool, E>) -> usize {
    let mut items = 0;
    while pull().unwrap_or(true) {
        items += 1;
    }
    items
}

/// A stream in chunks of this size, which share its memory.
pub fn chunks(stream: &Bytes, size: usize) -> impl Iterator<Item = Bytes> {
    (0..stream.len())
        .step_by(size)
        .map(move |start| stream.slice(start..stream.len().min(start + size)))
}

/// A stream whose memory is already shared, so that its chunks allocate nothing.
pub fn shared(stream: Vec<u8>) -> Bytes {
    let bytes = Bytes::from(stream);
    drop(bytes.clone());
    bytes
}
