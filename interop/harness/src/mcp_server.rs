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
use sse_proto::{EventEncoder, encode};

use crate::outcome::Result;
use crate::server::{self, broken_off, event_stream, pieces, sizes};

/// How a call is answered. Each form but the first has a priming event, and IDs.
#[rustfmt::skip]
pub const FORMS: &[(&str, &str)] = &[
    ("plain", "has only data"),
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

/// The answer to a call, event by event.
struct Call {
    events: Vec<Vec<u8>>,
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

async fn message(
    State(server): State<Arc<Server>>,
    Path((form, cut)): Path<(String, String)>,
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
            let number = server.call(&form, &message);
            return server.answer(&form, &cut, number, 0);
        }
        _ if message["id"].is_null() => return StatusCode::ACCEPTED.into_response(),
        _ => {
            let error = json!({ "code": -32601, "message": "Method not found" });
            return Json(answer(&message, "error", error)).into_response();
        }
    };
    ([("mcp-session-id", "1")], Json(answer(&message, "result", result))).into_response()
}

fn answer(message: &Value, kind: &str, what: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": message["id"], kind: what })
}

/// The rest of an answer. There is no stream for anything else.
async fn resume(
    State(server): State<Arc<Server>>,
    Path((form, cut)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let place = id.and_then(|id| {
        let (call, event) = id.split_once('-')?;
        Some((call.parse().ok()?, event.parse::<usize>().ok()?))
    });
    match place {
        Some((call, event)) => server.answer(&form, &cut, call, event + 1),
        None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

impl Server {
    /// Encodes the answer, and gives its number.
    fn call(&self, form: &str, message: &Value) -> usize {
        let mut calls = self.calls.lock().expect("nobody panics inside");
        let number = calls.len();
        // A priming event, the texts and the result.
        let mut data = vec![String::new()];
        let token = &message["params"]["_meta"]["progressToken"];
        for (step, text) in (1..).zip(&self.texts) {
            let params = json!({ "progressToken": token, "progress": step, "message": text });
            let method = "notifications/progress";
            data.push(json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string());
        }
        let result = json!({ "content": [{ "type": "text", "text": self.texts.last() }] });
        data.push(answer(message, "result", result).to_string());
        let event = |(event, data): (usize, &String)| {
            let mut out = Vec::new();
            let id = format!("{number}-{event}");
            let mut encoder = EventEncoder::new();
            match form {
                "plain" if event == 0 => return out,
                "plain" => {}
                _ => encoder = encoder.id(&id),
            }
            match form {
                "alive" => out.extend(encode::KEEP_ALIVE),
                "alive-blank" => out.extend(b": keep-alive\n\n"),
                _ => {}
            }
            if event == 0 {
                encoder = encoder.retry(Duration::from_millis(10));
            }
            encoder.encode(data, &mut out).expect("the ID is one line");
            out
        };
        let events = data.iter().enumerate().map(event).collect();
        let cuts = if ["ends", "breaks"].contains(&form) { CUTS } else { 0 };
        calls.push(Call { events, cuts });
        number
    }

    /// The answer from this event on, cut within an event if it has to be.
    fn answer(&self, form: &str, cut: &str, call: usize, from: usize) -> Response {
        let mut calls = self.calls.lock().expect("nobody panics inside");
        let Some(call) = calls.get_mut(call) else { return StatusCode::NOT_FOUND.into_response() };
        let mut bytes = call.events[from.min(call.events.len())..].concat();
        let is_cut = call.cuts > 0;
        if is_cut {
            call.cuts -= 1;
            let last = from + (call.events.len() - from) / 2;
            let half = call.events[last].len() / 2;
            bytes = [call.events[from..last].concat(), call.events[last][..half].to_vec()].concat();
        }
        let pieces = pieces(bytes, sizes(cut));
        event_stream(if is_cut && form == "breaks" {
            Body::from_stream(pieces.chain(broken_off()))
        } else {
            Body::from_stream(pieces)
        })
    }
}
