//! The buffer: the last events, encoded, and what of them a client has missed.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;

use alloc::string::String;
use bytes::Bytes;

use super::PushError;
use super::ids::Ids;
use crate::{EventEncoder, header};

/// Keeps the last events of one stream, for clients that come back.
///
/// Every event has an ID: the one it brings ([`EventEncoder::id`]), or one that is
/// minted: `epoch-n` for the *n*th event, in decimal.
///
/// An ID names the place behind its event, so the ID of the last event that had to go
/// is still known: nothing is missing behind it.
#[derive(Clone, Debug)]
pub struct ReplayBuffer {
    ids: Ids,
    events: VecDeque<Kept>,
    /// The place before the first event that is kept; also how many had to go.
    start: u64,
    /// The ID that the event at `start` brought.
    start_id: Option<String>,
    /// The length of all that is kept.
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

#[derive(Clone)]
struct Kept {
    encoded: Bytes,
    /// The ID, if the event brought it.
    brought: Option<String>,
}

/// As the event was sent.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.encoded.fmt(f)
    }
}

/// What a client with a certain last event ID has missed.
#[derive(Clone, Debug)]
pub enum Since<'b> {
    /// These events, and no others: at least one.
    Events(Events<'b>),
    /// Nothing: the ID is that of the newest event, or there never was an event.
    NothingNew,
    /// Events that had to go, and perhaps some that are kept: the ID is one that this
    /// buffer minted, or the empty one of a client that has seen nothing.
    Gone,
    /// That cannot be told, because this buffer does not know the ID: it did not mint it,
    /// and it is not one that was brought by an event that is kept, or was the last to go.
    Unknown,
}

impl ReplayBuffer {
    /// An empty buffer, of at most 1000 events and 1 MiB.
    ///
    /// `epoch` tells the IDs it mints from those of any other buffer for the same
    /// clients: of this server before it was restarted, of another server. The time
    /// of the start will do, or a random number. Where every event brings its ID it
    /// does not matter.
    #[must_use]
    pub const fn new(epoch: u64) -> Self {
        ReplayBuffer {
            ids: Ids::new(epoch),
            events: VecDeque::new(),
            start: 0,
            start_id: None,
            bytes: 0,
            max_events: 1000,
            max_bytes: 1 << 20,
        }
    }

    /// The largest number of events to keep; 1000 unless set. Beyond it the oldest go.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self.remove_oldest();
        self
    }

    /// The largest size of all events that are kept, in bytes as encoded; 1 MiB unless
    /// set. Beyond it the oldest go; an event that is larger by itself goes at once,
    /// after all others.
    ///
    /// What an event takes beside that does not depend on its size, but for an ID that
    /// it brings, which is kept once more.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self.remove_oldest();
        self
    }

    /// Encodes an event and keeps it; gives it encoded, to be sent to the clients that
    /// are connected. A clone shares its memory.
    ///
    /// An event without an ID is given one. What else the encoder says, a `retry` or a
    /// comment, is replayed with the event.
    ///
    /// IDs that are brought have to differ for as long as clients may come back with
    /// them. A repetition is noticed only while the first one is still known.
    ///
    /// # Errors
    ///
    /// [`PushError`] if the ID cannot name a place or the type cannot be written; the
    /// buffer is as it was.
    pub fn push(&mut self, event: EventEncoder<'_>, data: &str) -> Result<Bytes, PushError> {
        let place = self.end() + 1;
        let brought = event.id.map(|id| self.check(id)).transpose()?;
        let mut encoded = Vec::new();
        match &brought {
            Some(_) => event.encode(data, &mut encoded)?,
            None => event.id(&self.ids.mint(place)).encode(data, &mut encoded)?,
        }
        // Kept for long: not a byte more than what counts.
        let encoded = Bytes::from(encoded.into_boxed_slice());
        if let Some(id) = &brought {
            self.ids.bring(id.clone(), place);
        }
        self.bytes += encoded.len();
        self.events.push_back(Kept { encoded: encoded.clone(), brought });
        self.remove_oldest();
        Ok(encoded)
    }

    /// What a client has missed whose request has this `Last-Event-ID`. The header's
    /// bytes will do: an ID is UTF-8, and what is not is [`Since::Unknown`].
    ///
    /// Without the header, or with an empty one, the client has seen no event: so it
    /// has missed all there ever were, and gets them while all are still there. A
    /// server for which new clients begin with the next event does not ask; one that
    /// gives them whatever is there takes [`events`](Self::events).
    pub fn since<V: AsRef<[u8]>>(&self, last_event_id: Option<V>) -> Since<'_> {
        let id = last_event_id.as_ref().map_or(Ok(""), |id| core::str::from_utf8(id.as_ref()));
        let Some(place) = id.ok().and_then(|id| self.place(id)) else {
            return Since::Unknown;
        };
        match place.checked_sub(self.start) {
            None => Since::Gone,
            Some(_) if place == self.end() => Since::NothingNew,
            // Less than the number of events, so it is a `usize`.
            Some(seen) => Since::Events(Events(self.events.range(seen as usize..))),
        }
    }

    /// All events that are kept, from the oldest on.
    pub fn events(&self) -> Events<'_> {
        Events(self.events.range(..))
    }

    /// The ID of the newest event, kept or not: the place of a client that has seen
    /// everything. Before the first event it is the minted ID of the place 0, which a
    /// client can be given too.
    #[must_use]
    pub fn last_event_id(&self) -> String {
        let newest = match self.events.back() {
            Some(kept) => &kept.brought,
            None => &self.start_id,
        };
        newest.clone().unwrap_or_else(|| self.ids.mint(self.end()))
    }

    /// The place behind the newest event: how many were ever pushed.
    fn end(&self) -> u64 {
        self.start + self.events.len() as u64
    }

    /// The place that an ID names, if it is known; it may lie before `start`.
    fn place(&self, id: &str) -> Option<u64> {
        if id.is_empty() {
            return Some(0);
        }
        match self.ids.minted_place(id) {
            Some(place) => Some(place).filter(|&place| place <= self.end()),
            None => self.ids.brought_place(id),
        }
    }

    /// Checks that an ID can name a place and will come back.
    fn check(&self, id: &str) -> Result<String, PushError> {
        if id.is_empty() {
            Err(PushError::EmptyId)
        } else if !header::carries(id) {
            Err(PushError::IdNotCarried)
        } else if self.ids.minted_place(id).is_some() {
            Err(PushError::ReservedId)
        } else if self.ids.brought_place(id).is_some() {
            Err(PushError::RepeatedId)
        } else {
            Ok(id.into())
        }
    }

    /// Holds the bounds.
    fn remove_oldest(&mut self) {
        while self.events.len() > self.max_events || self.bytes > self.max_bytes {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes -= oldest.encoded.len();
            self.start += 1;
            if let Some(id) = core::mem::replace(&mut self.start_id, oldest.brought) {
                self.ids.forget(&id);
            }
        }
    }
}

/// Events of a [`ReplayBuffer`], encoded, from the oldest to the newest.
///
/// Each is a clone that shares the buffer's memory, to be written to the response as
/// it is.
#[derive(Clone, Debug)]
pub struct Events<'b>(vec_deque::Iter<'b, Kept>);

impl Iterator for Events<'_> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.0.next().map(|kept| kept.encoded.clone())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Events<'_> {}
impl FusedIterator for Events<'_> {}
