//! The `eventsource` pages of web-platform-tests that are about a connection: statuses, media
//! types, close and reconnection. Each test has the name of its page, and the responses that the
//! server of web-platform-tests gives there.
//!
//! The pages that are about a stream are in `tests/corpus/cases.jsonl`, and the first test of
//! `eventsource-close` is in `turns.rs`. There is no test of `request-redirect`, because the HTTP
//! client follows redirects, and none of `request-credentials` and `eventsource-cross-origin`,
//! which only a browser can fail.

use std::time::Duration;

use sse_proto::client::{Policy, ReadyState};

use super::client::{Client, STREAM, owned};

/// A response: its status, its `Content-Type`, its body.
type Response<'r> = (u16, Option<&'r str>, &'r str);

const fn stream(body: &str) -> Response<'_> {
    (200, STREAM, body)
}

/// Everything that a page sees if the server answers its requests with these responses.
fn seen(responses: &[Response<'_>]) -> Vec<String> {
    let mut client = Client::new(Policy::platform());
    let mut seen = Vec::new();
    for &(status, content_type, body) in responses {
        seen.push(match client.last_event_id_header() {
            Some(id) => format!("request with Last-Event-ID {id}"),
            None => "request".to_owned(),
        });
        if client.connection.response(status, content_type) == Ok(ReadyState::Open) {
            seen.push("open".to_owned());
            seen.extend(client.feed(body.as_bytes()).iter().map(|data| format!("message {data}")));
        }
        let end = client.disconnected(0);
        let state = client.connection.ready_state();
        seen.push(match end {
            Ok(wait) => format!("error, {state}, {} ms", wait.as_millis()),
            Err(_) => format!("error, {state}"),
        });
    }
    seen
}

/// `#sse-processing-model`: "if res's status is not 200, or if res's Content-Type is not
/// text/event-stream, then fail the connection".
#[test]
fn request_status_error() {
    for status in [204, 205, 210, 299, 404, 410, 503] {
        let body = if matches!(status, 204 | 205) { "" } else { "data: data\n\n" };
        assert_eq!(seen(&[(status, STREAM, body)]), ["request", "error, CLOSED"], "{status}");
    }
}

/// The same step.
#[test]
fn format_mime_bogus_and_format_mime_valid_bogus() {
    for content_type in ["x bogus", "text/x-bogus"] {
        let response = (200, Some(content_type), "data: data\n\n");
        assert_eq!(seen(&[response]), ["request", "error, CLOSED"], "{content_type}");
    }
}

/// The same step: parameters do not matter, even if there is none after the semicolon.
#[test]
fn format_mime_trailing_semicolon() {
    let response = (200, Some("text/event-stream;"), "data: data\n\n");
    assert_eq!(
        seen(&[response]),
        ["request", "open", "message data", "error, CONNECTING, 3000 ms"]
    );
}

/// `#sse-processing-model`: `Accept`, and the cache mode "no-store", which Fetch sends so.
#[test]
fn request_accept_and_request_cache_control() {
    let headers = Client::new(Policy::platform()).request();
    let expected = [("accept", "text/event-stream"), ("cache-control", "no-cache")];
    assert_eq!(headers, expected.map(owned));
}

/// `#sse-processing-model`, reestablishing the connection, until a status fails it.
#[test]
fn eventsource_close_by_the_server() {
    let responses = [
        stream("retry: 2\ndata: opened\n\n"),
        stream("data: reconnected\n\n"),
        (204, STREAM, "data: closed\n\n"),
    ];
    assert_eq!(
        seen(&responses),
        [
            "request",
            "open",
            "message opened",
            "error, CONNECTING, 2 ms",
            "request",
            "open",
            "message reconnected",
            "error, CONNECTING, 2 ms",
            "request",
            "error, CLOSED",
        ]
    );
}

/// `#dom-eventsource-close` while a request is out: the state is CLOSED, and stays so when the
/// response comes.
#[test]
fn eventsource_request_cancellation() {
    let mut client = Client::new(Policy::platform());
    client.request();
    client.connection.close();
    assert!(client.connection.response(200, STREAM).is_err());
    assert_eq!(client.connection.ready_state(), ReadyState::Closed);
}

/// `#sse-processing-model`, reestablishing the connection: an error event, the reconnection time,
/// and the next request.
#[test]
fn eventsource_reconnect() {
    assert_eq!(
        seen(&[stream("retry: 2\n"), stream("data: data\n\n")])[1..5],
        ["open", "error, CONNECTING, 2 ms", "request", "open"],
        "the first response need not have an event"
    );
    assert_eq!(
        seen(&[stream("retry: 2\ndata: ok\n\n"), stream("data: data\n\n")]),
        [
            "request",
            "open",
            "message ok",
            "error, CONNECTING, 2 ms",
            "request",
            "open",
            "message data",
            "error, CONNECTING, 2 ms",
        ]
    );
}

/// `#sse-processing-model`, reestablishing the connection: the last event ID goes into the header,
/// encoded as UTF-8.
#[test]
fn format_field_id_and_format_field_id_2() {
    let first = stream("id: …\nretry: 200\ndata: hello\n\n");
    let answer = stream("data: …\n\n");
    assert_eq!(
        seen(&[first, answer, answer]),
        [
            "request",
            "open",
            "message hello",
            "error, CONNECTING, 200 ms",
            "request with Last-Event-ID …",
            "open",
            "message …",
            "error, CONNECTING, 200 ms",
            "request with Last-Event-ID …",
            "open",
            "message …",
            "error, CONNECTING, 200 ms",
        ]
    );
}

/// The header of the second request, after this `id` field.
fn last_event_id(id: &str) -> Option<String> {
    let mut client = Client::new(Policy::platform());
    client.open();
    assert_eq!(client.feed(format!("id: {id}\nretry: 200\ndata: hello\n\n").as_bytes()), ["hello"]);
    assert_eq!(client.wait(0), Duration::from_millis(200));
    client.last_event_id_header()
}

/// `#event-stream-interpretation`: an `id` with U+0000 is ignored.
#[test]
fn format_field_id_null() {
    for id in ["\0\0", "x\0", "\0x", "x\0x", " \0"] {
        assert_eq!(last_event_id(id), None, "{id:?}");
    }
}

/// A header value beyond 128 bytes, or with a byte that needs a preflight, is sent all the same.
#[test]
fn eventsource_cross_origin_preflight() {
    for id in ["abc", "e5p3n<3k0k0s", &"a".repeat(255)] {
        assert_eq!(last_event_id(id).as_deref(), Some(id));
    }
}

/// `#event-stream-interpretation`: what no blank line ended is discarded, and its `id` with it.
#[test]
fn format_data_before_final_empty_line() {
    let response = stream("retry:1000\ndata:test1\n\nid:test\ndata:test2\n");
    let each = ["request", "open", "message test1", "error, CONNECTING, 1000 ms"];
    assert_eq!(seen(&[response, response]), [each, each].concat());
}

/// `#event-stream-interpretation`: only ASCII digits set the reconnection time.
#[test]
fn format_field_retry_and_its_bogus_and_empty_forms() {
    for (body, wait) in [
        ("retry:03000\ndata:x\n\n", "3000"),
        ("retry:2000\nretry:1000x\ndata:x\n\n", "2000"),
        ("retry\ndata:test\n\n", "3000"),
    ] {
        let end = format!("error, CONNECTING, {wait} ms");
        assert_eq!(seen(&[stream(body)]).last(), Some(&end), "{body:?}");
    }
}
