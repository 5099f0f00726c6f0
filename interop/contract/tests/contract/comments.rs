//! The suite's "comments": a comment is reported when its line ends.

use serde_json::json;

use super::driver::Service;

#[tokio::test]
async fn a_comment_is_reported_before_its_block_ends() {
    let service = Service::start().await;
    let (_server, mut stream, mut client) = service.connect(json!({})).await;
    stream.send(":Hello\n").await;
    client.comment("Hello").await;
    stream.send(":World\n").await;
    client.comment("World").await;
}

#[tokio::test]
async fn comments_and_events_are_reported_in_their_order() {
    let service = Service::start().await;
    let (_server, mut stream, mut client) = service.connect(json!({})).await;
    stream.send(":before\n").await;
    stream.send("data: Hello\n\n").await;
    stream.send(":after\n").await;
    client.comment("before").await;
    client.event("Hello", "").await;
    client.comment("after").await;
}
