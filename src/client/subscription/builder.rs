//! The options of a subscription.

use core::time::Duration;
use std::boxed::Box;
use std::string::String;

use http::{HeaderMap, HeaderValue, Response};
use http_body::Body;

use super::{Random, Subscription};
use crate::client::{Connection, Policy};
use crate::{BytesDecoder, DecoderBuilder};

/// Builds a [`Subscription`] with options of your own.
///
/// ```
/// use sse_proto::client::{Policy, SubscriptionBuilder};
/// use std::time::Duration;
///
/// # let send = |_| async { Ok::<_, ()>(http::Response::new(String::new())) };
/// # let sleep = std::future::ready::<Duration>;
/// let subscription = SubscriptionBuilder::new()
///     .policy(Policy::new().idle_timeout(Duration::from_secs(45)))
///     .last_event_id("42") // where another process left off
///     .build(send, sleep);
/// assert_eq!(subscription.last_event_id(), "42");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SubscriptionBuilder {
    policy: Policy,
    decoder: DecoderBuilder<BytesDecoder>,
    accept: Option<HeaderValue>,
    seed: Option<u64>,
}

impl Default for SubscriptionBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SubscriptionBuilder {
    /// Makes a builder with the defaults. Each method below names its default.
    pub fn new() -> Self {
        SubscriptionBuilder {
            policy: Policy::new(),
            decoder: BytesDecoder::builder(),
            accept: None,
            seed: None,
        }
    }

    /// Sets how long the subscription waits, and when it gives up; [`Policy::new`] by default.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the last event ID that the first request carries; none by default.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.decoder = self.decoder.last_event_id(id);
        self
    }

    /// Sets the largest event, in bytes (see [`DecoderBuilder::max_event_size`]);
    /// [`DEFAULT_MAX_EVENT_SIZE`](crate::DEFAULT_MAX_EVENT_SIZE) by default.
    pub fn max_event_size(mut self, bytes: usize) -> Self {
        self.decoder = self.decoder.max_event_size(bytes);
        self
    }

    /// Sets the header `Accept` of each request; `text/event-stream` by default.
    ///
    /// Some protocols ask for more than one media type. MCP, for example, asks for
    /// `application/json, text/event-stream`. Nevertheless the response has to be an event stream.
    pub fn accept(mut self, value: HeaderValue) -> Self {
        self.accept = Some(value);
        self
    }

    /// Sets the seed of the random numbers for the backoff; a new one for each subscription by
    /// default.
    ///
    /// With the same seed you get the same waits, for example in a test.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Makes the subscription with these two closures, which [`Subscription::new`] explains.
    pub fn build<C, F, R, E, B, S, T>(self, connect: C, sleep: S) -> Subscription<C, F, B, S, T>
    where
        C: FnMut(HeaderMap) -> F,
        F: Future<Output = Result<R, E>>,
        R: Into<Response<B>>,
        B: Body,
        S: FnMut(Duration) -> T,
        T: Future,
    {
        Subscription {
            connect,
            sleep,
            accept: self.accept,
            connection: Connection::new(self.policy),
            decoder: self.decoder.build(),
            random: self.seed.map_or_else(Random::unseeded, Random::new),
            request: Box::pin(None),
            body: Box::pin(None),
            timer: Box::pin(None),
            health: Box::pin(None),
            ended: false,
        }
    }
}
