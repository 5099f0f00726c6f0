//! The writers and the readers of a proof with many servers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use sse_proto::client::{Policy, SubscriptionBuilder, Update};
use tokio::time::{interval, sleep};

use crate::world::{TOKENS, Why};

/// An ID of Redis, so that IDs can be put in order.
pub type Id = (u64, u64);

/// The events that were acknowledged: their messages, and whether they are for ada alone.
pub type Acknowledged = Arc<Mutex<BTreeMap<Id, (String, bool)>>>;

#[derive(Default)]
pub struct Seen {
    pub events: Vec<(Id, String)>,
    pub interruptions: usize,
    /// The server said that something is missing.
    pub notices: usize,
}

pub fn id(text: &str) -> Option<Id> {
    let (time, number) = text.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

/// Follows one user's stream until an event `end`.
pub async fn listen(port: u16, token: &'static str) -> Result<Seen, Why> {
    let policy = Policy::new()
        .wait_between(Duration::from_millis(50), Duration::from_secs(1))
        .backoff(Duration::from_millis(50), Duration::from_millis(500))
        .healthy_after(Duration::ZERO)
        .retry_statuses([502, 503, 504])
        .idle_timeout(Duration::from_secs(10));
    let (client, url) = (Client::new(), format!("http://127.0.0.1:{port}/api/notifications"));
    let mut updates = SubscriptionBuilder::new()
        .policy(policy)
        .build(|headers| client.get(&url).bearer_auth(token).headers(headers).send(), sleep);
    let mut seen = Seen::default();
    loop {
        match updates.next_update().await.ok_or("the stream has ended")? {
            Update::Event(event) if event.event_type() == "end" => return Ok(seen),
            Update::Event(event) if event.event_type() == "info" => {
                let id = id(event.last_event_id()).ok_or("an ID that is not Redis's")?;
                seen.events.push((id, event.data().to_owned()));
            }
            Update::Event(_) => seen.notices += 1,
            Update::Interrupted { .. } => seen.interruptions += 1,
            Update::Closed { reason, .. } => return Err(format!("closed: {reason:?}").into()),
            _ => {}
        }
    }
}

/// Sends one event until it is acknowledged, and counts the attempts that were not.
pub async fn publish(client: &Client, port: u16, event: &Value) -> Result<(Id, usize), Why> {
    let url = format!("http://127.0.0.1:{port}/api/notifications");
    for attempt in 0..600 {
        let request = client.post(&url).bearer_auth(TOKENS[0]).json(event);
        if let Ok(response) = request.timeout(Duration::from_secs(5)).send().await {
            match response.status().as_u16() {
                // An answer that was cut off acknowledges nothing.
                201 => {
                    if let Ok(answer) = response.json::<Value>().await {
                        let id = answer["id"].as_str().and_then(id).ok_or("no ID")?;
                        return Ok((id, attempt));
                    }
                }
                502..=504 => {}
                status => return Err(format!("a POST was answered with {status}").into()),
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err("no server took an event for 30 s".into())
}

/// Sends these numbers, one after the other: each fifth is for ada alone.
pub async fn write(
    port: u16,
    numbers: impl Iterator<Item = usize>,
    every: Duration,
    acknowledged: Acknowledged,
) -> Result<usize, Why> {
    let (client, mut due, mut attempts) = (Client::new(), interval(every), 0);
    for number in numbers {
        due.tick().await;
        let (message, is_for_ada) = (format!("number {number}\n🦀"), number % 5 == 0);
        let user = is_for_ada.then_some("ada");
        let event = json!({ "type": "info", "message": message, "user": user });
        let (id, failed) = publish(&client, port, &event).await?;
        attempts += failed;
        acknowledged.lock().unwrap().insert(id, (message, is_for_ada));
    }
    Ok(attempts)
}
