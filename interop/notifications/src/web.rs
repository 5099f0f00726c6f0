//! The requests: who may do what, and what each is answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, RESPONSE_HEADERS, accepts_event_stream};

use crate::client::Client;
use crate::feed::Feed;
use crate::notification::Notification;

/// The largest request, in bytes.
const MAX_REQUEST: usize = 64 << 10;

#[derive(Clone)]
pub struct App {
    pub feed: Arc<Feed>,
    /// The name of the user that a token belongs to.
    pub users: Arc<HashMap<String, Arc<str>>>,
    pub keep_alive: Duration,
}

/// What a page puts into the query, because its `EventSource` sends no headers of its own.
#[derive(Deserialize)]
struct Address {
    token: Option<String>,
    last_event_id: Option<String>,
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/api/notifications", get(listen).post(publish))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(app)
}

impl App {
    fn user(&self, headers: &HeaderMap, address: &Address) -> Result<Arc<str>, Response> {
        let header = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        let token = match header {
            Some(header) => header.strip_prefix("Bearer ").map(str::trim),
            None => address.token.as_deref(),
        };
        token.and_then(|token| self.users.get(token)).cloned().ok_or_else(|| {
            let text = "A token is missing or wrong: send `Authorization: Bearer TOKEN` or `?token=TOKEN`.\n";
            (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], text).into_response()
        })
    }
}

async fn listen(
    State(app): State<App>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let user = app.user(&headers, &address)?;
    if !accepts_event_stream(headers.get_all(ACCEPT)) {
        let text = "This is an event stream, which your Accept header does not allow.\n";
        return Err((StatusCode::NOT_ACCEPTABLE, text).into_response());
    }
    // The header is newer: a browser sends it when it comes back to the same address.
    let header = headers.get(LAST_EVENT_ID).map(|value| value.as_bytes());
    let last_event_id = header.or(address.last_event_id.as_deref().map(str::as_bytes));
    let stream = Client::stream(app.feed, user, last_event_id.unwrap_or_default(), app.keep_alive);
    let headers = AppendHeaders(RESPONSE_HEADERS.iter().copied());
    Ok((headers, Body::from_stream(stream)).into_response())
}

async fn publish(
    State(app): State<App>,
    Query(address): Query<Address>,
    headers: HeaderMap,
    body: Result<Json<Notification>, JsonRejection>,
) -> Result<Response, Response> {
    app.user(&headers, &address)?;
    let refuse = |status, text| Err((status, format!("{text}\n")).into_response());
    let event = match body {
        Ok(Json(event)) => event,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refuse(error.status(), format!("A request may have {MAX_REQUEST} bytes."));
        }
        Err(error) => return refuse(error.status(), error.body_text()),
    };
    if matches!(&*event.event_type, "" | "gone" | "reset") {
        let text =
            "The type may not be empty, nor `gone` or `reset`, which the server says itself.";
        return refuse(StatusCode::BAD_REQUEST, text.to_owned());
    }
    if let Some(user) =
        event.user.as_ref().filter(|user| !app.users.values().any(|name| **name == ***user))
    {
        return refuse(StatusCode::NOT_FOUND, format!("There is no user {user:?}."));
    }
    if let Err(error) = event.encode("") {
        return refuse(StatusCode::BAD_REQUEST, format!("The type is not one line: {error}."));
    }
    match app.feed.publish(&event).await {
        Ok(id) => Ok((StatusCode::CREATED, Json(HashMap::from([("id", id)]))).into_response()),
        Err(error) => {
            eprintln!("not stored: {error}");
            let text = "The notification could not be stored now. Send it again later.\n";
            Err((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], text).into_response())
        }
    }
}
