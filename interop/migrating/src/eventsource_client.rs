//! From eventsource-client.

pub mod before {
    use eventsource_client::{Client, ClientBuilder, Error, SSE};
    use futures_util::StreamExt;
    use launchdarkly_sdk_transport::HyperTransport;

    pub async fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let transport = HyperTransport::builder().build_http()?;
        let client = ClientBuilder::for_url(url)?.build_with_transport(transport);
        let mut events = client.stream();
        while let Some(event) = events.next().await {
            match event {
                Ok(SSE::Event(event)) => println!("{}: {}", event.event_type, event.data),
                Ok(_) => {}
                Err(Error::Eof) => {} // it reconnects
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

pub mod after {
    use futures_util::TryStreamExt;
    use sse_proto::client::Subscription;

    pub async fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let client = reqwest::Client::new();
        let mut events = Subscription::new(
            |headers| client.get(url).headers(headers).send(),
            tokio::time::sleep,
        );
        while let Some(event) = events.try_next().await? {
            println!("{}: {}", event.event_type(), event.data());
        }
        Ok(())
    }
}
