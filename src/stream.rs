//! A [`Stream`] of chunks to a stream of events, for asynchronous code.
//!
//! [`EventStream`] is [`BytesDecoder`] in the shape that async frameworks expect: it
//! takes any `Stream<Item = Result<impl Into<Bytes>, E>>`, as HTTP clients hand out
//! bodies, and pulls a chunk only when all events before it were taken. It needs no
//! runtime and sets no timer.
//!
//! ```
//! use futures_util::{StreamExt, stream};
//! use sse_proto::stream::{EventStream, StreamError};
//!
//! # use futures_util::FutureExt;
//! # async {
//! let body = stream::iter([Ok("event: token\nda"), Ok("ta: Hello\n\n"), Err("reset by peer")]);
//! let mut events = EventStream::new(body);
//! # let mut seen = Vec::new();
//! while let Some(event) = events.next().await {
//!     match event {
//!         Ok(event) => println!("{}: {}", event.event_type(), event.data()),
//!         // One event beyond the limit: the stream goes on behind it.
//!         Err(StreamError::TooLarge(error)) => println!("{error}"),
//!         // The last item. With `last_event_id()` a new connection can go on from here.
//!         Err(error) => println!("{error}; had read up to {:?}", events.last_event_id()),
//!     }
//! #   seen.push(());
//! }
//! # assert_eq!(seen.len(), 2);
//! # }.now_or_never().unwrap();
//! ```
//!
//! An `AsyncRead` comes in through `tokio_util`'s `ReaderStream`, a body of `http_body`
//! through `http_body_util`'s `BodyExt::into_data_stream`:
//!
//! ```
//! use futures_util::TryStreamExt;
//! use sse_proto::stream::EventStream;
//! use tokio_util::io::ReaderStream;
//!
//! # use futures_util::FutureExt;
//! # async {
//! let reader = &b"id: 1\ndata: one\n\nid: 2\ndata: two\n\n"[..]; // a file, a socket, a pipe
//! let mut events = EventStream::new(ReaderStream::new(reader));
//! # let mut seen = Vec::new();
//! while let Some(event) = events.try_next().await? {
//!     println!("{}: {}", event.last_event_id(), event.data());
//! #   seen.push(event);
//! }
//! # assert_eq!(seen.len(), 2);
//! # Ok::<(), sse_proto::stream::StreamError<std::io::Error>>(())
//! # }.now_or_never().unwrap().unwrap();
//! ```

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bytes::Bytes;
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

pub use crate::keep_alive::KeepAlive;
use crate::{BytesDecoder, EventTooLarge, OwnedEvent, OwnedFrame};

pin_project! {
    /// The events of a stream of chunks.
    ///
    /// It ends where the chunks end, or behind the transport's first error, and then
    /// stays ended; the transport is dropped there. What was pending is discarded, as
    /// the standard asks. It is `Unpin` if the transport is.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct EventStream<S> {
        // Gone once it has ended: never polled again, and its connection is let go.
        #[pin]
        transport: Option<S>,
        decoder: BytesDecoder,
        // The end was handed out.
        ended: bool,
    }
}

pin_project! {
    /// The frames of a stream of chunks: events, comments, retries and IDs, in stream order.
    ///
    /// Made by [`EventStream::into_frames`], and ends as that does.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct FrameStream<S> {
        #[pin]
        events: EventStream<S>,
    }
}

/// What an [`EventStream`] hands out in place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The transport failed. All events that were complete came before; what was
    /// pending is lost, and nothing follows.
    #[error(transparent)]
    Transport(E),
    /// One event was too large and is skipped. The stream goes on.
    #[error(transparent)]
    TooLarge(EventTooLarge),
}

impl<S> EventStream<S> {
    /// Decodes with the defaults of [`BytesDecoder::new`].
    pub fn new(transport: S) -> Self {
        Self::with_decoder(transport, BytesDecoder::new())
    }

    /// Decodes with this decoder: one with a limit or a last event ID of its own, or
    /// that of the connection before, from [`into_decoder`](Self::into_decoder).
    pub fn with_decoder(transport: S, decoder: BytesDecoder) -> Self {
        EventStream { transport: Some(transport), decoder, ended: false }
    }

    /// Hands out frames from here on. Nothing is lost, but a comment that has begun
    /// already is passed over.
    pub fn into_frames(self) -> FrameStream<S> {
        FrameStream { events: self }
    }

    /// The decoder, ready for the next connection: it keeps the last event ID and the
    /// reconnection time, and drops all else (see [`BytesDecoder::reconnect`]).
    #[must_use]
    pub fn into_decoder(self) -> BytesDecoder {
        let mut decoder = self.decoder;
        decoder.reconnect();
        decoder
    }

    /// The last event ID so far (see [`BytesDecoder::last_event_id`]).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    /// The reconnection time so far (see [`BytesDecoder::reconnection_time`]).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    /// Whether an event has begun and is not complete (see
    /// [`BytesDecoder::is_mid_event`]). At the end: whether the stream was cut.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.decoder.is_mid_event()
    }
}

impl<S> FrameStream<S> {
    /// See [`EventStream::into_decoder`].
    #[must_use]
    pub fn into_decoder(self) -> BytesDecoder {
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

impl<S, C, E> EventStream<S>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
{
    /// What `pull` finds next. A chunk is fetched only when the decoder has nothing more.
    fn poll_pull<T>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pull: impl Fn(&mut BytesDecoder) -> Result<Option<T>, EventTooLarge>,
    ) -> Poll<Option<Result<T, StreamError<E>>>> {
        let mut this = self.project();
        loop {
            if let Some(pulled) = pull(this.decoder).transpose() {
                return Poll::Ready(Some(pulled.map_err(StreamError::TooLarge)));
            }
            let Some(transport) = this.transport.as_mut().as_pin_mut() else {
                *this.ended = true;
                return Poll::Ready(None);
            };
            match ready!(transport.poll_next(context)) {
                Some(Ok(chunk)) => this.decoder.push(chunk),
                Some(Err(error)) => {
                    this.transport.set(None);
                    return Poll::Ready(Some(Err(StreamError::Transport(error))));
                }
                None => this.transport.set(None),
            }
        }
    }
}

impl<S, C, E> Stream for EventStream<S>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
{
    type Item = Result<OwnedEvent, StreamError<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_pull(context, BytesDecoder::next_event)
    }
}

impl<S, C, E> Stream for FrameStream<S>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
{
    type Item = Result<OwnedFrame, StreamError<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().events.poll_pull(context, BytesDecoder::next_frame)
    }
}

impl<S, C, E> FusedStream for EventStream<S>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
{
    fn is_terminated(&self) -> bool {
        // Not before: `select!` polls no more from here on, and its user waits for the end.
        self.ended
    }
}

impl<S, C, E> FusedStream for FrameStream<S>
where
    S: Stream<Item = Result<C, E>>,
    C: Into<Bytes>,
{
    fn is_terminated(&self) -> bool {
        self.events.is_terminated()
    }
}
