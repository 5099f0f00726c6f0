//! An event that borrows its text.

use crate::OwnedEvent;
use crate::owned_event::EventText;
use crate::utf8::Text;

/// The type of an event whose block has no `event` field: `#event-stream-interpretation`, dispatch
/// step 5.
const DEFAULT_TYPE: &str = "message";

/// "If the event type buffer has a value other than the empty string, change the type of the newly
/// created event to equal the value of the event type buffer."
#[inline]
pub(crate) fn event_type(type_field: Option<&str>) -> &str {
    match type_field {
        None | Some("") => DEFAULT_TYPE,
        Some(event_type) => event_type,
    }
}

/// An event that borrows its text from the chunk or the decoder.
///
/// [`event_type`], [`data`] and [`last_event_id`] are what a browser's `MessageEvent` has.
/// [`type_field`] and [`id`] are the fields of the event's own block.
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
/// [`type_field`]: Event::type_field
/// [`id`]: Event::id
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event<'a> {
    pub(crate) type_field: Option<&'a str>,
    pub(crate) data: &'a str,
    pub(crate) last_event_id: &'a str,
    /// Whether the block set the last event ID.
    pub(crate) sets_id: bool,
}

impl<'a> Event<'a> {
    /// Returns the event type. It is `"message"` if the block has no `event` field, or an empty
    /// one.
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &'a str {
        event_type(self.type_field)
    }

    /// Returns the value of the block's `event` field, if it has one. `Some("")` means `"message"`.
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&'a str> {
        self.type_field
    }

    /// Returns the data: the values of the block's `data` fields, joined by LF.
    #[must_use]
    #[inline]
    pub fn data(&self) -> &'a str {
        self.data
    }

    /// Returns the value of the block's `id` field, if it has a valid one.
    ///
    /// `Some("")` resets the last event ID. An ID with U+0000 is not valid.
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&'a str> {
        // If the block has an ID, it has just become the last event ID.
        self.sets_id.then_some(self.last_event_id)
    }

    /// Returns the last event ID that was set when this event ended, by its own block or by an
    /// earlier one. It is empty if there is none.
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &'a str {
        self.last_event_id
    }

    /// Makes a copy that owns its text.
    #[must_use]
    pub fn into_owned(self) -> OwnedEvent {
        let text = EventText::copied(
            Text::Valid(self.data),
            self.type_field.map(Text::Valid),
            self.id().map(Text::Valid),
        );
        let carried_id = match self.sets_id || self.last_event_id.is_empty() {
            true => None,
            false => Some(self.last_event_id.into()),
        };
        OwnedEvent::of_text(text, carried_id)
    }
}
