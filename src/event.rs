//! An event, borrowed and owned.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::shared::Arc;
use crate::utf8::Text;

/// The type of an event whose block names none: `#event-stream-interpretation`, dispatch step 5.
const DEFAULT_TYPE: &str = "message";

/// "If the event type buffer has a value other than the empty string, change the type of the newly
/// created event to equal the value of the event type buffer."
#[inline]
fn event_type(type_field: Option<&str>) -> &str {
    match type_field {
        None | Some("") => DEFAULT_TYPE,
        Some(event_type) => event_type,
    }
}

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
        event_type(self.type_field)
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
        let carried = match self.sets_id || self.last_event_id.is_empty() {
            true => None,
            false => Some(self.last_event_id.into()),
        };
        OwnedEvent::copied(
            Text::Valid(self.data),
            self.type_field.map(Text::Valid),
            self.id().map(Text::Valid),
            carried,
        )
    }
}

/// A last event ID that an earlier block set. Events share it.
pub(crate) type CarriedId = Option<Arc<str>>;

/// An event that owns its text, to keep and to send elsewhere.
///
/// It is one allocation, of the size of its text. The last event ID is in it if the event's own
/// block set that; one that an earlier block set is shared by the events after it.
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
///
/// To test the code that handles events you can make one yourself:
///
/// ```
/// use sse_proto::OwnedEvent;
///
/// let event = OwnedEvent::new("Hello").with_event_type("token").with_id("7");
/// assert_eq!(event.event_type(), "token");
/// assert_eq!(event.last_event_id(), "7");
/// ```
#[derive(Clone)]
pub struct OwnedEvent {
    /// The data, then the event type, then the ID, as far as the block set them.
    text: Box<str>,
    /// Where the data starts: after the name of its field, if the decoder handed over the memory
    /// of a whole line.
    data_start: u8,
    data_end: usize,
    type_end: usize,
    has_type: bool,
    sets_id: bool,
    /// `None` if the block set the ID, or if there is none.
    carried_id: CarriedId,
}

impl OwnedEvent {
    /// An event of this data, without an `event` field and without a last event ID.
    ///
    /// Decoders make events; this one is for tests. Nothing is checked: a decoder hands out no
    /// data with a CR, and no type or ID with a line end.
    #[must_use]
    pub fn new(data: &str) -> Self {
        Self::copied(Text::Valid(data), None, None, None)
    }

    /// The same event, with this `event` field.
    #[must_use]
    pub fn with_event_type(self, event_type: &str) -> Self {
        Event { type_field: Some(event_type), ..self.as_event() }.into_owned()
    }

    /// The same event, with this ID, set by its own block.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: true, ..self.as_event() }.into_owned()
    }

    /// The same event, with this last event ID, set by an earlier block.
    #[must_use]
    pub fn with_last_event_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: false, ..self.as_event() }.into_owned()
    }

    /// An event of copies of these values.
    #[inline(always)]
    pub(crate) fn copied(
        data: Text<'_>,
        type_field: Option<Text<'_>>,
        id: Option<Text<'_>>,
        carried_id: CarriedId,
    ) -> Self {
        let others = type_field.map_or(0, Text::len) + id.map_or(0, Text::len);
        let mut text = String::with_capacity(data.len() + others);
        data.push_to(&mut text);
        Self::with_data(&mut text, 0, type_field, id, carried_id)
    }

    /// An event whose data is the end of `text`, which is taken, from `data_start` on.
    ///
    /// The text comes by reference, and becomes two words instead of three, so that nothing copies
    /// a `String` of which a word was just written: that stalls the processor, and took a quarter
    /// of the time.
    #[inline(always)]
    pub(crate) fn with_data(
        text: &mut String,
        data_start: usize,
        type_field: Option<Text<'_>>,
        id: Option<Text<'_>>,
        carried_id: CarriedId,
    ) -> Self {
        let data_end = text.len();
        if let Some(event_type) = type_field {
            event_type.push_to(text);
        }
        let type_end = text.len();
        if let Some(id) = id {
            id.push_to(text);
        }
        OwnedEvent {
            text: core::mem::take(text).into_boxed_str(),
            // "data: " is the longest that can precede the data.
            data_start: data_start as u8,
            data_end,
            type_end,
            has_type: type_field.is_some(),
            sets_id: id.is_some(),
            carried_id,
        }
    }

    /// The event, borrowed.
    #[must_use]
    #[inline]
    pub fn as_event(&self) -> Event<'_> {
        Event {
            type_field: self.type_field(),
            data: self.data(),
            last_event_id: self.last_event_id(),
            sets_id: self.sets_id,
        }
    }

    /// See [`Event::event_type`].
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        event_type(self.type_field())
    }

    /// See [`Event::type_field`].
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&str> {
        self.has_type.then(|| &self.text[self.data_end..self.type_end])
    }

    /// See [`Event::data`].
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        &self.text[usize::from(self.data_start)..self.data_end]
    }

    /// See [`Event::id`].
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.sets_id.then(|| &self.text[self.type_end..])
    }

    /// See [`Event::last_event_id`].
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &str {
        match &self.carried_id {
            Some(id) => id,
            // Empty, unless the block set it.
            None => &self.text[self.type_end..],
        }
    }

    /// The data, with the event's memory.
    #[must_use]
    pub fn into_data(self) -> String {
        let mut data = String::from(self.text);
        data.truncate(self.data_end);
        data.drain(..usize::from(self.data_start));
        data
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
