//! From reqwest-eventsource.

pub mod before {
    use futures_util::StreamExt;
    use reqwest_eventsource::{Event, EventSource};

    pub async fn run(url: &str) {
        let mut events = EventSource::get(url);
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Open) => println!("open"),
                Ok(Event::Message(event)) => println!("{}: {}", event.event, event.data),
                Err(error) => eprintln!("{error}"), // it reconnects, or this was the last item
            }
        }
    }
}

pub mod after {
    use sse_proto::client::{Subscription, Update};

    pub async fn run(url: &str) {
        let client = reqwest::Client::new();
        let mut events = Subscription::new(
            |headers| client.get(url).headers(headers).send(),
            tokio::time::sleep,
        );
        while let Some(update) = events.next_update().await {
            match update {
                Update::Opened(_) => println!("open"),
                Update::Event(event) => println!("{}: {}", event.event_type(), event.data()),
                Update::TooLarge(error) => eprintln!("{error}"), // one event is lost
                Update::Interrupted { cause, .. } => eprintln!("{cause}"), // it reconnects
                Update::Closed { cause, .. } => eprintln!("{cause}"), // this is the last item
                _ => {}
            }
        }
    }
}
