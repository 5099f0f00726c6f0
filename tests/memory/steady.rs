//! How often an event allocates when the buffers are large enough already.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sse_proto::encode::{self, Buffer};
use sse_proto::{Chunk, DEFAULT_MAX_EVENT_SIZE, Decoder, EventEncoder, OwnedEvent};

use crate::counter::Since;
use crate::subject::{Layer, Subject, chunks, shared};

const ASCII: &str = "All human beings are born free. ";
const CJK: &str = "모든 사람은 태어날 때부터 자유롭고 人人生而自由 ";

#[test]
fn the_borrowed_layer_allocates_nothing() {
    let streams: [(&str, Vec<u8>); 9] = [
        ("one line", b"data: one line of data\n\n".to_vec()),
        ("several lines", b"data: a\ndata: bc\ndata\ndata:def\n\n".to_vec()),
        ("every field", b": c\nid: 7\nevent: token\nretry: 5\ndata: x\n\nid: 890\n\n".to_vec()),
        ("IDs of all lengths", b"id: 1\ndata\n\nid: 1234567\ndata\n\nid\ndata\n\n".to_vec()),
        ("refused IDs", b"id: 1\nid: 2\0\ndata: x\nid: 34\n\n".to_vec()),
        ("CRLF", b"event: t\r\ndata: a\r\ndata: b\r\n\r\n: c\r\n".to_vec()),
        ("CJK", format!("event: 토큰\nid: 쓰기\ndata: {CJK}\n\n: {CJK}\n").into_bytes()),
        ("broken", b"data: \xED\x95\nevent: \xFF\nid: \xF0\x9F\ndata: x\x80\n\n: \xC3\n".to_vec()),
        ("unknown fields", b"x: y\ndata: a\nunknown\n Data: x\n\n".to_vec()),
    ];
    for (what, unit) in streams {
        let stream = shared(unit.repeat(50));
        for layer in [Layer::BorrowedEvents, Layer::BorrowedFrames] {
            // Chunks that cut nearly every event, some, and none.
            for chunk_size in [1, 5, 64, 1021, stream.len()] {
                let limit = DEFAULT_MAX_EVENT_SIZE;
                let allocations = Subject::allocations_once_warm(layer, limit, &stream, chunk_size);
                assert_eq!(allocations, 0, "{what}: {layer:?}, chunks of {chunk_size}");
            }
        }
    }
}

#[test]
fn scratch_of_up_to_thirty_two_kibibytes_is_kept_for_good() {
    let small = b"data: small\n\n".repeat(200);
    let stream = shared([format!("data: {}\n\n", "x".repeat(10_000)).into_bytes(), small].concat());
    for layer in [Layer::BorrowedEvents, Layer::BorrowedFrames] {
        let limit = DEFAULT_MAX_EVENT_SIZE;
        assert_eq!(Subject::allocations_once_warm(layer, limit, &stream, 1000), 0, "{layer:?}");
    }
}

/// How often a warm decoder allocates while it reads the stream and all of its events are kept.
fn allocations_of_owned(layer: Layer, stream: &Bytes, chunk_size: usize) -> usize {
    let mut subject = Subject::new(layer, DEFAULT_MAX_EVENT_SIZE);
    let mut kept: Vec<OwnedEvent> = Vec::with_capacity(1000);
    let mut read = || {
        let chunks: Vec<Bytes> = chunks(stream, chunk_size).collect();
        let since = Since::now();
        chunks.into_iter().for_each(|chunk| subject.read_into(chunk, &mut kept));
        since.allocations()
    };
    [(); 4].map(|()| read())[3]
}

#[test]
fn an_owned_event_is_one_allocation_and_a_changed_id_one_more() {
    for text in [ASCII, CJK].iter().flat_map(|text| [1, 10, 30].map(|times| text.repeat(times))) {
        // The number that is allowed for each of these. The last one is two events.
        let kinds = [
            (format!("data: {text}\n\n"), 1),
            (format!("event: token\ndata: {text}\ndata: {text}\n\n"), 1),
            (format!("id: {CJK}\nevent: token\ndata: {text}\n\n"), 1),
            (format!("id: {CJK}\ndata: {text}\n\ndata: {text}\n\n"), 3),
        ];
        for (unit, allowed) in kinds {
            let stream = shared(unit.repeat(50).into_bytes());
            for layer in [Layer::OwnedEvents, Layer::OwnedFrames] {
                for chunk_size in [1 << 20, 16 << 10, 1460, unit.len(), 64] {
                    let allocations = allocations_of_owned(layer, &stream, chunk_size);
                    assert!(
                        allocations <= 50 * allowed,
                        "{layer:?}, chunks of {chunk_size}: {allocations} for 50 of {allowed}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_owned_copy_is_one_allocation_and_one_more_for_an_id_of_before() {
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(b"id: 7\nevent: token\ndata: x\n\ndata: y\n\n");
    for allowed in [1, 2] {
        let event = decoder.next_event(&mut chunk).unwrap().unwrap();
        let since = Since::now();
        drop(event.into_owned());
        assert_eq!(since.allocations(), allowed);
    }
}

#[test]
fn the_encoder_allocates_nothing_in_a_warm_buffer() {
    let (mut vec, mut shared) = (Vec::new(), BytesMut::new());
    write_all_ways(&mut vec);
    write_all_ways(&mut shared);
    let written = vec.len();
    vec.clear();
    shared.clear();
    let since = Since::now();
    write_all_ways(&mut vec);
    write_all_ways(&mut shared);
    assert_eq!(since.allocations(), 0);
    assert_eq!((vec.len(), shared.len()), (written, written));
}

/// Writes in every way that the encoder has, and also what it refuses.
fn write_all_ways<B: Buffer>(out: &mut B) {
    let encoder = EventEncoder::new()
        .event_type("token")
        .id("7")
        .retry(Duration::from_millis(1500))
        .comment("two\nlines");
    for data in ["", "one line", "three\r\nlines\rof text", CJK] {
        encoder.encode(data, out).unwrap();
        let mut writer = encoder.begin(out).unwrap();
        write!(writer, "{data}{}", 7).unwrap();
        writer.write_char('한').unwrap();
        writer.write_all(data.as_bytes()).unwrap();
        writer.finish().unwrap();
        drop(encoder.begin(out).unwrap());
    }
    encoder.encode_fields(out).unwrap();
    encode::comment("ping", out);
    encoder.id("two\nlines").encode("", out).unwrap_err();
}
