//! Prints the events of a stream for as long as the server has any, with reqwest: it
//! reconnects, and asks for what it missed.
//!
//! ```text
//! cargo run -q --bin subscriber_reqwest -- http://127.0.0.1:3000/events
//! ```

use std::error::Error;

use futures_util::StreamExt;
use reqwest::Client;
use sse_proto::client::Subscription;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: subscriber_reqwest URL")?;
    let client = Client::new();
    let mut events =
        Subscription::new(|headers| client.get(&url).headers(headers).send(), tokio::time::sleep);
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => println!("{}: {}", event.event_type(), event.data()),
            // One event was too large; or this is the last item, and says why.
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}
