//! Any stream, cut anywhere, through both layers: what the model says comes out.

use std::collections::VecDeque;
use std::time::Duration;

use sse_proto::{BytesDecoder, Chunk, Decoder};

use super::input::Input;
use crate::drive::{self, Expectation};
use crate::model::{self, Item, Options};

pub fn decode(input: &[u8]) {
    let mut input = Input::new(input);
    let options = input.options();
    let lengths = input.chunk_lengths();
    let operations: Vec<_> = (0..input.below(24)).map(|_| Operation::from(&mut input)).collect();
    let stream = input.rest();

    let expectation = Expectation::new(stream, &options);
    expectation.check(&[]);
    expectation.check(&lengths.cuts(stream.len()));
    operate(stream, &options, &operations);
}

/// The calls that a caller may make.
enum Operation {
    /// Give it so many bytes of the stream.
    Push(usize),
    /// Pull so often, as frames or as events, bit by bit.
    Pull {
        times: u8,
        frames: u8,
    },
    Reconnect,
    /// Go on with a clone, whatever becomes of the original.
    Clone,
}

impl Operation {
    fn from(input: &mut Input<'_>) -> Self {
        match input.below(8) {
            0..3 => Operation::Push(input.length()),
            3..6 => Operation::Pull { times: input.below(9), frames: input.byte() },
            6 => Operation::Clone,
            _ => Operation::Reconnect,
        }
    }
}

fn operate(mut stream: &[u8], options: &Options, operations: &[Operation]) {
    let mut pair = Pair::new(options);
    for operation in operations {
        match *operation {
            Operation::Push(length) => {
                let (chunk, rest) = stream.split_at(length.min(stream.len()));
                stream = rest;
                pair.push(chunk);
            }
            Operation::Pull { times, frames } => {
                for time in 0..times {
                    pair.pull(frames.rotate_left(u32::from(time)) & 1 == 1);
                }
            }
            Operation::Reconnect => pair.reconnect(),
            Operation::Clone => pair.clone_decoders(),
        }
    }
    pair.push(stream);
    let frames = operations.len() & 1 == 0;
    while pair.pull(frames) {}
    pair.check();
}

/// A decoder of each layer, and what was done with them since the stream began.
struct Pair<'s> {
    borrowed: Decoder,
    owned: BytesDecoder,
    /// The bytes that were pushed and not yet read.
    chunks: VecDeque<&'s [u8]>,
    /// The stream as far as it was read, and which of its bytes `next_frame` read.
    stream: Vec<u8>,
    read_as_frames: Vec<bool>,
    got: Vec<Item>,
    options: Options,
    /// Of the streams before.
    reconnection_time: Option<Duration>,
}

impl<'s> Pair<'s> {
    fn new(options: &Options) -> Self {
        Pair {
            borrowed: drive::decoder(options),
            owned: drive::bytes_decoder(options),
            chunks: VecDeque::new(),
            stream: Vec::new(),
            read_as_frames: Vec::new(),
            got: Vec::new(),
            options: options.clone(),
            reconnection_time: None,
        }
    }

    fn push(&mut self, chunk: &'s [u8]) {
        self.chunks.push_back(chunk);
        self.owned.push(chunk.to_vec());
    }

    /// One pull from each, which give the same: whether there was something.
    fn pull(&mut self, frames: bool) -> bool {
        let item = self.pull_borrowed(frames);
        let owned = drive::pull_owned(&mut self.owned, frames, self.options.max_event_size);
        assert_eq!(owned, item, "the owned layer gives something else");
        self.got.extend(item);
        owned.is_some()
    }

    /// Each time with a new `Chunk` of what remains.
    fn pull_borrowed(&mut self, frames: bool) -> Option<Item> {
        while let Some(bytes) = self.chunks.front_mut() {
            let mut chunk = Chunk::new(bytes);
            let limit = self.options.max_event_size;
            let item = drive::pull(&mut self.borrowed, &mut chunk, frames, limit);
            let read = bytes.len() - chunk.remaining().len();
            self.stream.extend_from_slice(&bytes[..read]);
            self.read_as_frames.resize(self.stream.len(), frames);
            *bytes = chunk.remaining();
            if item.is_some() {
                return item;
            }
            self.chunks.pop_front();
        }
        None
    }

    fn reconnect(&mut self) {
        self.check();
        self.borrowed.reconnect();
        self.owned.reconnect();
        assert!(!self.borrowed.is_mid_event() && !self.owned.is_mid_event());
        self.options.last_event_id = self.borrowed.last_event_id().to_owned();
        self.reconnection_time = self.borrowed.reconnection_time();
        self.chunks.clear();
        self.stream.clear();
        self.read_as_frames.clear();
        self.got.clear();
    }

    fn clone_decoders(&mut self) {
        let borrowed = std::mem::replace(&mut self.borrowed, Decoder::new());
        let owned = std::mem::replace(&mut self.owned, BytesDecoder::new());
        self.borrowed = borrowed.clone();
        self.owned = owned.clone();
        spoil(borrowed, owned);
    }

    /// All that came since the stream began, and the state, are as the model says.
    fn check(&self) {
        let frames = model::decode(&self.stream, &Options { frames: true, ..self.options.clone() });
        let events =
            model::decode(&self.stream, &Options { frames: false, ..self.options.clone() });
        let expected: Vec<_> = frames
            .items
            .into_iter()
            .filter(|item| match item.1 {
                Item::Event { .. } => true,
                Item::TooLarge if events.items.contains(item) => true,
                // A comment: only a reader of frames that reads all of it meets this.
                Item::Comment(_) | Item::TooLarge => {
                    self.read_as_frames[self.line_start(item.0)..item.0].iter().all(|&read| read)
                }
                // The reader of the line end gets the frame.
                Item::Retry(_) | Item::Id(_) => self.read_as_frames[item.0 - 1],
            })
            .map(|(_, item)| item)
            .collect();
        let stream = self.stream.escape_ascii();
        assert_eq!(self.got, expected, "{stream}");

        let time = events.reconnection_time.or(self.reconnection_time);
        assert_eq!(self.borrowed.last_event_id(), events.last_event_id, "{stream}");
        assert_eq!(self.owned.last_event_id(), events.last_event_id, "owned, {stream}");
        assert_eq!(self.borrowed.reconnection_time(), time, "{stream}");
        assert_eq!(self.owned.reconnection_time(), time, "owned, {stream}");
        assert_eq!(self.borrowed.is_mid_event(), events.is_mid_event, "{stream}");
        assert_eq!(self.owned.is_mid_event(), events.is_mid_event, "owned, {stream}");
    }

    /// Where the line of the item that is due after so many bytes begins.
    fn line_start(&self, due: usize) -> usize {
        let after_mark = if self.stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let line_end = self.stream[..due - 1].iter().rposition(|byte| b"\r\n".contains(byte));
        line_end.map_or(after_mark, |at| at + 1)
    }
}

/// Gives decoders that nobody needs any more something to write over what they hold.
fn spoil(mut borrowed: Decoder, mut owned: BytesDecoder) {
    const OTHER: &[u8] = b"x\n\nid: other\nevent: other\ndata: other\n: other\n";
    let mut chunk = Chunk::new(OTHER);
    while !matches!(borrowed.next_frame(&mut chunk), Ok(None)) {}
    owned.push(OTHER);
    while !matches!(owned.next_frame(), Ok(None)) {}
}
