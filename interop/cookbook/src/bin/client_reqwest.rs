//! Prints the events of a stream, with reqwest.
//!
//! ```text
//! cargo run -q --bin client_reqwest -- http://127.0.0.1:3000/events [LAST-EVENT-ID]
//! ```

use std::error::Error;
use std::process::ExitCode;

use cookbook::expect_event_stream;
use futures_util::StreamExt;
use reqwest::Client;
use reqwest::header::HeaderValue;
use sse_proto::header::{LAST_EVENT_ID, REQUEST_HEADERS};
use sse_proto::stream::{EventStream, StreamError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cookbook::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: client_reqwest URL [LAST-EVENT-ID]")?;

    let mut request = Client::new().get(url);
    for &(name, value) in REQUEST_HEADERS {
        request = request.header(name, value);
    }
    if let Some(id) = arguments.next() {
        // An ID is any text, and travels as UTF-8.
        request = request.header(LAST_EVENT_ID, HeaderValue::from_bytes(id.as_bytes())?);
    }
    let mut response = request.send().await?;
    if let Err(instead) = expect_event_stream(response.status(), response.headers()) {
        return Err(instead.with_body(&response.chunk().await?.unwrap_or_default()).into());
    }

    let mut events = EventStream::new(response.bytes_stream());
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => println!("{}: {}", event.event_type(), event.data()),
            // One event is lost, and the stream goes on.
            Err(StreamError::TooLarge(error)) => eprintln!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    eprintln!("the stream ended; last event ID: {:?}", events.last_event_id());
    Ok(())
}
