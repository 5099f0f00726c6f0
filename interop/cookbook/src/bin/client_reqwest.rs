//! Prints the events of a stream for as long as the server has any, with reqwest: it
//! reconnects, and asks for what it missed.
//!
//! ```text
//! cargo run -q --bin client_reqwest -- http://127.0.0.1:3000/events [LAST-EVENT-ID]
//! ```

use futures_util::StreamExt;
use sse_proto::client::{CloseReason, SubscriptionBuilder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: client_reqwest URL [LAST-EVENT-ID]")?;
    let client = reqwest::Client::new();
    let mut events = SubscriptionBuilder::new()
        .last_event_id(arguments.next().unwrap_or_default())
        .build(|headers| client.get(&url).headers(headers).send(), tokio::time::sleep);
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => println!("{}: {}", event.event_type(), event.data()),
            // One event was too large. Or this is the last item, and says why.
            Err(error) => eprintln!("{error}"),
        }
    }
    // With 204 a server says that there is no more, which is no failure.
    if events.close_reason() != Some(CloseReason::NoContent) {
        std::process::exit(1);
    }
    Ok(())
}
