//! sse-stream on axum.

use harness::cases::Case;
use harness::peer;
use harness::server::event_stream;
use sse_stream::Sse;

#[tokio::main]
async fn main() {
    peer::write(|cases| event_stream(cases.iter().flat_map(encode).collect::<Vec<_>>())).await;
}

fn encode(case: &Case) -> Vec<u8> {
    let Case { event_type, data, id, retry, .. } = case.clone();
    let block = Sse { event: event_type, data, id, retry };
    block.encode().expect("cases hold only what an event can hold").into()
}
