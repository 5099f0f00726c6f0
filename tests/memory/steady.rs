//! Once warm: how often an event allocates.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sse_proto::encode::{self, Buffer};
use sse_proto::{DEFAULT_MAX_EVENT_SIZE, EventEncoder, OwnedEvent};

use crate::counter::Since;
use crate::subject::{Layer, Subject, shared};

/// A window of the owned layer; and a chunk of many of them.
const CHUNK: usize = 16 << 10;
const LARGE_CHUNK: usize = 256 << 10;

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
    let stream = shared([format!("data: {}\n\n", "x".repeat(20_000)).into_bytes(), small].concat());
    for layer in [Layer::BorrowedEvents, Layer::BorrowedFrames] {
        let limit = DEFAULT_MAX_EVENT_SIZE;
        assert_eq!(Subject::allocations_once_warm(layer, limit, &stream, 1000), 0, "{layer:?}");
    }
}

/// A stream of events with these fields, in chunks of a size.
struct Owned {
    stream: Vec<u8>,
    chunk_size: usize,
    events: usize,
    /// How many events a chunk boundary cuts.
    cut_events: usize,
}

impl Owned {
    /// `whole`: no chunk cuts an event.
    fn new(fields: &[String], size: usize, whole: bool) -> Self {
        let event = format!("{}\n", fields.concat());
        let chunk_size = if whole { size / event.len() * event.len() } else { size };
        let events = 10 * chunk_size / event.len();
        let cuts =
            (1..(events * event.len()).div_ceil(chunk_size)).map(|number| number * chunk_size);
        let cut_events = cuts.filter(|cut| cut % event.len() > 0).count();
        assert_eq!(whole, cut_events == 0);
        Owned { stream: event.repeat(events).into_bytes(), chunk_size, events, cut_events }
    }

    /// Each has memory of its own.
    fn chunks(&self) -> Vec<Bytes> {
        self.stream.chunks(self.chunk_size).map(Bytes::copy_from_slice).collect()
    }

    /// Allocations while all chunks are read and all events kept, by a decoder that is
    /// warm; and how many are allowed.
    fn allocations(&self, layer: Layer) -> (usize, usize) {
        let mut subject = Subject::new(layer, DEFAULT_MAX_EVENT_SIZE);
        let mut kept: Vec<OwnedEvent> = Vec::with_capacity(2 * self.events);
        self.chunks().into_iter().for_each(|chunk| subject.read_into(chunk, &mut kept));
        let chunks = self.chunks();
        // A large chunk of ASCII is shared; of any other text 16 KiB are copied at a time, less
        // the part of an event that does not fit.
        let event = self.stream.len() / self.events;
        let windows = match self.chunk_size > CHUNK && !self.stream.is_ascii() {
            true => self.chunk_size.div_ceil(CHUNK - event),
            false => 1,
        };
        let allowed = 2 * windows * chunks.len() + self.cut_events;
        let since = Since::now();
        chunks.into_iter().for_each(|chunk| subject.read_into(chunk, &mut kept));
        let allocations = since.allocations();
        assert_eq!(kept.len(), 2 * self.events);
        (allocations, allowed)
    }
}

#[track_caller]
fn assert_owned(whole: bool) {
    let mut exceeded = String::new();
    // Small and large, of ASCII and of CJK text.
    for text in [ASCII, CJK].iter().flat_map(|text| [1, 10, 30].map(|times| text.repeat(times))) {
        let data = format!("data: {text}\n");
        let all = [format!("id: {CJK}\n"), "event: token\n".to_owned(), data.clone()];
        let sizes = [CHUNK, LARGE_CHUNK];
        let fields = [vec![data], all.to_vec()];
        let cases = fields.iter().flat_map(|fields| sizes.map(|size| (fields.as_slice(), size)));
        for (fields, size) in cases {
            let owned = Owned::new(fields, size, whole);
            for layer in [Layer::OwnedEvents, Layer::OwnedFrames] {
                let (allocations, allowed) = owned.allocations(layer);
                if allocations > allowed {
                    let _ = writeln!(
                        exceeded,
                        "{layer:?}: {allocations} allocations, {allowed} allowed, for {} events of \
                         {} fields, {} bytes, of which {} are cut",
                        owned.events,
                        fields.len(),
                        fields.concat().len(),
                        owned.cut_events
                    );
                }
            }
        }
    }
    assert!(exceeded.is_empty(), "too many allocations\n{exceeded}");
}

#[test]
fn the_owned_layer_allocates_nothing_for_events_in_one_piece_beyond_two_per_chunk() {
    assert_owned(true);
}

#[test]
fn the_owned_layer_allocates_once_for_an_event_that_a_chunk_boundary_cuts() {
    assert_owned(false);
}

#[test]
fn the_owned_layer_allocates_nothing_for_ascii_with_one_event_per_chunk() {
    // Memory of just the size, with some to spare, and shared: three kinds of `Bytes`.
    let kinds: [fn(&str) -> Bytes; 3] = [
        |event| Bytes::copy_from_slice(event.as_bytes()),
        |event| {
            let mut roomy = Vec::with_capacity(2 * event.len());
            roomy.extend_from_slice(event.as_bytes());
            roomy.into()
        },
        |event| shared(event.as_bytes().to_vec()),
    ];
    let event = format!("event: token\ndata: {ASCII}\n\n");
    for layer in [Layer::OwnedEvents, Layer::OwnedFrames] {
        for kind in kinds {
            let mut subject = Subject::new(layer, DEFAULT_MAX_EVENT_SIZE);
            let mut kept: Vec<OwnedEvent> = Vec::with_capacity(101);
            subject.read_into(kind(&event), &mut kept);
            let chunks = [(); 100].map(|()| kind(&event));
            let since = Since::now();
            chunks.into_iter().for_each(|chunk| subject.read_into(chunk, &mut kept));
            assert_eq!(since.allocations(), 0);
            assert_eq!(kept.len(), 101);
            assert!(kept.iter().all(|event| event.data() == ASCII));
        }
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

/// All that the encoder can do, what it refuses included.
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
