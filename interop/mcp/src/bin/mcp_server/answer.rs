//! The stream that answers one request: a `ReplayBuffer`, and the responses that read it.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{AppendHeaders, IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use sse_proto::EventEncoder;
use sse_proto::header::RESPONSE_HEADERS;
use sse_proto::server::{Epoch, ReplayBuffer, Since};
use sse_proto::stream::KeepAlive;
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

/// How long a client waits before it comes back.
const RETRY: Duration = Duration::from_millis(500);

/// The messages that answer one request. The last of them is its result.
pub struct Answer {
    buffer: ReplayBuffer,
    is_complete: bool,
    /// How many times the server has cut the responses that were open.
    cuts: u32,
}

impl Answer {
    /// An answer, and the ID of the place before its first event.
    ///
    /// The first event has no data. It gives the client an ID, so that the client can come back
    /// even if it is cut off before the first message.
    pub fn new() -> (Self, String) {
        let mut buffer = ReplayBuffer::new(Epoch::new(random()));
        let start = buffer.last_event_id();
        buffer.push(EventEncoder::new().retry(RETRY), "").expect("the buffer mints the ID");
        (Answer { buffer, is_complete: false, cuts: 0 }, start)
    }

    /// Adds a message, such as progress.
    pub fn push(&mut self, message: &Value) {
        self.buffer
            .push_with(EventEncoder::new(), |data| serde_json::to_writer(data, message))
            .expect("JSON can be data");
    }

    /// Adds the result.
    pub fn complete(&mut self, message: &Value) {
        self.push(message);
        self.is_complete = true;
    }

    /// Ends the responses that are open. Their clients come back for the rest.
    pub const fn cut(&mut self) {
        self.cuts += 1;
    }

    /// The events after this place, and the place after them. `None` if the place is not known.
    fn pull(&self, place: &str) -> Option<(Vec<Bytes>, String)> {
        let events = match self.buffer.since(Some(place)) {
            Since::Events(events) => events.collect(),
            Since::NothingNew => Vec::new(),
            _ => return None,
        };
        Some((events, self.buffer.last_event_id()))
    }
}

/// A response with the events after this place, until the answer is complete or cut.
pub fn response(answer: Receiver<Answer>, place: String) -> Response {
    let cuts = answer.borrow().cuts;
    let events = stream::unfold((answer, place), move |(mut answer, place)| async move {
        loop {
            let (events, next, is_over) = {
                let answer = answer.borrow_and_update();
                let (events, next) = answer.pull(&place)?;
                (events, next, answer.is_complete || answer.cuts != cuts)
            };
            if !events.is_empty() {
                return Some((events, (answer, next)));
            }
            if is_over {
                return None;
            }
            answer.changed().await.ok()?;
        }
    });
    let events = events.flat_map(stream::iter).map(Ok::<_, Infallible>);
    let body = KeepAlive::new(events, Duration::from_secs(15), sleep);
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body)).into_response()
}

pub fn random() -> u128 {
    let random = RandomState::new();
    let [high, low] = [0, 1].map(|half| u128::from(random.hash_one(half)));
    high << 64 | low
}
