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
/// does.
///
/// You give it two closures: one sends a request with the headers that it is given, and the other
/// sleeps. With reqwest and tokio:
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
/// #             let (status, body) = match self.0.get("last-event-id") {
/// #                 None => (200, "id: 1\ndata: a\n\nid: 2\ndata: b\n\n"),
/// #                 Some(id) => { assert_eq!(id, "2"); (204, "") }
/// #             };
/// #             let response = http::Response::builder().status(status);
/// #             let response = response.header("content-type", "text/event-stream");
/// #             Ok(response.body(body.into()).unwrap())
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
/// **It repeats requests**, even if the response was good, because a stream that ends is requested
/// again. Do not use it for a request that costs money or changes something, such as a POST to a
/// language model. Read the one response with
/// [`EventStream::from_response`](crate::stream::EventStream::from_response) instead, or set
/// [`Policy::max_requests`](super::Policy::max_requests) to 1.
///
/// # Items
///
/// The stream gives you events, and says nothing when it reconnects. It ends after
/// [`close`](Self::close), and after the server has answered with the status 204, which asks a
/// client to stop. If anything else ends it, the last item is a [`SubscriptionError`]: for example,
/// the response was not an event stream, or too many attempts failed. To see each change of the
/// state, call [`next_update`](Self::next_update) instead of `next`.
///
/// Each event comes once, and the next request carries its ID. You may drop a pending `next()`, as
/// `select!` does: nothing is lost.
///
/// # Waits
///
/// The [`Policy`](super::Policy) says how long the subscription waits, and when it gives up. The
/// subscription makes the random numbers for the backoff itself. It has no clock, so all times are
/// measured with your `sleep`.
///
/// If a poll finds both bytes and a sleep that has ended, the bytes count. So you can take as long
/// as you like over an event without running into
/// [`Policy::idle_timeout`](super::Policy::idle_timeout).
///
/// # Types
///
/// `C` is the closure that sends a request, `F` its future, `B` the body of the response, `S` the
/// closure that sleeps, and `T` its future. The output of `F` is a `Result` of any response that
/// becomes an [`http::Response`]. The subscription holds the futures and the body in boxes, so it
/// is always `Unpin`. It allocates these boxes once.
#[must_use = "streams do nothing unless polled"]
pub struct Subscription<C, F, B, S, T> {
    connect: C,
    sleep: S,
    accept: Option<HeaderValue>,
    connection: Connection,
    decoder: BytesDecoder,
    random: Random,
    /// The request that is out, in CONNECTING.
    request: Slot<F>,
    /// The body that is read, in OPEN.
    body: Slot<BodyStream<B>>,
    /// Ends when the next request is due. While a request is out or a body is read, it ends
    /// after the idle timeout instead. It is empty if bytes have just come.
    timer: Slot<T>,
    /// Ends when the connection has lived long enough. It is healthy if a byte comes after that.
    health: Slot<T>,
    /// The end was handed out.
    ended: bool,
}

/// A place for a future or a body. The place stays the same, so what is in it can be pinned.
type Slot<T> = Pin<Box<Option<T>>>;

/// Moving a subscription moves nothing that is pinned, because each of these has its own box.
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
    /// `connect` adds the headers that it is given to a request, and sends the request. `sleep`
    /// returns a future that is ready after the time that it is given. The subscription sends its
    /// first request when you poll it for the first time.
    pub fn new(connect: C, sleep: S) -> Self {
        SubscriptionBuilder::new().build(connect, sleep)
    }
}

impl<C, F, B, S, T> Subscription<C, F, B, S, T> {
    /// Returns the state.
    #[must_use]
    pub const fn ready_state(&self) -> ReadyState {
        self.connection.ready_state()
    }

    /// Returns why the state is CLOSED, or `None` in any other state.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.connection.close_reason()
    }

    /// Returns the last event ID so far, which the next request carries (see
    /// [`BytesDecoder::last_event_id`]).
    ///
    /// Store it if another process has to continue from here (see
    /// [`SubscriptionBuilder::last_event_id`]).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    /// Returns the reconnection time that the last `retry` field set, if there was one (see
    /// [`BytesDecoder::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    /// Reconnects at the next poll without a wait, for example because the network is back.
    ///
    /// It drops the request or the response, if there is one. You still get the events that have
    /// already come. The count of failed attempts starts again at zero.
    ///
    /// It returns `false` and changes nothing if the state is CLOSED, or if
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
    /// It drops the request or the response, and you get nothing more, not even the events that
    /// have already come.
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
                // With 204 the server has asked the client to stop. That is no error.
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

/// Shows the connection and the decoder, without the closures and futures.
impl<C, F, B, S, T> fmt::Debug for Subscription<C, F, B, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("connection", &self.connection)
            .field("decoder", &self.decoder)
            .finish_non_exhaustive()
    }
}
