//! sse-stream on reqwest. It hands out blocks, with the fields that each has: what an event is, and
//! the ID of one that names none, is left to its caller.

use futures_util::{StreamExt, TryStreamExt, future};
use harness::cases::Read;
use sse_stream::SseStream;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    harness::peer::read(|response| {
        let blocks = SseStream::from_bytes_stream(response.bytes_stream().boxed());
        let events = blocks.scan(String::new(), |last_event_id, block| {
            let event = block.map(|block| {
                if let Some(id) = block.id {
                    *last_event_id = id;
                }
                let event_type = block.event.filter(|event_type| !event_type.is_empty());
                let event_type = event_type.unwrap_or_else(|| "message".into());
                Some(Read(event_type, block.data?, last_event_id.clone()))
            });
            future::ready(Some(event))
        });
        events.try_filter_map(future::ok)
    })
    .await;
}
