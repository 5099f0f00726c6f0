//! An event that owns its text.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::Event;
use crate::event::event_type;
use crate::shared::Arc;
use crate::utf8::Text;

/// The most bytes that a type or an ID of an owned event may have, because 30 bits hold its length.
/// Even the largest limit of a decoder keeps them shorter.
pub(crate) const LONGEST_VALUE: usize = (1 << 30) - 2;

/// A last event ID that an earlier block set. The events after that block share it.
pub(crate) type CarriedId = Option<Arc<str>>;

/// An event that owns its text, to keep and to send elsewhere.
///
/// It has one allocation, of the size of its text. If an earlier block set the last event ID, the
/// events after that block share one more allocation for it.
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
/// To test the code that handles your events, you can make an event yourself:
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
    text: Box<str>,
    layout: Layout,
    /// The last event ID, if an earlier block set it. It is `None` if the event's own block set it,
    /// or if it is empty.
    carried_id: CarriedId,
}

/// The text of an event: the data, then the event type and the ID if the block set them.
pub(crate) struct EventText {
    pub(crate) text: Box<str>,
    pub(crate) layout: Layout,
}

/// Where the values are in the text of an event: four bits for the start of the data, 30 for the
/// length of the type, 30 for that of the ID.
///
/// It is one word, because two neighbouring words are slower to move. The compiler copies two words
/// at once. If the program has just written each of them on its own, the processor waits until all
/// earlier writes are done, and the copy of the text is one of these. That took 10 of the 55 ns of
/// an event.
#[derive(Clone, Copy, Default)]
pub(crate) struct Layout(u64);

impl Layout {
    /// Makes a layout of the start of the data and the lengths of the type and the ID.
    #[inline(always)]
    fn new(data_start: usize, type_len: Option<usize>, id_len: Option<usize>) -> Self {
        // 0 means that the block did not set the value.
        let bits = |len: Option<usize>| match len {
            None => 0,
            Some(len) => {
                assert!(len <= LONGEST_VALUE, "the type or the ID is too long");
                len as u64 + 1
            }
        };
        Layout(data_start as u64 | bits(type_len) << 4 | bits(id_len) << 34)
    }

    /// Where the data starts. If the decoder has handed over the memory of a whole line, the data
    /// starts after the name of its field.
    #[inline]
    fn data_start(self) -> usize {
        (self.0 & 0xF) as usize
    }

    /// The length of the type, if the block set it.
    #[inline]
    fn type_len(self) -> Option<usize> {
        ((self.0 >> 4 & ((1 << 30) - 1)) as usize).checked_sub(1)
    }

    /// The length of the ID, if the block set it.
    #[inline]
    fn id_len(self) -> Option<usize> {
        ((self.0 >> 34) as usize).checked_sub(1)
    }
}

impl EventText {
    /// A copy of these values.
    #[inline(always)]
    pub(crate) fn copied(
        data: Text<'_>,
        type_field: Option<Text<'_>>,
        id: Option<Text<'_>>,
    ) -> Self {
        let others = type_field.map_or(0, Text::len) + id.map_or(0, Text::len);
        let mut text = String::with_capacity(data.len() + others);
        data.push_to(&mut text);
        Self::with_data(text, 0, type_field, id)
    }

    /// Appends the type and the ID to `text`, whose data starts at `data_start`.
    #[inline(always)]
    pub(crate) fn with_data(
        mut text: String,
        data_start: usize,
        type_field: Option<Text<'_>>,
        id: Option<Text<'_>>,
    ) -> Self {
        let mut push = |value: Text<'_>| {
            let start = text.len();
            value.push_to(&mut text);
            text.len() - start
        };
        let (type_len, id_len) = (type_field.map(&mut push), id.map(&mut push));
        EventText { layout: Layout::new(data_start, type_len, id_len), text: text.into_boxed_str() }
    }
}

impl OwnedEvent {
    /// Makes an event of this data for a test, without an `event` field and a last event ID.
    ///
    /// Nothing is checked, so it can be an event that no decoder gives you. The data of a decoded
    /// event has no CR, and its type and its ID have no line end.
    #[must_use]
    pub fn new(data: &str) -> Self {
        Self::of_text(EventText::copied(Text::Valid(data), None, None), None)
    }

    /// Returns the event with this `event` field.
    ///
    /// # Panics
    ///
    /// If the event type has 2³⁰ − 1 bytes (1 GiB) or more.
    #[must_use]
    pub fn with_event_type(self, event_type: &str) -> Self {
        Event { type_field: Some(event_type), ..self.as_event() }.into_owned()
    }

    /// Returns the event with this ID, as if its own block had set it.
    ///
    /// # Panics
    ///
    /// If the ID has 2³⁰ − 1 bytes (1 GiB) or more.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: true, ..self.as_event() }.into_owned()
    }

    /// Returns the event with this last event ID, as if an earlier block had set it.
    #[must_use]
    pub fn with_last_event_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: false, ..self.as_event() }.into_owned()
    }

    /// Makes an event of this text. `carried_id` is `None` if its own block set the ID.
    #[inline(always)]
    pub(crate) fn of_text(text: EventText, carried_id: CarriedId) -> Self {
        let EventText { text, layout } = text;
        OwnedEvent { text, layout, carried_id }
    }

    /// Where the type ends in the text, and the ID starts.
    #[inline]
    fn type_end(&self) -> usize {
        self.text.len() - self.layout.id_len().unwrap_or(0)
    }

    /// Where the data ends in the text, and the type starts.
    #[inline]
    fn data_end(&self) -> usize {
        self.type_end() - self.layout.type_len().unwrap_or(0)
    }

    /// Borrows the event.
    #[must_use]
    #[inline]
    pub fn as_event(&self) -> Event<'_> {
        Event {
            type_field: self.type_field(),
            data: self.data(),
            last_event_id: self.last_event_id(),
            sets_id: self.layout.id_len().is_some(),
        }
    }

    /// Returns the event type (see [`Event::event_type`]).
    #[must_use]
    #[inline]
    pub fn event_type(&self) -> &str {
        event_type(self.type_field())
    }

    /// Returns the value of the block's `event` field, if it has one (see [`Event::type_field`]).
    #[must_use]
    #[inline]
    pub fn type_field(&self) -> Option<&str> {
        self.layout.type_len().map(|_| &self.text[self.data_end()..self.type_end()])
    }

    /// Returns the data (see [`Event::data`]).
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        &self.text[self.layout.data_start()..self.data_end()]
    }

    /// Returns the value of the block's `id` field, if it has a valid one (see [`Event::id`]).
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.layout.id_len().map(|_| &self.text[self.type_end()..])
    }

    /// Returns the last event ID that was set when this event ended (see [`Event::last_event_id`]).
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &str {
        match &self.carried_id {
            Some(id) => id,
            // If the block set no ID, this is empty.
            None => &self.text[self.type_end()..],
        }
    }

    /// Returns the data as a `String`, which takes over the memory of the event.
    #[must_use]
    pub fn into_data(self) -> String {
        let end = self.data_end();
        let mut data = String::from(self.text);
        data.truncate(end);
        data.drain(..self.layout.data_start());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_keeps_each_length_and_whether_there_is_one() {
        let lengths = [None, Some(0), Some(1), Some(LONGEST_VALUE)];
        for data_start in [0, "data: ".len()] {
            for type_len in lengths {
                for id_len in lengths {
                    let layout = Layout::new(data_start, type_len, id_len);
                    assert_eq!(layout.data_start(), data_start);
                    assert_eq!((layout.type_len(), layout.id_len()), (type_len, id_len));
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "too long")]
    fn a_length_that_does_not_fit_is_refused() {
        Layout::new(0, Some(LONGEST_VALUE + 1), None);
    }
}
