//! A room on axum: all who listen hear what one says. Each event is encoded once, for everyone.
//!
//! ```text
//! cargo run -q --bin server_axum -- 127.0.0.1:3000
//! curl -N http://127.0.0.1:3000/events
//! curl -d hello http://127.0.0.1:3000/say
//! ```

use axum::body::{Body, Bytes};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use axum::{Router, extract::State, http::StatusCode};
use futures_util::stream;
use sse_proto::{EventEncoder, header::RESPONSE_HEADERS, stream::KeepAlive};
use tokio::sync::broadcast::{self, Sender};
use tokio::time::{Duration, sleep};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let (room, _) = broadcast::channel(64);
    let app = Router::new().route("/events", get(events)).route("/say", post(say)).with_state(room);
    let listener = tokio::net::TcpListener::bind(address).await?;
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
    // If a client is more than 64 events late, its response ends here, and it connects again.
    let events = stream::unfold(room.subscribe(), async |mut room| {
        Some((Ok::<_, std::io::Error>(room.recv().await.ok()?), room))
    });
    let body = KeepAlive::new(events, Duration::from_secs(15), sleep);
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body))
}
