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
    /// Turns a `Stream` of chunks, the transport, into a `Stream` of events.
    ///
    /// The [module](super) has an example.
    ///
    /// It ends when the transport ends or has given an error. Then it drops the transport and
    /// discards an unfinished block, as the standard asks. If you poll it again, it gives `None`.
    ///
    /// You may drop a pending `next()`, as `select!` does: nothing is lost. One poll reads a
    /// bounded number of chunks, so that other tasks run even if the transport is always ready.
    ///
    /// `S` is the transport. `D` is the decoder, or a `&mut` to one that outlives this stream. The
    /// stream is `Unpin` if the transport is.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct EventStream<S, D = BytesDecoder> {
        // `None` after its end. So it is never polled again, and its connection is closed.
        #[pin]
        transport: Option<S>,
        decoder: D,
        // The stream has returned `None`.
        ended: bool,
    }
}

pin_project! {
    /// Turns a `Stream` of chunks into a `Stream` of frames: events, comments, retries and IDs.
    ///
    /// [`EventStream::into_frames`] makes it. The frames come in the order of the stream, and it
    /// ends as an [`EventStream`] does.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct FrameStream<S, D = BytesDecoder> {
        #[pin]
        events: EventStream<S, D>,
    }
}

/// The error that an [`EventStream`] gives in place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The transport failed. You have received every complete event before this error. An
    /// unfinished block is lost, and nothing follows.
    #[error(transparent)]
    Transport(E),
    /// One event was larger than the limit, and is skipped. The stream continues.
    #[error(transparent)]
    TooLarge(EventTooLarge),
}

impl<S> EventStream<S> {
    /// Makes a stream of the events of these chunks, with the defaults of [`BytesDecoder::new`].
    pub fn new(transport: S) -> Self {
        Self::with_decoder(transport, BytesDecoder::new())
    }
}

impl<S, D: BorrowMut<BytesDecoder>> EventStream<S, D> {
    /// Makes a stream of the events of these chunks, with this decoder or a `&mut` to it.
    ///
    /// Use it if you need a limit or a last event ID of your own, or if the decoder has read an
    /// earlier connection.
    ///
    /// ```
    /// use futures_util::stream;
    /// use sse_proto::BytesDecoder;
    /// use sse_proto::stream::EventStream;
    ///
    /// let body = stream::iter([Ok::<_, std::io::Error>("data: Hello\n\n")]);
    /// let decoder = BytesDecoder::builder().max_event_size(1 << 20).last_event_id("7").build();
    /// let events = EventStream::with_decoder(body, decoder);
    /// assert_eq!(events.last_event_id(), "7");
    /// ```
    ///
    /// If the decoder has read another stream, call [`reconnect`](BytesDecoder::reconnect) first.
    /// [`client::Connection::request`](crate::client::Connection::request) and
    /// [`into_decoder`](Self::into_decoder) have done that already.
    pub fn with_decoder(transport: S, decoder: D) -> Self {
        EventStream { transport: Some(transport), decoder, ended: false }
    }

    /// Turns it into a stream of frames, from here on.
    ///
    /// No event is lost. If the decoder is in the middle of a comment, that comment is left out.
    ///
    /// ```
    /// use futures_util::{TryStreamExt, stream};
    /// use sse_proto::OwnedFrame;
    /// use sse_proto::stream::EventStream;
    ///
    /// # let mut seen = 0;
    /// # futures_util::FutureExt::now_or_never(async {
    /// let body = stream::iter([Ok::<_, std::io::Error>(": keep-alive\ndata: Hello\n\n")]);
    /// let mut frames = EventStream::new(body).into_frames();
    /// while let Some(frame) = frames.try_next().await? {
    ///     match frame {
    ///         OwnedFrame::Event(event) => println!("event: {}", event.data()),
    ///         OwnedFrame::Comment(text) => println!("comment: {text}"),
    ///         other => println!("{other:?}"),
    ///     }
    /// #   seen += 1;
    /// }
    /// # assert_eq!(seen, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap().unwrap();
    /// ```
    pub fn into_frames(self) -> FrameStream<S, D> {
        FrameStream { events: self }
    }

    /// Returns the decoder, ready for the next connection.
    ///
    /// The decoder keeps the last event ID and the reconnection time. It drops everything else,
    /// also chunks that it has not read (see [`BytesDecoder::reconnect`]).
    #[must_use]
    pub fn into_decoder(self) -> D {
        let mut decoder = self.decoder;
        decoder.borrow_mut().reconnect();
        decoder
    }

    /// Returns the last event ID so far (see [`BytesDecoder::last_event_id`]).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.borrow().last_event_id()
    }

    /// Returns the reconnection time that the last `retry` field set, if there was one (see
    /// [`BytesDecoder::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.borrow().reconnection_time()
    }

    /// Tells whether a block has begun and is not complete (see [`BytesDecoder::is_mid_event`]).
    ///
    /// After the end of the stream it tells whether the stream was cut within an event. Only your
    /// protocol can tell whether it was cut between two events, for example because there was no
    /// `[DONE]`.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.decoder.borrow().is_mid_event()
    }
}

impl<S, D: BorrowMut<BytesDecoder>> FrameStream<S, D> {
    /// Returns the decoder, ready for the next connection (see [`EventStream::into_decoder`]).
    #[must_use]
    pub fn into_decoder(self) -> D {
        self.events.into_decoder()
    }

    /// Returns the last event ID so far (see [`EventStream::last_event_id`]).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.events.last_event_id()
    }

    /// Returns the reconnection time so far (see [`EventStream::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.events.reconnection_time()
    }

    /// Tells whether a block has begun and is not complete (see [`EventStream::is_mid_event`]).
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
    /// Polls for the next item that `pull` takes from the decoder. It fetches a chunk only if the
    /// decoder has no further item.
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

    /// Polls the transport for a chunk, and pushes it. It gives `None` after the transport's end.
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
        // Only after `None` was returned. `select!` polls no stream that is terminated, so its
        // user would otherwise never see the end.
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
