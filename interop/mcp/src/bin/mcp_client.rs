//! An MCP client over Streamable HTTP, with reqwest: it lists the server's tools, calls each, and
//! prints what they answer.
//!
//! ```text
//! cargo run -q -p mcp --bin mcp_client -- http://127.0.0.1:8000/mcp
//! ```
//!
//! The answer to a request may come as an event stream that is cut. Then the client asks for the
//! rest of it with the last event ID, and does not repeat the request.

use std::cell::RefCell;
use std::error::Error;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use sse_proto::client::{Cause, Policy, SubscriptionBuilder, Update};
use sse_proto::header::LAST_EVENT_ID;
use tokio::time::sleep;

const VERSION: &str = "2025-11-25";
const BOTH_TYPES: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const PROTOCOL: HeaderName = HeaderName::from_static("mcp-protocol-version");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: mcp_client URL")?;
    let mut client = Client::new(url)?;
    client.initialize().await?;
    let tools = client.call("tools/list", json!({})).await?;
    for tool in tools["tools"].as_array().into_iter().flatten() {
        let parameters = json!({ "name": tool["name"], "arguments": arguments(tool) });
        let result = client.call("tools/call", parameters).await?;
        println!("{}: {result}", tool["name"]);
    }
    Ok(())
}

/// Some number for each number that the tool requires.
fn arguments(tool: &Value) -> Map<String, Value> {
    let properties = tool["inputSchema"]["properties"].as_object().into_iter().flatten();
    let numbers = properties.filter(|(_, schema)| schema["type"] == "number");
    numbers.zip(2..).map(|((name, _), number)| (name.clone(), number.into())).collect()
}

struct Client {
    http: reqwest::Client,
    url: String,
    /// The headers that each request has once the session has begun.
    headers: RefCell<HeaderMap>,
    requests: u64,
}

impl Client {
    fn new(url: String) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Client { http, url, headers: RefCell::default(), requests: 0 })
    }

    async fn initialize(&mut self) -> Result<(), Box<dyn Error>> {
        let info = json!({ "name": "sse-proto", "version": env!("CARGO_PKG_VERSION") });
        let parameters =
            json!({ "protocolVersion": VERSION, "capabilities": {}, "clientInfo": info });
        let result = self.call("initialize", parameters).await?;
        let version = result["protocolVersion"].as_str().ok_or("there is no protocol version")?;
        self.headers.get_mut().insert(PROTOCOL, version.parse()?);
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let notice = self.http.post(&self.url).headers(self.headers.borrow().clone());
        notice.header(ACCEPT, BOTH_TYPES).json(&initialized).send().await?.error_for_status()?;
        Ok(())
    }

    /// Sends a request, and waits for its result.
    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value, Box<dyn Error>> {
        self.requests += 1;
        let id = self.requests;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters });
        let answer = self.exchange(id, &message).await?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(format!("{method}: {}", answer["error"]).into()),
        }
    }

    async fn exchange(&self, id: u64, message: &Value) -> Result<Value, Box<dyn Error>> {
        // The first request is the message, and each later one asks for the rest of its answer.
        let mut post = Some(self.http.post(&self.url).json(message));
        let policy = Policy::new().max_attempts(5);
        let mut events = SubscriptionBuilder::new().policy(policy).accept(BOTH_TYPES).build(
            |event_stream| {
                let request = post.take().unwrap_or_else(|| self.http.get(&self.url));
                request.headers(self.headers.borrow().clone()).headers(event_stream).send()
            },
            sleep,
        );
        while let Some(update) = events.next_update().await {
            match update {
                Update::Opened(head) => self.join(&head.headers),
                Update::Event(event) if event.data().is_empty() => {} // it only brings an ID
                Update::Event(event) => {
                    let message: Value = serde_json::from_str(event.data())?;
                    if message["id"] == id && message.get("method").is_none() {
                        return Ok(message);
                    }
                    eprintln!("{message}");
                }
                // Without an ID there is no way to ask for the rest.
                Update::Interrupted { cause, .. } if events.last_event_id().is_empty() => {
                    return Err(cause.into());
                }
                Update::Interrupted { cause, delay } => {
                    let place = events.last_event_id();
                    eprintln!("{cause}; in {delay:?} with {LAST_EVENT_ID}: {place}");
                }
                // An answer that is complete at once.
                Update::Closed { cause: Cause::Response(response), .. }
                    if response.response().status().is_success() =>
                {
                    let response = response.into_response();
                    self.join(response.headers());
                    let body = response.into_body().collect().await?.to_bytes();
                    return Ok(serde_json::from_slice(&body)?);
                }
                Update::Closed { cause, .. } => return Err(cause.into()),
                Update::TooLarge(error) => return Err(error.into()),
                _ => {}
            }
        }
        Err("the subscription has ended".into())
    }

    /// The server may have begun a session, which each later request names.
    fn join(&self, response: &HeaderMap) {
        if let Some(session) = response.get(SESSION) {
            self.headers.borrow_mut().insert(SESSION, session.clone());
        }
    }
}
