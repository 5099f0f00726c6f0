//! The same service on axum's own `Sse` and tokio's `broadcast`: POST, streams of one user's
//! and everyone's events, IDs, tokens, keep-alives. It keeps nothing, so a client that comes
//! back has missed what came meanwhile.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use axum::{Json, Router, serve::ListenerExt};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Sender, error::RecvError};

/// How many events a client may be late. Beyond it a client would lose some.
const CAPACITY: usize = 4096;

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "type")]
    event_type: String,
    message: String,
    user: Option<String>,
}

#[derive(Clone)]
struct App {
    users: Arc<HashMap<&'static str, &'static str>>,
    events: Sender<Arc<(u64, Notification)>>,
    count: Arc<AtomicU64>,
}

pub async fn serve(port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let app = App {
        users: Arc::new(HashMap::from([("ada-token", "ada"), ("bob-token", "bob")])),
        events: broadcast::channel(CAPACITY).0,
        count: Arc::default(),
    };
    let router = Router::new().route("/api/notifications", get(listen).post(publish));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
    Ok(axum::serve(listener, router.with_state(app)).await?)
}

impl App {
    fn user(&self, query: &HashMap<String, String>) -> Result<&'static str, StatusCode> {
        let token = query.get("token").ok_or(StatusCode::UNAUTHORIZED)?;
        self.users.get(&**token).copied().ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn listen(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let user = app.user(&query)?;
    let events = stream::unfold(app.events.subscribe(), move |mut events| async move {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return None,
            };
            let (id, notification) = &*event;
            if notification.user.as_deref().is_none_or(|name| name == user) {
                let event = Event::default().id(id.to_string()).event(&notification.event_type);
                return Some((Ok(event.data(&notification.message)), events));
            }
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

async fn publish(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
    Json(notification): Json<Notification>,
) -> Result<(StatusCode, Json<HashMap<&'static str, u64>>), StatusCode> {
    app.user(&query)?;
    let id = app.count.fetch_add(1, Ordering::Relaxed);
    _ = app.events.send(Arc::new((id, notification)));
    Ok((StatusCode::CREATED, Json(HashMap::from([("id", id)]))))
}
