//! The stream of one client: each pulls out of the feed what is new after its place.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use sse_proto::EventEncoder;
use sse_proto::encode::KEEP_ALIVE;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, timeout_at};

use crate::feed::{Feed, Missed};
use crate::notification::{id_of, is_for};

/// How long clients wait before they come back.
const RECONNECTION_TIME: Duration = Duration::from_millis(500);

pub struct Client {
    feed: Arc<Feed>,
    changed: Receiver<bool>,
    user: Arc<str>,
    /// The ID up to which it has seen everything.
    place: Vec<u8>,
    /// The place has moved over events that are for others, and the client does not know.
    has_moved: bool,
    silence: Duration,
}

impl Client {
    /// The stream of a client that has seen everything up to this ID, or is new.
    pub fn stream(
        feed: Arc<Feed>,
        user: Arc<str>,
        last_event_id: &[u8],
        silence: Duration,
    ) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + use<> {
        let mut first = Vec::new();
        let mut start = EventEncoder::new().retry(RECONNECTION_TIME);
        let newest = feed.newest();
        let mut place = last_event_id.to_owned();
        if place.is_empty() {
            // If it is cut off before its first event, it comes back with this ID.
            start = start.id(&newest);
            place = newest.clone().into();
        }
        start.encode_fields(&mut first).expect("the ID is that of an event");
        let changed = feed.changed.subscribe();
        let client = Client { feed, changed, user, place, has_moved: false, silence };
        stream::unfold((Some(first.into()), client), async |(first, mut client)| {
            let bytes = match first {
                Some(first) => first,
                None => client.next().await?,
            };
            Some((Ok(bytes), (None, client)))
        })
    }

    /// Events, or after a silence a comment. None when the server ends.
    async fn next(&mut self) -> Option<Bytes> {
        let silent = Instant::now() + self.silence;
        loop {
            // Marked as seen before the look at the events: one that comes now wakes it again.
            let is_ending = *self.changed.borrow_and_update();
            if is_ending {
                return None;
            }
            // Without Redis there is nothing to say: the next signal or comment is soon enough.
            let missed = self.feed.since(&self.place).await;
            let out = self.take(missed.unwrap_or(Missed::Events(Vec::new())));
            if !out.is_empty() {
                return Some(out.into());
            }
            match timeout_at(silent, self.changed.changed()).await {
                Ok(changed) => changed.ok()?,
                Err(_) => return Some(self.keep_alive()),
            }
        }
    }

    /// Moves the place over these events, and gives those that are for this client.
    fn take(&mut self, missed: Missed) -> Vec<u8> {
        let mut out = Vec::new();
        let events = match missed {
            Missed::Events(events) => events,
            Missed::Gap(reason, events) => {
                let text = match reason {
                    "gone" => {
                        "You missed events that are not kept any more. Next are all that are."
                    }
                    _ => "Your last event ID is not from here. Next are all events that are kept.",
                };
                // Without an ID: cut off after it, the client comes back, and is told again.
                EventEncoder::new().event_type(reason).encode(text, &mut out).expect("one line");
                self.place = self.feed.newest().into();
                events
            }
        };
        if let Some(last) = events.last() {
            self.place = id_of(last).into();
            self.has_moved = !is_for(last, &self.user);
        }
        out.extend(events.into_iter().filter(|event| is_for(event, &self.user)).flatten());
        out
    }

    /// Also moves a client on that has got no event for long, although others have: the
    /// server will not keep events for ever.
    fn keep_alive(&mut self) -> Bytes {
        let mut out = KEEP_ALIVE.to_vec();
        if std::mem::take(&mut self.has_moved) {
            let place = String::from_utf8_lossy(&self.place);
            EventEncoder::new().id(&place).encode_fields(&mut out).expect("the ID of an event");
        }
        out.into()
    }
}
