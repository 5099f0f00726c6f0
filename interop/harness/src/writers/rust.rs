//! The writers that are Rust: they run in this program.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, Path, get};
use actix_web::{App, HttpServer};
use actix_web_lab::sse as actix_sse;
use axum::Router;
use axum::extract;
use axum::response::sse as axum_sse;
use futures_util::stream;

use crate::cases::Case;

type Streams = Arc<Vec<Vec<Case>>>;

pub async fn axum(streams: Vec<Vec<Case>>) -> io::Result<u16> {
    async fn events(
        extract::State(streams): extract::State<Streams>,
        extract::Path(number): extract::Path<usize>,
    ) -> axum_sse::Sse<impl stream::Stream<Item = Result<axum_sse::Event, Infallible>>> {
        let events: Vec<_> = streams[number].iter().map(axum_event).map(Ok).collect();
        axum_sse::Sse::new(stream::iter(events))
    }
    let app =
        Router::new().route("/{number}", axum::routing::get(events)).with_state(Arc::new(streams));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(port)
}

fn axum_event(case: &Case) -> axum_sse::Event {
    let mut event = axum_sse::Event::default();
    if let Some(comment) = &case.comment {
        // It takes one line at a time.
        event =
            comment.replace("\r\n", "\n").split(['\r', '\n']).fold(event, axum_sse::Event::comment);
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

pub fn actix_web_lab(streams: Vec<Vec<Case>>) -> io::Result<u16> {
    async fn events(
        streams: Data<Vec<Vec<Case>>>,
        number: Path<usize>,
    ) -> actix_sse::Sse<impl stream::Stream<Item = Result<actix_sse::Event, Infallible>>> {
        let events: Vec<_> = streams[*number].iter().flat_map(actix_events).map(Ok).collect();
        actix_sse::Sse::from_stream(stream::iter(events))
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let streams = Data::new(streams);
    // It wants a runtime of its own.
    std::thread::spawn(move || {
        let app = move || App::new().app_data(streams.clone()).route("/{number}", get().to(events));
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?;
        actix_web::rt::System::new().block_on(server.run())
    });
    Ok(port)
}

/// A comment is an event of its own there.
fn actix_events(case: &Case) -> Vec<actix_sse::Event> {
    let comment = case.comment.as_deref().map(|text| actix_sse::Event::Comment(text.into()));
    let data = case.data.as_deref().map(|text| {
        let mut data = actix_sse::Data::new(text);
        if let Some(id) = &case.id {
            data = data.id(id.as_str());
        }
        if let Some(event_type) = &case.event_type {
            data = data.event(event_type.as_str());
        }
        actix_sse::Event::Data(data)
    });
    comment.into_iter().chain(data).collect()
}
