//! A clock on bare hyper, for HTTP/1.1 and HTTP/2 on one port.
//!
//! ```text
//! cargo run -q --bin server_hyper -- 127.0.0.1:3000
//! curl -N http://127.0.0.1:3000/events
//! curl -N --http2-prior-knowledge 'http://127.0.0.1:3000/events?every=20'
//! ```
//!
//! It counts on from the `Last-Event-ID` of the request.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use sse_proto::header::RESPONSE_HEADERS;
use sse_proto::{EventEncoder, encode};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until, timeout};

/// After a silence of this length a comment keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}/events", listener.local_addr()?);
    loop {
        let (connection, _) = listener.accept().await?;
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            let serving = server.serve_connection(TokioIo::new(connection), service_fn(serve));
            let _ = serving.await; // an error, mostly, is a client that left
        });
    }
}

async fn serve(
    request: Request<Incoming>,
) -> hyper::http::Result<Response<BoxBody<Bytes, Infallible>>> {
    if request.uri().path() != "/events" {
        return Response::builder().status(StatusCode::NOT_FOUND).body(Empty::new().boxed());
    }
    let mut response = Response::builder();
    for &(name, value) in RESPONSE_HEADERS {
        response = response.header(name, value);
    }
    let ticks = ticks(last_event_id(&request), every(&request));
    response.body(BodyExt::boxed(StreamBody::new(ticks)))
}

fn last_event_id(request: &Request<Incoming>) -> u64 {
    let id = request.headers().get("last-event-id");
    id.and_then(|id| id.to_str().ok()?.parse::<u32>().ok()).map_or(0, u64::from)
}

fn every(request: &Request<Incoming>) -> Duration {
    let seconds = request.uri().query().and_then(|query| query.strip_prefix("every="));
    Duration::from_secs(
        seconds.and_then(|seconds| seconds.parse::<u32>().ok()).map_or(1, u64::from),
    )
}

fn ticks(from: u64, every: Duration) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    stream::unfold((from + 1, Instant::now() + every), move |(tick, due)| async move {
        let mut out = Vec::new();
        let next = match timeout(KEEP_ALIVE, sleep_until(due)).await {
            Ok(()) => {
                let id = tick.to_string();
                let event = EventEncoder::new().event_type("tick").id(&id);
                event.encode(&id, &mut out).expect("a number is one line");
                (tick + 1, due + every)
            }
            Err(_) => {
                encode::comment("keep-alive", &mut out);
                (tick, due)
            }
        };
        Some((Ok(Frame::data(out.into())), next))
    })
}
