//! An event that borrows its text.

use crate::OwnedEvent;
use crate::owned_event::EventText;
use crate::utf8::Text;

/// The type of an event whose block names none: `#event-stream-interpretation`, dispatch step 5.
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

    /// The value of the block's `event` field, if it had one. `Some("")` means `"message"`.
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
