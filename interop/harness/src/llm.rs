//! Answers of language models, written by our encoder, read by the SDKs of others.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use sse_proto::{EventEncoder, encode};

use crate::outcome::Result;
use crate::random::Random;
use crate::server::{self, event_stream, pieces, sizes};
use crate::shapes::shapes;

/// All of it ASCII: see `interop/READERS.md`. Every other character of JSON is within a string, where
/// it can be escaped.
fn in_ascii(json: &Value) -> String {
    let escaped = |unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).into(),
        _ => format!("\\u{unit:04x}"),
    };
    json.to_string().encode_utf16().map(escaped).collect()
}

/// How the events of an answer are written.
pub struct Form {
    /// In the URL.
    pub path: &'static str,
    pub name: &'static str,
    /// Writes JSON.
    write: fn(&Value) -> String,
    /// Sets the fields of each event.
    fields: fn(EventEncoder<'static>) -> EventEncoder<'static>,
    /// Comes before each event.
    before: &'static [u8],
}

#[rustfmt::skip]
pub const FORMS: &[Form] = &[
    Form { path: "plain", name: "is one line of JSON, text as it is", write: Value::to_string, ..FORM },
    Form { path: "ascii", name: "is one line of JSON, text in ASCII", ..FORM },
    Form { path: "lines", name: "is JSON in several lines, text as it is", write: |json| format!("{json:#}"), ..FORM },
    Form { path: "alive", name: "has a `: keep-alive` line before it", before: encode::KEEP_ALIVE, ..FORM },
    Form { path: "alive-blank", name: "has `: keep-alive` and a blank line before it", before: b": keep-alive\n\n", ..FORM },
    Form { path: "typed", name: "has a type", fields: |event| event.event_type("chunk"), ..FORM },
    Form { path: "id", name: "has an ID", fields: |event| event.id("7"), ..FORM },
    Form { path: "fields", name: "has every field, a `: keep-alive` line before it, text as it is", write: Value::to_string, fields: every_field, before: encode::KEEP_ALIVE },
    Form { path: "id-blank", name: "has an ID, and `: keep-alive` and a blank line before it", fields: |event| event.id("7"), before: b": keep-alive\n\n", ..FORM },
    Form { path: "retry-alone", name: "has a block with only `retry` before it", before: b"retry: 1000\n\n", ..FORM },
    Form { path: "id-alone", name: "has a block with only `id` before it", before: b"id: 7\n\n", ..FORM },
    Form { path: "priming", name: "has an event with an ID and empty data before it", before: b"id: 7\ndata: \n\n", ..FORM },
];

const FORM: Form = Form { path: "", name: "", write: in_ascii, fields: |event| event, before: b"" };

fn every_field(event: EventEncoder<'static>) -> EventEncoder<'static> {
    let event = event.comment("data: no\n\ndata: no").id("한글-7");
    event.retry(Duration::from_secs(1)).event_type("chunk")
}

/// The pieces of text of one answer: all that someone, somewhere got wrong, and some by chance.
/// None is empty, since some SDKs leave those out.
pub fn deltas() -> Vec<String> {
    let mut deltas: Vec<_> = shapes().into_iter().filter_map(|case| case.data).collect();
    deltas.push("data: x\n\nevent: forged\r\rdata: [DONE]\r\n\r\n".into());
    deltas.push("🦀\0\u{85}\u{2028}\u{FEFF}".repeat(5500));
    let mut random = Random(7);
    deltas.extend((0..100).filter_map(|_| random.case().data));
    deltas.retain(|text| !text.is_empty() && text.len() <= 100_000);
    deltas
}

/// One answer, as the API of this method sends it, if there is one.
fn answer(method: &str, form: &Form) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut event = |event_type: Option<&'static str>, data: &Value| {
        out.extend(form.before);
        let mut encoder = (form.fields)(EventEncoder::new());
        if let Some(event_type) = event_type {
            encoder = encoder.event_type(event_type);
        }
        encoder.encode(&(form.write)(data), &mut out).expect("each field is one line");
    };
    match method {
        // OpenAI's, which many others have too.
        "completions" => {
            let chunk = |delta: Value, reason: Option<&str>| {
                json!({
                    "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                    "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }]
                })
            };
            for text in deltas() {
                event(None, &chunk(json!({ "role": "assistant", "content": text }), None));
            }
            event(None, &chunk(json!({}), Some("stop")));
            EventEncoder::new().encode("[DONE]", &mut out).expect("no field is set");
        }
        // Google's.
        "m:streamGenerateContent" => {
            for text in deltas() {
                let content = json!({ "role": "model", "parts": [{ "text": text }] });
                event(None, &json!({ "candidates": [{ "index": 0, "content": content }] }));
            }
        }
        // Anthropic's.
        "messages" => {
            // The type is in the data too.
            let mut event = |event_type, mut data: Value| {
                data["type"] = json!(event_type);
                event(Some(event_type), &data);
            };
            let usage = json!({ "input_tokens": 1, "output_tokens": 1 });
            let message = json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
                "stop_reason": null, "stop_sequence": null, "usage": usage
            });
            event("message_start", json!({ "message": message }));
            let block = json!({ "type": "text", "text": "" });
            event("content_block_start", json!({ "index": 0, "content_block": block }));
            event("ping", json!({}));
            for text in deltas() {
                let delta = json!({ "type": "text_delta", "text": text });
                event("content_block_delta", json!({ "index": 0, "delta": delta }));
            }
            event("content_block_stop", json!({ "index": 0 }));
            let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
            event("message_delta", json!({ "delta": delta, "usage": usage }));
            event("message_stop", json!({}));
        }
        _ => return None,
    }
    Some(out)
}

/// The SDKs ask at `/FORM/whole/…` and `/FORM/pieces/…`.
pub async fn serve() -> Result<u16> {
    server::serve(Router::new().route("/{form}/{cut}/{*rest}", post(respond))).await
}

/// Takes the request too: a connection that is closed with bytes unread is reset.
async fn respond(
    Path((form, cut, rest)): Path<(String, String, String)>,
    _request: Bytes,
) -> Response {
    let form = FORMS.iter().find(|known| known.path == form).expect("a form of the table");
    let method = rest.rsplit('/').next().unwrap_or_default();
    answer(method, form).map_or(StatusCode::NOT_FOUND.into_response(), |bytes| {
        event_stream(Body::from_stream(pieces(bytes, sizes(&cut))))
    })
}
