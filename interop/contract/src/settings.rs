//! The client that a test asks for.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use reqwest::{Method, Request};
use serde::Deserialize;
use sse_proto::client::Policy;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    stream_url: String,
    pub callback_url: String,
    initial_delay_ms: Option<u64>,
    read_timeout_ms: Option<u64>,
    pub last_event_id: Option<String>,
    method: Option<String>,
    body: Option<String>,
    headers: Option<HashMap<String, String>>,
}

impl Settings {
    /// The request that the client sends again and again, without the headers of event streams.
    pub fn request(&self, http: &reqwest::Client) -> Result<Request, Box<dyn Error>> {
        let method = self.method.as_deref().unwrap_or("GET");
        let headers = self.headers.as_ref().map(TryFrom::try_from).transpose()?;
        let request = http
            .request(Method::from_bytes(method.as_bytes())?, &self.stream_url)
            .headers(headers.unwrap_or_default());
        Ok(match &self.body {
            Some(body) => request.body(body.clone()),
            None => request,
        }
        .build()?)
    }

    pub fn policy(&self) -> Policy {
        // The suite wants clients that come back at once.
        let mut policy = Policy::new().wait_between(Duration::ZERO, Duration::from_secs(300));
        if let Some(delay) = self.initial_delay_ms {
            policy = policy.reconnection_time(Duration::from_millis(delay));
        }
        if let Some(timeout) = self.read_timeout_ms {
            policy = policy.idle_timeout(Duration::from_millis(timeout));
        }
        policy
    }
}
