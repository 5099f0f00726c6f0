//! axum's `Sse`, over HTTP/1.1 and HTTP/2.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use futures_util::stream;
use harness::cases::Case;
use harness::peer;

#[tokio::main]
async fn main() {
    peer::write(|cases| {
        let events: Vec<_> = cases.iter().map(event).map(Ok::<_, Infallible>).collect();
        Sse::new(stream::iter(events))
    })
    .await;
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
