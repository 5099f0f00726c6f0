//! A room on axum: what one says, all hear. Each event is encoded once, for everyone.
//!
//! ```text
//! cargo run -q --bin server_axum -- 127.0.0.1:3000
//! curl -N http://127.0.0.1:3000/events
//! curl -d hello http://127.0.0.1:3000/say
//! ```

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::{Stream, stream};
use sse_proto::header::RESPONSE_HEADERS;
use sse_proto::{EventEncoder, encode};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};
use tokio::time::timeout;

/// After a silence of this length a comment keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let (room, _) = broadcast::channel(64);
    let app = Router::new().route("/events", get(events)).route("/say", post(say)).with_state(room);
    let listener = TcpListener::bind(address).await?;
    println!("http://{}/events", listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn say(State(room): State<Sender<Bytes>>, text: String) -> StatusCode {
    let event = EventEncoder::new().event_type("said").to_bytes(&text);
    // An error only says that nobody listens.
    let _ = room.send(event.expect("the type is one line"));
    StatusCode::NO_CONTENT
}

async fn events(State(room): State<Sender<Bytes>>) -> impl IntoResponse {
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(listen(room.subscribe())))
}

fn listen(room: Receiver<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(room, async |mut room| {
        let bytes = match timeout(KEEP_ALIVE, room.recv()).await {
            Ok(Ok(event)) => event,
            Ok(Err(RecvError::Lagged(missed))) => comment(&format!("too slow: {missed} missed")),
            Ok(Err(RecvError::Closed)) => return None,
            Err(_) => comment("keep-alive"),
        };
        Some((Ok(bytes), room))
    })
}

fn comment(text: &str) -> Bytes {
    let mut out = Vec::new();
    encode::comment(text, &mut out);
    out.into()
}
