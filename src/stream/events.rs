//! `EventStream` and `FrameStream`.

use core::borrow::BorrowMut;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bytes::Bytes;
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::budget::Budget;
use crate::{BytesDecoder, EventTooLarge, OwnedEvent, OwnedFrame};

pin_project! {
    /// The events of a stream of chunks.
    ///
    /// It ends when the chunks end, or after the transport's first error, and then stays
    /// ended. What was pending is discarded, as the standard asks, and the transport is
    /// dropped. It is `Unpin` if the transport is.
    ///
    /// You may drop a pending `next()`, as `select!` does: nothing is lost. One poll reads
    /// a bounded number of chunks, so that other tasks run even if the transport is always
    /// ready.
    ///
    /// `D` is the decoder, or a `&mut` to one that outlives this stream.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct EventStream<S, D = BytesDecoder> {
        // Gone once it has ended: it is never polled again, and its connection is closed.
        #[pin]
        transport: Option<S>,
        decoder: D,
        // The end was handed out.
        ended: bool,
    }
}

pin_project! {
    /// The frames of a stream of chunks: events, comments, retries and IDs, in stream order.
    ///
    /// [`EventStream::into_frames`] makes it, and it ends as that does.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct FrameStream<S, D = BytesDecoder> {
        #[pin]
        events: EventStream<S, D>,
    }
}

/// The error that an [`EventStream`] hands out in place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The transport failed. All events that were complete came before; what was
    /// pending is lost, and nothing follows.
    #[error(transparent)]
    Transport(E),
    /// One event was too large and is skipped. The stream continues.
    #[error(transparent)]
    TooLarge(EventTooLarge),
}

impl<S> EventStream<S> {
    /// Decodes with the defaults of [`BytesDecoder::new`].
    pub fn new(transport: S) -> Self {
        Self::with_decoder(transport, BytesDecoder::new())
    }
}

impl<S, D: BorrowMut<BytesDecoder>> EventStream<S, D> {
    /// Decodes with this decoder, or with the one that this `&mut` refers to: one that has
    /// a limit or a last event ID of its own, or that of the connection before.
    ///
    /// A decoder that has read another stream has to [reconnect](BytesDecoder::reconnect)
    /// first. [`client::Connection::request`](crate::client::Connection::request) does
    /// that, and so does [`into_decoder`](Self::into_decoder).
    pub fn with_decoder(transport: S, decoder: D) -> Self {
        EventStream { transport: Some(transport), decoder, ended: false }
    }

    /// Hands out frames from here on. Nothing is lost, except that a comment is passed
    /// over if it has begun already.
    pub fn into_frames(self) -> FrameStream<S, D> {
        FrameStream { events: self }
    }

    /// The decoder, ready for the next connection: it keeps the last event ID and the
    /// reconnection time, and drops all else (see [`BytesDecoder::reconnect`]).
    #[must_use]
    pub fn into_decoder(self) -> D {
        let mut decoder = self.decoder;
        decoder.borrow_mut().reconnect();
        decoder
    }

    /// The last event ID so far (see [`BytesDecoder::last_event_id`]).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.borrow().last_event_id()
    }

    /// The reconnection time so far (see [`BytesDecoder::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.borrow().reconnection_time()
    }

    /// Whether an event has begun and is not complete (see
    /// [`BytesDecoder::is_mid_event`]). At the end it tells whether the stream was cut.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.decoder.borrow().is_mid_event()
    }
}

impl<S, D: BorrowMut<BytesDecoder>> FrameStream<S, D> {
    /// See [`EventStream::into_decoder`].
    #[must_use]
    pub fn into_decoder(self) -> D {
        self.events.into_decoder()
    }

    /// See [`EventStream::last_event_id`].
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.events.last_event_id()
    }

    /// See [`EventStream::reconnection_time`].
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.events.reconnection_time()
    }

    /// See [`EventStream::is_mid_event`].
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.events.is_mid_event()
    }
}

impl<S, C, E, D> EventStream<S, D>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
    D: BorrowMut<BytesDecoder>,
{
    /// Polls for what `pull` finds next. It fetches a chunk only when the decoder has nothing more.
    #[inline(always)]
    fn poll_pull<T>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pull: impl Fn(&mut BytesDecoder) -> Result<Option<T>, EventTooLarge>,
    ) -> Poll<Option<Result<T, StreamError<E>>>> {
        let mut budget = Budget::new();
        loop {
            match pull(self.as_mut().project().decoder.borrow_mut()) {
                Ok(Some(pulled)) => return Poll::Ready(Some(Ok(pulled))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(StreamError::TooLarge(error)))),
            }
            match ready!(self.as_mut().poll_chunk(context, &mut budget)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(StreamError::Transport(error)))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Polls the transport for a chunk and pushes it. `None` after the transport's end.
    fn poll_chunk(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        budget: &mut Budget,
    ) -> Poll<Option<Result<(), E>>> {
        let mut this = self.project();
        let Some(transport) = this.transport.as_mut().as_pin_mut() else {
            *this.ended = true;
            return Poll::Ready(None);
        };
        ready!(budget.spend(context));
        match ready!(transport.poll_next(context)) {
            Some(Ok(chunk)) => this.decoder.borrow_mut().push(chunk),
            Some(Err(error)) => {
                this.transport.set(None);
                return Poll::Ready(Some(Err(error)));
            }
            None => this.transport.set(None),
        }
        Poll::Ready(Some(Ok(())))
    }
}

impl<S, C, E, D> Stream for EventStream<S, D>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
    D: BorrowMut<BytesDecoder>,
{
    type Item = Result<OwnedEvent, StreamError<E>>;

    // Inlined for the same reason as `BytesDecoder::next_event`.
    #[inline(always)]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_pull(context, BytesDecoder::next_event)
    }
}

impl<S, C, E, D> Stream for FrameStream<S, D>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
    D: BorrowMut<BytesDecoder>,
{
    type Item = Result<OwnedFrame, StreamError<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().events.poll_pull(context, BytesDecoder::next_frame)
    }
}

impl<S, C, E, D> FusedStream for EventStream<S, D>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
    D: BorrowMut<BytesDecoder>,
{
    fn is_terminated(&self) -> bool {
        // Not before the end was handed out: from here on `select!` polls no more, and its
        // user would wait for the end.
        self.ended
    }
}

impl<S, C, E, D> FusedStream for FrameStream<S, D>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
    D: BorrowMut<BytesDecoder>,
{
    fn is_terminated(&self) -> bool {
        self.events.is_terminated()
    }
}
