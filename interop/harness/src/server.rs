//! The server that the readers of others read: our encoder's bytes, cut anywhere. Each reader has
//! one of its own.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use sse_proto::EventEncoder;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::cases::{self, Case};

/// The IDs that a reader must send back when its stream breaks off.
pub const IDS: [&str; 2] = ["42", "한글-é-🦀"];

/// The time that `retry` asks a reader to wait. No reader's default.
pub const RETRY: Duration = Duration::from_millis(1200);

/// How long the server waits to hear that a reader has seen an event.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

/// The requests that the server saw of its reader.
#[derive(Debug, Default)]
pub struct Seen {
    /// The protocol between the reader and a proxy before the server, if there is one.
    pub protocol: Option<String>,
    /// The `X-Probe` headers of its requests for streams.
    pub probes: Vec<Option<String>>,
    /// Whether an event was seen while the stream stood still: without and with `X-Accel-Buffering`.
    pub at_once: [Option<bool>; 2],
    /// For each ID, what was seen of the stream that breaks off.
    pub broken: [Broken; 2],
}

/// The requests that were seen for a stream that breaks off.
#[derive(Debug, Default)]
pub struct Broken {
    /// When each connection came, and with which last event ID.
    pub connections: Vec<(Instant, Option<Vec<u8>>)>,
    /// When the first ended.
    pub ended: Option<Instant>,
}

pub struct Server {
    pub port: u16,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    streams: Vec<Vec<Case>>,
    /// Where a page's files are found by name, in this order.
    folders: Vec<PathBuf>,
    /// The lines that a page posts.
    lines: UnboundedSender<String>,
    live: [Notify; 2],
    seen: Mutex<Seen>,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panics inside")
    }
}

impl Server {
    pub async fn start(
        streams: Vec<Vec<Case>>,
        folders: Vec<PathBuf>,
        lines: UnboundedSender<String>,
    ) -> std::io::Result<Self> {
        let (live, seen) = Default::default();
        let shared = Arc::new(Shared { streams, folders, lines, live, seen });
        let app = Router::new()
            .route("/stream/{number}", get(stream_of_cases))
            .route("/live/{number}", get(live_event))
            .route("/broken/{number}", get(broken))
            .route("/lines", post(lines_of_page))
            .route("/files/{name}", get(file))
            .layer(DefaultBodyLimit::max(256 << 20))
            .with_state(shared.clone());
        let (port, serving) = serve(app).await?;
        Ok(Server { port, shared, serving })
    }

    /// Tells that the reader has seen the event of a stream that stands still.
    pub fn live_was_seen(&self, number: usize) {
        self.shared.live[number].notify_one();
    }

    /// Ends the server.
    pub fn into_seen(self) -> Seen {
        std::mem::take(&mut self.shared.seen())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves on a free port of loopback, until the task is aborted.
pub async fn serve(app: Router) -> std::io::Result<(u16, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let serving = tokio::spawn(async move {
        let _ = axum::serve(listener, app).await;
    });
    Ok((port, serving))
}

pub fn event_stream(body: impl Into<Body>) -> Response {
    ([("content-type", "text/event-stream"), ("cache-control", "no-cache")], body.into())
        .into_response()
}

/// A body in pieces of these sizes, each sent alone as far as the network lets us.
pub fn in_pieces(bytes: Vec<u8>, mut size: impl FnMut() -> usize + Send + 'static) -> Body {
    let mut bytes = Bytes::from(bytes);
    Body::from_stream(stream::iter(std::iter::from_fn(move || {
        let size = size().min(bytes.len());
        (!bytes.is_empty()).then(|| Ok::<_, Infallible>(bytes.split_to(size)))
    })))
}

async fn stream_of_cases(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<usize>,
    headers: HeaderMap,
) -> Response {
    let header = |name| {
        headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    {
        let mut seen = shared.seen();
        seen.protocol = header("x-client-protocol");
        seen.probes.push(header("x-probe"));
    }
    let mut bytes = Vec::new();
    for case in cases::with_marks(&shared.streams[number]) {
        case.encode(&mut bytes);
    }
    // Pieces of many sizes, so that readers meet every seam.
    let mut size = 0;
    event_stream(in_pieces(bytes, move || {
        size = size * 5 % 8191 + 1;
        size
    }))
}

/// One event, and nothing more until its reader has told that it is there.
async fn live_event(State(shared): State<Arc<Shared>>, Path(number): Path<usize>) -> Response {
    let first = EventEncoder::new().to_bytes("first").expect("no field is set");
    let rest = async move {
        let at_once = timeout(SEEN_WITHIN, shared.live[number].notified()).await.is_ok();
        shared.seen().at_once[number] = Some(at_once);
        Case::end().encoded().into()
    };
    let body = stream::iter([first]).chain(stream::once(rest)).map(Ok::<_, Infallible>);
    let mut response = event_stream(Body::from_stream(body));
    if number == 1 {
        response.headers_mut().insert("x-accel-buffering", "no".parse().expect("a header's value"));
    }
    response
}

#[derive(Deserialize)]
struct InQuery {
    #[serde(rename = "lastEventId")]
    last_event_id: Option<String>,
}

/// Breaks off twice, then asks to stay away.
async fn broken(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<usize>,
    Query(query): Query<InQuery>,
    headers: HeaderMap,
) -> Response {
    let id = headers.get("last-event-id").map(|value| value.as_bytes().to_vec());
    let id = id.or(query.last_event_id.map(String::into_bytes));
    let connections = {
        let connections = &mut shared.seen().broken[number].connections;
        connections.push((Instant::now(), id));
        connections.len()
    };
    match connections {
        1 => {
            let first = EventEncoder::new().id(IDS[number]).retry(RETRY).to_bytes("first");
            let first = first.expect("the ID is one line");
            let end = async move {
                // Long enough for the first event to be read alone.
                sleep(Duration::from_millis(100)).await;
                shared.seen().broken[number].ended = Some(Instant::now());
                Bytes::new()
            };
            let body = stream::iter([first]).chain(stream::once(end)).map(Ok::<_, Infallible>);
            event_stream(Body::from_stream(body))
        }
        2 => event_stream(EventEncoder::new().to_bytes("second").expect("no field is set")),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn lines_of_page(State(shared): State<Arc<Shared>>, lines: String) -> StatusCode {
    for line in lines.lines() {
        let _ = shared.lines.send(line.to_owned());
    }
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
