//! The events that are kept, in memory, and what of them comes next for one client.

use std::{convert::Infallible, time::Duration};

use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use sse_proto::EventEncoder;
use sse_proto::server::{Epoch, PushError, ReplayBuffer, Since};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, timeout_at};

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
    /// For nobody, because `-` is not a name. Each store begins with one, whose ID is the
    /// place of a client that is new when nothing was sent yet.
    pub fn start() -> Self {
        Self { event_type: "start".into(), message: String::new(), user: Some("-".into()) }
    }

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
    /// Every stream is to end now.
    pub is_ending: bool,
}

impl Feed {
    pub fn new(keep: usize) -> Self {
        // The store gives each event its ID, so none is minted from this epoch.
        let buffer = ReplayBuffer::new(Epoch::new(u128::MAX)).max_events(keep).max_bytes(64 << 20);
        Feed { buffer, complete: None, is_ending: false }
    }

    pub fn push(&mut self, id: &str, event: &Notification) -> Result<(), PushError> {
        self.buffer.push(event.encoder(id), &event.message).map(drop)
    }
}

/// An ID as Redis gives it: milliseconds, and a number within them. Later events have later IDs.
pub fn order(id: &str) -> Option<(u64, u64)> {
    let (time, number) = id.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

pub struct Client {
    pub user: String,
    /// The ID up to which it has seen everything; empty if it is new.
    pub place: String,
    pub joined: Instant,
}

impl Client {
    /// The client's events as they come, and its place after each silence. The place keeps
    /// the connection alive, and does not grow old if the client gets no event for long.
    pub fn stream(
        mut self,
        silence: Duration,
        feed: Receiver<Feed>,
    ) -> impl Stream<Item = Result<Vec<u8>, Infallible>> {
        let (mut out, mut start) = (Vec::new(), EventEncoder::new().retry(RECONNECTION_TIME));
        if self.place.is_empty() {
            // If it is cut off before its first event, it comes back with this ID.
            self.place = feed.borrow().buffer.last_event_id();
            start = start.id(&self.place);
        }
        start.encode_fields(&mut out).expect("the ID is that of an event");
        stream::unfold((self, feed, out), move |(mut client, mut feed, mut out)| async move {
            let silent = Instant::now() + silence;
            while out.is_empty() {
                // Marked as seen before the look at it: an event that comes now wakes it again.
                client.pull(&feed.borrow_and_update(), &mut out)?;
                if out.is_empty() && timeout_at(silent, feed.changed()).await.is_err() {
                    let place = EventEncoder::new().id(&client.place);
                    place.encode_fields(&mut out).expect("the ID is that of an event");
                }
            }
            Some((Ok(out), (client, feed, Vec::new())))
        })
    }

    /// Writes what comes next for this client, and moves its place. None if its stream ends.
    fn pull(&mut self, feed: &Feed, out: &mut Vec<u8>) -> Option<()> {
        let mut events = match feed.buffer.since(Some(&self.place)) {
            _ if feed.is_ending => return None,
            Since::Events(events) => events,
            Since::NothingNew | Since::New => return Some(()),
            Since::Gone | Since::Unknown => {
                let mut kept = feed.buffer.events();
                kept.next();
                let (oldest, newest) = (kept.last_event_id(), feed.buffer.last_event_id());
                let [place, oldest, newest] = [&self.place, &oldest, &newest].map(|id| order(id));
                if place > newest && feed.complete.is_none_or(|time| time < self.joined) {
                    // Another server may have read more of Redis than this one has.
                    return Some(());
                }
                let is_older = place.is_some() && place < oldest;
                let (event_type, text) = if is_older { GONE } else { RESET };
                // Without an ID: if it is cut off after this, it comes back and is told again.
                EventEncoder::new().event_type(event_type).encode(text, out).expect("one line");
                feed.buffer.events()
            }
        };
        let mine = format!(": {}\n", self.user);
        for event in events.by_ref().take(BATCH) {
            if event.starts_with(b"id: ") || event.starts_with(mine.as_bytes()) {
                out.extend(event);
            }
        }
        self.place = events.last_event_id();
        Some(())
    }
}
