//! Reads one stream and re-emits it changed: the data in upper case, all else as it was.
//!
//! ```text
//! cargo run -q --bin server_hyper -- 127.0.0.1:3000
//! cargo run -q --bin proxy -- http://127.0.0.1:3000/events 127.0.0.1:3001
//! curl -N http://127.0.0.1:3001/
//! ```
//!
//! It reads as fast as its client does. Comments pass, so upstream's keep-alives do.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use cookbook::expect_event_stream;
use futures_util::StreamExt;
use reqwest::Client;
use sse_proto::header::RESPONSE_HEADERS;
use sse_proto::stream::{EventStream, StreamError};
use sse_proto::{EncodeError, EventEncoder, OwnedFrame, encode};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let upstream = arguments.next().unwrap_or("http://127.0.0.1:3000/events".to_owned());
    let address = arguments.next().unwrap_or("127.0.0.1:3001".to_owned());

    let app = Router::new().route("/", get(events)).with_state((Client::new(), upstream));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn events(
    State((client, upstream)): State<(Client, String)>,
    headers: HeaderMap,
) -> Response {
    let mut request = client.get(upstream).header("accept", "text/event-stream");
    if let Some(id) = headers.get("last-event-id") {
        request = request.header("last-event-id", id);
    }
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    if response.status() == StatusCode::NO_CONTENT {
        return StatusCode::NO_CONTENT.into_response(); // upstream asks not to come back
    }
    if let Err(instead) = expect_event_stream(response.status(), response.headers()) {
        return (StatusCode::BAD_GATEWAY, instead.to_string()).into_response();
    }

    let frames = EventStream::new(response.bytes_stream()).into_frames();
    let changed = frames.map(|frame| match frame {
        Ok(frame) => Ok(change(&frame).expect("what was one line when read is one line")),
        Err(StreamError::TooLarge(error)) => Ok(comment(&error.to_string())),
        // Ends the connection unfinished: the client knows that it was cut off.
        Err(error) => Err(error),
    });
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(changed)).into_response()
}

fn change(frame: &OwnedFrame) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    match frame {
        // The type and the ID that the event itself named.
        OwnedFrame::Event(event) => {
            EventEncoder::from(event).encode(&event.data().to_uppercase(), &mut out)?;
        }
        other => other.encode(&mut out)?,
    }
    Ok(out)
}

fn comment(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encode::comment(text, &mut out);
    out
}
