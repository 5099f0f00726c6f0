//! An encoded event decodes to what was given, with its newlines normalised, and to
//! nothing else; what no field can carry is refused.

use std::borrow::Cow;
use std::time::Duration;

use bytes::BytesMut;
use sse_proto::encode::{self, Field};
use sse_proto::{Chunk, Decoder, EncodeError, EventEncoder, Frame};

use super::input::Input;
use crate::drive::{self, Layer};
use crate::model::{Item, Options};

pub fn roundtrip(input: &[u8]) {
    let mut input = Input::new(input);
    let lengths = input.chunk_lengths();
    let mut wire = Wire::default();
    for _ in 0..=input.below(8) {
        let kind = input.below(8);
        let block = Block::from(&mut input);
        match kind {
            0..6 => wire.event(&block),
            6 => wire.fields(&block),
            _ => wire.comment(&block.data),
        }
    }
    wire.check(&lengths.cuts(wire.bytes.len()));
}

struct Block<'i> {
    comment: Option<Cow<'i, str>>,
    id: Option<Cow<'i, str>>,
    event_type: Option<Cow<'i, str>>,
    retry: Option<Duration>,
    data: Cow<'i, str>,
}

impl<'i> Block<'i> {
    fn from(input: &mut Input<'i>) -> Self {
        let set = input.byte();
        let mut text = |bit: u8| (set & bit != 0).then(|| input.text());
        let (comment, id, event_type) = (text(1), text(2), text(4));
        let retry = (set & 8 != 0).then(|| {
            let seconds = if set & 16 == 0 { u64::from(input.byte()) } else { input.number() };
            Duration::new(seconds, input.number() as u32 % 1_000_000_000)
        });
        Block { comment, id, event_type, retry, data: input.text() }
    }

    fn encoder(&self) -> EventEncoder<'_> {
        let mut encoder = EventEncoder::new();
        // The order of the calls is of no account, and the last of two counts.
        if let Some(event_type) = &self.event_type {
            encoder = encoder.event_type("first\n").event_type(event_type);
        }
        if let Some(time) = self.retry {
            encoder = encoder.retry(time);
        }
        if let Some(id) = &self.id {
            encoder = encoder.id("first\0").id(id);
        }
        if let Some(comment) = &self.comment {
            encoder = encoder.comment(comment);
        }
        encoder
    }

    /// Whether a field's text cannot be written: CR and LF, and U+0000 in an ID.
    fn is_refused(&self) -> bool {
        let id = self.id.as_ref().is_some_and(|id| id.contains(['\r', '\n', '\0']));
        let event_type = self.event_type.as_ref().is_some_and(|text| text.contains(['\r', '\n']));
        id || event_type
    }

    fn check_refusal(&self, error: EncodeError) {
        let (text, refused) = match error.field {
            Field::Id => (self.id.as_deref(), &['\r', '\n', '\0'][..]),
            Field::Event => (self.event_type.as_deref(), &['\r', '\n'][..]),
            other => panic!("a field this check does not know: {other:?}"),
        };
        let text = text.expect("the refused field was set");
        assert_eq!(text.find(refused), Some(error.offset), "{error:?} in {text:?}");
        assert!(text[error.offset..].starts_with(error.character), "{error:?} in {text:?}");
    }
}

/// A stream being written, and the items that it must give.
#[derive(Default)]
struct Wire {
    bytes: Vec<u8>,
    expected: Vec<Item>,
    last_event_id: String,
    reconnection_time: Option<Duration>,
}

impl Wire {
    fn event(&mut self, block: &Block<'_>) {
        let start = self.bytes.len();
        let mut shared = BytesMut::from(&b"before"[..]);
        let at_once = block.encoder().to_bytes(&block.data);
        let into_shared = block.encoder().encode(&block.data, &mut shared);
        let result = block.encoder().encode(&block.data, &mut self.bytes);
        assert_eq!(result.is_err(), block.is_refused());
        assert_eq!(into_shared, result);
        match result {
            Err(error) => {
                block.check_refusal(error);
                assert_eq!(at_once, Err(error));
                assert_eq!(self.bytes.len(), start, "a refused block was written");
                assert_eq!(shared, "before");
                let mut out = b"before".to_vec();
                assert_eq!(block.encoder().begin(&mut out).err(), Some(error));
                assert_eq!(out, b"before");
            }
            Ok(()) => {
                let written = &self.bytes[start..];
                assert_eq!(at_once.unwrap(), written);
                assert_eq!(&shared[b"before".len()..], written);
                check_written_again(block, written);
                self.expect_lines(block);
                let type_field = block.event_type.as_deref().map(str::to_owned);
                self.expected.push(Item::Event {
                    event_type: type_field
                        .clone()
                        .filter(|name| !name.is_empty())
                        .unwrap_or_else(|| "message".to_owned()),
                    type_field,
                    data: lines(&block.data).join("\n"),
                    id: block.id.as_deref().map(str::to_owned),
                    last_event_id: self.last_event_id.clone(),
                });
            }
        }
    }

    fn fields(&mut self, block: &Block<'_>) {
        let start = self.bytes.len();
        let mut shared = BytesMut::new();
        let result = block.encoder().encode_fields(&mut self.bytes);
        assert_eq!(block.encoder().encode_fields(&mut shared), result);
        assert_eq!(shared, &self.bytes[start..]);
        assert_eq!(result.is_err(), block.is_refused());
        match result {
            Err(error) => {
                block.check_refusal(error);
                assert_eq!(self.bytes.len(), start, "a refused block was written");
            }
            Ok(()) => {
                let Block { comment, id, event_type, retry, .. } = block;
                let set = comment.is_some() || id.is_some() || event_type.is_some();
                assert_eq!(self.bytes.len() > start, set || retry.is_some());
                self.expect_lines(block);
                self.expected.extend(id.as_deref().map(|id| Item::Id(id.to_owned())));
            }
        }
    }

    fn comment(&mut self, text: &str) {
        let (start, mut shared) = (self.bytes.len(), BytesMut::new());
        encode::comment(text, &mut self.bytes);
        encode::comment(text, &mut shared);
        assert_eq!(shared, &self.bytes[start..]);
        self.expected.extend(lines(text).into_iter().map(Item::Comment));
    }

    /// The frames of a block's lines, and the state after them.
    fn expect_lines(&mut self, block: &Block<'_>) {
        let comments = block.comment.iter().flat_map(|text| lines(text));
        self.expected.extend(comments.map(Item::Comment));
        if let Some(time) = block.retry.map(in_milliseconds) {
            self.expected.push(Item::Retry(time));
            self.reconnection_time = Some(time);
        }
        if let Some(id) = &block.id {
            self.last_event_id = id.clone().into_owned();
        }
    }

    fn check(&self, cuts: &[usize]) {
        assert!(self.bytes.is_empty() || self.bytes.ends_with(b"\n"));
        assert!(!self.bytes.contains(&b'\r'));
        for layer in Layer::ALL {
            let chunks = drive::chunks(&self.bytes, cuts);
            let output = drive::run(layer, &chunks, &Options::default());
            let expected = self.expected.iter();
            let expected: Vec<_> = expected
                .filter(|item| layer.hands_out_frames() || matches!(item, Item::Event { .. }))
                .cloned()
                .collect();
            let wire = self.bytes.escape_ascii();
            assert_eq!(output.what(), expected, "{layer:?}, cuts {cuts:?}, {wire}");
            assert_eq!(output.last_event_id, self.last_event_id, "{wire}");
            assert_eq!(output.reconnection_time, self.reconnection_time, "{wire}");
            assert!(!output.is_mid_event, "{wire}");
        }
        let again = drive::run(Layer::BorrowedFrames, &[&self.frames_again()], &Options::default());
        assert_eq!(again.what(), self.expected, "{}", self.bytes.escape_ascii());
    }

    /// The stream's frames, written again one by one as a proxy does.
    fn frames_again(&self) -> Vec<u8> {
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&self.bytes));
        let mut out = Vec::new();
        while let Some(frame) = decoder.next_frame(&mut chunk).unwrap() {
            frame.encode(&mut out).expect("a frame that was decoded can be written");
        }
        out
    }
}

/// The decoded event, encoded again, is what was written, but for what an event
/// does not know: comments and retry.
fn check_written_again(block: &Block<'_>, written: &[u8]) {
    let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(written));
    let event = loop {
        match decoder.next_frame(&mut chunk).unwrap() {
            Some(Frame::Event(event)) => break event,
            Some(_) => {}
            None => panic!("no event in {}", written.escape_ascii()),
        }
    };
    let mut again = EventEncoder::from(event);
    let owned = event.into_owned();
    assert_eq!(again, EventEncoder::from(&owned));
    if let Some(time) = block.retry {
        again = again.retry(time);
    }
    if let Some(comment) = &block.comment {
        again = again.comment(comment);
    }
    assert_eq!(again.to_bytes(event.data()).unwrap(), written);
}

/// The lines of a text: LF, CRLF and a lone CR each end one.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
}

/// Whole milliseconds, rounded up, at most `u64::MAX`.
fn in_milliseconds(time: Duration) -> Duration {
    let milliseconds = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}
