//! The requests: who may do what, and what each is answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, State, rejection::JsonRejection};
use axum::http::header::{AUTHORIZATION, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Result};
use axum::{Json, Router, routing::get};
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, RESPONSE_HEADERS, accepts_event_stream};
use tokio::{sync::watch::Sender, time::Instant};

use crate::feed::{Client, Feed, Notification};
use crate::{log::Log, redis::Redis};

pub struct App {
    /// The name of the user that a token belongs to.
    pub users: HashMap<String, String>,
    pub keep_alive: Duration,
    pub feed: Sender<Feed>,
    pub store: Store,
}

pub enum Store {
    Log(Mutex<Log>),
    Redis(Redis),
}

type Arguments = Query<HashMap<String, String>>;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/api/notifications", get(listen).post(publish))
        .layer(DefaultBodyLimit::max(64 << 10))
        .with_state(Arc::new(app))
}

const UNAUTHORIZED: (StatusCode, [(HeaderName, &str); 1], &str) = (
    StatusCode::UNAUTHORIZED,
    [(WWW_AUTHENTICATE, "Bearer")],
    "A token is missing or wrong: send `Authorization: Bearer TOKEN` or `?token=TOKEN`.\n",
);

impl App {
    /// The user whose token is in the header or, for `EventSource`, in the query.
    fn user(&self, headers: &HeaderMap, query: &Arguments) -> Option<String> {
        let token = match headers.get(AUTHORIZATION) {
            Some(header) => header.to_str().ok()?.strip_prefix("Bearer ")?,
            None => query.get("token")?,
        };
        self.users.get(token).cloned()
    }
}

async fn listen(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    query: Arguments,
) -> Result<impl IntoResponse> {
    let user = app.user(&headers, &query).ok_or(UNAUTHORIZED)?;
    if !accepts_event_stream(headers.get_all(ACCEPT)) {
        let text = "This is an event stream, which your Accept header does not allow.\n";
        return Err((StatusCode::NOT_ACCEPTABLE, text).into());
    }
    // The header is newer: a browser sends it when it comes back to the same address.
    let header = headers.get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()).into());
    let place = header.or(query.get("last_event_id").cloned()).unwrap_or_default();
    let client = Client { user, place, joined: Instant::now() };
    let stream = client.stream(app.keep_alive, app.feed.subscribe());
    Ok((AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(stream)))
}

async fn publish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    query: Arguments,
    body: Result<Json<Notification>, JsonRejection>,
) -> Result<impl IntoResponse> {
    app.user(&headers, &query).ok_or(UNAUTHORIZED)?;
    let Json(event) = body?;
    let is_reserved = matches!(&*event.event_type, "" | "gone" | "reset");
    if is_reserved || event.event_type.contains(['\r', '\n']) {
        let text =
            "The type is one line, and not empty, `gone` or `reset`, which the server says.\n";
        return Err((StatusCode::BAD_REQUEST, text).into());
    }
    if event.user.is_some() && !app.users.values().any(|name| event.user.as_ref() == Some(name)) {
        return Err((StatusCode::NOT_FOUND, "There is no user of this name.\n").into());
    }
    let stored = match &app.store {
        Store::Log(log) => log.lock().expect("nobody panics inside").append(&event, &app.feed),
        Store::Redis(redis) => redis.add(&event).await,
    };
    let id = stored.map_err(|error| {
        eprintln!("not stored: {error}");
        let text = "The notification could not be stored now. Send it again later.\n";
        (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], text)
    })?;
    Ok((StatusCode::CREATED, Json(HashMap::from([("id", id)]))))
}
