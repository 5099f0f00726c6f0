//! The client against its model, call by call; and the body of a fuzz target.
//!
//! Needs nothing from the tests beside it, so that a fuzz target can take it as it is.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod model;

use std::time::Duration;

use model::{Answer, Model, Why};
use sse_proto::client::{CloseReason, Decode, EventSource, Next, Policy, WrongCall};
use sse_proto::{BytesDecoder, Chunk, Decoder};

/// A decoder of either layer, as these tests use it.
pub trait Layer: Decode + Clone + Default {
    /// Gives it these bytes, and counts the events that come.
    fn feed(&mut self, bytes: &[u8]) -> usize;
    fn place(&self) -> (&str, Option<Duration>, bool);
    fn forget_what_is_pending(&mut self);
}

impl Layer for Decoder {
    fn feed(&mut self, bytes: &[u8]) -> usize {
        let (mut chunk, mut events) = (Chunk::new(bytes), 0);
        while self.next_event(&mut chunk).unwrap().is_some() {
            events += 1;
        }
        events
    }

    fn place(&self) -> (&str, Option<Duration>, bool) {
        (self.last_event_id(), self.reconnection_time(), self.is_mid_event())
    }

    fn forget_what_is_pending(&mut self) {
        self.reconnect();
    }
}

impl Layer for BytesDecoder {
    fn feed(&mut self, bytes: &[u8]) -> usize {
        self.push(bytes.to_vec());
        let mut events = 0;
        while self.next_event().unwrap().is_some() {
            events += 1;
        }
        events
    }

    fn place(&self) -> (&str, Option<Duration>, bool) {
        (self.last_event_id(), self.reconnection_time(), self.is_mid_event())
    }

    fn forget_what_is_pending(&mut self) {
        self.reconnect();
    }
}

/// Whatever a caller may do.
#[derive(Clone, Copy, Debug)]
pub enum Call<'c> {
    Request,
    Response {
        status: u16,
        content_type: Option<&'c [u8]>,
        now: Duration,
    },
    Received {
        now: Duration,
    },
    Disconnected {
        random: u32,
    },
    Close,
    /// Bytes for the decoder.
    Feed(&'c [u8]),
}

/// A client with its decoder, and the model of it.
#[derive(Clone, Debug)]
pub struct Pair<D> {
    source: EventSource,
    decoder: D,
    model: Model,
}

impl<D: Layer> Pair<D> {
    pub fn new(policy: &model::Policy) -> Self {
        let mut real = Policy::new()
            .reconnection_time(policy.reconnection_time)
            .backoff(policy.backoff_first, policy.backoff_cap)
            .retry_statuses(policy.retried.clone());
        if let Some(attempts) = policy.max_attempts {
            real = real.max_attempts(attempts);
        }
        if let Some(timeout) = policy.idle_timeout {
            real = real.idle_timeout(timeout);
        }
        let pair = Pair {
            source: EventSource::new(real),
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
            Call::Response { status, content_type, now } => {
                let expected = self.model.response(status, content_type, now);
                let got = self.source.response(status, content_type, now);
                assert_eq!(got.map_or_else(wrong, |state| Answer::State(state as u8)), expected);
            }
            Call::Received { now } => {
                let expected = self.model.received(now);
                let got = self.source.received(now);
                assert_eq!(got.map_or_else(wrong, |()| Answer::Nothing), expected);
            }
            Call::Disconnected { random } => self.disconnected(random),
            Call::Close => {
                self.model.close();
                self.source.close();
            }
            Call::Feed(bytes) => {
                self.decoder.feed(bytes);
            }
        }
        self.check_state();
    }

    fn request(&mut self) {
        let before = self.decoder.clone();
        let mut after = before.clone();
        after.forget_what_is_pending();
        let expected = self.model.request(after.place().0);
        let got = self.source.request(&mut self.decoder).map_or_else(wrong, |headers| {
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            Answer::Headers(headers.map(owned).collect())
        });
        assert_eq!(got, expected);
        // A good call discards what is pending, a wrong one leaves the decoder alone.
        let kept = if matches!(expected, Answer::Wrong { .. }) { before } else { after };
        assert_eq!(self.decoder.place(), kept.place());
    }

    fn disconnected(&mut self, random: u32) {
        let before = self.decoder.clone();
        let expected = self.model.disconnected(before.place().1, random);
        match (self.source.disconnected(&self.decoder, random), expected) {
            (Ok(Next::Reconnect { after }), Answer::Reconnect { least, most }) => {
                assert!(
                    (least..=most).contains(&after),
                    "{after:?} is not in {least:?}..={most:?}"
                );
            }
            (Ok(Next::Reconnect { after }), expected) => {
                panic!("reconnect after {after:?}, where the model says {expected:?}")
            }
            (Ok(Next::StayClosed(reason)), expected) => {
                assert_eq!(Answer::StayClosed(why(reason)), expected);
            }
            (Err(error), expected) => assert_eq!(wrong(error), expected),
        }
    }

    fn check_state(&self) {
        assert_eq!(self.source.ready_state() as u8, self.model.state());
        assert_eq!(self.source.idle_deadline(), self.model.idle_deadline());
    }
}

fn wrong(error: WrongCall) -> Answer {
    Answer::Wrong { state: error.state as u8 }
}

fn why(reason: CloseReason) -> Why {
    match reason {
        CloseReason::Caller => Why::Caller,
        CloseReason::NoContent => Why::NoContent,
        CloseReason::Status(status) => Why::Status(status),
        CloseReason::ContentType => Why::ContentType,
        CloseReason::MaxAttempts => Why::Attempts,
        other => panic!("a reason this test does not know: {other:?}"),
    }
}

/// Any policy, any calls, in any order, with both layers: what the model answers.
///
/// The bytes are choices, from the front; where they run out it ends.
pub fn client(input: &[u8]) {
    let mut input = Input(input);
    let policy = model::Policy {
        reconnection_time: input.duration(),
        backoff_first: input.duration(),
        backoff_cap: input.duration(),
        max_attempts: input.maybe().map(u32::from),
        retried: if input.byte() % 2 == 0 { vec![] } else { vec![200, 204, 502, 503] },
        idle_timeout: input.maybe().map(|_| input.duration()),
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

    /// Of every magnitude.
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
                now: self.duration(),
            },
            8 => Call::Received { now: self.duration() },
            9..12 => {
                let bytes = self.take(4);
                let random = bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
                Call::Disconnected { random }
            }
            12 if self.byte() & 7 == 0 => Call::Close,
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
