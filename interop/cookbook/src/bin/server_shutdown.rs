//! A server on axum that shuts down although clients listen: on Ctrl-C or SIGTERM each
//! response comes to an orderly end, between two events, and then the program ends.
//!
//! ```text
//! cargo run -q --bin server_shutdown -- 127.0.0.1:3000
//! curl -N http://127.0.0.1:3000/events
//! ```
//!
//! `with_graceful_shutdown` alone would never return, because an event stream has no end.
//! A client whose response has ended reconnects, and finds the server that runs by then.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use futures_util::{Stream, StreamExt, stream};
use sse_proto::{EventEncoder, header::RESPONSE_HEADERS, stream::KeepAlive};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch::{self, Receiver};
use tokio::time::{Duration, sleep};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let mut terminate = signal(SignalKind::terminate())?;
    let (running, stop) = watch::channel(());
    let app = Router::new().route("/events", get(events)).with_state(stop);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/events", listener.local_addr()?);
    let stopped = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        drop(running); // every response notices
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await
}

async fn events(State(mut stop): State<Receiver<()>>) -> impl IntoResponse {
    // Nothing is ever sent in this channel, so it changes when its sender is dropped.
    let stopped = async move { stop.changed().await };
    let events = ticks().take_until(Box::pin(stopped));
    let body = KeepAlive::new(events, Duration::from_secs(15), sleep);
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body))
}

fn ticks() -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::unfold(0, async |tick: u64| {
        sleep(Duration::from_secs(1)).await;
        let event = EventEncoder::new().to_bytes(&tick.to_string());
        Some((Ok(event.expect("an event without type and ID can be written")), tick + 1))
    })
}
