//! What is encoded decodes to what was given, line ends made LF; and no text becomes a field.

use std::time::Duration;

use bytes::BytesMut;
use proptest::option;
use proptest::prelude::*;
use sse_proto::encode::{self, Field};
use sse_proto::{Chunk, Decoder, EncodeError, EventEncoder, Frame};

use crate::cases;
use crate::drive::{self, Expectation};
use crate::generate::{Cuts, cuts, id_text, stream, text, time, type_text};
use crate::model::{self, Item, Options};

/// CRLF, CR and LF each end a line. A reader gets LF for each.
fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Whole milliseconds, rounded up, at most `u64::MAX` of them.
fn written(time: Duration) -> Duration {
    let milliseconds = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

#[derive(Clone, Debug)]
struct Fields {
    comment: Option<String>,
    id: Option<String>,
    event_type: Option<String>,
    retry: Option<Duration>,
}

impl Fields {
    fn encoder(&self) -> EventEncoder<'_> {
        let mut encoder = EventEncoder::new();
        // Not in wire order, which the order of these calls must not touch.
        if let Some(retry) = self.retry {
            encoder = encoder.retry(retry);
        }
        if let Some(event_type) = &self.event_type {
            encoder = encoder.event_type(event_type);
        }
        if let Some(comment) = &self.comment {
            encoder = encoder.comment(comment);
        }
        if let Some(id) = &self.id {
            encoder = encoder.id(id);
        }
        encoder
    }

    /// What must be read, in order; without data where there was none.
    fn items(&self, data: Option<&str>) -> Vec<Item> {
        let comment = self.comment.as_deref().map(normalised);
        let lines = comment.iter().flat_map(|comment| comment.split('\n'));
        let mut items: Vec<_> = lines.map(|line| Item::Comment(line.to_owned())).collect();
        items.extend(self.retry.map(|time| Item::Retry(written(time))));
        match (data, &self.id) {
            (Some(data), id) => items.push(Item::Event {
                event_type: self
                    .event_type
                    .clone()
                    .filter(|name| !name.is_empty())
                    .unwrap_or("message".to_owned()),
                type_field: self.event_type.clone(),
                data: normalised(data),
                id: id.clone(),
                last_event_id: id.clone().unwrap_or_default(),
            }),
            (None, Some(id)) => items.push(Item::Id(id.clone())),
            (None, None) => {}
        }
        items
    }

    /// The wire: comment, id, event, retry, data, each with its space, and the blank line.
    fn wire(&self, data: Option<&str>) -> String {
        let mut lines = Vec::new();
        lines.extend(self.comment.iter().flat_map(|text| lines_of("", text)));
        lines.extend(self.id.iter().map(|id| format!("id: {id}\n")));
        lines.extend(self.event_type.iter().map(|name| format!("event: {name}\n")));
        lines.extend(self.retry.map(|time| format!("retry: {}\n", written(time).as_millis())));
        lines.extend(data.into_iter().flat_map(|text| lines_of("data", text)));
        if !lines.is_empty() {
            lines.push("\n".to_owned());
        }
        lines.concat()
    }

    /// The first character that a field cannot hold, with its byte offset.
    fn refused(&self) -> Vec<(Field, char, usize)> {
        let find = |field, text: &Option<String>, refused: &[char]| {
            let text = text.as_deref()?;
            let offset = text.find(refused)?;
            Some((field, text[offset..].chars().next()?, offset))
        };
        let event_type = find(Field::Event, &self.event_type, &['\r', '\n']);
        let id = find(Field::Id, &self.id, &['\r', '\n', '\0']);
        event_type.into_iter().chain(id).collect()
    }
}

fn lines_of(name: &str, text: &str) -> Vec<String> {
    normalised(text).split('\n').map(|line| format!("{name}: {line}\n")).collect()
}

/// Fields of any text, and as often fields that can be written.
fn fields() -> impl Strategy<Value = Fields> {
    let written = (option::of(text()), option::of(id_text()), option::of(type_text()));
    let any = (option::of(text()), option::of(text()), option::of(text()));
    let texts = prop_oneof![written, any];
    (texts, option::of(time())).prop_map(|((comment, id, event_type), retry)| Fields {
        comment,
        id,
        event_type,
        retry,
    })
}

fn assert_reads_as(bytes: &[u8], cuts: &Cuts, items: &[Item]) {
    assert_eq!(model::decode(bytes, &Options::default()).what(), items, "{}", bytes.escape_ascii());
    let expectation = Expectation::new(bytes, &Options::default());
    expectation.check(&[]);
    expectation.check(&cuts.of(bytes));
}

/// The same text into both kinds of buffers, after what was there.
#[derive(Debug)]
struct Buffers(Vec<u8>, BytesMut);

impl Buffers {
    const BEFORE: &str = "before";

    fn new() -> Self {
        Buffers(Self::BEFORE.into(), Self::BEFORE.into())
    }

    /// What was written.
    fn written(&self) -> &[u8] {
        assert_eq!(self.0, &self.1[..]);
        self.0.strip_prefix(Self::BEFORE.as_bytes()).unwrap()
    }
}

proptest! {
    #![proptest_config(cases(1200))]

    #[test]
    fn fields_are_read_as_given_or_not_written(
        fields in fields(),
        data in option::of(text()),
        cuts in cuts(),
    ) {
        let data = data.as_deref();
        let refused = fields.refused();
        let (wire, items) = match refused.is_empty() {
            true => (fields.wire(data), fields.items(data)),
            false => (String::new(), vec![]),
        };
        let (mut buffers, encoder) = (Buffers::new(), fields.encoder());
        let results = match data {
            Some(data) => [
                encoder.encode(data, &mut buffers.0),
                encoder.encode(data, &mut buffers.1),
                encoder.to_bytes(data).map(|bytes| assert_eq!(bytes, wire)),
            ],
            None => [
                encoder.encode_fields(&mut buffers.0),
                encoder.encode_fields(&mut buffers.1),
                encoder.begin(&mut Vec::new()).map(drop),
            ],
        };
        for result in results {
            let error = result.err();
            prop_assert_eq!(error.is_none(), refused.is_empty());
            if let Some(EncodeError { field, character, offset, .. }) = error {
                prop_assert!(refused.contains(&(field, character, offset)), "{refused:?}");
            }
        }
        // `wire` has one line for each ID, type and retry, and one for each line of text.
        prop_assert_eq!(std::str::from_utf8(buffers.written()).unwrap(), wire);
        assert_reads_as(buffers.written(), &cuts, &items);
    }

    #[test]
    fn a_comment_is_read_as_its_lines(text in text(), cuts in cuts()) {
        let mut buffers = Buffers::new();
        encode::comment(&text, &mut buffers.0);
        encode::comment(&text, &mut buffers.1);
        let wire = lines_of("", &text).concat();
        prop_assert_eq!(std::str::from_utf8(buffers.written()).unwrap(), wire);
        let fields = Fields { comment: Some(text), id: None, event_type: None, retry: None };
        assert_reads_as(buffers.written(), &cuts, &fields.items(None));
    }

    #[test]
    fn frames_written_again_are_read_as_the_same_frames(stream in stream(), cuts in cuts()) {
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&stream));
        let (mut buffers, mut expected) = (Buffers::new(), Vec::new());
        while let Some(frame) = decoder.next_frame(&mut chunk).unwrap() {
            frame.encode(&mut buffers.0).unwrap();
            frame.into_owned().encode(&mut buffers.1).unwrap();
            expected.push(drive::item_of_frame(frame));
        }
        assert_reads_as(buffers.written(), &cuts, &expected);
    }

    #[test]
    fn the_id_of_a_frame_is_written_as_it_is_or_not_at_all(text in text()) {
        let mut out = Vec::new();
        let written = Frame::Id(&text).encode(&mut out);
        prop_assert_eq!(written.is_err(), text.contains(['\r', '\n', '\0']));
        let expected = if written.is_ok() { format!("id: {text}\n\n") } else { String::new() };
        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn each_frame_is_written_with_what_its_own_block_said() {
    let stream = b"id: 7\nevent: t\nretry: 5\ndata: a\n\n:\ndata:  b\nevent\n\nid\n\n";
    let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(stream));
    let mut written = Vec::new();
    while let Some(frame) = decoder.next_frame(&mut chunk).unwrap() {
        let mut out = Vec::new();
        frame.encode(&mut out).unwrap();
        written.push(String::from_utf8(out).unwrap());
    }
    assert_eq!(
        written,
        ["retry: 5\n", "id: 7\nevent: t\ndata: a\n\n", ": \n", "event: \ndata:  b\n\n", "id: \n\n"]
    );
}

/// openai-python, once it has seen an ID, takes every blank line without data before it for an
/// event whose data is empty, and fails to parse that as JSON.
#[test]
fn a_comment_and_a_keep_alive_have_no_blank_line() {
    let mut out = Vec::new();
    encode::comment("a\r\nb\n", &mut out);
    assert_eq!(out, b": a\n: b\n: \n");
    out.extend_from_slice(encode::KEEP_ALIVE);
    assert_eq!(out, b": a\n: b\n: \n: keep-alive\n");
}

#[test]
fn lines_are_in_wire_order_each_with_its_space() {
    let encoder =
        EventEncoder::new().retry(Duration::from_secs(1)).event_type("t").id("1").comment("c\rd");
    assert_eq!(
        encoder.to_bytes("a\r\n\r\rb\n").unwrap(),
        ": c\n: d\nid: 1\nevent: t\nretry: 1000\ndata: a\ndata: \ndata: \ndata: b\ndata: \n\n"
    );
    assert_eq!(EventEncoder::new().to_bytes(" a").unwrap(), "data:  a\n\n");
    assert_eq!(EventEncoder::new().to_bytes("").unwrap(), "data: \n\n");
    assert_eq!(
        EventEncoder::new().event_type("").id("").to_bytes("x").unwrap(),
        "id: \nevent: \ndata: x\n\n"
    );
}

#[test]
fn a_field_set_twice_is_written_as_set_last() {
    let encoder = EventEncoder::new()
        .id("1")
        .id("2")
        .event_type("a")
        .event_type("b")
        .comment("c")
        .comment("d");
    let encoder = encoder.retry(Duration::from_secs(1)).retry(Duration::ZERO);
    assert_eq!(encoder.to_bytes("x").unwrap(), ": d\nid: 2\nevent: b\nretry: 0\ndata: x\n\n");
}

#[test]
fn a_retry_is_whole_milliseconds_rounded_up_and_saturates() {
    let times = [
        (Duration::ZERO, "0"),
        (Duration::from_nanos(1), "1"),
        (Duration::from_nanos(999_999), "1"),
        (Duration::from_millis(1), "1"),
        (Duration::from_nanos(1_000_001), "2"),
        (Duration::from_millis(u64::MAX), "18446744073709551615"),
        (Duration::from_millis(u64::MAX) - Duration::from_nanos(1), "18446744073709551615"),
        (Duration::from_millis(u64::MAX) + Duration::from_nanos(1), "18446744073709551615"),
        (Duration::MAX, "18446744073709551615"),
    ];
    for (time, milliseconds) in times {
        let mut out = Vec::new();
        EventEncoder::new().retry(time).encode_fields(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("retry: {milliseconds}\n\n"),
            "{time:?}"
        );
    }
}

#[test]
fn fields_of_nothing_write_nothing() {
    let mut out = b"before".to_vec();
    EventEncoder::new().encode_fields(&mut out).unwrap();
    assert_eq!(out, b"before");
    EventEncoder::new().comment("").encode_fields(&mut out).unwrap();
    assert_eq!(out, b"before: \n\n");
}

#[test]
fn the_error_names_field_character_and_byte_offset() {
    let cases = [
        (EventEncoder::new().event_type("한\nx\r"), Field::Event, '\n', 3),
        (EventEncoder::new().event_type("\r\n"), Field::Event, '\r', 0),
        (EventEncoder::new().id("é\0\n"), Field::Id, '\0', 2),
        (EventEncoder::new().id("x\r").event_type("fine"), Field::Id, '\r', 1),
    ];
    for (encoder, field, character, offset) in cases {
        let error = encoder.to_bytes("x").unwrap_err();
        assert_eq!((error.field, error.character, error.offset), (field, character, offset));
    }
    // A type may hold U+0000: every reader keeps it.
    assert_eq!(EventEncoder::new().event_type("\0").to_bytes("").unwrap(), "event: \0\ndata: \n\n");
}

#[test]
fn an_empty_buffer_is_hardly_larger_than_the_block() {
    let text = "x".repeat(1000);
    let bare = EventEncoder::new();
    let full = bare.comment(&text).id(&text).event_type(&text).retry(Duration::MAX);
    for encoder in [bare, bare.id(&text), full] {
        let mut out = Vec::new();
        encoder.encode(&text, &mut out).unwrap();
        assert!(out.capacity() < out.len() + 64, "{} bytes for {}", out.capacity(), out.len());
    }
}
