//! The driver: one stream, cut anywhere, through every layer of the crate, against the model.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod streams;

use std::fmt::Write as _;

use sse_proto::{BytesDecoder, Chunk, Decoder, Event, Frame, OwnedEvent, OwnedFrame};

use crate::model::{self, Item, Options, Output};

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
}

/// `stream` cut at each of `cuts`, which ascend; two equal cuts have an empty chunk between them.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[usize]) -> Vec<&'s [u8]> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(stream.len()));
    starts.zip(ends).map(|(start, end)| &stream[start..end]).collect()
}

/// Every cut there is: one byte per chunk.
pub fn bytewise(stream: &[u8]) -> Vec<usize> {
    (1..stream.len()).collect()
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

/// An event as the model's, after a look at its conversions.
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
    assert_eq!(
        frame.as_frame().into_owned(),
        frame,
        "as_frame() and into_owned() change the frame"
    );
    match frame {
        OwnedFrame::Event(event) => item_of_owned_event(event),
        other => item_of_frame(other.as_frame()),
    }
}

/// One pull from the borrowed layer: an item, or `None` when the chunk is used up, which is checked.
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
    match pulled {
        Ok(Some(item)) => Some(item),
        Ok(None) => {
            assert_eq!(chunk.remaining(), b"", "None, but the chunk is not used up");
            assert!(chunk.is_empty());
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

/// Runs `chunks` through one layer. The offset of an item is the number of bytes the decoder had been given when it
/// came: for the borrowed layers exactly what was taken from the chunk, for the owned ones all that was pushed.
pub fn run(layer: Layer, chunks: &[&[u8]], options: &Options) -> Output {
    run_streams(layer, &[chunks], options)
}

/// The same for several streams, with a reconnection between two of them.
pub fn run_streams(layer: Layer, streams: &[&[&[u8]]], options: &Options) -> Output {
    let frames = layer.hands_out_frames();
    let limit = options.max_event_size;
    let mut items = Vec::new();
    let mut fed = 0;
    match layer {
        Layer::BorrowedEvents | Layer::BorrowedFrames => {
            let mut decoder = decoder(options);
            for (index, stream) in streams.iter().enumerate() {
                if index > 0 {
                    decoder.reconnect();
                    assert!(!decoder.is_mid_event(), "mid-event after reconnect()");
                }
                for bytes in *stream {
                    let mut chunk = Chunk::new(bytes);
                    assert_eq!(chunk.remaining(), *bytes, "a new chunk is all there");
                    while let Some(item) = pull(&mut decoder, &mut chunk, frames, limit) {
                        items.push((fed + bytes.len() - chunk.remaining().len(), item));
                    }
                    fed += bytes.len();
                }
            }
            Output {
                items,
                last_event_id: decoder.last_event_id().to_owned(),
                reconnection_time: decoder.reconnection_time(),
                is_mid_event: decoder.is_mid_event(),
            }
        }
        _ => {
            let pushed_first =
                matches!(layer, Layer::OwnedEventsPushedFirst | Layer::OwnedFramesPushedFirst);
            let mut decoder = bytes_decoder(options);
            for (index, stream) in streams.iter().enumerate() {
                if index > 0 {
                    decoder.reconnect();
                    assert!(!decoder.is_mid_event(), "mid-event after reconnect()");
                }
                for (nth, bytes) in stream.iter().enumerate() {
                    decoder.push(bytes.to_vec());
                    fed += bytes.len();
                    if !pushed_first || nth + 1 == stream.len() {
                        items.extend(
                            std::iter::from_fn(|| pull_owned(&mut decoder, frames, limit))
                                .map(|item| (fed, item)),
                        );
                    }
                }
            }
            Output {
                items,
                last_event_id: decoder.last_event_id().to_owned(),
                reconnection_time: decoder.reconnection_time(),
                is_mid_event: decoder.is_mid_event(),
            }
        }
    }
}

/// A stream with what the model says of it: asked once, compared with as many cuts as wanted.
pub struct Expectation<'s> {
    stream: &'s [u8],
    options: Options,
    events: Output,
    frames: Output,
}

impl<'s> Expectation<'s> {
    /// `options.frames` is of no account: the layers that hand out frames are compared with frames, the others not.
    pub fn new(stream: &'s [u8], options: &Options) -> Expectation<'s> {
        Expectation {
            stream,
            options: options.clone(),
            events: model::decode(stream, &Options { frames: false, ..options.clone() }),
            frames: model::decode(stream, &Options { frames: true, ..options.clone() }),
        }
    }

    /// Every layer gives at these cuts what the model gives, each item as soon as its last byte is there.
    #[track_caller]
    pub fn check(&self, cuts: &[usize]) {
        for layer in Layer::ALL {
            self.check_layer(layer, cuts);
        }
    }

    /// Whole, bytewise, bytewise with empty chunks between, and every cut in two, also with empty chunks.
    #[track_caller]
    pub fn check_every_cut(&self) {
        self.check(&[]);
        self.check(&bytewise(self.stream));
        self.check(&(0..=self.stream.len()).flat_map(|cut| [cut, cut]).collect::<Vec<_>>());
        for cut in 0..=self.stream.len() {
            self.check(&[cut]);
            self.check(&[0, cut, cut, self.stream.len()]);
        }
    }

    #[track_caller]
    pub fn check_layer(&self, layer: Layer, cuts: &[usize]) {
        let chunks = chunks(self.stream, cuts);
        let expected = if layer.hands_out_frames() { &self.frames } else { &self.events };
        let got = std::panic::catch_unwind(|| run(layer, &chunks, &self.options));
        let Ok(got) = got else {
            panic!("{layer:?} panicked, see above; {}", self.describe(cuts));
        };
        let mut wrong = String::new();
        if got.what() != expected.what() {
            let first = got
                .items
                .iter()
                .zip(&expected.items)
                .take_while(|(got, expected)| got.1 == expected.1)
                .count();
            let _ = writeln!(wrong, "  item {first} is the first to differ");
            let _ = writeln!(wrong, "  expected {:?}", expected.items);
            let _ = writeln!(wrong, "  got      {:?}", got.items);
        } else {
            for ((got_at, item), (due_at, _)) in got.items.iter().zip(&expected.items) {
                if !self.is_on_time(layer, cuts, *got_at, *due_at) {
                    let _ = writeln!(
                        wrong,
                        "  {item:?} is due after byte {due_at}, came after {got_at}"
                    );
                }
            }
        }
        if got.last_event_id != expected.last_event_id {
            let _ = writeln!(
                wrong,
                "  last_event_id(): expected {:?}, got {:?}",
                expected.last_event_id, got.last_event_id
            );
        }
        if got.reconnection_time != expected.reconnection_time {
            let (expected, got) = (expected.reconnection_time, got.reconnection_time);
            let _ = writeln!(wrong, "  reconnection_time(): expected {expected:?}, got {got:?}");
        }
        if got.is_mid_event != expected.is_mid_event {
            let _ = writeln!(
                wrong,
                "  is_mid_event(): expected {}, got {}",
                expected.is_mid_event, got.is_mid_event
            );
        }
        assert!(
            wrong.is_empty(),
            "{layer:?} differs from the model; {}\n{wrong}",
            self.describe(cuts)
        );
    }

    fn is_on_time(&self, layer: Layer, cuts: &[usize], got_at: usize, due_at: usize) -> bool {
        let chunk_end =
            cuts.iter().copied().find(|&cut| cut >= due_at).unwrap_or(self.stream.len());
        match layer {
            // Exactly then; the LF of a CRLF may go along where it is in the chunk.
            Layer::BorrowedEvents | Layer::BorrowedFrames => {
                let with_line_feed =
                    due_at < chunk_end && self.stream[due_at - 1..].starts_with(b"\r\n");
                got_at == due_at || (with_line_feed && got_at == due_at + 1)
            }
            Layer::OwnedEvents | Layer::OwnedFrames => got_at == chunk_end,
            Layer::OwnedEventsPushedFirst | Layer::OwnedFramesPushedFirst => true,
        }
    }

    fn describe(&self, cuts: &[usize]) -> String {
        let mut escaped = String::new();
        for (index, chunk) in chunks(self.stream, cuts).iter().enumerate() {
            let _ =
                write!(escaped, "{}{}", if index == 0 { "" } else { " | " }, chunk.escape_ascii());
        }
        let (limit, id) = (self.options.max_event_size, &self.options.last_event_id);
        format!(
            "limit {limit}, last event ID {id:?}, cuts {cuts:?}\n  stream b\"{}\"\n  chunks {escaped}",
            self.stream.escape_ascii()
        )
    }
}

/// Every layer gives for `stream` cut at `cuts` (ascending, equal ones for an empty chunk) what the model gives.
#[track_caller]
pub fn assert_all_layers(stream: &[u8], options: &Options, cuts: &[usize]) {
    Expectation::new(stream, options).check(cuts);
}

/// The same whole, bytewise and at every cut in two, empty chunks among them.
#[track_caller]
pub fn assert_at_every_cut(stream: &[u8], options: &Options) {
    Expectation::new(stream, options).check_every_cut();
}
