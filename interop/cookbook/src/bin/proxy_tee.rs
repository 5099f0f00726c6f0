//! Sends a stream on untouched, chunk by chunk, and reads the same bytes: it prints each
//! event to standard error.
//!
//! ```text
//! cargo run -q --bin server_hyper -- 127.0.0.1:3000
//! cargo run -q --bin proxy_tee -- http://127.0.0.1:3000/events 127.0.0.1:3001
//! curl -N http://127.0.0.1:3001/
//! ```
//!
//! The bytes do not wait for the end of an event, and an event that is too large for the
//! decoder passes all the same.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use futures_util::TryStreamExt;
use reqwest::Client;
use sse_proto::header::{ACCEPT, EVENT_STREAM, LAST_EVENT_ID, RESPONSE_HEADERS};
use sse_proto::stream::BodyStream;
use sse_proto::{Chunk, Decoder};

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
    let body = match request.send().await.map(BodyStream::from_response) {
        Ok(Ok(body)) => body,
        // A 204 or an error of upstream's is for the client to read.
        Ok(Err(other)) => return other.into_response().map(Body::new),
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let mut decoder = Decoder::new();
    let body = body.inspect_ok(move |bytes| watch(&mut decoder, bytes));
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body)).into_response()
}

fn watch(decoder: &mut Decoder, bytes: &[u8]) {
    let mut chunk = Chunk::new(bytes);
    loop {
        match decoder.next_event(&mut chunk) {
            Ok(Some(event)) => eprintln!("{}: {}", event.event_type(), event.data()),
            Ok(None) => return,
            Err(error) => eprintln!("{error}"),
        }
    }
}
