//! `once STREAM DECODER SIZE [CHUNK]`: decodes a stream twice, the second time inside
//! [`measured_decode`], the one function whose instructions `instructions.sh` counts. The first time
//! warms up what is made once per process. Prints how many events and bytes it decoded.
//!
//! STREAM is a corpus, of which the first SIZE bytes count, or `line`: a single line of SIZE bytes.
//! CHUNK is the size of the chunks, 16384 by default, or `event`: one event per chunk.

use peers::check::{Examiner, Tally};
use peers::corpora::{Corpus, LogicalEvent};
use peers::decoders::{DECODERS, Feed, Job};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [stream, name, size, chunk @ ..] = &arguments[..] else {
        panic!("once STREAM DECODER SIZE [CHUNK]");
    };
    let size = size.parse().expect("SIZE is a number");
    let corpus = match stream.as_str() {
        "line" => line(size),
        corpus => Corpus::with_size(corpus, size).expect("there is such a corpus"),
    };
    let feed = match chunk.first().map(String::as_str) {
        None => Feed::by_size(&corpus.bytes, 16 << 10),
        Some("event") => Feed::by_ends(&corpus.bytes, &corpus.ends),
        Some(chunk) => Feed::by_size(&corpus.bytes, chunk.parse().expect("CHUNK is a number")),
    };
    let decoder = DECODERS.iter().find(|decoder| decoder.name == name);
    let decoder = decoder.expect("there is such a decoder");
    if let Err(fault) = Examiner::new(&corpus.events).verdict((decoder.examined)(&feed)) {
        println!("wrong: {fault}");
        return;
    }
    let tally = measured_decode((decoder.timed)(&feed));
    println!("{} {}", tally.events, corpus.bytes.len());
}

#[inline(never)]
fn measured_decode(job: Job<'_, Tally>) -> Tally {
    let mut tally = Tally::default();
    job(&mut tally).expect("passed the check");
    tally
}

fn line(length: usize) -> Corpus {
    let event = LogicalEvent { data: "x".repeat(length), ..LogicalEvent::default() };
    let bytes = format!("data: {}\n\n", event.data).into_bytes();
    Corpus { name: "line", ends: vec![bytes.len()], events: vec![event], bytes }
}
