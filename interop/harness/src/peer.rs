//! The parts that the readers and writers in `bin` share: they are programs of others' crates, started as all
//! others are.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::{Stream, StreamExt};
use reqwest::Response;

use crate::cases::{Case, END, Read};
use crate::lines::Plan;
use crate::outcome::{Error, Result, in_words};

/// Reads all streams of the plan, up to the event that ends each.
pub async fn read<S, E>(events: fn(Response) -> S)
where
    S: Stream<Item = Result<Read, E>>,
    E: Into<Error>,
{
    for url in urls() {
        let end = read_one(&url, events).await;
        say(&url, end.map_or_else(|error| in_words(&error), str::to_owned));
    }
}

async fn read_one<S, E>(url: &str, events: fn(Response) -> S) -> Result<&'static str>
where
    S: Stream<Item = Result<Read, E>>,
    E: Into<Error>,
{
    let mut events = std::pin::pin!(events(reqwest::get(url).await?));
    while let Some(event) = events.next().await {
        match event.map_err(Into::into)? {
            Read(event_type, ..) if event_type == END => return Ok(END),
            event => say(url, event),
        }
    }
    Ok("closed")
}

/// The URLs of the plan.
pub fn urls() -> impl Iterator<Item = String> {
    let plan = std::env::args().nth(2).expect("a package and a plan");
    let plan: Plan = serde_json::from_str(&plan).expect("a plan");
    plan.urls.into_iter().flatten()
}

/// Tells what was read, or how the stream ended.
pub fn say(url: &str, what: impl serde::Serialize) {
    println!("{}", serde_json::json!([url, what]));
}

/// The block that a writer is asked for.
pub fn given<T: serde::de::DeserializeOwned>() -> T {
    let file = std::env::args().nth(2).expect("a package and a file");
    let json = std::fs::read(file).expect("the file");
    serde_json::from_slice(&json).expect("what is asked for")
}

/// Prints the port, and serves.
pub async fn serve(app: Router) {
    println!("{}", crate::server::serve(app).await.expect("a port"));
    std::future::pending().await
}

/// Serves what a writer makes of each stream.
pub async fn write<R: IntoResponse + 'static>(respond: fn(&[Case]) -> R) {
    let streams: Arc<Vec<Vec<Case>>> = Arc::new(given());
    let events = async move |Path(number): Path<usize>| respond(&streams[number]).into_response();
    serve(Router::new().route("/{number}", get(events))).await;
}
