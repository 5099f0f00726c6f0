//! The driver: reads a stream, cut anywhere, through every layer of the crate, and compares it with
//! the model.
#![allow(dead_code, missing_docs, unreachable_pub)]

mod expectation;
pub mod streams;

pub use expectation::Expectation;

use sse_proto::{BytesDecoder, Chunk, Decoder, Event, Frame, OwnedEvent, OwnedFrame};

use crate::model::{Item, Options, Output, State};

/// `stream` cut at each of `cuts`, which ascend; between two equal cuts is an empty chunk.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[usize]) -> Vec<&'s [u8]> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(stream.len()));
    starts.zip(ends).map(|(start, end)| &stream[start..end]).collect()
}

/// The cuts into chunks of this size.
pub fn every(size: usize, stream: &[u8]) -> Vec<usize> {
    (size..stream.len()).step_by(size).collect()
}

pub fn bytewise(stream: &[u8]) -> Vec<usize> {
    every(1, stream)
}

pub fn decoder(options: &Options) -> Decoder {
    Decoder::builder()
        .max_event_size(options.max_event_size)
        .last_event_id(options.last_event_id.as_str())
        .build()
}

pub fn bytes_decoder(options: &Options) -> BytesDecoder {
    BytesDecoder::builder()
        .max_event_size(options.max_event_size)
        .last_event_id(options.last_event_id.as_str())
        .build()
}

/// An event as an item of the model. Its conversions are checked too.
pub fn item_of_event(event: Event<'_>) -> Item {
    let owned = event.into_owned();
    assert_eq!(owned.as_event(), event, "into_owned() and as_event() change the event");
    Item::Event {
        event_type: event.event_type().to_owned(),
        type_field: event.type_field().map(str::to_owned),
        data: event.data().to_owned(),
        id: event.id().map(str::to_owned),
        last_event_id: event.last_event_id().to_owned(),
    }
}

pub fn item_of_owned_event(event: OwnedEvent) -> Item {
    let item = Item::Event {
        event_type: event.event_type().to_owned(),
        type_field: event.type_field().map(str::to_owned),
        data: event.data().to_owned(),
        id: event.id().map(str::to_owned),
        last_event_id: event.last_event_id().to_owned(),
    };
    assert_eq!(item_of_event(event.as_event()), item, "as_event() changes the event");
    let data = event.data().to_owned();
    assert_eq!(event.into_data(), data, "into_data() changes the data");
    item
}

pub fn item_of_frame(frame: Frame<'_>) -> Item {
    match frame {
        Frame::Event(event) => item_of_event(event),
        Frame::Comment(text) => Item::Comment(text.to_owned()),
        Frame::Retry(time) => Item::Retry(time),
        Frame::Id(id) => Item::Id(id.to_owned()),
        other => panic!("a frame this test does not know: {other:?}"),
    }
}

pub fn item_of_owned_frame(frame: OwnedFrame) -> Item {
    let again = frame.as_frame().into_owned();
    assert_eq!(again, frame, "as_frame() and into_owned() change the frame");
    match frame {
        OwnedFrame::Event(event) => item_of_owned_event(event),
        other => item_of_frame(other.as_frame()),
    }
}

/// One pull from the borrowed layer: an item, or `None` if the chunk is used up.
pub fn pull(
    decoder: &mut Decoder,
    chunk: &mut Chunk<'_>,
    frames: bool,
    limit: usize,
) -> Option<Item> {
    let pulled = if frames {
        decoder.next_frame(chunk).map(|frame| frame.map(item_of_frame))
    } else {
        decoder.next_event(chunk).map(|event| event.map(item_of_event))
    };
    assert_eq!(chunk.is_empty(), chunk.remaining().is_empty());
    match pulled {
        Ok(Some(item)) => Some(item),
        Ok(None) => {
            assert_eq!(chunk.remaining(), b"", "None, but the chunk is not used up");
            None
        }
        Err(error) => {
            assert_eq!(error.limit, limit, "EventTooLarge names another limit");
            Some(Item::TooLarge)
        }
    }
}

/// One pull from the owned layer.
pub fn pull_owned(decoder: &mut BytesDecoder, frames: bool, limit: usize) -> Option<Item> {
    let pulled = if frames {
        decoder.next_frame().map(|frame| frame.map(item_of_owned_frame))
    } else {
        decoder.next_event().map(|event| event.map(item_of_owned_event))
    };
    pulled.unwrap_or_else(|error| {
        assert_eq!(error.limit, limit, "EventTooLarge names another limit");
        Some(Item::TooLarge)
    })
}

/// A decoder of either layer, with the limit that its errors must name.
#[derive(Clone, Debug)]
pub enum Reader {
    Borrowed(Decoder, usize),
    Owned(BytesDecoder, usize),
}

impl Reader {
    pub fn both(options: &Options) -> [Reader; 2] {
        let limit = options.max_event_size;
        [Reader::Borrowed(decoder(options), limit), Reader::Owned(bytes_decoder(options), limit)]
    }

    /// Reads a chunk, and returns its items.
    pub fn read(&mut self, chunk: &[u8], frames: bool) -> Vec<Item> {
        self.read_to(chunk, frames).into_iter().map(|(_, item)| item).collect()
    }

    /// Reads a chunk, and returns each item with the number of bytes that were read before it came.
    pub fn read_to(&mut self, bytes: &[u8], frames: bool) -> Vec<(usize, Item)> {
        let mut items = Vec::new();
        match self {
            Reader::Borrowed(decoder, limit) => {
                let mut chunk = Chunk::new(bytes);
                assert_eq!(chunk.remaining(), bytes, "a new chunk is all there");
                while let Some(item) = pull(decoder, &mut chunk, frames, *limit) {
                    assert!(bytes.ends_with(chunk.remaining()));
                    items.push((bytes.len() - chunk.remaining().len(), item));
                }
            }
            Reader::Owned(decoder, limit) => {
                decoder.push(bytes.to_vec());
                while let Some(item) = pull_owned(decoder, frames, *limit) {
                    items.push((bytes.len(), item));
                }
            }
        }
        items
    }

    pub fn reconnect(&mut self) {
        match self {
            Reader::Borrowed(decoder, _) => decoder.reconnect(),
            Reader::Owned(decoder, _) => decoder.reconnect(),
        }
    }

    pub fn state(&self) -> State {
        let (last_event_id, reconnection_time, is_mid_event) = match self {
            Reader::Borrowed(decoder, _) => {
                (decoder.last_event_id(), decoder.reconnection_time(), decoder.is_mid_event())
            }
            Reader::Owned(decoder, _) => {
                (decoder.last_event_id(), decoder.reconnection_time(), decoder.is_mid_event())
            }
        };
        State { last_event_id: last_event_id.to_owned(), reconnection_time, is_mid_event }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    BorrowedEvents,
    BorrowedFrames,
    /// Push a chunk, drain, push the next.
    OwnedEvents,
    OwnedFrames,
    /// Push every chunk, then drain.
    OwnedEventsPushedFirst,
    OwnedFramesPushedFirst,
}

impl Layer {
    pub const ALL: [Layer; 6] = [
        Layer::BorrowedEvents,
        Layer::BorrowedFrames,
        Layer::OwnedEvents,
        Layer::OwnedFrames,
        Layer::OwnedEventsPushedFirst,
        Layer::OwnedFramesPushedFirst,
    ];

    pub fn hands_out_frames(self) -> bool {
        matches!(self, Layer::BorrowedFrames | Layer::OwnedFrames | Layer::OwnedFramesPushedFirst)
    }

    fn is_pushed_first(self) -> bool {
        matches!(self, Layer::OwnedEventsPushedFirst | Layer::OwnedFramesPushedFirst)
    }

    fn reader(self, options: &Options) -> Reader {
        let [borrowed, owned] = Reader::both(options);
        match self {
            Layer::BorrowedEvents | Layer::BorrowedFrames => borrowed,
            _ => owned,
        }
    }
}

/// Reads one stream. The offset of an item is the number of bytes that the decoder had read when
/// the item came. The owned layers count all bytes that were pushed.
pub fn run(layer: Layer, chunks: &[&[u8]], options: &Options) -> Output {
    run_streams(layer, &[chunks], options)
}

/// Reads several streams, and reconnects between two of them.
pub fn run_streams(layer: Layer, streams: &[&[&[u8]]], options: &Options) -> Output {
    let mut reader = layer.reader(options);
    let (mut items, mut given) = (Vec::new(), 0);
    for (index, stream) in streams.iter().enumerate() {
        if index > 0 {
            reader.reconnect();
            assert!(!reader.state().is_mid_event, "mid-event after reconnect()");
        }
        for (nth, chunk) in stream.iter().enumerate() {
            match &mut reader {
                Reader::Owned(decoder, _) if layer.is_pushed_first() && nth + 1 < stream.len() => {
                    decoder.push(chunk.to_vec());
                }
                reader => {
                    let new = reader.read_to(chunk, layer.hands_out_frames());
                    items.extend(new.into_iter().map(|(at, item)| (given + at, item)));
                }
            }
            given += chunk.len();
        }
    }
    let State { last_event_id, reconnection_time, is_mid_event } = reader.state();
    Output { items, last_event_id, reconnection_time, is_mid_event }
}
