//! eventsource-stream on reqwest.

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use harness::cases::Read;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    harness::peer::read(|response| {
        let events = response.bytes_stream().eventsource();
        events.map(|event| event.map(|event| Read(event.event, event.data, event.id)))
    })
    .await;
}
