//! The server that the readers of others read: our encoder's bytes, cut anywhere.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sse_proto::EventEncoder;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::cases::{self, Case, Read};

/// The IDs that a reconnecting reader must send back.
pub const IDS: [&str; 2] = ["42", "한글-é-🦀"];

/// What `retry` asks a reconnecting reader to wait. No reader's default.
pub const RETRY: Duration = Duration::from_millis(1200);

/// How long the server waits to hear that a reader has seen an event.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

/// What a reader says that it read.
#[derive(Debug, Default, Deserialize)]
pub struct Report {
    /// The events of each stream.
    pub streams: Vec<Vec<Read>>,
    /// For each ID: data and last event ID of the events of the stream that breaks off.
    pub reconnect: [Vec<(String, String)>; 2],
    /// Whether 204 made it stop.
    pub stopped: [bool; 2],
    #[serde(default)]
    pub problems: Vec<String>,
}

/// What the server saw of one reader.
#[derive(Debug, Default)]
pub struct Session {
    pub report: Option<Report>,
    /// The protocol between the reader and what stands before the server, if anything.
    pub protocol: Option<String>,
    /// The `X-Probe` headers of its requests for streams.
    pub probes: Vec<Option<String>>,
    /// Whether an event was seen while the stream stood still: without and with `X-Accel-Buffering`.
    pub at_once: [Option<bool>; 2],
    /// For each ID, what was seen of the stream that breaks off.
    pub broken: [Broken; 2],
    seen: [Arc<Notify>; 2],
}

/// What was seen of the stream that breaks off.
#[derive(Debug, Default)]
pub struct Broken {
    /// When each connection came, and with which last event ID.
    pub connections: Vec<(Instant, Option<Vec<u8>>)>,
    /// When the first ended.
    pub ended: Option<Instant>,
}

#[derive(Default)]
pub struct Shared {
    pub sessions: Mutex<HashMap<String, Session>>,
    pub reported: Notify,
    streams: Vec<Vec<Case>>,
    /// Where the readers' files are found by name, in this order.
    folders: Vec<PathBuf>,
}

impl Shared {
    fn session<T>(&self, key: &str, change: impl FnOnce(&mut Session) -> T) -> T {
        change(
            self.sessions.lock().expect("nobody panics inside").entry(key.to_owned()).or_default(),
        )
    }

    /// What was seen of this reader; waits for its report.
    pub async fn finished(&self, key: &str, limit: Duration) -> Session {
        let reported = async {
            loop {
                let next = self.reported.notified();
                if self.session(key, |session| session.report.is_some()) {
                    return;
                }
                next.await;
            }
        };
        // Without a report there is still what was seen.
        let _ = timeout(limit, reported).await;
        self.sessions.lock().expect("nobody panics inside").remove(key).unwrap_or_default()
    }
}

/// Starts the server; it runs as long as the program.
pub async fn start(
    streams: Vec<Vec<Case>>,
    folders: Vec<PathBuf>,
) -> std::io::Result<(Arc<Shared>, u16)> {
    let shared = Arc::new(Shared { streams, folders, ..Shared::default() });
    let app = Router::new()
        .route("/plan", get(plan))
        .route("/stream/{number}", get(stream_of_cases))
        .route("/live", get(live))
        .route("/seen", post(seen))
        .route("/reconnect", get(reconnect))
        .route("/report", post(report))
        .route("/files/{name}", get(file))
        .layer(DefaultBodyLimit::max(256 << 20))
        .with_state(shared.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((shared, port))
}

#[derive(Deserialize)]
struct Key {
    key: String,
    /// Whether to send `X-Accel-Buffering: no`.
    #[serde(default)]
    accel: u8,
    /// Which of the IDs.
    #[serde(default)]
    id: usize,
    #[serde(default, rename = "lastEventId")]
    last_event_id: Option<String>,
}

#[derive(Serialize)]
struct Plan {
    types: Vec<String>,
    streams: usize,
}

async fn plan(State(shared): State<Arc<Shared>>) -> Json<Plan> {
    Json(Plan { types: cases::types(&shared.streams), streams: shared.streams.len() })
}

fn event_stream(body: Body) -> Response {
    ([("content-type", "text/event-stream"), ("cache-control", "no-cache")], body).into_response()
}

async fn stream_of_cases(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<usize>,
    Query(key): Query<Key>,
    headers: HeaderMap,
) -> Response {
    let header = |name| {
        headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    shared.session(&key.key, |session| {
        session.protocol = header("x-client-protocol");
        session.probes.push(header("x-probe"));
    });
    let Some(cases) = shared.streams.get(number) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut bytes = Vec::new();
    for case in cases::with_marks(cases) {
        case.encode(&mut bytes);
    }
    let mut bytes = Bytes::from(bytes);
    let mut size = 0;
    // Cut into pieces of many sizes, so that readers meet every seam.
    let pieces = std::iter::from_fn(move || {
        size = size * 5 % 8191 + 1;
        (!bytes.is_empty()).then(|| Ok::<_, Infallible>(bytes.split_to(size.min(bytes.len()))))
    });
    event_stream(Body::from_stream(stream::iter(pieces)))
}

/// One event, and nothing more until its reader has told that it is there.
async fn live(State(shared): State<Arc<Shared>>, Query(key): Query<Key>) -> Response {
    let way = usize::from(key.accel.min(1));
    let seen = shared.session(&key.key, |session| session.seen[way].clone());
    let first = EventEncoder::new().to_bytes("first").expect("no field is set");
    let rest = async move {
        let at_once = timeout(SEEN_WITHIN, seen.notified()).await.is_ok();
        shared.session(&key.key, |session| session.at_once[way] = Some(at_once));
        Case::end().encoded().into()
    };
    let body = stream::iter([first]).chain(stream::once(rest)).map(Ok::<_, Infallible>);
    let mut response = event_stream(Body::from_stream(body));
    if way == 1 {
        response.headers_mut().insert("x-accel-buffering", "no".parse().expect("a header's value"));
    }
    response
}

async fn seen(State(shared): State<Arc<Shared>>, Query(key): Query<Key>) -> StatusCode {
    let way = usize::from(key.accel.min(1));
    shared.session(&key.key, |session| session.seen[way].notify_one());
    StatusCode::NO_CONTENT
}

/// Breaks off twice, then asks to stay away.
async fn reconnect(
    State(shared): State<Arc<Shared>>,
    Query(key): Query<Key>,
    headers: HeaderMap,
) -> Response {
    let id = headers.get("last-event-id").map(|value| value.as_bytes().to_vec());
    let id = id.or(key.last_event_id.map(String::into_bytes));
    let number = key.id.min(1);
    let connections = shared.session(&key.key, |session| {
        let connections = &mut session.broken[number].connections;
        connections.push((Instant::now(), id));
        connections.len()
    });
    match connections {
        1 => {
            let first = EventEncoder::new()
                .id(IDS[number])
                .retry(RETRY)
                .to_bytes("first")
                .expect("the ID is one line");
            let end = async move {
                // Long enough for the first event to be read alone.
                sleep(Duration::from_millis(100)).await;
                shared.session(&key.key, |session| {
                    session.broken[number].ended = Some(Instant::now())
                });
                Bytes::new()
            };
            let body = stream::iter([first]).chain(stream::once(end)).map(Ok::<_, Infallible>);
            event_stream(Body::from_stream(body))
        }
        2 => event_stream(EventEncoder::new().to_bytes("second").expect("no field is set").into()),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn report(
    State(shared): State<Arc<Shared>>,
    Query(key): Query<Key>,
    Json(report): Json<Report>,
) -> StatusCode {
    shared.session(&key.key, |session| session.report = Some(report));
    shared.reported.notify_waiters();
    StatusCode::NO_CONTENT
}

async fn file(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    let media_type = if name.ends_with(".html") {
        "text/html; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    let found = shared.folders.iter().find_map(|folder| std::fs::read(folder.join(&name)).ok());
    found.map_or(StatusCode::NOT_FOUND.into_response(), |file| {
        ([("content-type", media_type)], file).into_response()
    })
}
