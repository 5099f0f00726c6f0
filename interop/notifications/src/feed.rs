//! The newest events, in memory, and one signal for all clients that there are more.

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Mutex, RwLock};

use bytes::Bytes;
use sse_proto::server::{ReplayBuffer, Since};
use tokio::sync::watch;

use crate::log::{self, Log};
use crate::notification::{Notification, id_of};
use crate::redis_stream::RedisStream;

/// How many events a client reads at a time. It bounds the memory of one that was away.
pub const BATCH: usize = 256;

pub struct Feed {
    buffer: RwLock<ReplayBuffer>,
    store: Store,
    /// Changes when there are events, and is true when the server is about to end.
    pub changed: watch::Sender<bool>,
}

enum Store {
    Log(Mutex<Log>),
    Redis(RedisStream),
}

/// The events after a place.
pub enum Missed {
    /// These come next; none if there is nothing new.
    Events(Vec<Bytes>),
    /// Some are missing before these, or the place is not known. The text says why.
    Gap(&'static str, Vec<Bytes>),
}

impl Feed {
    pub fn with_log(path: PathBuf, keep: usize) -> Result<Self, Box<dyn Error>> {
        let (log, buffer) = Log::open(path, keep)?;
        Ok(Feed::new(buffer, Store::Log(Mutex::new(log))))
    }

    /// The buffer has only the newest events; Redis has the others.
    pub fn with_redis(redis: RedisStream) -> Self {
        let buffer = ReplayBuffer::new(log::random_epoch()).max_events(10_000).max_bytes(16 << 20);
        Feed::new(buffer, Store::Redis(redis))
    }

    fn new(buffer: ReplayBuffer, store: Store) -> Self {
        Feed { buffer: RwLock::new(buffer), store, changed: watch::channel(false).0 }
    }

    /// Stores an event, and gives its ID. After an error nobody has been told that it is
    /// stored. With Redis it may be stored all the same, if only the answer was lost.
    pub async fn publish(&self, event: &Notification) -> Result<String, Box<dyn Error>> {
        match &self.store {
            Store::Log(log) => {
                let mut log = log.lock().expect("nobody panics inside");
                let mut buffer = self.buffer.write().expect("nobody panics inside");
                let id = log.append(event, &mut buffer)?;
                self.changed.send_modify(|_| {});
                Ok(id)
            }
            Store::Redis(redis) => redis.add(event).await,
        }
    }

    /// Takes events that came from Redis, and wakes all clients.
    pub fn push(&self, events: &[(String, Notification)]) -> Result<(), Box<dyn Error>> {
        let mut buffer = self.buffer.write().expect("nobody panics inside");
        for (id, event) in events {
            buffer.push(event.encoder().id(id), &event.message)?;
        }
        self.changed.send_modify(|_| {});
        Ok(())
    }

    /// The place of a client that is new: after the newest event.
    pub fn newest(&self) -> String {
        let buffer = self.buffer.read().expect("nobody panics inside");
        match (&self.store, buffer.events().last()) {
            (Store::Redis(_), Some(newest)) => id_of(&newest).to_owned(),
            // An ID that this buffer minted would mean nothing to the other servers.
            (Store::Redis(_), None) => "0-0".to_owned(),
            (Store::Log(_), _) => buffer.last_event_id(),
        }
    }

    /// What is after this place: from memory, or else from Redis.
    pub async fn since(&self, place: &[u8]) -> Result<Missed, Box<dyn Error>> {
        let gap = {
            let buffer = self.buffer.read().expect("nobody panics inside");
            let reason = match buffer.since(Some(place)) {
                Since::Events(events) => return Ok(Missed::Events(events.take(BATCH).collect())),
                Since::NothingNew | Since::New => return Ok(Missed::Events(Vec::new())),
                Since::Gone => "gone",
                Since::Unknown => "reset",
            };
            Missed::Gap(reason, buffer.events().take(BATCH).collect())
        };
        match &self.store {
            Store::Log(_) => Ok(gap),
            Store::Redis(redis) => redis.since(place).await,
        }
    }
}
