//! The requests: who may do what, and what each is answered.

use std::{collections::HashMap, sync::Arc, sync::Mutex, time::Duration};

use axum::extract::{DefaultBodyLimit, FromRequestParts, Query, State};
use axum::http::{StatusCode, request::Parts};
use axum::response::{AppendHeaders, Html, IntoResponse, Result};
use axum::{Json, Router, body::Body, routing::get};
use futures_util::{StreamExt, stream};
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
    /// Every stream is to end when this is cancelled.
    pub ending: tokio_util::sync::CancellationToken,
}

pub enum Store {
    Log(Mutex<Log>),
    Redis(Redis),
}

type Shared = State<Arc<App>>;

/// An answer with one header and a text.
type Refusal = (StatusCode, [(&'static str, &'static str); 1], &'static str);

pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/api/notifications", get(listen).post(publish))
        .layer(DefaultBodyLimit::max(64 << 10))
        .with_state(Arc::new(app))
}

/// What a client sends in a header or, because `EventSource` cannot, in the query. The header
/// is newer: a browser sends it when it comes back to the same address.
fn sent(request: &Parts, header: &str, argument: &str) -> Option<String> {
    let header = request.headers.get(header).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let query = || Query::<HashMap<String, String>>::try_from_uri(&request.uri).ok();
    header.map(String::from).or_else(|| query()?.0.remove(argument))
}

/// The user whose token comes with the request.
struct User(String);

impl FromRequestParts<Arc<App>> for User {
    type Rejection = Refusal;

    async fn from_request_parts(request: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let token = sent(request, "authorization", "token").unwrap_or_default();
        let token = match request.headers.contains_key("authorization") {
            true => token.strip_prefix("Bearer "),
            false => Some(&*token),
        };
        let user = token.and_then(|token| app.users.get(token));
        let text = "A valid token is needed: `Authorization: Bearer TOKEN` or `?token=TOKEN`.\n";
        let refusal = (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")], text);
        user.cloned().map(User).ok_or(refusal)
    }
}

async fn listen(app: Shared, User(user): User, request: Parts) -> Result<impl IntoResponse> {
    let is_accepted = accepts_event_stream(request.headers.get_all(ACCEPT));
    let text = "This is an event stream, which your Accept header does not allow.\n";
    is_accepted.then_some(()).ok_or((StatusCode::NOT_ACCEPTABLE, text))?;
    let (joined, feed) = (Instant::now(), app.feed.subscribe());
    let place = sent(&request, LAST_EVENT_ID, "last_event_id").filter(|id| !id.is_empty());
    let place = place.unwrap_or_else(|| feed.borrow().buffer.last_event_id());
    let client = Client { user, place, joined, due: joined, silence: app.keep_alive, feed };
    let ending = app.ending.clone().cancelled_owned();
    let body = Body::from_stream(stream::unfold(client, Client::next).take_until(ending));
    Ok((AppendHeaders(RESPONSE_HEADERS.iter().copied()), body))
}

async fn publish(app: Shared, _: User, event: Json<Notification>) -> Result<impl IntoResponse> {
    let is_reserved = ["", "gone", "reset"].contains(&&*event.event_type);
    let is_type = !is_reserved && !event.event_type.contains(['\r', '\n']);
    let text = "The type is one line, and not empty, `gone` or `reset`, which the server says.\n";
    is_type.then_some(()).ok_or((StatusCode::BAD_REQUEST, text))?;
    let is_user = |user| app.users.values().any(|name| name == user);
    let is_known = event.user.as_ref().is_none_or(is_user);
    is_known.then_some(()).ok_or((StatusCode::NOT_FOUND, "There is no user of this name.\n"))?;
    let stored = match &app.store {
        Store::Log(log) => log.lock().expect("nobody panics inside").append(&event, &app.feed),
        Store::Redis(redis) => redis.add(&event).await,
    };
    let id = stored.map_err(|error| {
        eprintln!("not stored: {error}");
        let text = "The notification could not be stored now. Send it again later.\n";
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")], text)
    })?;
    Ok((StatusCode::CREATED, Json(HashMap::from([("id", id)]))))
}
