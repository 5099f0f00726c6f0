//! The store of any number of servers: one Redis stream, whose entry IDs are the event IDs.

use std::time::Duration;

use anyhow::Result;
use redis::streams::{StreamMaxlen, StreamRangeReply, StreamReadOptions};
use redis::{AsyncCommands, Client, aio::ConnectionManager, aio::ConnectionManagerConfig};
use tokio::{sync::watch::Sender, time::Instant, time::sleep, time::timeout};

use crate::feed::{Feed, Notification};
use crate::web::Store;

/// The stream's name in Redis.
const KEY: &str = "notifications";

/// Before all entries.
const FIRST: &str = "0";

/// How many entries are read at a time.
const PAGE: usize = 1000;

/// How long a request waits for Redis before it is answered with 503.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Redis {
    redis: ConnectionManager,
    keep: usize,
}

impl Redis {
    /// Waits until the events in Redis are here: before that, no client has a place.
    pub async fn open(url: &str, keep: usize) -> Result<(Store, Sender<Feed>)> {
        let config = ConnectionManagerConfig::new().set_response_timeout(Some(PATIENCE * 2));
        let connect = || Client::open(url)?.get_connection_manager_lazy(config.clone());
        let feed = Sender::new(Feed::new(keep));
        // A connection of its own, because a read that waits keeps the commands after it.
        tokio::spawn(Redis { redis: connect()?, keep }.follow(feed.clone()));
        feed.subscribe().wait_for(|feed| feed.complete.is_some()).await?;
        Ok((Store::Redis(Redis { redis: connect()?, keep }), feed))
    }

    /// Adds an event at the end, and lets the oldest go beyond what is kept. Redis lets them
    /// go in blocks (`~`), which costs it next to nothing. If only the answer was lost, the
    /// event is stored all the same.
    pub async fn add(&self, event: &Notification) -> Result<String> {
        // One more than a server keeps. So a server that reads a stream that was trimmed lets an
        // event go too, and tells a client that came before the first event that some are gone.
        let (mut redis, bound) = (self.redis.clone(), StreamMaxlen::Approx(self.keep + 1));
        let fields = [("json", serde_json::to_string(event)?)];
        Ok(timeout(PATIENCE, redis.xadd_maxlen(KEY, bound, "*", &fields)).await??)
    }

    /// Gives the feed each event as it comes, for as long as the server runs.
    async fn follow(mut self, feed: Sender<Feed>) {
        let mut newest = FIRST.to_owned();
        loop {
            let Err(error) = self.read(&mut newest, &feed).await else { continue };
            eprintln!("Redis: {error:#}");
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Reads the entries after the newest, and waits for the next.
    async fn read(&mut self, newest: &mut String, feed: &Sender<Feed>) -> Result<()> {
        let asked = Instant::now();
        let mut page: StreamRangeReply = self.redis.xrange_count(KEY, &newest, "+", PAGE).await?;
        let is_known = page.ids.first().is_some_and(|entry| entry.id == *newest);
        if !is_known {
            // It is the first page. Or Redis has lost the newest, so others may be gone too.
            page = self.redis.xrange_count(KEY, FIRST, "+", PAGE).await?;
        }
        feed.send_modify(|feed| {
            if !is_known {
                *feed = Feed::new(self.keep);
            }
            for entry in &page.ids[usize::from(is_known)..] {
                // An entry of another program is nobody's.
                let json = entry.get::<String>("json").unwrap_or_default();
                if let Ok(event) = serde_json::from_str::<Notification>(&json) {
                    _ = feed.buffer.push(event.encoder(&entry.id), &event.message);
                }
            }
            feed.complete = (page.ids.len() < PAGE).then_some(asked).or(feed.complete);
        });
        page.ids.last().map_or(FIRST, |entry| &entry.id).clone_into(newest);
        let wait = StreamReadOptions::default().block(PATIENCE.as_millis() as usize).count(1);
        Ok(self.redis.xread_options(&[KEY], &[newest], &wait).await?)
    }
}
