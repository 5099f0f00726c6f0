//! An MCP server over Streamable HTTP, on axum: each answer is an event stream of its own, which a
//! client that was cut off can resume.
//!
//! ```text
//! cargo run -q -p mcp --bin mcp_server -- 127.0.0.1:8000
//! ```
//!
//! It has the tools that the scenarios of the conformance suite call. A real
//! server also needs authorization, and has to end sessions that their clients never close.

mod answer;
mod tools;

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, accepts_event_stream};
use sse_proto::server::Epoch;
use tokio::sync::watch::{self, Receiver};
use tokio::time::sleep;

use answer::Answer;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// How long a client can come back for the rest of an answer that is complete.
const KEPT: Duration = Duration::from_secs(60);

type Server = Arc<Mutex<Sessions>>;

#[derive(Default)]
struct Sessions {
    ids: HashSet<String>,
    /// The answers that can be resumed, with the session that asked.
    answers: HashMap<Epoch, (String, Receiver<Answer>)>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: mcp_server ADDRESS")?;
    let app = Router::new()
        .route("/mcp", post(message).get(resume).delete(end))
        .layer(middleware::from_fn(refuse_other_sites))
        .with_state(Server::default());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/mcp", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A page of another site may have had its name resolved to this machine (DNS rebinding).
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.get(HOST).is_none_or(is_local) && headers.get(ORIGIN).is_none_or(is_local) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// Whether a host or an origin, with a port or without, is this machine.
fn is_local(value: &HeaderValue) -> bool {
    let host = value.to_str().unwrap_or_default();
    let host = host.strip_prefix("http://").unwrap_or(host);
    let names = ["localhost", "127.0.0.1", "[::1]"];
    names.iter().filter_map(|name| host.strip_prefix(name)).any(|port| {
        let port = port.strip_prefix(':').unwrap_or(port);
        port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A message of a client. If it is a request, the response is the stream of its answer.
async fn message(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let session = match (message["method"] == "initialize", session(&server, &headers)) {
        (true, _) => {
            let id = format!("{:x}", answer::random());
            server.lock().unwrap().ids.insert(id.clone());
            id
        }
        (false, Ok(id)) => id,
        (false, Err(status)) => return status.into_response(),
    };
    if message.get("id").is_none() || message.get("method").is_none() {
        return StatusCode::ACCEPTED.into_response();
    }
    if !accepts_event_stream(headers.get_all(ACCEPT)) {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    let (answer, start) = Answer::new();
    let (sender, receiver) = watch::channel(answer);
    let kept = (session.clone(), receiver.clone());
    server.lock().unwrap().answers.insert(epoch_of(&start), kept);
    let response = answer::response(receiver, start.clone());
    tokio::spawn(async move {
        tools::answer(&message, &sender).await;
        sleep(KEPT).await;
        server.lock().unwrap().answers.remove(&epoch_of(&start));
    });
    ([(SESSION, session)], response).into_response()
}

/// The rest of an answer. This server sends nothing that is no answer, so there is no stream for
/// a client that names none.
async fn resume(State(server): State<Server>, headers: HeaderMap) -> Response {
    let session = match session(&server, &headers) {
        Ok(session) => session,
        Err(status) => return status.into_response(),
    };
    let Some(id) = headers.get(LAST_EVENT_ID) else {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let id = id.to_str().unwrap_or_default();
    let answer = Epoch::of_id(id).and_then(|(epoch, _)| {
        let server = server.lock().unwrap();
        let (owner, answer) = server.answers.get(&epoch)?;
        (*owner == session).then(|| answer.clone())
    });
    match answer {
        Some(answer) => answer::response(answer, id.to_owned()),
        None => (StatusCode::BAD_REQUEST, "there is no such event").into_response(),
    }
}

async fn end(State(server): State<Server>, headers: HeaderMap) -> StatusCode {
    match session(&server, &headers) {
        Ok(session) => {
            let mut server = server.lock().unwrap();
            server.answers.retain(|_, (owner, _)| *owner != session);
            server.ids.remove(&session);
            StatusCode::NO_CONTENT
        }
        Err(status) => status,
    }
}

/// The epoch of the answer that begins at this place.
fn epoch_of(id: &str) -> Epoch {
    Epoch::of_id(id).expect("a buffer minted it").0
}

/// The session that a request belongs to.
fn session(server: &Server, headers: &HeaderMap) -> Result<String, StatusCode> {
    let id = headers.get(SESSION).ok_or(StatusCode::BAD_REQUEST)?;
    let server = server.lock().unwrap();
    let id = id.to_str().ok().and_then(|id| server.ids.get(id));
    id.cloned().ok_or(StatusCode::NOT_FOUND)
}
