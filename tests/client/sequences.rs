//! Every short sequence of calls, and long random ones, are answered as the model answers.
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
const CALLS: [Call<'static>; 21] = [
    Call::Request,
    response(200, STREAM),
    response(200, Some(b"text/html")),
    response(200, None),
    response(204, STREAM),
    response(404, STREAM),
    response(503, STREAM),
    received(5),
    received(10),
    received(20),
    Call::Disconnected { random: 0 },
    Call::Disconnected { random: u32::MAX },
    Call::ReconnectNow,
    Call::Close,
    Call::Fail,
    Call::Feed(b"retry: 10\n"),
    Call::Feed(b"id: a\n\n"),
    // A block that is not finished, and the line that would finish it.
    Call::Feed(b"id: b\n"),
    Call::Feed(b"\n"),
    Call::Feed(b"id\n\n"),
    Call::Feed(b"id: \x01\n\n"),
];

const fn response(status: u16, content_type: Option<&[u8]>) -> Call<'_> {
    Call::Response { status, content_type }
}

const fn received(now: u64) -> Call<'static> {
    Call::Received { now: Duration::from_secs(now) }
}

/// The policy of browsers, and one that sets every option.
fn policies() -> [model::Policy; 2] {
    let platform = model::Policy {
        reconnection_time: Duration::from_secs(3),
        least_wait: Duration::ZERO,
        most_wait: Duration::MAX,
        backoff_first: Duration::ZERO,
        backoff_cap: Duration::ZERO,
        healthy_after: Duration::ZERO,
        idle_timeout: None,
        max_attempts: None,
        max_requests: None,
        retried: vec![],
        missing_content_type: false,
    };
    let own = model::Policy {
        reconnection_time: Duration::from_millis(1),
        least_wait: Duration::from_nanos(1_000_002),
        most_wait: Duration::from_millis(5),
        backoff_first: Duration::from_nanos(3),
        backoff_cap: Duration::from_nanos(5),
        healthy_after: Duration::from_secs(10),
        idle_timeout: Some(Duration::from_secs(7)),
        max_attempts: Some(2),
        max_requests: Some(3),
        retried: vec![502, 503],
        missing_content_type: true,
    };
    [platform, own]
}

/// A short sequence cannot have many failures in a row, so these begin after one failure.
#[test]
fn every_short_sequence_after_a_short_connection() {
    for policy in policies() {
        let mut pair = Pair::<Decoder>::new(&policy);
        for call in [CALLS[0], CALLS[1], Call::Disconnected { random: 7 }, CALLS[0], CALLS[1]] {
            pair.call(call);
        }
        every_sequence(&pair, depth() - 1);
    }
}

#[test]
fn every_short_sequence_of_calls() {
    let depth = depth();
    let mut calls = 0;
    for policy in policies() {
        calls += every_sequence(&Pair::<Decoder>::new(&policy), depth);
        calls += every_sequence(&Pair::<BytesDecoder>::new(&policy), depth);
    }
    let sequences: usize = (1..=depth).map(|length| CALLS.len().pow(length)).sum();
    assert_eq!(calls, 4 * sequences, "some sequences were left out");
    println!("{sequences} sequences, with 2 policies and 2 layers");
}

fn depth() -> u32 {
    std::env::var("SSE_CLIENT_DEPTH")
        .map_or(DEFAULT_DEPTH, |depth| depth.parse().expect("SSE_CLIENT_DEPTH is a number"))
}

/// Makes every call from here, and every call after each of them; returns how many it made.
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
fn long_random_sequences_of_calls() {
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
