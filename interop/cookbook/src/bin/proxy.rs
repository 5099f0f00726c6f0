//! Reads one stream and sends it on changed: the data in upper case, all else as it was.
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
use futures_util::StreamExt;
use reqwest::Client;
use sse_proto::header::{ACCEPT, EVENT_STREAM, LAST_EVENT_ID, RESPONSE_HEADERS};
use sse_proto::stream::{EventStream, StreamError};
use sse_proto::{EncodeError, EventEncoder, OwnedFrame, encode};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let upstream = arguments.next().unwrap_or("http://127.0.0.1:3000/events".to_owned());
    let address = arguments.next().unwrap_or("127.0.0.1:3001".to_owned());
    let app = Router::new().route("/", get(events)).with_state((Client::new(), upstream));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn events(State((client, url)): State<(Client, String)>, headers: HeaderMap) -> Response {
    let mut request = client.get(url).header(ACCEPT, EVENT_STREAM);
    if let Some(id) = headers.get(LAST_EVENT_ID) {
        request = request.header(LAST_EVENT_ID, id);
    }
    let events = match request.send().await.map(EventStream::from_response) {
        Ok(Ok(events)) => events,
        // A 204 or an error of upstream's is for the client to read.
        Ok(Err(other)) => return other.into_response().map(Body::new),
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let changed = events.into_frames().map(|frame| {
        let mut out = Vec::new();
        match frame {
            Ok(frame) => change(&frame, &mut out).expect("a frame that was read can be written"),
            Err(StreamError::TooLarge(error)) => encode::comment(&error.to_string(), &mut out),
            // This ends the connection unfinished: the client knows that it was cut off.
            Err(StreamError::Transport(error)) => return Err(error),
            Err(_) => {}
        }
        Ok(out)
    });
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(changed)).into_response()
}

fn change(frame: &OwnedFrame, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match frame {
        // The type and the ID are those that the event's own block had.
        OwnedFrame::Event(event) => {
            EventEncoder::from(event).encode(&event.data().to_uppercase(), out)
        }
        other => other.encode(out),
    }
}
