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

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use sse_proto::{EventEncoder, header::RESPONSE_HEADERS, stream::KeepAlive};
use tokio::time::{Duration, Instant, sleep, sleep_until};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
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
) -> hyper::http::Result<Response<UnsyncBoxBody<Bytes, Infallible>>> {
    let mut response = Response::builder();
    if request.uri().path() != "/events" {
        return response.status(StatusCode::NOT_FOUND).body(Empty::new().boxed_unsync());
    }
    for &(name, value) in RESPONSE_HEADERS {
        response = response.header(name, value);
    }
    let id = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let every = request.uri().query().and_then(|query| query.strip_prefix("every="));
    let number = |text: Option<&str>| text?.parse::<u32>().ok();
    let ticks = ticks(number(id).unwrap_or(0).into(), number(every).unwrap_or(1).into());
    let body = KeepAlive::new(ticks, Duration::from_secs(15), sleep).map_ok(Frame::data);
    response.body(BodyExt::boxed_unsync(StreamBody::new(body)))
}

fn ticks(from: u64, seconds: u64) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let every = Duration::from_secs(seconds);
    stream::unfold((from + 1, Instant::now() + every), move |(tick, due)| async move {
        sleep_until(due).await;
        let id = tick.to_string();
        let event = EventEncoder::new().event_type("tick").id(&id).to_bytes(&id);
        Some((Ok(event.expect("a number is one line")), (tick + 1, due + every)))
    })
}
