//! The events of a buffer that a client has missed.

use super::{Events, ReplayBuffer};

/// The events that a client with a certain last event ID has missed.
#[derive(Clone, Debug)]
pub enum Since<'b> {
    /// The client has no ID: it is new. It begins with the next event, or with those that
    /// are kept ([`ReplayBuffer::events`]). If you send it no event at once, send it
    /// [`ReplayBuffer::place`]: without an ID it would be new again when it comes back.
    New,
    /// These events, and no others: at least one.
    Events(Events<'b>),
    /// Nothing: the ID is that of the newest event.
    NothingNew,
    /// Events that the buffer has removed, and perhaps some that are kept. The ID is one that this
    /// buffer minted, or [`since_by_key`](ReplayBuffer::since_by_key) has found it too small.
    ///
    /// Send the client the state as it is now, or a notice, and with it an ID that the buffer
    /// knows ([`ReplayBuffer::last_event_id`], [`ReplayBuffer::place`]). Otherwise it comes back
    /// with the same ID.
    Gone,
    /// The buffer cannot tell, because it does not know the ID: it did not mint it, and no event
    /// that is kept, or was the last to be removed, brought it. Answer as for
    /// [`Gone`](Self::Gone).
    Unknown,
}

impl ReplayBuffer {
    /// Returns the events that a client has missed whose request has this `Last-Event-ID`.
    ///
    /// You can pass the header's bytes. An ID that is not UTF-8 is [`Since::Unknown`]. If there is
    /// no header, or if it is empty, the client is [`Since::New`].
    pub fn since<V: AsRef<[u8]>>(&self, last_event_id: Option<V>) -> Since<'_> {
        let id = last_event_id.as_ref().map_or(&[][..], AsRef::as_ref);
        if id.is_empty() {
            return Since::New;
        }
        let Some(place) = core::str::from_utf8(id).ok().and_then(|id| self.place_of(id)) else {
            return Since::Unknown;
        };
        match place.checked_sub(self.start) {
            None => Since::Gone,
            Some(_) if place == self.end() => Since::NothingNew,
            // Less than the number of events, so it is a `usize`.
            Some(seen) => Since::Events(self.events_after(seen as usize)),
        }
    }

    /// Does the same as [`since`](Self::since), if events bring IDs that grow, such as those of
    /// a database. An ID that the buffer does not know is [`Since::Gone`] if it is less than that
    /// of the oldest event that is kept, and [`Since::Unknown`] otherwise. If no event is kept,
    /// the last that was removed counts instead.
    ///
    /// `key` makes an ID comparable. It gives `None` for an ID of another form, which stays
    /// [`Since::Unknown`].
    ///
    /// ```
    /// use sse_proto::EventEncoder;
    /// use sse_proto::server::{Epoch, ReplayBuffer, Since};
    ///
    /// let mut buffer = ReplayBuffer::new(Epoch::new(7)).max_events(2);
    /// for row in 8..=12 {
    ///     buffer.push(EventEncoder::new().id(&format!("{row}")), "x")?;
    /// }
    /// let row = |id: &str| id.parse::<u64>().ok();
    /// assert!(matches!(buffer.since_by_key(Some("11"), row), Since::Events(_)));
    /// assert!(matches!(buffer.since_by_key(Some("9"), row), Since::Gone));
    /// assert!(matches!(buffer.since_by_key(Some("13"), row), Since::Unknown));
    /// assert!(matches!(buffer.since_by_key(Some("x"), row), Since::Unknown));
    /// # Ok::<(), sse_proto::server::PushError>(())
    /// ```
    pub fn since_by_key<V: AsRef<[u8]>, K: Ord>(
        &self,
        last_event_id: Option<V>,
        key: impl Fn(&str) -> Option<K>,
    ) -> Since<'_> {
        let since = self.since(last_event_id.as_ref());
        let Since::Unknown = since else { return since };
        let id = last_event_id.as_ref().and_then(|id| core::str::from_utf8(id.as_ref()).ok());
        match (id.and_then(&key), self.oldest_brought().and_then(&key)) {
            (Some(id), Some(oldest)) if id < oldest => Since::Gone,
            _ => Since::Unknown,
        }
    }
}
