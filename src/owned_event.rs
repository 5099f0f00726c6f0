//! An event that owns its text.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::Event;
use crate::event::event_type;
use crate::shared::Arc;
use crate::utf8::Text;

/// The most bytes that a type or an ID of an owned event has, because its length is kept in 30
/// bits. The largest limit of a decoder keeps them shorter.
pub(crate) const LONGEST_VALUE: usize = (1 << 30) - 2;

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
    text: Box<str>,
    layout: Layout,
    /// `None` if the block set the ID, or if there is none.
    carried_id: CarriedId,
}

/// The text of an event: the data, then the event type, then the ID, as far as the block set them.
pub(crate) struct EventText {
    pub(crate) text: Box<str>,
    pub(crate) layout: Layout,
}

/// Where the values are in the text of an event: four bits for the start of the data, 30 for the
/// length of the type, 30 for that of the ID.
///
/// It is one word, so that an event is moved in registers. The compiler copies two neighbouring
/// words at once. If each of them was written on its own just before, the processor has to wait
/// until it has finished all writing before that, the copy of the text included: 10 of the 55 ns
/// that an event took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Layout(u64);

impl Layout {
    /// The values are where `data_start` and these lengths say.
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

    /// Where the data starts: after the name of its field, if the decoder handed over the memory
    /// of a whole line.
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

    /// A text whose data is the end of `text`, from `data_start` on.
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
    /// An event of this data, without an `event` field and without a last event ID.
    ///
    /// Decoders make events; this one is for tests. Nothing is checked: a decoder hands out no
    /// data with a CR, and no type or ID with a line end.
    #[must_use]
    pub fn new(data: &str) -> Self {
        Self::of_text(EventText::copied(Text::Valid(data), None, None), None)
    }

    /// The same event, with this `event` field.
    ///
    /// # Panics
    ///
    /// If it has 1 GiB or more.
    #[must_use]
    pub fn with_event_type(self, event_type: &str) -> Self {
        Event { type_field: Some(event_type), ..self.as_event() }.into_owned()
    }

    /// The same event, with this ID, set by its own block.
    ///
    /// # Panics
    ///
    /// If it has 1 GiB or more.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: true, ..self.as_event() }.into_owned()
    }

    /// The same event, with this last event ID, set by an earlier block.
    #[must_use]
    pub fn with_last_event_id(self, id: &str) -> Self {
        Event { last_event_id: id, sets_id: false, ..self.as_event() }.into_owned()
    }

    /// An event of this text. Give `carried_id` if its block did not set the ID itself.
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

    /// The event, borrowed.
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
        self.layout.type_len().map(|_| &self.text[self.data_end()..self.type_end()])
    }

    /// See [`Event::data`].
    #[must_use]
    #[inline]
    pub fn data(&self) -> &str {
        &self.text[self.layout.data_start()..self.data_end()]
    }

    /// See [`Event::id`].
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        self.layout.id_len().map(|_| &self.text[self.type_end()..])
    }

    /// See [`Event::last_event_id`].
    #[must_use]
    #[inline]
    pub fn last_event_id(&self) -> &str {
        match &self.carried_id {
            Some(id) => id,
            // Empty, unless the block set it.
            None => &self.text[self.type_end()..],
        }
    }

    /// The data, with the event's memory.
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
