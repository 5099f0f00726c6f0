//! A stream of events that reconnects, over any HTTP client and any timer.

mod builder;
mod drive;
mod random;
mod update;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::boxed::Box;

use futures_core::stream::{FusedStream, Stream};
use http::{HeaderMap, HeaderValue, Response};
use http_body::Body;

pub use builder::SubscriptionBuilder;
use random::Random;
pub use update::{Cause, SubscriptionError, Update};

use super::{CloseReason, Connection, ReadyState};
use crate::stream::{BodyStream, Budget};
use crate::{BytesDecoder, OwnedEvent};

/// A stream of events that reconnects and asks for what it missed, as a browser's `EventSource`
/// does ([processing model](super)).
///
/// You give it two closures: one sends a request with these headers, the other sleeps.
/// This is a whole program with reqwest and tokio:
///
/// ```
/// use futures_util::TryStreamExt;
/// use sse_proto::client::Subscription;
///
/// # mod tokio { pub mod time { pub use std::future::ready as sleep; } }
/// # mod reqwest {
/// #     pub struct Client;
/// #     impl Client {
/// #         pub fn new() -> Self { Client }
/// #         pub fn get(&self, _: &str) -> Self { Client }
/// #         pub fn headers(self, headers: http::HeaderMap) -> Headers { Headers(headers) }
/// #     }
/// #     pub struct Headers(http::HeaderMap);
/// #     impl Headers {
/// #         pub async fn send(self) -> Result<http::Response<String>, std::convert::Infallible> {
/// #             let response = http::Response::builder().header("content-type", "text/event-stream");
/// #             Ok(match self.0.get("last-event-id") {
/// #                 None => response.body("id: 1\ndata: a\n\nid: 2\ndata: b\n\n".into()).unwrap(),
/// #                 Some(id) => { assert_eq!(id, "2"); response.status(204).body("".into()).unwrap() }
/// #             })
/// #         }
/// #     }
/// # }
/// # let url = "";
/// # futures_util::FutureExt::now_or_never(async {
/// let client = reqwest::Client::new();
/// let mut events = Subscription::new(
///     |headers| client.get(url).headers(headers).send(),
///     tokio::time::sleep,
/// );
/// while let Some(event) = events.try_next().await? {
///     println!("{}: {}", event.event_type(), event.data());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap().unwrap();
/// ```
///
/// **It repeats requests**, good ones included, since a stream that ends is requested
/// again. Do not give it a request that costs money or changes something, such as a POST
/// to a language model: read its one response with
/// [`EventStream::from_response`](crate::stream::EventStream::from_response), or set
/// [`Policy::max_requests`](super::Policy::max_requests).
///
/// # Items
///
/// The stream hands out events, and passes over interruptions. It ends after
/// [`close`](Self::close), and if the server answers 204, with which it asks its clients
/// to stop. Everything else that ends it is an error first ([`SubscriptionError`]): a
/// wrong status or type, or as many attempts as the [`Policy`](super::Policy) allows. If
/// you want to see each change of the state, call [`next_update`](Self::next_update)
/// instead of `next`.
///
/// An event is handed out once, and its ID is sent with the next request. You may drop a
/// pending `next()`, as `select!` does: nothing is lost.
///
/// # Waits
///
/// [`Policy`](super::Policy) says how long it waits and when it gives up. Its own numbers,
/// seeded by the process, spread the backoff; [`SubscriptionBuilder::seed`] makes them
/// repeat. It has no clock: each time comes from your `sleep`. A poll that finds the
/// connection ready reads it, and a sleep that has also ended does not count. So a reader
/// who takes long over an event does not run into
/// [`Policy::idle_timeout`](super::Policy::idle_timeout).
///
/// # Types
///
/// `C` is the closure that sends a request, `F` its future, `B` the response's body, `S`
/// the closure that sleeps, and `T` its future. The future of `C` gives any response that
/// becomes an [`http::Response`]. The subscription holds futures and body in boxes, one of
/// each for its whole life, so it is always `Unpin`.
#[must_use = "streams do nothing unless polled"]
pub struct Subscription<C, F, B, S, T> {
    connect: C,
    sleep: S,
    accept: Option<HeaderValue>,
    connection: Connection,
    decoder: BytesDecoder,
    random: Random,
    /// CONNECTING: a request is out.
    request: Slot<F>,
    /// OPEN: a body is being read.
    body: Slot<BodyStream<B>>,
    /// The wait for the next request; or, while one is out or a body is read, the time
    /// since which nothing has come. Empty if there is nothing to wait for, or if something
    /// has come.
    timer: Slot<T>,
    /// Until the connection is healthy, by the next byte that comes.
    health: Slot<T>,
    /// The end was handed out.
    ended: bool,
}

/// A future or a body that comes and goes, in a place that stays.
type Slot<T> = Pin<Box<Option<T>>>;

/// Each thing that is pinned has a box of its own.
impl<C, F, B, S, T> Unpin for Subscription<C, F, B, S, T> {}

impl<C, F, R, E, B, S, T> Subscription<C, F, B, S, T>
where
    C: FnMut(HeaderMap) -> F,
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
    B: Body,
    S: FnMut(Duration) -> T,
    T: Future,
{
    /// Makes a subscription with the defaults of [`SubscriptionBuilder`].
    ///
    /// `connect` adds the headers that it is given to a request, and sends it. `sleep` returns a
    /// future that is ready after the time that it is given. The first request is sent when the
    /// subscription is polled first.
    pub fn new(connect: C, sleep: S) -> Self {
        SubscriptionBuilder::new().build(connect, sleep)
    }
}

impl<C, F, B, S, T> Subscription<C, F, B, S, T> {
    /// Returns the state, with the platform's names and numbers.
    #[must_use]
    pub const fn ready_state(&self) -> ReadyState {
        self.connection.ready_state()
    }

    /// Returns why the state is CLOSED, if it is.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.connection.close_reason()
    }

    /// Returns the last event ID so far, which the next request carries (see
    /// [`BytesDecoder::last_event_id`]).
    ///
    /// Keep it if another process is to continue.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    /// Returns the time that the server's last `retry` set (see [`BytesDecoder::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    /// Reconnects at the next poll, without a wait, for example because the network is back.
    ///
    /// The request or the response, if there is one, is dropped. Events that have already come
    /// are handed out first. The row of failed attempts ends.
    ///
    /// Returns `false`, and changes nothing, if the state is CLOSED or if
    /// [`Policy::max_requests`](super::Policy::max_requests) allows no further request.
    pub fn reconnect_now(&mut self) -> bool {
        let may = self.connection.reconnect_now();
        if may {
            self.let_go();
        }
        may
    }

    /// Closes the subscription for good.
    ///
    /// The request or the response is dropped, and nothing more is handed out, not even events
    /// that have already come.
    pub fn close(&mut self) {
        self.connection.close();
        self.let_go();
    }
}

impl<C, F, R, E, B, S, T> Stream for Subscription<C, F, B, S, T>
where
    C: FnMut(HeaderMap) -> F,
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
    B: Body,
    S: FnMut(Duration) -> T,
    T: Future,
{
    type Item = Result<OwnedEvent, SubscriptionError<E, B>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut budget = Budget::new();
        loop {
            let item = match ready!(self.poll_within(context, &mut budget)) {
                None => return Poll::Ready(None),
                Some(Update::Opened(_) | Update::Interrupted { .. }) => continue,
                Some(Update::Event(event)) => Ok(event),
                Some(Update::TooLarge(error)) => Err(SubscriptionError::TooLarge(error)),
                // A server that asks its clients to stop is no error.
                Some(Update::Closed { reason: CloseReason::NoContent, .. }) => continue,
                Some(Update::Closed { reason, cause }) => {
                    Err(SubscriptionError::Closed { reason, cause })
                }
            };
            return Poll::Ready(Some(item));
        }
    }
}

impl<C, F, R, E, B, S, T> FusedStream for Subscription<C, F, B, S, T>
where
    C: FnMut(HeaderMap) -> F,
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
    B: Body,
    S: FnMut(Duration) -> T,
    T: Future,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

/// Shows the state, without the closures and futures.
impl<C, F, B, S, T> fmt::Debug for Subscription<C, F, B, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("connection", &self.connection)
            .field("decoder", &self.decoder)
            .finish_non_exhaustive()
    }
}
