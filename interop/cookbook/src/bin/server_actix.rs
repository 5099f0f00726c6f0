//! The progress of a job on actix-web: JSON, serialized straight into the event.
//!
//! ```text
//! cargo run -q --bin server_actix -- 127.0.0.1:3000
//! curl -N 'http://127.0.0.1:3000/job?steps=5&pause=1000'
//! ```
//!
//! The ID of an event is the number of steps done, so a client that comes back gets
//! what it has not seen, and 204 when there is nothing more: then it stays away.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Bytes, Query, get};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use sse_proto::header::RESPONSE_HEADERS;
use sse_proto::{EventEncoder, encode};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{sleep, timeout};

/// After a silence of this length a comment keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Deserialize)]
struct Job {
    steps: u32,
    /// Before each step, in milliseconds.
    pause: u64,
}

#[derive(Serialize)]
struct Progress {
    step: u32,
    of: u32,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let server =
        HttpServer::new(|| App::new().route("/job", get().to(job))).workers(1).bind(address)?;
    println!("http://{}/job", server.addrs()[0]);
    server.run().await
}

async fn job(request: HttpRequest, job: Query<Job>) -> HttpResponse {
    let done = last_event_id(&request).unwrap_or(0);
    if done >= job.steps {
        return HttpResponse::NoContent().finish();
    }
    let (sender, events) = channel(1);
    rt::spawn(work(*job, done, sender));
    let mut response = HttpResponse::Ok();
    for &header in RESPONSE_HEADERS {
        response.insert_header(header);
    }
    response.streaming(with_keep_alive(events))
}

fn last_event_id(request: &HttpRequest) -> Option<u32> {
    request.headers().get("last-event-id")?.to_str().ok()?.parse().ok()
}

async fn work(job: Job, done: u32, events: Sender<Bytes>) {
    for step in done + 1..=job.steps {
        sleep(Duration::from_millis(job.pause)).await;
        let event = event(&Progress { step, of: job.steps });
        if events.send(event).await.is_err() {
            return; // nobody listens any more
        }
    }
}

fn event(progress: &Progress) -> Bytes {
    let id = progress.step.to_string();
    let mut out = Vec::new();
    let encoder = EventEncoder::new().event_type("progress").id(&id);
    let mut data = encoder.begin(&mut out).expect("type and ID are one line");
    serde_json::to_writer(&mut data, progress).expect("a struct of numbers is JSON");
    data.finish().expect("JSON is UTF-8");
    out.into()
}

fn with_keep_alive(events: Receiver<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(events, async |mut events| {
        let bytes = match timeout(KEEP_ALIVE, events.recv()).await {
            Ok(event) => event?,
            Err(_) => {
                let mut out = Vec::new();
                encode::comment("keep-alive", &mut out);
                out.into()
            }
        };
        Some((Ok(bytes), events))
    })
}
