//! Compares the client with its model, call by call. A fuzz target uses this too.
//!
//! It needs nothing from the other tests, so that a fuzz target can include it.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod model;

use std::time::Duration;

use model::{Answer, Model, Why};
use sse_proto::client::{CloseReason, Connection, Decode, Policy, WrongCall};
use sse_proto::{BytesDecoder, Chunk, Decoder, Event};

/// A decoder of either layer, with the methods that these tests need.
pub trait Layer: Decode + Clone + Default {
    /// Reads these bytes, and calls `each` with each event.
    fn feed(&mut self, bytes: &[u8], each: impl FnMut(Event<'_>));
    fn is_mid_event(&self) -> bool;

    fn place(&self) -> (&str, Option<Duration>, bool) {
        (self.last_event_id(), self.reconnection_time(), self.is_mid_event())
    }
}

impl Layer for Decoder {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Event<'_>)) {
        let mut chunk = Chunk::new(bytes);
        while let Some(event) = self.next_event(&mut chunk).unwrap() {
            each(event);
        }
    }

    fn is_mid_event(&self) -> bool {
        self.is_mid_event()
    }
}

impl Layer for BytesDecoder {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Event<'_>)) {
        self.push(bytes.to_vec());
        while let Some(event) = self.next_event().unwrap() {
            each(event.as_event());
        }
    }

    fn is_mid_event(&self) -> bool {
        self.is_mid_event()
    }
}

/// Everything that a caller may do.
#[derive(Clone, Copy, Debug)]
pub enum Call<'c> {
    Request,
    Response {
        status: u16,
        content_type: Option<&'c [u8]>,
    },
    Received {
        now: Duration,
    },
    Disconnected {
        random: u32,
    },
    ReconnectNow,
    Close,
    Fail,
    /// Bytes for the decoder.
    Feed(&'c [u8]),
}

/// A client with its decoder, and the model of it.
#[derive(Clone, Debug)]
pub struct Pair<D> {
    connection: Connection,
    decoder: D,
    model: Model,
}

impl<D: Layer> Pair<D> {
    pub fn new(policy: &model::Policy) -> Self {
        let pair = Pair {
            connection: Connection::new(real(policy)),
            decoder: D::default(),
            model: Model::new(policy),
        };
        pair.check_state();
        pair
    }

    /// Makes one call; panics unless both answer the same.
    pub fn call(&mut self, call: Call<'_>) {
        match call {
            Call::Request => self.request(),
            Call::Response { status, content_type } => {
                let expected = self.model.response(status, content_type);
                let got = self.connection.response(status, content_type);
                assert_eq!(got.map_or_else(wrong, |state| Answer::State(state as u8)), expected);
            }
            Call::Received { now } => {
                let expected = self.model.received(now);
                let got = self.connection.received(now);
                assert_eq!(got.map_or_else(wrong, |()| Answer::Nothing), expected);
            }
            Call::Disconnected { random } => self.disconnected(random),
            Call::ReconnectNow => {
                let expected = self.model.reconnect_now();
                assert_eq!(self.connection.reconnect_now(), expected);
            }
            Call::Fail => {
                self.model.fail(Why::ContentCoding);
                self.connection.fail(CloseReason::ContentCoding);
            }
            Call::Close => {
                self.model.close();
                self.connection.close();
            }
            Call::Feed(bytes) => self.decoder.feed(bytes, |_| {}),
        }
        self.check_state();
    }

    fn request(&mut self) {
        let before = self.decoder.clone();
        let mut after = before.clone();
        after.reconnect();
        let expected = self.model.request(after.place().0);
        let got = self.connection.request(&mut self.decoder).map_or_else(wrong, |headers| {
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            Answer::Headers(headers.map(owned).collect())
        });
        assert_eq!(got, expected);
        // A good call discards an unfinished block. A wrong call does not touch the decoder.
        let kept = if matches!(expected, Answer::Wrong { .. }) { before } else { after };
        assert_eq!(self.decoder.place(), kept.place());
    }

    fn disconnected(&mut self, random: u32) {
        let before = self.decoder.clone();
        let expected = self.model.disconnected(before.place().1, random);
        let answer = self.connection.disconnected(&self.decoder, random);
        match (answer, &expected) {
            (Ok(after), Answer::Reconnect { least, most }) => {
                assert!((least..=most).contains(&&after), "{after:?}, where it is {expected:?}");
            }
            (Ok(after), _) => panic!("{after:?}, where the model says {expected:?}"),
            (Err(reason), _) => assert_eq!(Answer::StayClosed(why(reason)), expected),
        }
        // A second call returns the same, whatever the random number is.
        assert_eq!(self.connection.disconnected(&self.decoder, !random), answer);
    }

    fn check_state(&self) {
        assert_eq!(self.connection.ready_state() as u8, self.model.state());
        assert_eq!(self.connection.idle_timeout(), self.model.idle_timeout());
        assert_eq!(self.connection.close_reason().map(why), self.model.why());
    }
}

fn wrong(error: WrongCall) -> Answer {
    Answer::Wrong { state: error.state as u8 }
}

/// The crate's policy for the model's.
pub fn real(policy: &model::Policy) -> Policy {
    let mut real = Policy::new()
        .reconnection_time(policy.reconnection_time)
        .wait_between(policy.least_wait, policy.most_wait)
        .backoff(policy.backoff_first, policy.backoff_cap)
        .healthy_after(policy.healthy_after)
        .retry_statuses(policy.retried.clone());
    if let Some(attempts) = policy.max_attempts {
        real = real.max_attempts(attempts);
    }
    if let Some(requests) = policy.max_requests {
        real = real.max_requests(requests);
    }
    if policy.missing_content_type {
        real = real.accept_missing_content_type();
    }
    if let Some(timeout) = policy.idle_timeout {
        real = real.idle_timeout(timeout);
    }
    real
}

pub fn why(reason: CloseReason) -> Why {
    match reason {
        CloseReason::Caller => Why::Caller,
        CloseReason::NoContent => Why::NoContent,
        CloseReason::Status(status) => Why::Status(status),
        CloseReason::ContentType => Why::ContentType,
        CloseReason::ContentCoding => Why::ContentCoding,
        CloseReason::MaxAttempts => Why::Attempts,
        CloseReason::MaxRequests => Why::Requests,
        other => panic!("a reason this test does not know: {other:?}"),
    }
}

/// Makes any calls in any order, with any policy and both layers, and compares the answers with the
/// model's. The bytes of the input choose the policy and the calls.
pub fn client(input: &[u8]) {
    let mut input = Input(input);
    let policy = model::Policy {
        reconnection_time: input.duration(),
        least_wait: input.duration(),
        most_wait: input.duration(),
        backoff_first: input.duration(),
        backoff_cap: input.duration(),
        healthy_after: input.duration(),
        idle_timeout: input.maybe().map(|_| input.duration()),
        max_attempts: input.maybe().map(u32::from),
        max_requests: input.maybe().map(u32::from),
        retried: if input.byte() % 2 == 0 { vec![] } else { vec![200, 204, 502, 503] },
        missing_content_type: input.byte() % 2 == 1,
    };
    let mut borrowed = Pair::<Decoder>::new(&policy);
    let mut owned = Pair::<BytesDecoder>::new(&policy);
    while !input.0.is_empty() {
        let call = input.call();
        borrowed.call(call);
        owned.call(call);
    }
}

struct Input<'i>(&'i [u8]);

impl<'i> Input<'i> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn take(&mut self, length: usize) -> &'i [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn maybe(&mut self) -> Option<u8> {
        let byte = self.byte();
        (byte % 2 == 1).then_some(byte / 2)
    }

    /// A duration of any magnitude.
    fn duration(&mut self) -> Duration {
        match (self.byte(), u64::from(self.byte())) {
            (0..40, _) => Duration::ZERO,
            (40..80, n) => Duration::from_nanos(n),
            (80..160, n) => Duration::from_millis(n * 50),
            (160..220, n) => Duration::from_secs(n),
            (220..250, n) => Duration::from_nanos(u64::MAX - n),
            (_, n) => Duration::MAX - Duration::from_secs(n),
        }
    }

    fn call(&mut self) -> Call<'i> {
        match self.byte() % 16 {
            0..4 => Call::Request,
            4..8 => Call::Response {
                status: [200, 200, 200, 200, 204, 301, 404, 500, 502, 503]
                    [usize::from(self.byte() % 10)],
                content_type: self.content_type(),
            },
            8 => Call::Received { now: self.duration() },
            9..12 => {
                let bytes = self.take(4);
                let random = bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
                Call::Disconnected { random }
            }
            12 => match self.byte() % 16 {
                0 => Call::Close,
                1 => Call::Fail,
                _ => Call::ReconnectNow,
            },
            _ => {
                let length = usize::from(self.byte() % 32);
                Call::Feed(self.take(length))
            }
        }
    }

    fn content_type(&mut self) -> Option<&'i [u8]> {
        match self.byte() % 16 {
            0..9 => Some(b"text/event-stream"),
            9 => Some(b"Text/Event-Stream ; charset=utf-8"),
            10 => Some(b"text/html"),
            11 => None,
            _ => {
                let length = usize::from(self.byte() % 32);
                Some(self.take(length))
            }
        }
    }
}
