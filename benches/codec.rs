//! This crate alone, on all corpora: `cargo bench`, or `cargo bench -- decode/openai`.
//!
//! The benchmarks check first what they time: the decoders find each event's data, and the
//! encoder's output decodes to the same. For other libraries see `benches/peers`.

#![allow(missing_docs)] // criterion's macros make functions without any

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sse_proto::{BytesDecoder, Chunk, Decoder, EventEncoder};

mod corpora;

use corpora::{Corpus, LogicalEvent};

const CHUNK: usize = 16 * 1024;

fn decode(criterion: &mut Criterion) {
    for corpus in Corpus::all() {
        let by_size: Vec<&[u8]> = corpus.bytes.chunks(CHUNK).collect();
        let by_event = corpus.chunks_by_event();
        for chunks in [&by_size, &by_event] {
            assert_eq!(borrowed(chunks), corpus.data_bytes(), "{}", corpus.name);
            assert_eq!(frames(chunks), corpus.data_bytes(), "{}", corpus.name);
            assert_eq!(owned(shared(chunks)), corpus.data_bytes(), "{}", corpus.name);
        }

        let mut group = criterion.benchmark_group(format!("decode/{}", corpus.name));
        group.throughput(Throughput::Bytes(corpus.bytes.len() as u64));
        group.bench_function("events", |bencher| bencher.iter(|| borrowed(black_box(&by_size))));
        group.bench_function("frames", |bencher| bencher.iter(|| frames(black_box(&by_size))));
        group.bench_function("owned", |bencher| {
            bencher.iter_batched(|| shared(&by_size), owned, BatchSize::LargeInput)
        });
        group.bench_function("event by event", |bencher| {
            bencher.iter(|| borrowed(black_box(&by_event)))
        });
        group.finish();
    }
}

fn encode(criterion: &mut Criterion) {
    for corpus in Corpus::all() {
        let mut out = Vec::new();
        write(&corpus.events, &mut out);
        assert_eq!(borrowed(&[&out]), corpus.data_bytes(), "{}", corpus.name);

        let mut group = criterion.benchmark_group(format!("encode/{}", corpus.name));
        group.throughput(Throughput::Bytes(out.len() as u64));
        group.bench_function("whole", |bencher| {
            bencher.iter(|| {
                out.clear();
                write(black_box(&corpus.events), &mut out);
            })
        });
        group.finish();
    }
}

/// Each decodes the chunks and returns the length of all data.
fn borrowed(chunks: &[&[u8]]) -> usize {
    let (mut decoder, mut data) = (Decoder::new(), 0);
    for bytes in chunks {
        let mut chunk = Chunk::new(bytes);
        while let Some(event) = decoder.next_event(&mut chunk).expect("within the limit") {
            data += black_box(event).data().len();
        }
    }
    data
}

fn frames(chunks: &[&[u8]]) -> usize {
    let (mut decoder, mut data) = (Decoder::new(), 0);
    for bytes in chunks {
        let mut chunk = Chunk::new(bytes);
        while let Some(frame) = decoder.next_frame(&mut chunk).expect("within the limit") {
            if let sse_proto::Frame::Event(event) = black_box(frame) {
                data += event.data().len();
            }
        }
    }
    data
}

fn owned(chunks: Vec<bytes::Bytes>) -> usize {
    let (mut decoder, mut data) = (BytesDecoder::new(), 0);
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(event) = decoder.next_event().expect("within the limit") {
            data += black_box(event).data().len();
        }
    }
    data
}

fn shared(chunks: &[&[u8]]) -> Vec<bytes::Bytes> {
    chunks.iter().map(|chunk| bytes::Bytes::copy_from_slice(chunk)).collect()
}

fn write(events: &[LogicalEvent], out: &mut Vec<u8>) {
    for event in events {
        let mut encoder = EventEncoder::new();
        if let Some(event_type) = &event.event_type {
            encoder = encoder.event_type(event_type);
        }
        if let Some(id) = &event.id {
            encoder = encoder.id(id);
        }
        if let Some(retry) = event.retry {
            encoder = encoder.retry(std::time::Duration::from_millis(retry));
        }
        encoder.encode(&event.data, out).expect("no line end in a type or an ID");
    }
}

criterion_group!(benches, decode, encode);
criterion_main!(benches);
