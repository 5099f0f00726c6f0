//! The bytes that the encoder writes.

use std::time::Duration;

use sse_proto::encode::{self, Field};
use sse_proto::{Chunk, Decoder, EventEncoder, Frame};

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

#[test]
fn no_text_in_a_frame_becomes_another_frame() {
    let mut out = b"before".to_vec();
    for id in ["a\n", "a\r", "a\0"] {
        assert!(Frame::Id(id).encode(&mut out).is_err());
    }
    assert_eq!(out, b"before");
    Frame::Comment("a\rdata: b\n\n").encode(&mut out).unwrap();
    assert_eq!(out, b"before: a\n: data: b\n: \n: \n");
}
