//! Prints the events of one response, with ureq: no async, no allocation per event.
//!
//! ```text
//! cargo run -q --bin client_ureq -- http://127.0.0.1:3000/events
//! ```

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;

use sse_proto::client::RequestHeaders;
use sse_proto::{Chunk, Decoder, stream::BodyStream};
use ureq::Agent;

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: client_ureq URL")?;
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.get(url);
    *request.headers_mut().ok_or("this is no URL")? = RequestHeaders::new("").into();
    let (head, body) = request.call()?.into_parts();
    // The check looks at the head alone, so any body will do for it.
    let _ = BodyStream::from_response(http::Response::from_parts(head, String::new()))?;

    let (mut body, mut buffer) = (body.into_reader(), vec![0; 16 * 1024]);
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
                // One event is lost, and the stream continues.
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
