//! The suite's "reconnection": when a client comes back, and what it knows then.

use serde_json::json;

use super::driver::Service;
use super::http::with_body;

#[tokio::test]
async fn a_caller_can_restart_the_connection() {
    let service = Service::start().await;
    // It does not wait for this long.
    let (server, mut stream, mut client) =
        service.connect(json!({ "initialDelayMs": 3_600_000 })).await;
    stream.send("data: Hello\n\n").await;
    client.event("Hello", "").await;
    client.restart().await;
    let mut again = server.request().await.open().await;
    stream.closed().await;
    again.send("data: Thanks\n\n").await;
    client.event("Thanks", "").await;
}

#[tokio::test]
async fn a_client_comes_back_with_the_id_of_the_last_event_that_had_one() {
    let service = Service::start().await;
    let (server, mut stream, mut client) = service.connect(json!({ "initialDelayMs": 0 })).await;
    stream.send("id: abc\ndata: Hello\n\n").await;
    client.event("Hello", "abc").await;
    stream.end().await;
    let request = server.request().await;
    assert_eq!(request.header("last-event-id"), Some("abc"));
    client.error().await;

    let mut stream = request.open().await;
    stream.send("data: World\n\n").await;
    client.event("World", "abc").await;
    stream.send("id: def\ndata: once more\n\n").await;
    client.event("once more", "def").await;
    stream.send("data: and again\n\n").await;
    client.event("and again", "def").await;
    drop(stream);
    assert_eq!(server.request().await.header("last-event-id"), Some("def"));
    client.error().await;
}

#[tokio::test]
async fn an_empty_id_takes_the_last_one_back() {
    let service = Service::start().await;
    let (server, mut stream, mut client) = service.connect(json!({ "initialDelayMs": 0 })).await;
    stream.send("id: abc\ndata: Hello\n\n").await;
    stream.send("id: \ndata: World\n\n").await;
    client.event("Hello", "abc").await;
    client.event("World", "").await;
    stream.end().await;
    assert_eq!(server.request().await.header("last-event-id"), None);
}

#[tokio::test]
async fn a_request_with_a_body_is_sent_again_with_it() {
    let service = Service::start().await;
    let (server, stream, _client) = service.connect(with_body("POST")).await;
    stream.end().await;
    let request = server.request().await;
    assert_eq!(request.method, "POST");
    assert_eq!(request.body, r#"{"hello": "world"}"#);
}

#[tokio::test]
async fn a_client_leaves_a_connection_that_is_silent_for_too_long() {
    let service = Service::start().await;
    let settings = json!({ "initialDelayMs": 0, "readTimeoutMs": 500 });
    let (server, mut stream, mut client) = service.connect(settings).await;
    stream.send("data: Hello\n\n").await;
    client.event("Hello", "").await;
    client.error().await;
    server.request().await;
    stream.closed().await;
}

#[tokio::test]
async fn an_unfinished_event_is_discarded_when_the_connection_breaks() {
    let service = Service::start().await;
    let (server, mut stream, mut client) = service.connect(json!({ "initialDelayMs": 0 })).await;
    stream.send("id: abc\ndata: Hello\n\nid: def\ndata: Goodbye").await;
    client.event("Hello", "abc").await;
    drop(stream);
    let request = server.request().await;
    assert_eq!(request.header("last-event-id"), Some("abc"));
    client.error().await;
    request.open().await.send("data: We meet again\n\n").await;
    client.event("We meet again", "abc").await;
}
