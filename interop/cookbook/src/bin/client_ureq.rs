//! Prints the events of a stream, with ureq: no async, no allocation per event.
//!
//! ```text
//! cargo run -q --bin client_ureq -- http://127.0.0.1:3000/events
//! ```

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;

use cookbook::expect_event_stream;
use sse_proto::header::REQUEST_HEADERS;
use sse_proto::{Chunk, Decoder};
use ureq::Agent;

fn main() -> ExitCode {
    cookbook::exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: client_ureq URL")?;

    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.get(url);
    for &(name, value) in REQUEST_HEADERS {
        request = request.header(name, value);
    }
    let response = request.call()?;
    let checked = expect_event_stream(response.status(), response.headers());
    let mut body = response.into_body().into_reader();
    let mut buffer = vec![0; 16 * 1024];
    if let Err(instead) = checked {
        let length = body.read(&mut buffer)?;
        return Err(instead.with_body(&buffer[..length]).into());
    }

    let mut decoder = Decoder::new();
    loop {
        let length = body.read(&mut buffer)?;
        if length == 0 {
            eprintln!("the stream ended; last event ID: {:?}", decoder.last_event_id());
            return Ok(());
        }
        let mut chunk = Chunk::new(&buffer[..length]);
        loop {
            match decoder.next_event(&mut chunk) {
                Ok(Some(event)) => println!("{}: {}", event.event_type(), event.data()),
                Ok(None) => break,
                // One event is lost, and the stream goes on.
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
