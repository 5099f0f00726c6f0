//! The events that are kept, in memory, and what of them comes next for one client.

use std::{convert::Infallible, time::Duration};

use futures_util::stream::{Stream, unfold};
use serde::{Deserialize, Serialize};
use sse_proto::{EventEncoder, server::Epoch, server::ReplayBuffer, server::Since};
use tokio::{sync::watch::Receiver, time::Instant, time::timeout_at};

/// How many events a client is given at a time. It bounds the memory of one that was away.
const BATCH: usize = 256;

/// How long clients wait before they come back.
const RECONNECTION_TIME: Duration = Duration::from_millis(500);

/// The events, type and data, that say that something may be missing.
const GONE: (&str, &str) = ("gone", "You missed events that are not kept. All that are follow.");
const RESET: (&str, &str) = ("reset", "Your last event ID is not from here. All events follow.");

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    #[serde(rename = "type")]
    pub event_type: String,
    pub message: String,
    /// The only one who is to see it; everyone unless given.
    pub user: Option<String>,
}

impl Notification {
    /// The event without its data. The user it is for is a comment before the fields, so that
    /// one buffer and one log can hold everyone's events.
    pub fn encoder<'a>(&'a self, id: &'a str) -> EventEncoder<'a> {
        let event = EventEncoder::new().id(id).event_type(&self.event_type);
        self.user.iter().fold(event, |event, user| event.comment(user))
    }
}

pub struct Feed {
    pub buffer: ReplayBuffer,
    /// Everything is here that was stored before this. None while it is read for the first time.
    pub complete: Option<Instant>,
}

impl Feed {
    pub fn new(keep: usize) -> Self {
        // The store gives each event its ID, so only the place before all of them is of this epoch.
        let buffer = ReplayBuffer::new(Epoch::new(u128::MAX)).max_events(keep).max_bytes(64 << 20);
        Feed { buffer, complete: None }
    }

    /// Writes what comes next for a user who has seen all up to a place, and moves the place.
    fn pull(&self, user: &str, place: &mut String, joined: Instant, out: &mut Vec<u8>) {
        let is_behind = || self.complete.is_none_or(|time| time < joined);
        let mut events = match self.buffer.since_by_key(Some(&*place), order) {
            Since::Events(events) => events,
            Since::New | Since::NothingNew => return,
            // Another server may have read more of Redis than this one has.
            _ if order(place) > order(&self.buffer.last_event_id()) && is_behind() => return,
            missed => {
                let (event_type, text) = if let Since::Gone = missed { GONE } else { RESET };
                // Without an ID: if it is cut off after this, it comes back and is told again.
                EventEncoder::new().event_type(event_type).encode(text, out).expect("one line");
                self.buffer.events()
            }
        };
        let own = format!(": {user}\n");
        let is_own = |event: &[u8]| !event.starts_with(b": ") || event.starts_with(own.as_bytes());
        let batch = events.by_ref().take(BATCH).filter(|event| is_own(event));
        batch.for_each(|event| out.extend_from_slice(&event));
        *place = events.last_event_id();
    }
}

/// An ID as Redis gives it: milliseconds, and a number within them. Later events have later IDs.
pub fn order(id: &str) -> Option<(u64, u64)> {
    let (time, number) = id.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

/// The events for a user from a place on, as they come, and the place after each silence. The
/// place keeps the connection alive, and does not grow old if the user gets no event for long.
pub fn events(
    user: String,
    place: String,
    silence: Duration,
    feed: Receiver<Feed>,
) -> impl Stream<Item = Result<Vec<u8>, Infallible>> {
    // The place is due at once: a client that is cut off before its first event comes back with it.
    let joined = Instant::now();
    unfold((user, place, feed, joined), move |(user, mut place, mut feed, due)| async move {
        let mut out = Vec::new();
        while out.is_empty() {
            // Marked as seen before the look at it: an event that comes now wakes it again.
            feed.borrow_and_update().pull(&user, &mut place, joined, &mut out);
            if out.is_empty() && timeout_at(due, feed.changed()).await.is_err() {
                let event = EventEncoder::new().id(&place).retry(RECONNECTION_TIME);
                event.encode_fields(&mut out).expect("the ID is that of an event");
            }
        }
        Some((Ok(out), (user, place, feed, Instant::now() + silence)))
    })
}
