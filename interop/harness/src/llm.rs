//! Answers of language models, written by our encoder, read by the SDKs of others.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use sse_proto::{EventEncoder, encode};

use crate::json::{self, Style};
use crate::random::Random;
use crate::server::{self, event_stream, in_pieces};
use crate::shapes::shapes;

/// Which API a stream belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Protocol {
    /// OpenAI's, which many others have too.
    Completions,
    /// Anthropic's.
    Messages,
    /// Google's.
    Content,
}

/// How the events of an answer are written.
pub struct Form {
    /// In the URL.
    pub path: &'static str,
    pub name: &'static str,
    style: Style,
    /// Sets the fields of each event.
    fields: fn(EventEncoder<'static>) -> EventEncoder<'static>,
    /// Writes what comes before each event.
    before: fn(&mut Vec<u8>),
}

#[rustfmt::skip]
pub const FORMS: &[Form] = &[
    form("plain", "is one line of JSON, text as it is", Style::Plain, no_fields, nothing),
    form("ascii", "is one line of JSON, text in ASCII", Style::Ascii, no_fields, nothing),
    form("lines", "is JSON in several lines, text as it is", Style::Lines, no_fields, nothing),
    form("alive", "has a `: keep-alive` line before it", Style::Ascii, no_fields, |out| out.extend(encode::KEEP_ALIVE)),
    form("alive-blank", "has `: keep-alive` and a blank line before it", Style::Ascii, no_fields, blank_after_comment),
    form("typed", "has a type", Style::Ascii, |event| event.event_type("chunk"), nothing),
    form("id", "has an ID", Style::Ascii, |event| event.id("7"), nothing),
    form("fields", "has every field, a `: keep-alive` line before it, text as it is", Style::Plain, every_field, |out| out.extend(encode::KEEP_ALIVE)),
    form("id-blank", "has an ID, and `: keep-alive` and a blank line before it", Style::Ascii, |event| event.id("7"), blank_after_comment),
    form("retry-alone", "has a block with only `retry` before it", Style::Ascii, no_fields, |out| block(EventEncoder::new().retry(SECOND), out)),
    form("id-alone", "has a block with only `id` before it", Style::Ascii, no_fields, |out| block(EventEncoder::new().id("7"), out)),
    form("priming", "has an event with an ID and empty data before it", Style::Ascii, no_fields, |out| EventEncoder::new().id("7").encode("", out).expect("one line")),
];

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

const fn form(
    path: &'static str,
    name: &'static str,
    style: Style,
    fields: fn(EventEncoder<'static>) -> EventEncoder<'static>,
    before: fn(&mut Vec<u8>),
) -> Form {
    Form { path, name, style, fields, before }
}

fn no_fields(event: EventEncoder<'static>) -> EventEncoder<'static> {
    event
}

fn every_field(event: EventEncoder<'static>) -> EventEncoder<'static> {
    event.comment("data: no\n\ndata: no").id("한글-7").retry(SECOND).event_type("chunk")
}

fn nothing(_: &mut Vec<u8>) {}

/// As other servers write a keep-alive.
fn blank_after_comment(out: &mut Vec<u8>) {
    out.extend(b": keep-alive\n\n");
}

fn block(fields: EventEncoder<'_>, out: &mut Vec<u8>) {
    fields.encode_fields(out).expect("each field is one line");
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

/// One answer, as the API sends it.
fn answer(protocol: Protocol, form: &Form) -> Vec<u8> {
    let mut out = Vec::new();
    let mut event = |event_type: Option<&'static str>, data: &Value| {
        (form.before)(&mut out);
        let mut encoder = (form.fields)(EventEncoder::new());
        if let Some(event_type) = event_type {
            encoder = encoder.event_type(event_type);
        }
        let written = encoder.encode_with(|writer| json::write(writer, data, form.style), &mut out);
        written.expect("JSON is UTF-8, and each field is one line");
    };
    match protocol {
        Protocol::Completions => {
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
        Protocol::Content => {
            for text in deltas() {
                let content = json!({ "role": "model", "parts": [{ "text": text }] });
                event(None, &json!({ "candidates": [{ "index": 0, "content": content }] }));
            }
        }
        Protocol::Messages => {
            let mut event = |data: Value, event_type| event(Some(event_type), &data);
            let usage = json!({ "input_tokens": 1, "output_tokens": 1 });
            event(
                json!({ "type": "message_start", "message": {
                    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
                    "stop_reason": null, "stop_sequence": null, "usage": usage
                } }),
                "message_start",
            );
            event(
                json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
                "content_block_start",
            );
            event(json!({ "type": "ping" }), "ping");
            for text in deltas() {
                event(
                    json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
                    "content_block_delta",
                );
            }
            event(json!({ "type": "content_block_stop", "index": 0 }), "content_block_stop");
            event(
                json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": usage }),
                "message_delta",
            );
            event(json!({ "type": "message_stop" }), "message_stop");
        }
    }
    out
}

/// The SDKs ask at `/FORM/whole/…` and `/FORM/pieces/…`.
pub async fn serve() -> std::io::Result<u16> {
    Ok(server::serve(Router::new().route("/{form}/{cut}/{*rest}", post(respond))).await?.0)
}

/// Takes the request too: a connection that is closed with bytes unread is reset.
async fn respond(
    Path((form, cut, rest)): Path<(String, String, String)>,
    _request: Bytes,
) -> Response {
    let protocol = match rest.rsplit('/').next() {
        Some("completions") => Protocol::Completions,
        Some("messages") => Protocol::Messages,
        Some(method) if method.ends_with(":streamGenerateContent") => Protocol::Content,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let form = FORMS.iter().find(|known| known.path == form).expect("a form of the table");
    let bytes = answer(protocol, form);
    let mut random = Random(1);
    let size = move || 1 + random.below(7) as usize;
    if cut == "pieces" { event_stream(in_pieces(bytes, size)) } else { event_stream(bytes) }
}
