//! The events that are kept, in memory, and what of them comes next for one client.

use std::{convert::Infallible, time::Duration};

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
}

/// An ID as Redis gives it: milliseconds, and a number within them. Later events have later IDs.
pub fn order(id: &str) -> Option<(u64, u64)> {
    let (time, number) = id.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

pub struct Client {
    pub user: String,
    /// The ID up to which it has seen everything.
    pub place: String,
    pub joined: Instant,
    /// When it is sent its place, unless an event comes before. At first this is at once: a
    /// client that is cut off before its first event comes back with its place.
    pub due: Instant,
    pub silence: Duration,
    pub feed: Receiver<Feed>,
}

impl Client {
    /// The client's events as they come, and its place after each silence. The place keeps
    /// the connection alive, and does not grow old if the client gets no event for long.
    pub async fn next(mut self) -> Option<(Result<Vec<u8>, Infallible>, Self)> {
        let mut out = Vec::new();
        while out.is_empty() {
            self.pull(&mut out);
            if out.is_empty() && timeout_at(self.due, self.feed.changed()).await.is_err() {
                let place = EventEncoder::new().id(&self.place).retry(RECONNECTION_TIME);
                place.encode_fields(&mut out).expect("the ID is that of an event");
            }
        }
        self.due = Instant::now() + self.silence;
        Some((Ok(out), self))
    }

    /// Writes what comes next for this client, and moves its place.
    fn pull(&mut self, out: &mut Vec<u8>) {
        // Marked as seen before the look at it: an event that comes now wakes it again.
        let feed = self.feed.borrow_and_update();
        let mut events = match feed.buffer.since_by_key(Some(&self.place), order) {
            Since::Events(events) => events,
            Since::New | Since::NothingNew => return,
            missed => {
                let is_later = order(&self.place) > order(&feed.buffer.last_event_id());
                if is_later && feed.complete.is_none_or(|time| time < self.joined) {
                    // Another server may have read more of Redis than this one has.
                    return;
                }
                let (event_type, text) = if let Since::Gone = missed { GONE } else { RESET };
                // Without an ID: if it is cut off after this, it comes back and is told again.
                EventEncoder::new().event_type(event_type).encode(text, out).expect("one line");
                feed.buffer.events()
            }
        };
        let starts = ["id: ".to_owned(), format!(": {}\nid: ", self.user)];
        let is_mine = |event: &[u8]| starts.iter().any(|start| event.starts_with(start.as_bytes()));
        let batch = events.by_ref().take(BATCH).filter(|event| is_mine(event));
        batch.for_each(|event| out.extend_from_slice(&event));
        self.place = events.last_event_id();
    }
}
