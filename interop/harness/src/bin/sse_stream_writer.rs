//! sse-stream on axum.

use harness::cases::Case;
use sse_stream::Sse;

#[tokio::main]
async fn main() {
    harness::peer::write(encode).await;
}

fn encode(case: &Case) -> Vec<u8> {
    let Case { event_type, data, id, retry, .. } = case.clone();
    let block = Sse { event: event_type, data, id, retry };
    block.encode().expect("cases hold only what an event can hold").into()
}
