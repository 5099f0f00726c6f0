//! A server of the Model Context Protocol over Streamable HTTP, written with our encoder. Its one tool
//! answers with all texts as notifications of progress, and with the last as its result.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::StreamExt;
use serde_json::{Value, json};
use sse_proto::server::{Epoch, ReplayBuffer, Since};
use sse_proto::{EventEncoder, encode};

use crate::outcome::Result;
use crate::server::{self, broken_off, event_stream, pieces, sizes};

/// How a call is answered. Each form but the first three has a priming event, and IDs.
#[rustfmt::skip]
pub const FORMS: &[(&str, &str)] = &[
    ("plain", "has only data"),
    ("mib", "has only data, the first more than 1 MiB"),
    ("mib16", "has only data, the first more than 16 MiB"),
    ("id", "has an ID, after a priming event"),
    ("alive", "has an ID, and a `: keep-alive` line before it"),
    ("alive-blank", "has an ID, and `: keep-alive` and a blank line before it"),
    ("ends", "has an ID; the stream ends within an event, twice, and is resumed"),
    ("breaks", "has an ID; the stream breaks within an event, twice, and is resumed"),
];

/// How often a stream of the last two forms is cut.
const CUTS: usize = 2;

struct Server {
    texts: Vec<String>,
    calls: Mutex<Vec<Call>>,
}

/// The answer to a call, and how often it has still to be cut.
struct Call {
    events: ReplayBuffer,
    cuts: usize,
}

/// Serves at `/FORM/whole` and `/FORM/pieces`.
pub async fn serve(texts: Vec<String>) -> Result<u16> {
    let server = Arc::new(Server { texts, calls: Mutex::default() });
    let app = Router::new()
        .route("/{form}/{cut}", post(message).get(resume).delete(StatusCode::NO_CONTENT))
        .with_state(server);
    server::serve(app).await
}

type Place = Path<(String, String)>;

async fn message(
    State(server): State<Arc<Server>>,
    Path((form, cut)): Place,
    Json(message): Json<Value>,
) -> Response {
    let result = match message["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": "2025-11-25",
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "harness", "version": "0" }
        }),
        Some("tools/list") => json!({
            "tools": [{ "name": "answer", "inputSchema": { "type": "object" } }]
        }),
        Some("tools/call") => {
            let mut calls = server.calls.lock().expect("nobody panics inside");
            let number = calls.len() as u128;
            let mut call = Call { events: server.events(&message, number, &form), cuts: CUTS };
            let response = call.answer(&form, &cut, None);
            calls.push(call);
            return response;
        }
        _ if message["id"].is_null() => return StatusCode::ACCEPTED.into_response(),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    ([("mcp-session-id", "1")], Json(answer(&message, &result))).into_response()
}

fn answer(message: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })
}

/// The rest of an answer. There is no stream for anything else.
async fn resume(
    State(server): State<Arc<Server>>,
    Path((form, cut)): Place,
    headers: HeaderMap,
) -> Response {
    let id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let Some(id) = id else { return StatusCode::METHOD_NOT_ALLOWED.into_response() };
    let mut calls = server.calls.lock().expect("nobody panics inside");
    let call = calls.iter_mut().find(|call| !matches!(call.events.since(Some(id)), Since::Unknown));
    call.map_or(StatusCode::NOT_FOUND.into_response(), |call| call.answer(&form, &cut, Some(id)))
}

impl Server {
    /// A priming event, the texts and the result.
    fn events(&self, message: &Value, number: u128, form: &str) -> ReplayBuffer {
        let mut events = ReplayBuffer::new(Epoch::new(number)).max_bytes(usize::MAX);
        let priming = EventEncoder::new().retry(Duration::from_millis(10));
        events.push(priming, "").expect("the buffer has no limit");
        // After the JSON of the first.
        let mut spaces = match form {
            "mib" => 1 << 20,
            "mib16" => 16 << 20,
            _ => 0,
        };
        let mut push = |data: Value| {
            let data = data.to_string() + &" ".repeat(std::mem::take(&mut spaces));
            events.push(EventEncoder::new(), &data).expect("the buffer has no limit");
        };
        let token = &message["params"]["_meta"]["progressToken"];
        for (step, text) in (1..).zip(&self.texts) {
            let params = json!({ "progressToken": token, "progress": step, "message": text });
            let method = "notifications/progress";
            push(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
        }
        let content = json!([{ "type": "text", "text": self.texts.last() }]);
        push(answer(message, &json!({ "content": content })));
        events
    }
}

impl Call {
    /// The events after this place, cut within an event if it has to be.
    fn answer(&mut self, form: &str, cut: &str, last_event_id: Option<&str>) -> Response {
        let events: Vec<_> = match self.events.since(last_event_id) {
            Since::New => self.events.events().collect(),
            Since::Events(events) => events.collect(),
            _ => Vec::new(),
        };
        let before = match form {
            "alive" => encode::KEEP_ALIVE,
            "alive-blank" => b": keep-alive\n\n",
            _ => b"",
        };
        let mut bytes: Vec<u8> = match form {
            "plain" | "mib" | "mib16" => {
                events[1..].iter().flat_map(|event| without_id(event)).copied().collect()
            }
            _ => events.iter().flat_map(|event| [before, event].concat()).collect(),
        };
        let is_cut = ["ends", "breaks"].contains(&form) && self.cuts > 0 && !events.is_empty();
        if is_cut {
            self.cuts -= 1;
            let (whole, part) = events.split_at(events.len() / 2);
            bytes = [&whole.concat(), &part[0][..part[0].len() / 2]].concat();
        }
        let pieces = pieces(bytes, sizes(cut));
        event_stream(if is_cut && form == "breaks" {
            Body::from_stream(pieces.chain(broken_off()))
        } else {
            Body::from_stream(pieces)
        })
    }
}

/// The ID is the first line.
fn without_id(event: &[u8]) -> &[u8] {
    let line = event.iter().position(|byte| *byte == b'\n').expect("an event has lines");
    &event[line + 1..]
}
