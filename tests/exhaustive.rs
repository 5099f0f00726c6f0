//! Every sequence of a few tokens, at every cut in two, through both layers, as events
//! and as frames: what the model says.
//!
//! `SSE_EXHAUSTIVE_DEPTH` is the largest number of tokens, 2 or 3 unless set, which
//! takes seconds; 5 takes some ten minutes on two processors, in release mode:
//!
//! ```text
//! SSE_EXHAUSTIVE_DEPTH=5 cargo test --release --test exhaustive -- --nocapture
//! ```
//!
//! What is cheap here is the comparison: an outcome is written into a buffer that is
//! used again and again, and compared as bytes. When one differs, the driver of the
//! other tests is asked to say what is wrong.

mod drive;
mod model;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use drive::Expectation;
use model::{Item, Options};
use sse_proto::{Chunk, Event, Frame, OwnedEvent, OwnedFrame};

/// All that means something, what is nearly that, and the usual forms of lines.
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

/// What follows the tokens: nothing, a blank line, a line end and a half or two blank
/// lines, a line and an event.
const TAILS: [&[u8]; 4] = [b"", b"\n\n", b"\r\r", b":x\ndata: y\n\n"];

/// One that nothing here exceeds, and one that a `data` line of one byte exceeds.
const LIMITS: [usize; 2] = [64 << 20, 6];

/// What takes seconds.
const DEFAULT_DEPTH: u32 = if cfg!(debug_assertions) { 2 } else { 3 };

/// How many sequences a thread takes at a time.
const BATCH: usize = 64;

#[test]
fn every_short_sequence_of_tokens_gives_at_every_cut_what_the_model_gives() {
    let depth = std::env::var("SSE_EXHAUSTIVE_DEPTH")
        .map_or(DEFAULT_DEPTH, |depth| depth.parse().expect("SSE_EXHAUSTIVE_DEPTH is a number"));
    let (mut streams, mut comparisons) = (0, 0);
    // Short ones first: a failure is a smallest one.
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

/// Every sequence of this length, on all processors.
fn every_sequence(length: u32) -> Counts {
    let total = TOKENS.len().pow(length);
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut bench, mut counts, mut stream) = (Bench::default(), Counts::default(), Vec::new());
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
                        counts.comparisons += bench.check(&stream, limit);
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

/// What came out of a stream, as bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// The items, one after the other, and the state after them.
    bytes: Vec<u8>,
    /// How far the stream had been read when each came.
    at: Vec<usize>,
}

impl Outcome {
    fn clear(&mut self) {
        self.bytes.clear();
        self.at.clear();
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.bytes.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn event(&mut self, event: &Event<'_>) {
        self.bytes.push(b'E');
        self.text(event.event_type());
        self.optional(event.type_field());
        self.text(event.data());
        self.optional(event.id());
        self.text(event.last_event_id());
    }

    fn owned_event(&mut self, event: &OwnedEvent) {
        self.bytes.push(b'E');
        self.text(event.event_type());
        self.optional(event.type_field());
        self.text(event.data());
        self.optional(event.id());
        self.text(event.last_event_id());
    }

    fn comment(&mut self, text: &str) {
        self.bytes.push(b'C');
        self.text(text);
    }

    fn retry(&mut self, time: Duration) {
        self.bytes.push(b'R');
        self.bytes.extend_from_slice(&time.as_nanos().to_le_bytes());
    }

    fn id(&mut self, id: &str) {
        self.bytes.push(b'I');
        self.text(id);
    }

    fn too_large(&mut self) {
        self.bytes.push(b'!');
    }

    fn state(&mut self, last_event_id: &str, time: Option<Duration>, is_mid_event: bool) {
        self.bytes.push(b'.');
        self.text(last_event_id);
        self.retry(time.unwrap_or(Duration::MAX));
        self.bytes.push(u8::from(is_mid_event));
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        match frame {
            Frame::Event(event) => self.event(event),
            Frame::Comment(text) => self.comment(text),
            Frame::Retry(time) => self.retry(*time),
            Frame::Id(id) => self.id(id),
            other => panic!("a frame this test does not know: {other:?}"),
        }
    }

    fn owned_frame(&mut self, frame: &OwnedFrame) {
        match frame {
            OwnedFrame::Event(event) => self.owned_event(event),
            OwnedFrame::Comment(text) => self.comment(text),
            OwnedFrame::Retry(time) => self.retry(*time),
            OwnedFrame::Id(id) => self.id(id),
            other => panic!("a frame this test does not know: {other:?}"),
        }
    }

    fn of_model(stream: &[u8], options: &Options) -> Outcome {
        let output = model::decode(stream, options);
        let mut outcome = Outcome::default();
        for (at, item) in &output.items {
            outcome.at.push(*at);
            match item {
                Item::Event { event_type, type_field, data, id, last_event_id } => {
                    outcome.bytes.push(b'E');
                    outcome.text(event_type);
                    outcome.optional(type_field.as_deref());
                    outcome.text(data);
                    outcome.optional(id.as_deref());
                    outcome.text(last_event_id);
                }
                Item::Comment(text) => outcome.comment(text),
                Item::Retry(time) => outcome.retry(*time),
                Item::Id(id) => outcome.id(id),
                Item::TooLarge => outcome.too_large(),
            }
        }
        outcome.state(&output.last_event_id, output.reconnection_time, output.is_mid_event);
        outcome
    }
}

#[derive(Default)]
struct Bench {
    got: Outcome,
}

impl Bench {
    /// A stream whole, bytewise, and at every cut in two; returns how often it was compared.
    fn check(&mut self, stream: &[u8], limit: usize) -> usize {
        let options = Options { max_event_size: limit, ..Options::default() };
        let shared = Bytes::copy_from_slice(stream);
        let mut runs = 0;
        for frames in [false, true] {
            let expected = Outcome::of_model(stream, &Options { frames, ..options.clone() });
            let bytewise = 1..stream.len();
            for cut in 0..stream.len() {
                self.compare(&shared, &[cut], frames, &options, &expected);
            }
            self.compare(&shared, &bytewise.collect::<Vec<_>>(), frames, &options, &expected);
            runs += 2 * (stream.len() + 1);
        }
        runs
    }

    /// Both layers at these cuts.
    fn compare(
        &mut self,
        stream: &Bytes,
        cuts: &[usize],
        frames: bool,
        options: &Options,
        expected: &Outcome,
    ) {
        self.got.clear();
        self.run_borrowed(stream, cuts, frames, options);
        let on_time =
            self.got.at.iter().zip(&expected.at).all(|(&at, &due)| at_item_end(stream, at) == due);
        if !on_time || self.got.bytes != expected.bytes {
            explain(stream, cuts, options, "borrowed", &self.got, expected);
        }

        self.got.clear();
        self.run_owned(stream, cuts, frames, options);
        let on_time = self.got.at.iter().zip(&expected.at).all(|(&at, &due)| {
            at == cuts.iter().copied().find(|&cut| cut >= due).unwrap_or(stream.len())
        });
        if !on_time || self.got.bytes != expected.bytes {
            explain(stream, cuts, options, "owned", &self.got, expected);
        }
    }

    fn run_borrowed(&mut self, stream: &[u8], cuts: &[usize], frames: bool, options: &Options) {
        let mut decoder = drive::decoder(options);
        for_each_chunk(stream.len(), cuts, |start, end| {
            let mut chunk = Chunk::new(&stream[start..end]);
            loop {
                let more = if frames {
                    decoder
                        .next_frame(&mut chunk)
                        .map(|frame| frame.map(|frame| self.got.frame(&frame)).is_some())
                } else {
                    decoder
                        .next_event(&mut chunk)
                        .map(|event| event.map(|event| self.got.event(&event)).is_some())
                };
                match more {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => self.got.too_large(),
                }
                self.got.at.push(end - chunk.remaining().len());
            }
            assert!(chunk.is_empty(), "None, but the chunk is not used up");
        });
        self.got.state(
            decoder.last_event_id(),
            decoder.reconnection_time(),
            decoder.is_mid_event(),
        );
    }

    fn run_owned(&mut self, stream: &Bytes, cuts: &[usize], frames: bool, options: &Options) {
        let mut decoder = drive::bytes_decoder(options);
        for_each_chunk(stream.len(), cuts, |start, end| {
            decoder.push(stream.slice(start..end));
            loop {
                let more = if frames {
                    decoder
                        .next_frame()
                        .map(|frame| frame.map(|frame| self.got.owned_frame(&frame)).is_some())
                } else {
                    decoder
                        .next_event()
                        .map(|event| event.map(|event| self.got.owned_event(&event)).is_some())
                };
                match more {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => self.got.too_large(),
                }
                self.got.at.push(end);
            }
        });
        self.got.state(
            decoder.last_event_id(),
            decoder.reconnection_time(),
            decoder.is_mid_event(),
        );
    }
}

fn for_each_chunk(length: usize, cuts: &[usize], mut chunk: impl FnMut(usize, usize)) {
    let mut start = 0;
    for &end in cuts.iter().chain([&length]) {
        chunk(start, end);
        start = end;
    }
}

/// An item is due at the CR of a CRLF; that the LF goes along is allowed.
fn at_item_end(stream: &[u8], at: usize) -> usize {
    if stream[..at].ends_with(b"\r\n") { at - 1 } else { at }
}

#[cold]
fn explain(
    stream: &[u8],
    cuts: &[usize],
    options: &Options,
    layer: &str,
    got: &Outcome,
    expected: &Outcome,
) -> ! {
    Expectation::new(stream, options).check(cuts);
    panic!(
        "{layer}, cuts {cuts:?} of b\"{}\", limit {}: expected {expected:?}, got {got:?}",
        stream.escape_ascii(),
        options.max_event_size
    );
}
