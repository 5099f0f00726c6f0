//! The programs before and after print the same.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use migrating::*;

/// Two events; one more for a client that comes back; then 204.
async fn events(headers: HeaderMap) -> Response {
    let body = match headers.get("last-event-id").map(|id| id.as_bytes()) {
        None => {
            "retry: 10\n\nevent: said\nid: 1\ndata: Hello\n\n: comment\n\ndata: two\ndata: lines\n\n"
        }
        Some(b"1") => "id: 2\ndata: again\n\n",
        Some(_) => return StatusCode::NO_CONTENT.into_response(),
    };
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn serve() -> String {
    let app = Router::new()
        .route("/events", get(events))
        .route("/before", get(axum_sse::before::events))
        .route("/after", get(axum_sse::after::events))
        .route("/html", get(async || ([(CONTENT_TYPE, "text/html")], "data: forged\n\n")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("a port"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

const ONCE: [&str; 2] = ["said: Hello", "message: two\nlines"];

#[tokio::test]
async fn one_response_is_read_as_before() {
    let url = serve().await + "/events";
    eventsource_stream::before::run(&url).await.expect("a stream");
    assert_eq!(printed(), ONCE);
    eventsource_stream::after::run(&url).await.expect("a stream");
    assert_eq!(printed(), ONCE);
    sse_stream::before::run(&url).await.expect("a stream");
    assert_eq!(printed(), ONCE);
}

#[tokio::test]
async fn the_new_programs_do_not_take_a_page_for_a_stream() {
    let url = serve().await + "/html";
    eventsource_stream::before::run(&url).await.expect("it does not look");
    assert_eq!(printed(), ["message: forged"]);
    let error = eventsource_stream::after::run(&url).await.expect_err("it is a page");
    let expected = "the server answered 200 OK with text/html instead of text/event-stream";
    assert_eq!((error.to_string().as_str(), printed().is_empty()), (expected, true));
}

#[tokio::test]
async fn a_client_that_reconnects_gets_the_same_events() {
    let url = serve().await + "/events";
    let all = ["open", "said: Hello", "message: two\nlines", "open", "message: again"];
    reqwest_eventsource::before::run(&url).await;
    assert_eq!(printed(), all);
    reqwest_eventsource::after::run(&url).await;
    assert_eq!(printed(), all);
    let events = ["said: Hello", "message: two\nlines", "message: again"];
    eventsource_client::after::run(&url).await.expect("204 is no error");
    assert_eq!(printed(), events);
    // This one takes a 204 for a stream that ends at once, so it never stops by itself.
    let limit = std::time::Duration::from_secs(1);
    let ended = tokio::time::timeout(limit, eventsource_client::before::run(&url)).await;
    let seen = printed();
    assert!(ended.is_err() && seen == events, "{ended:?}, {seen:?}");
}

#[tokio::test]
async fn a_response_has_the_same_events() {
    let base = serve().await;
    for path in ["/before", "/after"] {
        eventsource_stream::after::run(&(base.clone() + path)).await.expect("a stream");
        assert_eq!(printed(), ["said: Hello", "said: two\nlines"], "{path}");
    }
    let encoded = sse_stream::after::encode("Hello").expect("it can be written");
    assert_eq!(encoded, "id: 7\nevent: token\ndata: Hello\n\n");
    let before = sse_stream::before::encode("Hello").expect("it can be written");
    assert_eq!(before, "event: token\ndata: Hello\nid: 7\n\n");
}
