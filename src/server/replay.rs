//! The buffer: the last events, encoded.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::epoch::MAX_PLACE;
use super::ids::Ids;
use super::{Epoch, Events, PushError};
use crate::shared::Arc;
use crate::{DataWriter, EventEncoder, WriteError, header};

/// Keeps the last events of one stream, for clients that come back.
///
/// Every event has an ID: the one that it brings ([`EventEncoder::id`]), or one that the
/// buffer mints, `epoch-n` for the *n*th event. An ID names the place after its event. So the
/// buffer still knows the ID of the last event that it removed, because a client with that ID
/// misses nothing.
///
/// A buffer is not `Clone`, because two buffers would mint the same IDs for different events.
pub struct ReplayBuffer {
    ids: Ids,
    events: VecDeque<Kept>,
    /// The place before the first event that is kept: how many came before it.
    pub(super) start: u64,
    /// The ID that the event at `start` brought.
    start_id: Option<Arc<str>>,
    /// The length of all events that are kept.
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

pub(super) struct Kept {
    pub(super) encoded: Bytes,
    /// The ID, if the event brought it.
    brought: Option<Arc<str>>,
}

/// How much it holds, and its place.
impl fmt::Debug for ReplayBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBuffer")
            .field("events", &self.events.len())
            .field("bytes", &self.bytes)
            .field("last_event_id", &self.last_event_id())
            .finish_non_exhaustive()
    }
}

impl ReplayBuffer {
    /// Makes an empty buffer, for at most 1000 events and 1 MiB.
    ///
    /// No other buffer may ever have the same epoch: [`Epoch`] says how to get one. If every
    /// event brings its ID, the epoch matters only before the first event.
    #[must_use]
    pub const fn new(epoch: Epoch) -> Self {
        Self::resume(epoch, 0)
    }

    /// An empty buffer that continues where an earlier one was: `place` events came before.
    /// The next event is given the ID `epoch-n`, where *n* is `place + 1`.
    ///
    /// With this a server that keeps its events in a log can remove the old part of it. If the
    /// buffer mints every ID, let each file of the log begin with the [`place`](Self::place), so
    /// that it says by itself where it continues:
    ///
    /// ```
    /// use sse_proto::server::{Epoch, ReplayBuffer};
    /// use sse_proto::{Chunk, Decoder, EventEncoder, Frame};
    ///
    /// # let mut before = ReplayBuffer::resume(Epoch::new(0x9f), 100);
    /// // When a file of the log is begun, and for each event.
    /// let mut log = before.place().to_vec();
    /// log.extend(before.push(EventEncoder::new(), "the 101st")?);
    ///
    /// // After a restart.
    /// let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&log));
    /// let Some(Frame::Id(id)) = decoder.next_frame(&mut chunk)? else {
    ///     return Err("this is no log".into());
    /// };
    /// let (epoch, place) = Epoch::of_id(id).ok_or("another program's log")?;
    /// let mut buffer = ReplayBuffer::resume(epoch, place);
    /// buffer.read_log(chunk.remaining())?;
    /// assert_eq!(buffer.last_event_id(), "9f-101");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the place is beyond `u64::MAX / 2`. [`Epoch::of_id`] never returns such a place.
    #[must_use]
    pub const fn resume(epoch: Epoch, place: u64) -> Self {
        assert!(place <= MAX_PLACE, "no buffer has had so many events");
        ReplayBuffer {
            ids: Ids::new(epoch),
            events: VecDeque::new(),
            start: place,
            start_id: None,
            bytes: 0,
            max_events: 1000,
            max_bytes: 1 << 20,
        }
    }

    /// Sets the largest number of events to keep. It is 1000 unless set. When there are more, the
    /// buffer removes the oldest.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self.remove_oldest();
        self
    }

    /// Sets the largest size of all events that are kept, in encoded bytes. It is 1 MiB unless
    /// set. When there is more, the buffer removes the oldest events. If one event is larger by
    /// itself, the buffer removes all of them, and that one too.
    ///
    /// In addition each event takes some memory that does not depend on its size, and an ID
    /// that it brings is kept once more.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self.remove_oldest();
        self
    }

    /// Encodes an event and keeps it. Send the `Bytes` that you get to every client that is
    /// connected; a clone shares their memory.
    ///
    /// An event without an ID is given one. If the encoder has a `retry` or a comment, they
    /// are replayed with the event.
    ///
    /// IDs that events bring have to differ for as long as clients may come back with them.
    /// The buffer notices a repetition only while it knows the first one. Keep them within
    /// 128 bytes: a request to another origin with a longer header value may need that
    /// origin's consent first (a CORS preflight).
    ///
    /// # Errors
    ///
    /// [`PushError`] if the ID cannot name a place or the type cannot be written; the
    /// buffer is as it was.
    pub fn push(&mut self, event: EventEncoder<'_>, data: &str) -> Result<Bytes, PushError> {
        self.encode(event, |event, out| event.encode(data, out).map_err(WriteError::Field))
    }

    /// As [`push`](Self::push), with the data that a closure writes.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use sse_proto::EventEncoder;
    /// # use sse_proto::server::{Epoch, ReplayBuffer};
    ///
    /// # let mut buffer = ReplayBuffer::new(Epoch::new(7));
    /// let value = serde_json::json!({ "x": 1 });
    /// buffer.push_with(EventEncoder::new(), |data| serde_json::to_writer(data, &value))?;
    /// # assert!(buffer.events().eq(["id: 7-1\ndata: {\"x\":1}\n\n"]));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PushError`] also if the closure fails, or if what it wrote cannot be data; the
    /// buffer is as it was.
    pub fn push_with<E>(
        &mut self,
        event: EventEncoder<'_>,
        write: impl FnOnce(&mut DataWriter<'_, Vec<u8>>) -> Result<(), E>,
    ) -> Result<Bytes, PushError<E>> {
        self.encode(event, |event, out| event.encode_with(write, out))
    }

    fn encode<E>(
        &mut self,
        event: EventEncoder<'_>,
        encode: impl FnOnce(EventEncoder<'_>, &mut Vec<u8>) -> Result<(), WriteError<E>>,
    ) -> Result<Bytes, PushError<E>> {
        let brought = event.id.map(|id| self.check(id)).transpose()?;
        let mut encoded = Vec::new();
        match &brought {
            Some(_) => encode(event, &mut encoded)?,
            None => encode(event.id(&self.next_id()), &mut encoded)?,
        }
        // It may be kept for long: with not a byte more than what counts.
        let encoded = Bytes::from(encoded.into_boxed_slice());
        self.keep(encoded.clone(), brought);
        Ok(encoded)
    }

    /// Adds an event at the end. Its ID is the minted one, unless it brought one.
    pub(super) fn keep(&mut self, encoded: Bytes, brought: Option<Arc<str>>) {
        if let Some(id) = &brought {
            self.ids.bring(id.clone(), self.end() + 1);
        }
        self.bytes += encoded.len();
        self.events.push_back(Kept { encoded, brought });
        self.remove_oldest();
    }

    /// The ID that the next event is given, unless it brings one.
    pub(super) fn next_id(&self) -> String {
        self.ids.mint(self.end() + 1)
    }

    /// Returns all events that are kept, from the oldest on.
    pub fn events(&self) -> Events<'_> {
        self.events_after(0)
    }

    pub(super) fn events_after(&self, seen: usize) -> Events<'_> {
        Events::new(self, self.events.range(seen..))
    }

    /// Returns the ID of the newest event, kept or not: the place of a client that has seen
    /// everything. Before the first event it is the minted ID of the place 0.
    #[must_use]
    pub fn last_event_id(&self) -> String {
        self.id_before(0)
    }

    /// The ID that the oldest event brought. If no event is kept, this is the last that had to go.
    pub(super) fn oldest_brought(&self) -> Option<&str> {
        self.events.front().map_or(&self.start_id, |oldest| &oldest.brought).as_deref()
    }

    /// The ID of the place that has so many of the kept events after it.
    pub(super) fn id_before(&self, rest: usize) -> String {
        let seen = self.events.len() - rest;
        let brought = match seen.checked_sub(1) {
            Some(last) => &self.events[last].brought,
            None => &self.start_id,
        };
        brought.as_deref().map_or_else(|| self.ids.mint(self.start + seen as u64), String::from)
    }

    /// Returns a block without an event that sets a client's last event ID to
    /// [`last_event_id`](Self::last_event_id).
    ///
    /// Send it first to a client that begins with the next event. If the connection is cut
    /// before that event comes, the client comes back with this ID and misses nothing.
    #[must_use]
    pub fn place(&self) -> Bytes {
        let mut out = Vec::new();
        let id = self.last_event_id();
        EventEncoder::new().id(&id).encode_fields(&mut out).expect("`push` has checked the ID");
        out.into()
    }

    /// The place after the newest event: how many were ever pushed.
    pub(super) fn end(&self) -> u64 {
        self.start + self.events.len() as u64
    }

    /// The place that an ID names, if it is known. It may be before `start`.
    pub(super) fn place_of(&self, id: &str) -> Option<u64> {
        match self.ids.minted_place(id) {
            Some(place) => Some(place).filter(|&place| place <= self.end()),
            None => self.ids.brought_place(id),
        }
    }

    /// Checks that an ID can name a place and will come back.
    pub(super) fn check<E>(&self, id: &str) -> Result<Arc<str>, PushError<E>> {
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
