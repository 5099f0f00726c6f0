//! The server that the readers of others read: our encoder's bytes, cut anywhere. Each reader has
//! one of its own.

use std::collections::HashMap;
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
    /// Whether an event was seen while the stream stood still: without and with `X-Accel-Buffering`.
    pub at_once: [Option<bool>; 2],
    /// For each ID, when the connections came for the stream that breaks off, and with which last
    /// event ID.
    pub connections: [Vec<(Instant, Option<Vec<u8>>)>; 2],
    /// When the first of these connections ended.
    pub ended: [Option<Instant>; 2],
}

pub struct Server {
    streams: Vec<Vec<Case>>,
    /// Where a page's files are found by name, in this order.
    folders: Vec<PathBuf>,
    /// The lines that a page posts.
    lines: UnboundedSender<String>,
    live: [Notify; 2],
    seen: Mutex<Seen>,
}

impl Server {
    /// A server, and its port.
    pub async fn start(
        streams: Vec<Vec<Case>>,
        folders: Vec<PathBuf>,
        lines: UnboundedSender<String>,
    ) -> Result<(Arc<Self>, u16)> {
        let (live, seen) = Default::default();
        let server = Arc::new(Server { streams, folders, lines, live, seen });
        let app = Router::new()
            .route("/stream/{number}", get(stream_of_cases))
            .route("/live/{number}", get(live_event))
            .route("/broken/{number}", get(broken))
            .route("/lines", post(lines_of_page))
            .route("/files/{name}", get(file))
            .layer(DefaultBodyLimit::max(256 << 20))
            .with_state(server.clone());
        Ok((server, serve(app).await?))
    }

    /// Tells that the reader has seen the event of a stream that stands still.
    pub fn live_was_seen(&self, number: usize) {
        self.live[number].notify_one();
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panics inside")
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
    mut sizes: impl Iterator<Item = usize>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let mut bytes = Bytes::from(bytes);
    stream::iter(std::iter::from_fn(move || {
        let size = sizes.next()?.min(bytes.len());
        (!bytes.is_empty()).then(|| Ok(bytes.split_to(size)))
    }))
}

/// For a stream that is asked for `whole`, or else in `pieces` of 1 to 7 bytes: the first million of
/// bytes, since more would take too long.
pub fn sizes(cut: &str) -> impl Iterator<Item = usize> + use<> {
    let (pieces, mut random) = (if cut == "whole" { 0 } else { 1 << 18 }, Random(1));
    let small = (0..pieces).map(move |_| 1 + random.below(7) as usize);
    small.chain(std::iter::repeat(usize::MAX))
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
    State(server): State<Arc<Server>>,
    Path(number): Path<usize>,
    headers: HeaderMap,
) -> Response {
    let protocol = headers.get("x-client-protocol").and_then(|value| value.to_str().ok());
    server.seen().protocol = protocol.map(str::to_owned);
    let cases = cases::with_marks(&server.streams[number]);
    let bytes = cases.iter().flat_map(Case::encoded).collect();
    // Pieces of many sizes, so that readers meet every seam.
    let sizes = std::iter::successors(Some(1), |size| Some(size * 5 % 8191 + 1));
    event_stream(Body::from_stream(pieces(bytes, sizes)))
}

/// One event, and nothing more until its reader has told that it is there.
async fn live_event(State(server): State<Arc<Server>>, Path(number): Path<usize>) -> Response {
    let rest = async move {
        let at_once = timeout(SEEN_WITHIN, server.live[number].notified()).await.is_ok();
        server.seen().at_once[number] = Some(at_once);
        Case::end().encoded().into()
    };
    let mut response = first_and(EventEncoder::new(), rest);
    if number == 1 {
        response.headers_mut().insert("x-accel-buffering", "no".parse().expect("a header's value"));
    }
    response
}

/// Breaks off twice, then asks to stay away.
async fn broken(
    State(server): State<Arc<Server>>,
    Path(number): Path<usize>,
    Query(mut query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let id = headers.get("last-event-id").map(|value| value.as_bytes().to_vec());
    let id = id.or_else(|| query.remove("lastEventId").map(String::into_bytes));
    server.seen().connections[number].push((Instant::now(), id));
    let connections = server.seen().connections[number].len();
    match connections {
        1 => {
            first_and(EventEncoder::new().id(IDS[number]).retry(RETRY), async move {
                // Long enough for the first event to be read alone.
                sleep(Duration::from_millis(100)).await;
                server.seen().ended[number] = Some(Instant::now());
                Bytes::new()
            })
        }
        2 => event_stream(EventEncoder::new().to_bytes("second").expect("no field is set")),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn lines_of_page(State(server): State<Arc<Server>>, lines: String) -> StatusCode {
    for line in lines.lines() {
        let _ = server.lines.send(line.to_owned());
    }
    StatusCode::NO_CONTENT
}

async fn file(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    let kind = if name.ends_with(".html") { "html" } else { "javascript" };
    let found = server.folders.iter().find_map(|folder| std::fs::read(folder.join(&name)).ok());
    found.map_or(StatusCode::NOT_FOUND.into_response(), |file| {
        ([("content-type", format!("text/{kind}; charset=utf-8"))], file).into_response()
    })
}
