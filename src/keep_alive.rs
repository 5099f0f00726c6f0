//! A stream of encoded events that is never silent for long.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::encode::KEEP_ALIVE;

pin_project! {
    /// Puts a comment into a stream of encoded events after each silence, so that proxies
    /// do not close the connection.
    ///
    /// The events are any `Stream<Item = Result<B, E>>`, where `B` is `Bytes` or `Vec<u8>`,
    /// as HTTP servers take bodies. Each item has to be whole blocks: a comment in the
    /// middle of a line would become a part of it.
    ///
    /// You bring the timer: a function from a `Duration` to a future, such as
    /// `tokio::time::sleep`. It is called anew after each item, as soon as the reader has
    /// asked for the next one and there is none yet. So a slow reader gets no comments, and
    /// a burst of events sets no timers.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures_util::{StreamExt, stream};
    /// use sse_proto::stream::KeepAlive;
    /// use std::convert::Infallible;
    /// use std::pin::pin;
    /// use std::time::Duration;
    ///
    /// # mod tokio { pub mod time { pub use std::future::ready as sleep; } }
    /// # use futures_util::FutureExt;
    /// # async {
    /// let event = Ok::<_, Infallible>(Bytes::from("data: x\n\n"));
    /// let events = stream::iter([event.clone()]).chain(stream::pending()); // a channel, say
    /// let body = KeepAlive::new(events, Duration::from_secs(15), tokio::time::sleep);
    /// // An HTTP server takes it as it is: with axum, `Body::from_stream(body)`.
    /// let mut body = pin!(body);
    /// assert_eq!(body.next().await, Some(event));
    /// // Fifteen seconds later:
    /// assert_eq!(body.next().await, Some(Ok(Bytes::from(": keep-alive\n"))));
    /// # }.now_or_never().unwrap();
    /// ```
    ///
    /// It ends when the events end, and drops them then. Errors are passed on. If you drop a
    /// pending `next()`, nothing is lost and the timer keeps running.
    #[must_use = "streams do nothing unless polled"]
    pub struct KeepAlive<S, F, T> {
        // Gone once they have ended: they are never polled again.
        #[pin]
        events: Option<S>,
        silence: Duration,
        sleep: F,
        // Set while the reader waits.
        #[pin]
        timer: Option<T>,
    }
}

impl<S, F, T> KeepAlive<S, F, T>
where
    F: FnMut(Duration) -> T,
    T: Future,
{
    /// Makes a stream that sends [`KEEP_ALIVE`] after each `silence`; about 15 seconds are usual.
    ///
    /// If it were zero, comments would be sent without a pause while there is no event.
    pub fn new(events: S, silence: Duration, sleep: F) -> Self {
        KeepAlive { events: Some(events), silence, sleep, timer: None }
    }
}

impl<S, F, T> fmt::Debug for KeepAlive<S, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeepAlive").field("silence", &self.silence).finish_non_exhaustive()
    }
}

impl<S, B, E, F, T> Stream for KeepAlive<S, F, T>
where
    S: Stream<Item = Result<B, E>>,
    B: From<&'static [u8]>,
    F: FnMut(Duration) -> T,
    T: Future,
{
    type Item = Result<B, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let Some(events) = this.events.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(item) = events.poll_next(context) {
            this.timer.set(None);
            if item.is_none() {
                this.events.set(None);
            }
            return Poll::Ready(item);
        }
        if this.timer.is_none() {
            this.timer.set(Some((this.sleep)(*this.silence)));
        }
        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
            ready!(timer.poll(context));
        }
        this.timer.set(None);
        Poll::Ready(Some(Ok(B::from(KEEP_ALIVE))))
    }
}

impl<S, B, E, F, T> FusedStream for KeepAlive<S, F, T>
where
    S: Stream<Item = Result<B, E>>,
    B: From<&'static [u8]>,
    F: FnMut(Duration) -> T,
    T: Future,
{
    fn is_terminated(&self) -> bool {
        self.events.is_none()
    }
}
