//! The store of any number of servers: one Redis stream, whose entry IDs are the event IDs.

use std::{convert::Infallible, time::Duration};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::streams::{StreamMaxlen, StreamRangeReply, StreamReadOptions, StreamReadReply};
use redis::{AsyncCommands, Client};
use tokio::sync::watch::Sender;
use tokio::time::{Instant, sleep, timeout};

use crate::feed::{Feed, Notification};
use crate::{Error, web::Store};

/// The stream's name in Redis.
const KEY: &str = "notifications";

/// Before all entries.
const FIRST: &str = "-";

/// How many entries are read at a time.
const PAGE: usize = 1000;

/// How long a request waits for Redis before it is answered with 503.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Redis {
    writer: ConnectionManager,
    /// A connection of its own, because a read that waits keeps the commands after it.
    reader: ConnectionManager,
    keep: usize,
}

impl Redis {
    /// Waits for Redis: without its events the feed would have no place for a client.
    pub async fn open(url: &str, keep: usize) -> Result<(Store, Sender<Feed>), Error> {
        let config = ConnectionManagerConfig::new().set_response_timeout(Some(PATIENCE * 2));
        let connect =
            || ConnectionManager::new_lazy_with_config(Client::open(url)?, config.clone());
        let redis = Redis { writer: connect()?, reader: connect()?, keep };
        let feed = Sender::new(Feed::new(keep));
        tokio::spawn(redis.clone().follow(feed.clone()));
        feed.subscribe().wait_for(|feed| feed.complete.is_some()).await?;
        Ok((Store::Redis(redis), feed))
    }

    /// Adds an event at the end, and lets the oldest go beyond what is kept. Redis lets them
    /// go in blocks (`~`), which costs it next to nothing. If only the answer was lost, the
    /// event is stored all the same.
    pub async fn add(&self, event: &Notification) -> Result<String, Error> {
        let (mut redis, bound) = (self.writer.clone(), StreamMaxlen::Approx(self.keep));
        let fields = [("json", serde_json::to_string(event)?)];
        Ok(timeout(PATIENCE, redis.xadd_maxlen(KEY, bound, "*", &fields)).await??)
    }

    /// Gives the feed each event as it comes, for as long as the server runs.
    async fn follow(self, feed: Sender<Feed>) {
        let mut newest = FIRST.to_owned();
        loop {
            let Err(error) = self.read(&mut newest, &feed).await;
            eprintln!("Redis: {error}");
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn read(&self, newest: &mut String, feed: &Sender<Feed>) -> Result<Infallible, Error> {
        let wait = StreamReadOptions::default().block(PATIENCE.as_millis() as usize).count(1);
        let mut redis = self.reader.clone();
        loop {
            let asked = Instant::now();
            let page: StreamRangeReply = redis.xrange_count(KEY, &newest, "+", PAGE).await?;
            let has_newest = page.ids.first().is_some_and(|entry| entry.id == *newest);
            if !has_newest && newest != FIRST {
                // Redis has the newest no more, so others after it may be gone too.
                FIRST.clone_into(newest);
                continue;
            }
            if page.ids.is_empty() {
                self.add(&Notification::start()).await?;
                continue;
            }
            let is_complete = page.ids.len() < PAGE;
            feed.send_modify(|feed| {
                if !has_newest {
                    *feed = Feed { is_ending: feed.is_ending, ..Feed::new(self.keep) };
                }
                for entry in &page.ids[usize::from(has_newest)..] {
                    // What another program wrote is for nobody.
                    let json = entry.get::<String>("json").unwrap_or_default();
                    let event = serde_json::from_str(&json).unwrap_or(Notification::start());
                    _ = feed.push(&entry.id, &event);
                    newest.clone_from(&entry.id);
                }
                feed.complete = is_complete.then_some(asked).or(feed.complete);
            });
            if is_complete {
                let _: Option<StreamReadReply> =
                    redis.xread_options(&[KEY], &[&newest], &wait).await?;
            }
        }
    }
}
