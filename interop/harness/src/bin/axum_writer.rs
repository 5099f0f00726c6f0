//! axum's `Sse`, over HTTP/1.1 and HTTP/2.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use harness::cases::Case;
use harness::peer;

#[tokio::main]
async fn main() {
    let app = Router::new()
        .route("/{number}", get(events))
        .with_state(Arc::new(peer::given::<Vec<Vec<Case>>>()));
    peer::serve(app).await;
}

async fn events(
    State(streams): State<Arc<Vec<Vec<Case>>>>,
    Path(number): Path<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events: Vec<_> = streams[number].iter().map(event).map(Ok).collect();
    Sse::new(stream::iter(events))
}

fn event(case: &Case) -> Event {
    let mut event = Event::default();
    if let Some(comment) = &case.comment {
        // It takes one line at a time.
        event = comment.replace("\r\n", "\n").split(['\r', '\n']).fold(event, Event::comment);
    }
    if let Some(id) = &case.id {
        event = event.id(id);
    }
    if let Some(event_type) = &case.event_type {
        event = event.event(event_type);
    }
    if let Some(retry) = case.retry {
        event = event.retry(Duration::from_millis(retry));
    }
    if let Some(data) = &case.data {
        event = event.data(data);
    }
    event
}
