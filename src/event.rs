//! What comes out: events, and the frames that a proxy needs beside them.

use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::time::Duration;

use bytes::{Buf, Bytes};
use bytestring::ByteString;

use crate::decode::Span;

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
        let values = [Some(self.data), self.type_field, self.id()];
        let mut text =
            String::with_capacity(values.iter().flatten().map(|value| value.len()).sum());
        let [data, type_field, id] = values.map(|value| {
            let start = text.len();
            text.push_str(value?);
            Some(Span { start, end: text.len() })
        });
        OwnedEvent {
            text: text.into(),
            data: data.unwrap_or_default(),
            type_field,
            last_event_id: match id {
                Some(id) => LastEventId::Set(id),
                None => LastEventId::Carried(self.last_event_id.into()),
            },
        }
    }
}

/// An event that owns its text, to keep and to send elsewhere.
///
/// From a [`BytesDecoder`](crate::BytesDecoder) its text may be a share, which it keeps
/// alive: of 16 KiB, or of the whole chunk where that is larger or the event ends it, and
/// with the chunk whatever that is a slice of. Whoever keeps few of many events for long
/// copies what is to be kept.
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
#[derive(Clone)]
pub struct OwnedEvent {
    /// What the block's values are parts of: one reference is counted for all of them.
    pub(crate) text: ByteString,
    pub(crate) data: Span,
    pub(crate) type_field: Option<Span>,
    pub(crate) last_event_id: LastEventId,
}

/// Where an [`OwnedEvent`] has its last event ID.
#[derive(Clone)]
pub(crate) enum LastEventId {
    /// None was set so far, or the last one was empty.
    None,
    /// From an earlier block.
    Carried(ByteString),
    /// In the event's text: its block set it.
    Set(Span),
}

impl OwnedEvent {
    /// The event, borrowed.
    #[must_use]
    #[inline]
    pub fn as_event(&self) -> Event<'_> {
        Event {
            type_field: self.type_field(),
            data: self.data(),
            last_event_id: self.last_event_id(),
            sets_id: matches!(self.last_event_id, LastEventId::Set(_)),
        }
    }

    #[inline]
    fn part(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// See [`Event::event_type`].
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        match self.type_field {
            None => DEFAULT_TYPE,
            Some(_) => self.as_event().event_type(),
        }
    }

    /// See [`Event::type_field`].
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&str> {
        self.type_field.map(|span| self.part(span))
    }

    /// See [`Event::data`].
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        self.part(self.data)
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
        match &self.last_event_id {
            LastEventId::None => "",
            LastEventId::Carried(id) => id,
            LastEventId::Set(span) => self.part(*span),
        }
    }

    /// The data as bytes, which are UTF-8, without a copy.
    #[must_use]
    pub fn into_data(self) -> Bytes {
        let mut bytes = self.text.into_bytes();
        bytes.truncate(self.data.end);
        bytes.advance(self.data.start);
        bytes
    }
}

impl PartialEq for OwnedEvent {
    fn eq(&self, other: &Self) -> bool {
        self.as_event() == other.as_event()
    }
}

impl Eq for OwnedEvent {}

impl Hash for OwnedEvent {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_event().hash(state);
    }
}

impl fmt::Debug for OwnedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_event().fmt(f)
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

impl From<Frame<'_>> for OwnedFrame {
    fn from(frame: Frame<'_>) -> Self {
        frame.into_owned()
    }
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
