//! Every short sequence of calls, and random long ones: what the model answers.
//!
//! `SSE_CLIENT_DEPTH` is the number of calls, 4 unless set:
//!
//! ```text
//! SSE_CLIENT_DEPTH=6 cargo test --release --test client
//! ```

use std::time::Duration;

use sse_proto::{BytesDecoder, Decoder};

use super::check::{self, Call, Layer, Pair, model};

const DEFAULT_DEPTH: u32 = 4;

const STREAM: Option<&[u8]> = Some(b"Text/Event-Stream; charset=utf-8");

/// Each way that a call can turn out, with the times and numbers that make a difference.
const CALLS: [Call<'static>; 19] = [
    Call::Request,
    response(200, STREAM, 10),
    response(200, STREAM, 30),
    response(200, Some(b"text/html"), 10),
    response(200, None, 10),
    response(204, STREAM, 10),
    response(404, STREAM, 10),
    response(503, STREAM, 10),
    received(20),
    received(5),
    Call::Disconnected { random: 0 },
    Call::Disconnected { random: u32::MAX },
    Call::Close,
    Call::Feed(b"retry: 10\n"),
    Call::Feed(b"id: a\n\n"),
    // Unfinished, and what would finish it.
    Call::Feed(b"id: b\n"),
    Call::Feed(b"\n"),
    Call::Feed(b"id\n\n"),
    Call::Feed(b"id: \x01\n\n"),
];

const fn response(status: u16, content_type: Option<&[u8]>, now: u64) -> Call<'_> {
    Call::Response { status, content_type, now: Duration::from_secs(now) }
}

const fn received(now: u64) -> Call<'static> {
    Call::Received { now: Duration::from_secs(now) }
}

/// The platform's, and one where every choice is made.
fn policies() -> [model::Policy; 2] {
    let platform = model::Policy {
        reconnection_time: Duration::from_secs(3),
        backoff_first: Duration::from_secs(1),
        backoff_cap: Duration::from_secs(30),
        max_attempts: None,
        retried: vec![],
        idle_timeout: None,
    };
    let own = model::Policy {
        reconnection_time: Duration::from_millis(1),
        backoff_first: Duration::from_nanos(3),
        backoff_cap: Duration::from_nanos(5),
        max_attempts: Some(2),
        retried: vec![502, 503],
        idle_timeout: Some(Duration::from_secs(7)),
    };
    [platform, own]
}

#[test]
fn every_short_sequence_of_calls_gives_what_the_model_gives() {
    let depth = std::env::var("SSE_CLIENT_DEPTH")
        .map_or(DEFAULT_DEPTH, |depth| depth.parse().expect("SSE_CLIENT_DEPTH is a number"));
    let mut calls = 0;
    for policy in policies() {
        calls += every_sequence(&Pair::<Decoder>::new(&policy), depth);
        calls += every_sequence(&Pair::<BytesDecoder>::new(&policy), depth);
    }
    let sequences: usize = (1..=depth).map(|length| CALLS.len().pow(length)).sum();
    assert_eq!(calls, 4 * sequences, "some sequences were left out");
    println!("{sequences} sequences, with 2 policies and 2 layers");
}

/// Goes on from here with every call, and from there with every call; counts them.
fn every_sequence<D: Layer>(pair: &Pair<D>, depth: u32) -> usize {
    if depth == 0 {
        return 0;
    }
    let each = |call: &Call<'static>| {
        let mut pair = pair.clone();
        pair.call(*call);
        1 + every_sequence(&pair, depth - 1)
    };
    CALLS.iter().map(each).sum()
}

#[test]
fn long_random_sequences_of_calls_give_what_the_model_gives() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for length in 0..4000 {
        let mut byte = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        };
        let input: Vec<u8> = (0..length % 800).map(|_| byte()).collect();
        check::client(&input);
    }
}
