//! The suite's "HTTP behavior": what a request says, and which response ends the client.

use serde_json::{Value, json};

use super::driver::Service;
use super::stream::StreamServer;

#[tokio::test]
async fn a_request_is_a_get_for_an_event_stream_and_no_cache() {
    let service = Service::start().await;
    let (_server, stream, _client) = service.connect(json!({})).await;
    assert_eq!(stream.request.method, "GET");
    assert_eq!(stream.request.header("accept"), Some("text/event-stream"));
    assert_eq!(stream.request.header("cache-control"), Some("no-cache"));
    assert_eq!(stream.request.header("last-event-id"), None);
}

#[tokio::test]
async fn a_request_has_the_callers_headers_and_last_event_id() {
    let service = Service::start().await;
    let headers = json!({ "header-name-1": "value-1", "header-name-2": "value-2" });
    let settings = json!({ "headers": headers, "lastEventId": "abc" });
    let (_server, stream, _client) = service.connect(settings).await;
    assert_eq!(stream.request.header("header-name-1"), Some("value-1"));
    assert_eq!(stream.request.header("header-name-2"), Some("value-2"));
    assert_eq!(stream.request.header("last-event-id"), Some("abc"));
}

/// The settings of a request with a body, which reconnection needs too.
pub fn with_body(method: &str) -> Value {
    json!({
        "method": method,
        "body": r#"{"hello": "world"}"#,
        "headers": { "content-type": "application/json; charset=utf-8" },
        "initialDelayMs": 0,
    })
}

#[tokio::test]
async fn a_request_may_be_a_post_or_a_report_with_a_body() {
    let service = Service::start().await;
    for method in ["POST", "REPORT"] {
        let (_server, stream, _client) = service.connect(with_body(method)).await;
        assert_eq!(stream.request.method, method);
        assert_eq!(stream.request.body, r#"{"hello": "world"}"#);
        let content_type = stream.request.header("content-type");
        assert_eq!(content_type, Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn a_client_does_not_come_back_after_a_204_or_a_redirect_without_a_location() {
    let service = Service::start().await;
    let at_once = json!({ "initialDelayMs": 0 });
    for status in ["204 No Content", "301 Moved Permanently", "307 Temporary Redirect"] {
        let server = StreamServer::start().await;
        let mut client = service.client(&server.url, at_once.clone()).await;
        server.request().await.refuse(status, None).await;
        client.error().await;
        // Another client, whose stream only ends, comes back meanwhile.
        let (other, stream, _client) = service.connect(at_once.clone()).await;
        stream.end().await;
        other.request().await;
        assert!(server.is_quiet().await, "{status}");
    }
}

#[tokio::test]
async fn a_client_follows_a_redirect() {
    let service = Service::start().await;
    for status in ["301 Moved Permanently", "307 Temporary Redirect"] {
        let [old, new] = [StreamServer::start().await, StreamServer::start().await];
        let mut client = service.client(&old.url, json!({})).await;
        let location = format!("Location: {}", new.url);
        old.request().await.refuse(status, Some(&location)).await;
        new.request().await.open().await.send("data: hello\n\n").await;
        client.event("hello", "").await;
    }
}

#[tokio::test]
async fn a_redirect_in_a_circle_is_an_error() {
    let service = Service::start().await;
    for status in ["301 Moved Permanently", "307 Temporary Redirect"] {
        let server = StreamServer::start().await;
        let mut client = service.client(&server.url, json!({})).await;
        // An empty location is the same URL again.
        let circle = async {
            loop {
                server.request().await.refuse(status, Some("Location:")).await;
            }
        };
        tokio::select! {
            () = client.error() => {}
            () = circle => {}
        }
    }
}
