//! Every sequence of a few tokens, at every cut in two, gives what the model gives: in both layers,
//! as events and as frames.
//!
//! `SSE_EXHAUSTIVE_DEPTH` is the largest number of tokens. The default, 2 or 3, takes seconds. 5
//! takes some ten minutes on two processors, in release mode:
//!
//! ```text
//! SSE_EXHAUSTIVE_DEPTH=5 cargo test --release --test exhaustive -- --nocapture
//! ```
//!
//! To be quick, this test compares each item as it comes, and copies nothing. If something differs,
//! the driver of the other tests says what is wrong.

mod drive;
mod model;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use drive::Expectation;
use model::{Item, Options, Output};
use sse_proto::{Chunk, Event, EventTooLarge, Frame, OwnedFrame};

/// Everything that has a meaning in a stream, things that nearly have one, and usual lines.
const TOKENS: [&[u8]; 22] = [
    b"data",
    b"event",
    b"id",
    b"retry",
    b"dat",
    b":",
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"5",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xEF\xBB",
    b"\xFF",
    "한".as_bytes(),
    b"\xF0\x9F",
    b"\xA6\x80",
    b"data: ",
    b"event: ",
    b"id: ",
    b"data: x\n",
];

/// The ends of a stream, after its tokens: nothing, blank lines of two kinds, or a comment and an
/// event.
const TAILS: [&[u8]; 4] = [b"", b"\n\n", b"\r\r", b":x\ndata: y\n\n"];

/// A limit that nothing here exceeds, and one that a `data` line of one byte exceeds.
const LIMITS: [usize; 2] = [64 << 20, 6];

/// A depth that takes seconds.
const DEFAULT_DEPTH: u32 = if cfg!(debug_assertions) { 2 } else { 3 };

/// How many sequences a thread takes at a time.
const BATCH: usize = 64;

#[test]
fn every_short_sequence_of_tokens_at_every_cut() {
    let depth = std::env::var("SSE_EXHAUSTIVE_DEPTH")
        .map_or(DEFAULT_DEPTH, |depth| depth.parse().expect("SSE_EXHAUSTIVE_DEPTH is a number"));
    let (mut streams, mut comparisons) = (0, 0);
    // The short ones come first, so that the first failure is a smallest one.
    for length in 0..=depth {
        let counts = every_sequence(length);
        streams += counts.streams;
        comparisons += counts.comparisons;
        println!("{length} tokens: {streams} streams, {comparisons} comparisons so far");
    }
    let sequences: usize = (0..=depth).map(|length| TOKENS.len().pow(length)).sum();
    assert_eq!(streams, sequences * TAILS.len(), "some sequences were left out");
}

#[derive(Clone, Copy, Default)]
struct Counts {
    streams: usize,
    comparisons: usize,
}

/// Checks every sequence of this length, on all processors.
fn every_sequence(length: u32) -> Counts {
    let total = TOKENS.len().pow(length);
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut counts, mut stream) = (Counts::default(), Vec::new());
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= total {
                return counts;
            }
            for number in first..total.min(first + BATCH) {
                for tail in TAILS {
                    sequence(number, length, &mut stream);
                    stream.extend_from_slice(tail);
                    counts.streams += 1;
                    for limit in LIMITS {
                        counts.comparisons += check(&stream, limit);
                    }
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(
            Counts::default(),
            |sum, counts| Counts {
                streams: sum.streams + counts.streams,
                comparisons: sum.comparisons + counts.comparisons,
            },
        )
    })
}

/// The sequence of this number: its digits in base `TOKENS.len()`.
fn sequence(mut number: usize, length: u32, stream: &mut Vec<u8>) {
    stream.clear();
    for _ in 0..length {
        stream.extend_from_slice(TOKENS[number % TOKENS.len()]);
        number /= TOKENS.len();
    }
}

/// Checks a stream whole, bytewise, and at every cut in two; returns the number of comparisons.
fn check(stream: &[u8], limit: usize) -> usize {
    let shared = Bytes::copy_from_slice(stream);
    let bytewise: Vec<_> = (1..stream.len()).collect();
    for frames in [false, true] {
        let options = Options { max_event_size: limit, frames, ..Options::default() };
        let expected = model::decode(stream, &options);
        for cut in 0..stream.len() {
            compare(&shared, &[cut], &options, &expected);
        }
        compare(&shared, &bytewise, &options, &expected);
    }
    4 * (stream.len() + 1)
}

/// Compares both layers at these cuts.
fn compare(stream: &Bytes, cuts: &[usize], options: &Options, expected: &Output) {
    if !borrowed_gives(stream, cuts, options, expected) {
        Expectation::new(stream, options).check(cuts);
        panic!("borrowed, cuts {cuts:?} of b\"{}\", {options:?}", stream.escape_ascii());
    }
    if !owned_gives(stream, cuts, options, expected) {
        Expectation::new(stream, options).check(cuts);
        panic!("owned, cuts {cuts:?} of b\"{}\", {options:?}", stream.escape_ascii());
    }
}

fn borrowed_gives(stream: &[u8], cuts: &[usize], options: &Options, expected: &Output) -> bool {
    let mut decoder = drive::decoder(options);
    let mut items = expected.items.iter();
    for (start, end) in bounds(stream.len(), cuts) {
        let mut chunk = Chunk::new(&stream[start..end]);
        loop {
            let pulled = if options.frames {
                decoder.next_frame(&mut chunk).transpose()
            } else {
                decoder.next_event(&mut chunk).map(|event| event.map(Frame::Event)).transpose()
            };
            let Some(pulled) = pulled else { break };
            let is_right = items.next().is_some_and(|(due, item)| {
                is(item, &pulled) && at_item_end(stream, end - chunk.remaining().len()) == *due
            });
            if !is_right {
                return false;
            }
        }
        if !chunk.is_empty() {
            return false;
        }
    }
    items.next().is_none()
        && decoder.last_event_id() == expected.last_event_id
        && decoder.reconnection_time() == expected.reconnection_time
        && decoder.is_mid_event() == expected.is_mid_event
}

fn owned_gives(stream: &Bytes, cuts: &[usize], options: &Options, expected: &Output) -> bool {
    let mut decoder = drive::bytes_decoder(options);
    let mut items = expected.items.iter();
    for (start, end) in bounds(stream.len(), cuts) {
        decoder.push(stream.slice(start..end));
        loop {
            let pulled = if options.frames {
                decoder.next_frame()
            } else {
                decoder.next_event().map(|event| event.map(OwnedFrame::Event))
            };
            let pulled = pulled.transpose();
            let Some(pulled) = pulled else { break };
            let pulled = pulled.as_ref().map(OwnedFrame::as_frame).map_err(|error| *error);
            let is_right = items
                .next()
                .is_some_and(|(due, item)| is(item, &pulled) && (start + 1..=end).contains(due));
            if !is_right {
                return false;
            }
        }
    }
    items.next().is_none()
        && decoder.last_event_id() == expected.last_event_id
        && decoder.reconnection_time() == expected.reconnection_time
        && decoder.is_mid_event() == expected.is_mid_event
}

fn is(item: &Item, pulled: &Result<Frame<'_>, EventTooLarge>) -> bool {
    match (item, pulled) {
        (Item::Comment(item), Ok(Frame::Comment(text))) => item == text,
        (Item::Retry(item), Ok(Frame::Retry(time))) => item == time,
        (Item::Id(item), Ok(Frame::Id(id))) => item == id,
        (Item::TooLarge, Err(_)) => true,
        (Item::Event { .. }, Ok(Frame::Event(event))) => is_event(item, event),
        _ => false,
    }
}

fn is_event(item: &Item, event: &Event<'_>) -> bool {
    let Item::Event { event_type, type_field, data, id, last_event_id } = item else {
        return false;
    };
    event_type == event.event_type()
        && type_field.as_deref() == event.type_field()
        && data == event.data()
        && id.as_deref() == event.id()
        && last_event_id == event.last_event_id()
}

/// The start and the end of each chunk.
fn bounds(length: usize, cuts: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    starts.zip(cuts.iter().copied().chain(std::iter::once(length)))
}

/// An item is due at the CR of a CRLF, and the LF may be read with it.
fn at_item_end(stream: &[u8], at: usize) -> usize {
    if stream[..at].ends_with(b"\r\n") { at - 1 } else { at }
}
