//! One line that grows and grows, in small chunks: sixteen times the bytes must take sixteen times
//! as long. A decoder that searches the unfinished line again at every chunk takes 256 times as
//! long.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;

use crate::check::{Examiner, Tally};
use crate::corpora::LogicalEvent;
use crate::decoders::{DECODERS, Decoder, Role};
use crate::feed::Feed;
use crate::measure::time;
use crate::report::{Table, duration};

/// From one length of the line to the next.
const STEP: usize = 16;
/// A run is left out if it took longer than this, were its time quadratic.
const PATIENCE: Duration = Duration::from_secs(1);
const RUNS: usize = 7;

/// Chunk sizes, and how long the line gets.
const CHUNKS: [(&str, usize, usize); 4] = [
    ("1 B to 1 MiB", 1, 1 << 20),
    ("64 B to 16 MiB", 64, 16 << 20),
    ("1 KiB to 16 MiB", 1 << 10, 16 << 20),
    ("16 KiB to 16 MiB", 16 << 10, 16 << 20),
];

/// A row per decoder, a column per chunk size.
pub fn table(quick: bool) -> Table {
    let mut table = Table::new(
        "One growing line",
        "Each column says how large the chunks are and how long the line gets. Each cell has the \
         time for the line, and that time as a multiple of a sixteenth of the time for sixteen \
         lines of a sixteenth of the length: 16 is linear, 256 quadratic. The last row only \
         appends the chunks to a `Vec`: if it has more than 16, that is the machine's memory. If a \
         line could have taken more than a second, a shorter one is used instead.",
    );
    table.head(std::iter::once("decoder").chain(CHUNKS.map(|(label, ..)| label)));
    let mut row = |name: &str, run: Run<'_>| {
        let cells = CHUNKS.iter().map(|&(_, chunk, longest)| {
            grow(run, chunk, if quick { longest / STEP } else { longest })
        });
        table.row(std::iter::once(name.to_owned()).chain(cells).collect());
    };
    for decoder in DECODERS.iter().filter(|decoder| decoder.role != Role::LeastWork) {
        row(decoder.name, &|feed, events| decode(decoder, feed, events));
    }
    row("append", &|feed, events| {
        Ok(repeat(|| time(|| feed.chunks(), |chunks| append(chunks, events[0].data.len()))))
    });
    table
}

/// Measures the time for a feed that holds these events.
type Run<'r> = &'r dyn Fn(&Feed, &[LogicalEvent]) -> Result<Duration, String>;

/// Lets the line grow from 1/256 of its length, and describes the last step.
fn grow(run: Run<'_>, chunk: usize, longest: usize) -> String {
    let lines = |count: usize, length: usize| {
        let events =
            vec![LogicalEvent { data: "x".repeat(length), ..LogicalEvent::default() }; count];
        let stream: String =
            events.iter().map(|event| format!("data: {}\n\n", event.data)).collect();
        run(&Feed::by_size(stream.as_bytes(), chunk), &events)
    };
    let describe = || {
        let mut cell = String::new();
        for length in [longest / STEP, longest] {
            let short = lines(STEP, length / STEP)? / STEP as u32;
            if short * (STEP * STEP) as u32 > PATIENCE {
                let shorter = || format!("{} at {} KiB", duration(short), (length / STEP) >> 10);
                return Ok(if cell.is_empty() { shorter() } else { cell });
            }
            let long = lines(1, length)?;
            cell = format!("{}, ×{:.1}", duration(long), long.as_secs_f64() / short.as_secs_f64());
            if length < longest {
                cell += &format!(" at {} KiB", length >> 10);
            }
        }
        Ok(cell)
    };
    describe().unwrap_or_else(|fault: String| format!("wrong: {fault}"))
}

/// The median time for a feed, whose events must be these.
fn decode(decoder: &Decoder, feed: &Feed, events: &[LogicalEvent]) -> Result<Duration, String> {
    Examiner::new(events).verdict(|examiner| (decoder.examined)(feed.chunks(), examiner))?;
    let run = |chunks| (decoder.timed)(chunks, &mut Tally::default()).expect("passed the check");
    Ok(repeat(|| time(|| feed.chunks(), run)))
}

/// Collects the chunks line by line, and drops each line.
fn append(chunks: Vec<Bytes>, length: usize) {
    let mut line = Vec::new();
    for chunk in chunks {
        line.extend_from_slice(&chunk);
        if line.len() > length {
            drop(black_box(std::mem::take(&mut line)));
        }
    }
}

/// The median of a few runs, or a single one if it takes long.
fn repeat(run: impl Fn() -> Duration) -> Duration {
    let first = run();
    if first > PATIENCE / 5 {
        return first;
    }
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    times[RUNS / 2]
}
