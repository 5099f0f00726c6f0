//! A client that reads in the background, so that a proof can look at what has come so far.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use sse_proto::{BytesDecoder, OwnedEvent};
use tokio::sync::watch::{self, Receiver};
use tokio::time::timeout;

use crate::world::{TOKENS, Why};

#[derive(Default)]
pub struct Seen {
    pub events: Vec<OwnedEvent>,
    /// All bytes, also those between events.
    pub bytes: usize,
    /// Whether the response has ended as it should, or was cut off.
    pub end: Option<bool>,
}

pub struct Reader(Receiver<Seen>);

impl Reader {
    /// Bob's stream from this last event ID on.
    pub async fn open(port: u16, last_event_id: &str) -> Result<Self, Why> {
        let request = Client::new().get(url(port)).bearer_auth(TOKENS[1]);
        let request = request.header("last-event-id", last_event_id);
        let mut response = request.send().await?.error_for_status()?;
        let (sender, seen) = watch::channel(Seen::default());
        tokio::spawn(async move {
            let mut decoder = BytesDecoder::new();
            loop {
                let chunk = response.chunk().await;
                sender.send_modify(|seen| match chunk {
                    Ok(Some(chunk)) => {
                        seen.bytes += chunk.len();
                        decoder.push(chunk);
                        while let Ok(Some(event)) = decoder.next_event() {
                            seen.events.push(event);
                        }
                    }
                    Ok(None) => seen.end = Some(true),
                    Err(_) => seen.end = Some(false),
                });
                if sender.borrow().end.is_some() {
                    return;
                }
            }
        });
        Ok(Reader(seen))
    }

    /// Waits until this holds, for at most 20 seconds.
    pub async fn until(&mut self, holds: impl FnMut(&Seen) -> bool) -> bool {
        matches!(timeout(Duration::from_secs(20), self.0.wait_for(holds)).await, Ok(Ok(_)))
    }

    /// Waits until so many events have come, and gives their types and data.
    pub async fn first(&mut self, count: usize) -> Vec<(String, String)> {
        self.until(|seen| seen.events.len() >= count).await;
        let seen = self.0.borrow();
        let text = |event: &OwnedEvent| (event.event_type().to_owned(), event.data().to_owned());
        seen.events.iter().take(count).map(text).collect()
    }

    pub fn bytes(&self) -> usize {
        self.0.borrow().bytes
    }

    pub fn messages(&self) -> Vec<String> {
        self.0.borrow().events.iter().map(|event| event.data().to_owned()).collect()
    }
}

pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/api/notifications")
}

/// Ada tells everyone something.
pub async fn send(port: u16, message: &str) -> Result<Response, Why> {
    let event = json!({ "type": "info", "message": message });
    let request = Client::new().post(url(port)).bearer_auth(TOKENS[0]).json(&event);
    Ok(request.timeout(Duration::from_secs(10)).send().await?)
}

/// The ID of an event that is acknowledged.
pub async fn publish(port: u16, message: &str) -> Result<String, Why> {
    let answer: Value = send(port, message).await?.error_for_status()?.json().await?;
    Ok(answer["id"].as_str().ok_or("an answer without an ID")?.to_owned())
}
