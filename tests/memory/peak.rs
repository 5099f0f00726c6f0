//! A decoder holds at most three times its limit and 64 KiB, or seven times its limit and 64 KiB if
//! the text is malformed. The last event ID comes on top, twice if owned events carry it.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::counter::Since;
use crate::subject::{Layer, Subject, chunks, shared};

/// The last one is smaller in debug mode, so that a test takes seconds and not minutes.
const LIMITS: [usize; 3] =
    [1 << 10, 64 << 10, if cfg!(debug_assertions) { 300 << 10 } else { 1 << 20 }];

const CHUNK_SIZES: [usize; 5] = [1, 64, 1 << 10, 16 << 10, 1 << 20];

/// How many times the limit a decoder may hold: of valid text, and of malformed text, of which one
/// byte becomes three.
const VALID: usize = 3;
const MALFORMED: usize = 7;

/// How many bytes a decoder may hold beyond the multiple of the limit.
const ALLOWANCE: usize = 64 << 10;

/// A text of which a stream consists.
struct Text {
    unit: &'static [u8],
    /// How many times the limit a decoder may hold.
    factor: usize,
    /// The length of the longest stream for which a test has time in debug mode, in bytes. Each
    /// chunk takes as long as 250 bytes.
    longest: usize,
}

const ASCII: Text = Text { unit: b"x", factor: VALID, longest: 800 << 10 };

const TEXTS: [Text; 4] = [
    ASCII,
    Text { unit: "한".as_bytes(), factor: VALID, longest: 280 << 10 },
    Text { unit: b"\xFF", factor: MALFORMED, longest: 280 << 10 },
    Text { unit: b"\xF0\x9F\xA6", factor: MALFORMED, longest: 280 << 10 },
];

impl Text {
    fn takes_too_long(&self, stream: &[u8], chunk_size: usize) -> bool {
        let cost = stream.len() + 250 * (stream.len() / chunk_size);
        let patience = if cfg!(debug_assertions) { 1 } else { 30 };
        cost > patience * self.longest
    }
}

/// The names of all fields. The empty name makes a comment. The first four count towards the limit.
const FIELDS: [&str; 6] = ["data", "event", "id", "", "retry", "unknown"];

/// Reads a stream, and returns a complaint if the peak of the live heap, without the stream itself,
/// is beyond what is allowed.
fn excess(layer: Layer, limit: usize, factor: usize, chunk_size: usize, stream: &Bytes) -> String {
    match excess_of(layer, limit, factor, chunks(stream, chunk_size)) {
        Some(excess) => format!("chunks of {chunk_size}: {excess}"),
        None => String::new(),
    }
}

fn excess_of(
    layer: Layer,
    limit: usize,
    factor: usize,
    chunks: impl Iterator<Item = Bytes>,
) -> Option<String> {
    let since = Since::now();
    let (mut subject, mut id) = (Subject::new(layer, limit), 0);
    for chunk in chunks {
        subject.read(chunk);
        id = id.max(subject.last_event_id().len());
    }
    let (peak, allowed) = (since.peak(), factor * limit + ALLOWANCE + 2 * id);
    let times = (peak - id) as f64 / limit as f64;
    (peak > allowed).then(|| {
        format!(
            "{layer:?}, limit {limit}: {peak} bytes, {allowed} allowed; {times:.2} times the \
             limit beside an ID of {id}\n"
        )
    })
}

/// Reads a stream at each limit and in chunks of each size, and lists what is beyond the allowance.
fn hold(text: &Text, stream: impl Fn(usize) -> Vec<u8>) -> String {
    let mut exceeded = String::new();
    for limit in LIMITS {
        let stream = shared(stream(limit));
        for chunk_size in CHUNK_SIZES {
            if !text.takes_too_long(&stream, chunk_size) {
                for layer in Layer::ALL {
                    exceeded += &excess(layer, limit, text.factor, chunk_size, &stream);
                }
            }
        }
    }
    exceeded
}

/// Asserts that a stream of each kind of text stays within its allowance.
#[track_caller]
fn assert_held(stream: impl Fn(usize, &[u8]) -> Vec<u8>) {
    assert_all_held(&[""], |_, limit, text| stream(limit, text));
}

/// Asserts the same for streams of each of these fields.
#[track_caller]
fn assert_all_held(fields: &[&str], stream: impl Fn(&str, usize, &[u8]) -> Vec<u8>) {
    let mut exceeded = String::new();
    for field in fields {
        for text in &TEXTS {
            let found = hold(text, |limit| stream(field, limit, text.unit));
            if !found.is_empty() {
                let _ = write!(exceeded, "{field:?} of {}:\n{found}", text.unit.escape_ascii());
            }
        }
    }
    assert!(exceeded.is_empty(), "too much memory\n{exceeded}");
}

/// A line of a field that counts so many bytes, its line end included.
fn line(field: &str, text: &[u8], count: usize) -> Vec<u8> {
    let mut line = format!("{field}: ").into_bytes();
    line.extend_from_slice(&text.repeat((count - 1 - line.len()) / text.len()));
    line.resize(count - 1, b'x');
    line.push(b'\n');
    line
}

fn repeated(unit: &[u8], length: usize) -> Vec<u8> {
    unit.repeat(length / unit.len())
}

/// A length in bytes at which a decoder that holds everything is beyond its allowance.
fn endless(limit: usize) -> usize {
    2 * limit + ALLOWANCE + (64 << 10)
}

#[test]
fn an_endless_line() {
    assert_all_held(&FIELDS, |field, limit, text| line(field, text, endless(limit)));
}

#[test]
fn a_line_that_just_fits() {
    assert_all_held(&FIELDS[..4], |field, limit, text| {
        [&line(field, text, limit)[..], b"\n: c\n", &line(field, text, limit), b"\n"].concat()
    });
}

#[test]
fn a_block_of_every_field_that_just_fits() {
    assert_held(|limit, text| {
        let third = limit / 3;
        let (id, event) = (line("id", text, third), line("event", text, third));
        [&id[..], &event, &line("data", text, third), b"\n"].concat()
    });
}

/// If the first field grows by half, its buffer can hold the whole block, and the second field
/// comes on top.
#[test]
fn two_fields_that_fill_a_block_together() {
    for fields in [["event", "data"], ["data", "event"], ["id", "data"]] {
        for sixteenths in 8..13 {
            assert_held(|limit, text| {
                let large = line(fields[0], text, limit / 16 * sixteenths);
                let rest = line(fields[1], text, limit / 16 * (15 - sixteenths));
                [&large[..], &rest, b"data\n\n"].concat()
            });
        }
    }
}

#[test]
fn a_line_that_replaces_another() {
    assert_all_held(&["id", "event"], |field, limit, text| {
        let (large, rest) = (line(field, text, limit * 3 / 4), line(field, text, limit / 8));
        let same = line(field, text, limit / 2);
        [&large[..], &rest, b"data\n\n", &rest, &large, b"data\n\n", &same, &same, b"\n"].concat()
    });
}

#[test]
fn ids_that_turn_out_not_to_count() {
    assert_held(|limit, text| {
        let half = line("id", text, limit / 2);
        let mut refused = half.clone();
        let last = refused.len() - 2;
        refused[last] = 0;
        [&half[..], &refused, b"\n", &refused, &half, b"\n"].concat()
    });
}

#[test]
fn data_in_many_lines() {
    assert_held(|limit, text| [&repeated(&line("data", text, 40), limit)[..], b"\n"].concat());
}

#[test]
fn each_field_in_turn_as_large_as_can_be() {
    assert_held(|limit, text| {
        let fields = ["event", "id", "data", ""];
        let blocks = fields.map(|field| [&line(field, text, limit)[..], b"\n"].concat());
        blocks.concat()
    });
}

/// Asserts that a decoder stays within its allowance if `next` follows a block of one large field.
/// `next` comes in chunks of `at_once` bytes, and its blank line in a chunk of its own.
#[track_caller]
fn assert_held_after_a_large(field: &str, at_once: usize, next: impl Fn(usize, &[u8]) -> Vec<u8>) {
    let limit = 256 << 10;
    for Text { unit, factor, .. } in TEXTS {
        let large = shared([&line(field, unit, limit)[..], b"\n"].concat());
        let next = shared(next(limit, unit));
        let blank = Bytes::from_static(b"\n");
        for layer in Layer::ALL {
            let chunks =
                chunks(&large, 16 << 10).chain(chunks(&next, at_once)).chain([blank.clone()]);
            if let Some(excess) = excess_of(layer, limit, factor, chunks) {
                panic!("{field:?} of {}, then {at_once} at once: {excess}", unit.escape_ascii());
            }
        }
    }
}

/// The memory that an earlier block left in the scratch of a field is gone before data fills the
/// scratch of another field. The data is in lines that no chunk cuts.
#[test]
fn a_large_field_and_then_data_in_whole_lines() {
    for field in ["event", "id", "data"] {
        for (length, at_once) in [(4096, 16 << 10), (4096, 1 << 20), (256 << 10, 1 << 20)] {
            assert_held_after_a_large(field, at_once, |limit, text| {
                repeated(&line("data", text, length), limit)
            });
        }
    }
}

/// It is also gone if the block has a little text of its own in that field.
#[test]
fn a_large_field_and_then_a_little_of_it_beside_another() {
    for field in ["event", "id"] {
        assert_held_after_a_large(field, 1 << 20, |limit, text| {
            let little = format!("{field}: x\n").into_bytes();
            let data = repeated(&line("data", text, 4096), limit - 4096);
            [&little[..], &data, b"\n"].concat()
        });
    }
    for field in ["event", "id", "data"] {
        for other in ["event", "id", "data"] {
            let little = format!("{field}: x\n").into_bytes();
            for at_once in [64, 1 << 10, 16 << 10, 1 << 20] {
                assert_held_after_a_large(field, at_once, |limit, text| {
                    [&little[..], &line(other, text, limit - 20), b"data\n"].concat()
                });
                assert_held_after_a_large(field, at_once, |limit, text| {
                    [&line(other, text, limit - 20), &little[..], b"data\n"].concat()
                });
            }
        }
    }
}

/// If the caller reads frames, a comment counts alone, and the block around it counts too.
#[test]
fn a_large_comment_within_a_large_block() {
    let stream = |limit: usize, text: &[u8]| {
        let (data, comment) = (line("data", text, limit), line("", text, limit));
        [&data[..], &comment, b"\n"].concat()
    };
    for text in TEXTS {
        let exceeded = hold(&text, |limit| stream(limit, text.unit));
        assert!(exceeded.is_empty(), "too much memory\n{exceeded}");
    }
}

#[test]
fn endless_comments() {
    assert_held(|limit, text| repeated(&line("", text, 50), endless(limit)));
}

#[test]
fn endless_unknown_fields() {
    assert_held(|limit, text| repeated(&line("unknown", text, 50), endless(limit)));
}

/// Asserts the same for a stream that takes long, because it has so many lines.
#[track_caller]
fn assert_lines_held(stream: Vec<u8>, limit: usize, factor: usize) {
    let stream = shared(stream);
    let chunk_sizes = if cfg!(debug_assertions) { &[16 << 10][..] } else { &CHUNK_SIZES };
    for &chunk_size in chunk_sizes {
        for layer in Layer::ALL {
            let exceeded = excess(layer, limit, factor, chunk_size, &stream);
            assert!(exceeded.is_empty(), "too much memory: {exceeded}");
        }
    }
}

#[test]
fn four_hundred_thousand_bare_data_lines() {
    assert_lines_held(b"data\n".repeat(400_000), 1 << 20, VALID);
}

#[test]
fn a_million_blank_lines() {
    assert_lines_held(b"\n".repeat(1_000_000), 1 << 10, 0);
}

/// The events share one ID and do not copy it, although all of them are kept.
#[test]
fn a_large_id_before_thousands_of_tiny_events() {
    const EVENTS: usize = 5000;
    let (limit, id) = (64 << 10, 60_000);
    let mut stream = line("id", b"x", id);
    stream.extend_from_slice(&b"data: tiny\n\n".repeat(EVENTS));
    let stream = shared(stream);
    for layer in [Layer::OwnedEvents, Layer::OwnedFrames] {
        for chunk_size in [64, 1 << 10, 16 << 10, 1 << 20] {
            let mut kept = Vec::with_capacity(EVENTS);
            let since = Since::now();
            let mut subject = Subject::new(layer, limit);
            for chunk in chunks(&stream, chunk_size) {
                subject.read_into(chunk, &mut kept);
            }
            assert_eq!(kept.len(), EVENTS);
            assert!(kept.iter().all(|event| event.last_event_id().len() > id - 10));
            // Each event has its own four bytes of data.
            let (peak, allowed) = (since.peak(), VALID * limit + ALLOWANCE + 2 * id + 4 * EVENTS);
            assert!(peak <= allowed, "{layer:?}, {chunk_size}: {peak}, {allowed} allowed");
        }
    }
}
