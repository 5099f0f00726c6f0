//! Prints all that one response has, comments too, with hyper, over HTTP/1.1 or HTTP/2.
//!
//! ```text
//! cargo run -q --bin client_hyper -- [--http2] http://127.0.0.1:3000/events
//! ```

use std::error::Error;
use std::process::ExitCode;

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::Empty;
use hyper::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sse_proto::OwnedFrame;
use sse_proto::client::RequestHeaders;
use sse_proto::stream::{EventStream, StreamError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let http2 = arguments.next_if(|argument| argument == "--http2").is_some();
    let url = arguments.next().ok_or("usage: client_hyper [--http2] URL")?;

    let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
    let mut request = Request::get(url).body(Empty::<Bytes>::new())?;
    *request.headers_mut() = RequestHeaders::new("").into();
    let mut frames = EventStream::from_response(client.request(request).await?)?.into_frames();
    while let Some(frame) = frames.next().await {
        match frame {
            Ok(OwnedFrame::Event(event)) => println!("{}: {}", event.event_type(), event.data()),
            Ok(OwnedFrame::Comment(text)) => println!("(comment: {text})"),
            Ok(OwnedFrame::Retry(time)) => println!("(reconnect after {time:?})"),
            Ok(OwnedFrame::Id(id)) => println!("(last event ID: {id:?})"),
            Ok(_) => {}
            // One event is lost, and the stream continues.
            Err(StreamError::TooLarge(error)) => eprintln!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
