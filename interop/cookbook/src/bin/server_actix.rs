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
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use sse_proto::{EventEncoder, header::RESPONSE_HEADERS, stream::KeepAlive};
use tokio::time::sleep;

#[derive(Deserialize)]
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
    let mut response = HttpResponse::Ok();
    for &header in RESPONSE_HEADERS {
        response.insert_header(header);
    }
    // Each client has the job done for itself. It stops if nobody reads its response.
    let events = stream::unfold((done + 1, job), async |(step, job)| {
        let progress = (step <= job.steps).then_some(Progress { step, of: job.steps })?;
        sleep(Duration::from_millis(job.pause)).await;
        Some((Ok::<_, Infallible>(event(&progress)), (step + 1, job)))
    });
    response.streaming(KeepAlive::new(events, Duration::from_secs(15), sleep))
}

fn last_event_id(request: &HttpRequest) -> Option<u32> {
    request.headers().get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn event(progress: &Progress) -> Bytes {
    EventEncoder::new()
        .event_type("progress")
        .id(&progress.step.to_string())
        .to_bytes_with(|data| serde_json::to_writer(data, progress))
        .expect("type and ID are one line, and a struct of numbers is JSON")
}
