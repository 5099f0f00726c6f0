//! The events of any number of servers: one Redis stream, whose entry IDs are the event IDs.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, Value, cmd};
use tokio::time::{sleep, timeout};

use crate::feed::{BATCH, Feed, Missed};
use crate::notification::Notification;

/// The stream's name in Redis.
const KEY: &str = "notifications";

/// How long a request waits for Redis before it is answered with 503.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct RedisStream {
    client: Client,
    commands: ConnectionManager,
    keep: usize,
}

type Entry = (String, HashMap<String, String>);

impl RedisStream {
    pub fn new(url: &str, keep: usize) -> RedisResult<Self> {
        let client = Client::open(url)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let commands = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(RedisStream { client, commands, keep })
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Box<dyn Error>> {
        let mut commands = self.commands.clone();
        Ok(timeout(PATIENCE, command.query_async(&mut commands)).await??)
    }

    /// Adds an event at the end, and lets the oldest go beyond what is kept. Redis lets them
    /// go in blocks (`~`), which costs it next to nothing.
    pub async fn add(&self, event: &Notification) -> Result<String, Box<dyn Error>> {
        let mut add = cmd("XADD");
        add.arg(KEY).arg("MAXLEN").arg("~").arg(self.keep).arg("*");
        add.arg("type").arg(&event.event_type).arg("message").arg(&event.message);
        event.user.iter().for_each(|user| _ = add.arg("user").arg(user));
        self.ask(&add).await
    }

    /// What is after an ID that is not in memory any more, or never was.
    pub async fn since(&self, place: &[u8]) -> Result<Missed, Box<dyn Error>> {
        let text = String::from_utf8_lossy(place);
        let Some(id) = parse(&text) else { return Ok(Missed::Gap("reset", self.oldest().await?)) };
        // From the ID itself on: if it is there, nothing between it and the others is missing.
        let from = format!("{}-{}", id.0, id.1);
        let mut entries = self.range(&from).await?;
        if entries.first().is_some_and(|(first, _)| *first == from) {
            return Ok(Missed::Events(encode(entries.split_off(1))?));
        }
        let info: HashMap<String, Value> = self.ask(cmd("XINFO").arg("STREAM").arg(KEY)).await?;
        let number = |name| info.get(name).map(|value| u64::from_redis_value_ref(value));
        let is_whole = number("length").transpose()? == number("entries-added").transpose()?;
        let last = info.get("last-generated-id").ok_or("XINFO names no last ID")?;
        let last = parse(&String::from_redis_value_ref(last)?);
        Ok(match id {
            (0, 0) if is_whole => Missed::Events(encode(entries)?),
            // Trimmed away, or never there: the first that is kept tells.
            _ if Some(id) > last => Missed::Gap("reset", self.oldest().await?),
            _ => {
                let oldest = self.range("-").await?;
                let first = oldest.first().and_then(|(first, _)| parse(first));
                let reason = if Some(id) < first { "gone" } else { "reset" };
                Missed::Gap(reason, encode(oldest)?)
            }
        })
    }

    async fn oldest(&self) -> Result<Vec<Bytes>, Box<dyn Error>> {
        encode(self.range("-").await?)
    }

    async fn range(&self, from: &str) -> Result<Vec<Entry>, Box<dyn Error>> {
        self.ask(cmd("XRANGE").arg(KEY).arg(from).arg("+").arg("COUNT").arg(BATCH + 1)).await
    }

    /// Gives the feed the newest events, so that a client that connects has a place.
    pub async fn fill(&self, feed: &Feed) -> Result<(), Box<dyn Error>> {
        let mut newest = cmd("XREVRANGE");
        newest.arg(KEY).arg("+").arg("-").arg("COUNT").arg(1000);
        let mut newest: Vec<Entry> = self.ask(&newest).await?;
        newest.reverse();
        feed.push(&newest.into_iter().map(notification).collect::<Vec<_>>())
    }

    /// Gives the feed each event as it comes, for as long as the server runs.
    pub async fn follow(self, feed: &Feed) {
        loop {
            if let Err(error) = self.read(feed).await {
                eprintln!("Redis: {error}");
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// On a connection of its own, because a read that waits keeps the commands after it.
    async fn read(&self, feed: &Feed) -> Result<(), Box<dyn Error>> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE * 2));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection.await?;
        // Redis is back: clients that wait for what it alone has can ask again.
        feed.push(&[])?;
        loop {
            let mut read = cmd("XREAD");
            read.arg("BLOCK").arg(PATIENCE.as_millis() as u64).arg("COUNT").arg(1000);
            read.arg("STREAMS").arg(KEY).arg(feed.newest());
            let streams: Option<Vec<(String, Vec<Entry>)>> =
                read.query_async(&mut connection).await?;
            for (_, entries) in streams.into_iter().flatten() {
                feed.push(&entries.into_iter().map(notification).collect::<Vec<_>>())?;
            }
        }
    }
}

/// An ID of Redis: milliseconds, and a number within them.
fn parse(id: &str) -> Option<(u64, u64)> {
    let (time, number) = id.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

fn encode(entries: Vec<Entry>) -> Result<Vec<Bytes>, Box<dyn Error>> {
    let events = entries.into_iter().map(notification);
    events.map(|(id, event)| Ok(event.encode(&id)?)).collect()
}

fn notification((id, mut fields): Entry) -> (String, Notification) {
    let event_type = fields.remove("type").unwrap_or_default();
    let message = fields.remove("message").unwrap_or_default();
    (id, Notification { event_type, message, user: fields.remove("user") })
}
