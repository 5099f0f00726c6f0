//! The messages that a client sends to its test.

use serde_json::{Value, json};
use sse_proto::OwnedEvent;

/// Sends messages to the test, one after the other, and numbers them.
pub struct Callbacks {
    http: reqwest::Client,
    url: String,
    sent: u64,
}

impl Callbacks {
    pub const fn new(http: reqwest::Client, url: String) -> Self {
        Callbacks { http, url, sent: 0 }
    }

    pub async fn event(&mut self, event: &OwnedEvent) {
        let fields = json!({
            "type": event.event_type(),
            "data": event.data(),
            "id": event.last_event_id(),
        });
        self.send(json!({ "kind": "event", "event": fields })).await;
    }

    pub async fn comment(&mut self, text: &str) {
        self.send(json!({ "kind": "comment", "comment": text })).await;
    }

    pub async fn error(&mut self, text: &str) {
        self.send(json!({ "kind": "error", "error": text })).await;
    }

    async fn send(&mut self, message: Value) {
        self.sent += 1;
        let url = format!("{}/{}", self.url, self.sent);
        // A test that is over does not listen any more.
        let _ = self.http.post(url).json(&message).send().await;
    }
}
