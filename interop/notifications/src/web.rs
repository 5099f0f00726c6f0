//! The requests: who may do what, and what each is answered.

use std::{collections::HashMap, sync::Arc, sync::Mutex, time::Duration};

use axum::extract::{DefaultBodyLimit, FromRequestParts, Query, State};
use axum::http::{StatusCode, header::AUTHORIZATION, request::Parts};
use axum::response::{AppendHeaders, Html, IntoResponse, Result};
use axum::{Json, Router, body::Body, routing::get};
use futures_util::StreamExt;
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, RESPONSE_HEADERS, accepts_event_stream};
use tokio::sync::watch::Sender;
use tokio_util::sync::CancellationToken;

use crate::feed::{Feed, Notification, events};
use crate::{log::Log, redis::Redis};

pub struct App {
    /// The name of the user that a token belongs to.
    pub users: HashMap<String, String>,
    pub keep_alive: Duration,
    pub feed: Sender<Feed>,
    pub store: Store,
    /// Every stream is to end when this is cancelled.
    pub ending: CancellationToken,
}

pub enum Store {
    Log(Mutex<Log>),
    Redis(Redis),
}

type Shared = State<Arc<App>>;

pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/api/notifications", get(listen).post(publish))
        .layer(DefaultBodyLimit::max(64 << 10))
        .with_state(Arc::new(app))
}

/// The user whose token comes with the request.
struct User(String);

impl FromRequestParts<Arc<App>> for User {
    type Rejection = (StatusCode, [(&'static str, &'static str); 1], &'static str);

    async fn from_request_parts(sent: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let token = match sent.headers.get(AUTHORIZATION).map(|header| header.to_str()) {
            Some(header) => header.unwrap_or_default().strip_prefix("Bearer ").map(String::from),
            None => argument(sent, "token"),
        };
        let user = token.and_then(|token| app.users.get(&token).cloned());
        let text = "A valid token is needed: `Authorization: Bearer TOKEN` or `?token=TOKEN`.\n";
        user.map(User).ok_or((StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")], text))
    }
}

/// An argument of the query, for `EventSource`, which cannot send headers. A header comes before
/// it: a browser sends it when it comes back to the same address.
fn argument(sent: &Parts, name: &str) -> Option<String> {
    Query::<HashMap<String, String>>::try_from_uri(&sent.uri).ok()?.0.remove(name)
}

async fn listen(app: Shared, User(user): User, sent: Parts) -> Result<impl IntoResponse> {
    let is_accepted = accepts_event_stream(sent.headers.get_all(ACCEPT));
    let text = "This is an event stream, which your Accept header does not allow.\n";
    is_accepted.then_some(()).ok_or((StatusCode::NOT_ACCEPTABLE, text))?;
    let feed = app.feed.subscribe();
    let id = sent.headers.get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()));
    let id = id.map(String::from).or_else(|| argument(&sent, "last_event_id"));
    let newest = || feed.borrow().buffer.last_event_id();
    let place = id.filter(|id| !id.is_empty()).unwrap_or_else(newest);
    let events = events(user, place, app.keep_alive, feed);
    let body = Body::from_stream(events.take_until(app.ending.clone().cancelled_owned()));
    Ok((AppendHeaders(RESPONSE_HEADERS.iter().copied()), body))
}

async fn publish(app: Shared, _: User, event: Json<Notification>) -> Result<impl IntoResponse> {
    let is_reserved = ["", "gone", "reset"].contains(&&*event.event_type);
    let is_type = !is_reserved && !event.event_type.contains(['\r', '\n']);
    let text = "The type is one line, and not empty, `gone` or `reset`, which the server says.\n";
    is_type.then_some(()).ok_or((StatusCode::BAD_REQUEST, text))?;
    let is_known = event.user.iter().all(|user| app.users.values().any(|name| name == user));
    is_known.then_some(()).ok_or((StatusCode::NOT_FOUND, "There is no user of this name.\n"))?;
    let stored = match &app.store {
        Store::Log(log) => log.lock().expect("nobody panics inside").append(&event, &app.feed),
        Store::Redis(redis) => redis.add(&event).await,
    };
    let id = stored.map_err(|error| {
        eprintln!("not stored: {error:#}");
        let text = "The notification could not be stored now. Send it again later.\n";
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")], text)
    })?;
    Ok((StatusCode::CREATED, Json(HashMap::from([("id", id)]))))
}
