//! From eventsource-stream.

pub mod before {
    use eventsource_stream::Eventsource;
    use futures_util::TryStreamExt;

    pub async fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let response = reqwest::get(url).await?;
        let mut events = response.bytes_stream().eventsource();
        while let Some(event) = events.try_next().await? {
            println!("{}: {}", event.event, event.data);
        }
        Ok(())
    }
}

pub mod after {
    use futures_util::TryStreamExt;
    use sse_proto::stream::EventStream;

    pub async fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let response = reqwest::get(url).await?;
        let mut events = EventStream::from_response(response)?;
        while let Some(event) = events.try_next().await? {
            println!("{}: {}", event.event_type(), event.data());
        }
        Ok(())
    }
}
