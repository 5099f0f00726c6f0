//! From sse-stream.

pub mod before {
    use futures_util::TryStreamExt;
    use sse_stream::SseByteStream;

    pub async fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let response = reqwest::get(url).await?;
        let mut blocks = SseByteStream::new(response.bytes_stream());
        while let Some(block) = blocks.try_next().await? {
            if let Some(data) = &block.data {
                println!("{}: {data}", block.event.as_deref().unwrap_or("message"));
            }
        }
        Ok(())
    }

    pub fn encode(data: &str) -> Result<bytes::Bytes, sse_stream::EncodeError> {
        sse_stream::Sse::default().event("token").id("7").data(data).encode()
    }
}

/// A response is read as in `eventsource_stream`.
pub mod after {
    pub fn encode(data: &str) -> Result<bytes::Bytes, sse_proto::EncodeError> {
        sse_proto::EventEncoder::new().event_type("token").id("7").to_bytes(data)
    }
}
