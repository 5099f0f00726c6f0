//! Responses that are event streams, and responses that are refused and given back.

use std::error::Error;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use http::Response;
use sse_proto::client::CloseReason;
use sse_proto::stream::{BodyStream, EventStream, StreamError, UnexpectedResponse};
use sse_proto::{BytesDecoder, OwnedEvent};

use super::fake::{BodyError, FakeBody, Step, chunk};

fn response(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<FakeBody> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, value.as_bytes());
    }
    response.body(FakeBody::new([chunk(body)])).unwrap()
}

const STREAM: (&str, &str) = ("content-type", "text/event-stream");

fn all<S: StreamExt>(stream: S) -> Vec<S::Item> {
    stream.collect().now_or_never().expect("it never waits")
}

/// Reads the whole body, as a client does after an error.
fn read(response: Response<FakeBody>) -> String {
    let chunks = all(BodyStream::new(response.into_body()));
    let bytes: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_good_response_is_a_stream_of_its_events() {
    for headers in [
        &[STREAM][..],
        &[("content-type", "Text/Event-Stream; charset=utf-8")],
        &[("content-type", "text/html"), STREAM],
        &[STREAM, ("content-encoding", "identity")],
        &[STREAM, ("content-encoding", "")],
    ] {
        let response = response(200, headers, "data: 1\n\ndata: 2\n\n");
        let events = all(EventStream::from_response(response).unwrap());
        let data = |event: &Result<OwnedEvent, _>| event.as_ref().unwrap().data().to_owned();
        assert_eq!(events.iter().map(data).collect::<Vec<_>>(), ["1", "2"], "{headers:?}");
    }
}

/// Each with its text, its reason and its body.
#[test]
fn any_other_response_comes_back_whole() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
    const GZIP: (&str, &str) = ("content-encoding", "gzip");
    for (status, headers, reason, text) in [
        (
            401,
            &[JSON][..],
            CloseReason::Status(401),
            "the server answered 401 Unauthorized with application/json \
             instead of text/event-stream",
        ),
        (
            200,
            &[JSON],
            CloseReason::ContentType,
            "the server answered 200 OK with application/json instead of text/event-stream",
        ),
        (
            200,
            &[STREAM, HTML],
            CloseReason::ContentType,
            "the server answered 200 OK with text/html; charset=utf-8 instead of text/event-stream",
        ),
        (
            200,
            &[],
            CloseReason::ContentType,
            "the server answered 200 OK without a Content-Type instead of text/event-stream",
        ),
        (
            200,
            &[STREAM, GZIP],
            CloseReason::ContentCoding,
            "the server answered 200 OK with text/event-stream, compressed with gzip",
        ),
        (
            502,
            &[HTML, ("content-encoding", "identity"), ("content-encoding", "br")],
            CloseReason::Status(502),
            "the server answered 502 Bad Gateway with text/html; charset=utf-8 instead of \
             text/event-stream, compressed with br",
        ),
        (
            503,
            &[STREAM],
            CloseReason::Status(503),
            "the server answered 503 Service Unavailable with text/event-stream",
        ),
        (204, &[], CloseReason::NoContent, "the server answered 204 No Content"),
    ] {
        let error = EventStream::from_response(response(status, headers, "why")).unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.reason(), reason);
        assert_eq!(error.response().status().as_u16(), status);
        assert_eq!(read(error.into_response()), "why");
    }
}

#[test]
fn a_missing_content_type_is_good_on_request() {
    let untyped =
        |headers| BodyStream::from_untyped_response(response(200, headers, "data: 1\n\n"));
    assert_eq!(all(EventStream::new(untyped(&[]).unwrap())).len(), 1);
    assert_eq!(all(EventStream::new(untyped(&[STREAM]).unwrap())).len(), 1);
    let json = untyped(&[("content-type", "application/json")]).unwrap_err();
    assert_eq!(json.reason(), CloseReason::ContentType);
    let gzip = untyped(&[("content-encoding", "gzip")]).unwrap_err();
    assert_eq!(gzip.reason(), CloseReason::ContentCoding);
}

#[test]
fn a_body_that_fails_gives_what_was_complete_first() {
    let steps = ["id: 1\ndata: 1\n\nda", "ta: 2\n\ndata: 3\n"].map(chunk);
    let body = FakeBody::new(steps.into_iter().chain([Step::Fail("reset")]));
    let mut events = EventStream::new(BodyStream::new(body));
    let next = |events: &mut EventStream<_>| events.next().now_or_never().unwrap();
    assert_eq!(next(&mut events).unwrap().unwrap().data(), "1");
    assert_eq!(next(&mut events).unwrap().unwrap().data(), "2");
    assert_eq!(next(&mut events), Some(Err(StreamError::Transport(BodyError("reset")))));
    assert_eq!(next(&mut events), None);
    assert_eq!((events.last_event_id(), events.is_mid_event()), ("1", true));
}

#[test]
fn trailers_are_passed_over() {
    let body = FakeBody::new([chunk("data: 1\n"), Step::Trailers, chunk("\n"), Step::Trailers]);
    assert_eq!(all(EventStream::new(BodyStream::new(body))).len(), 1);
}

#[test]
fn a_decoder_of_your_own_reads_a_response_too() {
    let body = BodyStream::from_response(response(200, &[STREAM], "data: 1\n\n")).unwrap();
    let decoder = BytesDecoder::builder().max_event_size(3).build();
    let events = all(EventStream::with_decoder(body, decoder));
    assert!(matches!(events[..], [Err(StreamError::TooLarge(_))]));
}

/// A response of an HTTP client such as reqwest, which becomes one of `http`.
struct Converts(Response<FakeBody>);

impl From<Converts> for Response<FakeBody> {
    fn from(response: Converts) -> Self {
        response.0
    }
}

#[test]
fn the_response_of_an_http_client_is_taken() {
    async fn run(status: u16) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let response = Converts(response(status, &[STREAM], "data: 1\n\n"));
        let events: Vec<_> = EventStream::from_response(response)?.try_collect().await?;
        Ok(events.len())
    }
    assert_eq!(run(200).now_or_never().unwrap().unwrap(), 1);
    let error = run(500).now_or_never().unwrap().unwrap_err();
    assert!(error.downcast_ref::<UnexpectedResponse<FakeBody>>().is_some());
    assert!(format!("{error:?}").contains("500"), "{error:?}");
}
