//! What comes out: events, and the frames that a proxy needs beside them.

use core::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

/// The type of an event whose block names none: `#event-stream-interpretation`, dispatch step 5.
const DEFAULT_TYPE: &str = "message";

/// An event that borrows its text from the chunk or the decoder.
///
/// The first three accessors are the platform's `MessageEvent`: [`event_type`],
/// [`data`] and [`last_event_id`]. The other two say what the block itself said.
///
/// ```
/// use sse_proto::{Chunk, Decoder};
///
/// let mut decoder = Decoder::new();
/// let mut chunk = Chunk::new(b"id: 7\ndata: one\ndata: two\n\ndata\n\n");
///
/// let event = decoder.next_event(&mut chunk)?.unwrap();
/// assert_eq!(event.event_type(), "message");
/// assert_eq!(event.type_field(), None);
/// assert_eq!(event.data(), "one\ntwo");
/// assert_eq!(event.last_event_id(), "7");
/// assert_eq!(event.id(), Some("7"));
///
/// let event = decoder.next_event(&mut chunk)?.unwrap();
/// assert_eq!(event.data(), "");
/// assert_eq!(event.last_event_id(), "7");
/// assert_eq!(event.id(), None);
/// # Ok::<(), sse_proto::EventTooLarge>(())
/// ```
///
/// [`event_type`]: Event::event_type
/// [`data`]: Event::data
/// [`last_event_id`]: Event::last_event_id
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event<'a> {
    pub(crate) type_field: Option<&'a str>,
    pub(crate) data: &'a str,
    pub(crate) last_event_id: &'a str,
    /// Whether the block set the last event ID.
    pub(crate) sets_id: bool,
}

impl<'a> Event<'a> {
    /// The type of the event: `"message"` unless the block named another.
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &'a str {
        match self.type_field {
            None | Some("") => DEFAULT_TYPE,
            Some(event_type) => event_type,
        }
    }

    /// What the block's `event` field said, if it had one. `Some("")` means `"message"`.
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&'a str> {
        self.type_field
    }

    /// The data: the block's `data` lines, joined by LF.
    #[must_use]
    #[inline]
    pub fn data(&self) -> &'a str {
        self.data
    }

    /// The ID that the block set: `Some` exactly when a valid `id` line stood in it.
    /// `Some("")` is a reset.
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&'a str> {
        // Dispatch made the block's ID the last event ID just before.
        self.sets_id.then_some(self.last_event_id)
    }

    /// The last event ID when the event was dispatched, set by its block or an earlier one.
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &'a str {
        self.last_event_id
    }

    /// A copy that owns its text.
    #[must_use]
    pub fn into_owned(self) -> OwnedEvent {
        OwnedEvent {
            type_field: self.type_field.map(ByteString::from),
            data: self.data.into(),
            last_event_id: self.last_event_id.into(),
            sets_id: self.sets_id,
        }
    }
}

/// An event that owns its text, to keep and to send elsewhere.
///
/// From a [`BytesDecoder`](crate::BytesDecoder) its text is a share of the memory
/// of a chunk: it costs nothing, and it keeps that whole chunk alive. Whoever
/// keeps few of many events for long copies what is to be kept.
///
/// ```
/// use sse_proto::{BytesDecoder, OwnedEvent};
///
/// let mut decoder = BytesDecoder::new();
/// decoder.push("event: token\ndata: x\n\n");
/// let event: OwnedEvent = decoder.next_event()?.unwrap();
/// let event = std::thread::spawn(move || event).join().unwrap();
/// assert_eq!(event.event_type(), "token");
/// assert_eq!(event.into_data(), "x");
/// # Ok::<(), sse_proto::EventTooLarge>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnedEvent {
    pub(crate) type_field: Option<ByteString>,
    pub(crate) data: ByteString,
    pub(crate) last_event_id: ByteString,
    pub(crate) sets_id: bool,
}

impl OwnedEvent {
    /// The event, borrowed.
    #[must_use]
    #[inline]
    pub fn as_event(&self) -> Event<'_> {
        Event {
            type_field: self.type_field.as_deref(),
            data: &self.data,
            last_event_id: &self.last_event_id,
            sets_id: self.sets_id,
        }
    }

    /// See [`Event::event_type`].
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        self.as_event().event_type()
    }

    /// See [`Event::type_field`].
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&str> {
        self.as_event().type_field()
    }

    /// See [`Event::data`].
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// See [`Event::id`].
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.as_event().id()
    }

    /// See [`Event::last_event_id`].
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The data as bytes, which are UTF-8, without a copy.
    #[must_use]
    pub fn into_data(self) -> Bytes {
        self.data.into_bytes()
    }
}

impl From<Event<'_>> for OwnedEvent {
    fn from(event: Event<'_>) -> Self {
        event.into_owned()
    }
}

/// What stands in a stream, in its order, for those who pass it on or watch it.
///
/// A comment or a retry comes when its line ends, so before the event of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A block with data: its blank line dispatched it.
    Event(Event<'a>),
    /// A comment, without its colon and without one leading space. Keep-alives are comments.
    Comment(&'a str),
    /// A valid `retry` field: the reconnection time, in force at once. Whole milliseconds.
    Retry(Duration),
    /// The blank line of a block without data that set the last event ID to this.
    Id(&'a str),
}

impl Frame<'_> {
    /// A copy that owns its text.
    #[must_use]
    pub fn into_owned(self) -> OwnedFrame {
        match self {
            Frame::Event(event) => OwnedFrame::Event(event.into_owned()),
            Frame::Comment(text) => OwnedFrame::Comment(text.into()),
            Frame::Retry(time) => OwnedFrame::Retry(time),
            Frame::Id(id) => OwnedFrame::Id(id.into()),
        }
    }
}

/// A [`Frame`] that owns its text. What is said of [`OwnedEvent`] holds for each of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OwnedFrame {
    /// See [`Frame::Event`].
    Event(OwnedEvent),
    /// See [`Frame::Comment`].
    Comment(ByteString),
    /// See [`Frame::Retry`].
    Retry(Duration),
    /// See [`Frame::Id`].
    Id(ByteString),
}

impl OwnedFrame {
    /// The frame, borrowed.
    #[must_use]
    pub fn as_frame(&self) -> Frame<'_> {
        match self {
            OwnedFrame::Event(event) => Frame::Event(event.as_event()),
            OwnedFrame::Comment(text) => Frame::Comment(text),
            OwnedFrame::Retry(time) => Frame::Retry(*time),
            OwnedFrame::Id(id) => Frame::Id(id),
        }
    }
}
