//! The server that the readers of others read: our encoder's bytes, cut anywhere. Each reader has
//! one of its own.

use std::io;
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
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use sse_proto::EventEncoder;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};

use crate::cases::{self, Case};
use crate::outcome::Result;
use crate::random::Random;

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
    ) -> Result<Self> {
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
        Ok(Server { port: serve(app).await?, shared })
    }

    /// Tells that the reader has seen the event of a stream that stands still.
    pub fn live_was_seen(&self, number: usize) {
        self.shared.live[number].notify_one();
    }

    pub fn into_seen(self) -> Seen {
        std::mem::take(&mut self.shared.seen())
    }
}

/// Serves on a free port of loopback, as long as this program runs.
pub async fn serve(app: Router) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(axum::serve(listener, app).into_future());
    Ok(port)
}

pub fn event_stream(body: impl Into<Body>) -> Response {
    ([("content-type", "text/event-stream"), ("cache-control", "no-cache")], body.into())
        .into_response()
}

/// Pieces of these sizes, each sent alone as far as the network lets us.
pub fn pieces(
    bytes: Vec<u8>,
    mut size: impl FnMut() -> usize,
) -> impl Stream<Item = io::Result<Bytes>> {
    let mut bytes = Bytes::from(bytes);
    stream::iter(std::iter::from_fn(move || {
        let size = size().min(bytes.len());
        (!bytes.is_empty()).then(|| Ok(bytes.split_to(size)))
    }))
}

/// For a stream that is asked for `whole`, or else in `pieces` of 1 to 7 bytes.
pub fn sizes(cut: &str) -> impl FnMut() -> usize + use<> {
    let (whole, mut random) = (cut == "whole", Random(1));
    move || if whole { usize::MAX } else { 1 + random.below(7) as usize }
}

/// The end of a connection that breaks off.
pub fn broken_off() -> impl Stream<Item = io::Result<Bytes>> {
    stream::once(async {
        // The bytes before this are on their way by then.
        sleep(Duration::from_millis(200)).await;
        Err(io::ErrorKind::ConnectionReset.into())
    })
}

/// An event, and what comes later.
fn first_and(
    first: EventEncoder<'_>,
    rest: impl Future<Output = Bytes> + Send + 'static,
) -> Response {
    let first = first.to_bytes("first").expect("the ID is one line");
    let body = stream::iter([first]).chain(stream::once(rest)).map(Ok::<_, io::Error>);
    event_stream(Body::from_stream(body))
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
    event_stream(Body::from_stream(pieces(bytes, move || {
        size = size * 5 % 8191 + 1;
        size
    })))
}

/// One event, and nothing more until its reader has told that it is there.
async fn live_event(State(shared): State<Arc<Shared>>, Path(number): Path<usize>) -> Response {
    let rest = async move {
        let at_once = timeout(SEEN_WITHIN, shared.live[number].notified()).await.is_ok();
        shared.seen().at_once[number] = Some(at_once);
        Case::end().encoded().into()
    };
    let mut response = first_and(EventEncoder::new(), rest);
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
            first_and(EventEncoder::new().id(IDS[number]).retry(RETRY), async move {
                // Long enough for the first event to be read alone.
                sleep(Duration::from_millis(100)).await;
                shared.seen().broken[number].ended = Some(Instant::now());
                Bytes::new()
            })
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
    let kind = if name.ends_with(".html") { "html" } else { "javascript" };
    let found = shared.folders.iter().find_map(|folder| std::fs::read(folder.join(&name)).ok());
    found.map_or(StatusCode::NOT_FOUND.into_response(), |file| {
        ([("content-type", format!("text/{kind}; charset=utf-8"))], file).into_response()
    })
}
