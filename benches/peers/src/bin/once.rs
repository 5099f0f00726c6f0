//! `once STREAM DECODER SIZE [CHUNK]`: decodes a stream twice, the second time inside
//! [`measured_decode`], the one function whose instructions `instructions.sh` counts. The first
//! time warms up what is made once per process. Prints how many events and bytes it decoded.
//!
//! STREAM is a corpus, of which the first SIZE bytes count, or `line`: a single line of SIZE bytes.
//! CHUNK is the size of the chunks, `16k` by default, or `event`: one event per chunk.

use bytes::Bytes;
use peers::check::{Examiner, Tally};
use peers::corpora::{Corpus, LogicalEvent};
use peers::decoders::{DECODERS, Decoder};
use peers::feed::Feed;

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
    let chunk = chunk.first().map_or("16k", String::as_str);
    let feed = Feed::shaped(&corpus, chunk).expect("CHUNK is a number, 16k or event");
    let decoder = DECODERS.iter().find(|decoder| decoder.name == name);
    let decoder = decoder.expect("there is such a decoder");
    let read = |examiner: &mut Examiner<'_>| (decoder.examined)(feed.chunks(), examiner);
    if let Err(fault) = Examiner::new(&corpus.events).verdict(read) {
        println!("wrong: {fault}");
        return;
    }
    let tally = measured_decode(decoder, feed.chunks());
    println!("{} {}", tally.events, corpus.bytes.len());
}

#[inline(never)]
fn measured_decode(decoder: &Decoder, chunks: Vec<Bytes>) -> Tally {
    let mut tally = Tally::default();
    (decoder.timed)(chunks, &mut tally).expect("passed the check");
    tally
}

fn line(length: usize) -> Corpus {
    let event = LogicalEvent { data: "x".repeat(length), ..LogicalEvent::default() };
    let bytes = format!("data: {}\n\n", event.data).into_bytes();
    Corpus { name: "line", ends: vec![bytes.len()], events: vec![event], bytes }
}
