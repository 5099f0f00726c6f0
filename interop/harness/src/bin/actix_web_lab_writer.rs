//! actix-web-lab's `Sse`.

use std::convert::Infallible;

use actix_web::web::{Data, Path, get};
use actix_web::{App, HttpServer};
use actix_web_lab::sse::{self, Event, Sse};
use futures_util::stream::{self, Stream};
use harness::cases::Case;
use harness::peer;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let streams = Data::new(peer::given::<Vec<Vec<Case>>>());
    let app = move || App::new().app_data(streams.clone()).route("/{number}", get().to(events));
    HttpServer::new(app).workers(1).listen(listener)?.run().await
}

async fn events(
    streams: Data<Vec<Vec<Case>>>,
    number: Path<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events: Vec<_> = streams[*number].iter().flat_map(to_events).map(Ok).collect();
    Sse::from_stream(stream::iter(events))
}

/// A comment is an event of its own there.
fn to_events(case: &Case) -> Vec<Event> {
    let comment = case.comment.as_deref().map(|text| Event::Comment(text.into()));
    let data = case.data.as_deref().map(|text| {
        let mut data = sse::Data::new(text);
        if let Some(id) = &case.id {
            data = data.id(id.as_str());
        }
        if let Some(event_type) = &case.event_type {
            data = data.event(event_type.as_str());
        }
        Event::Data(data)
    });
    comment.into_iter().chain(data).collect()
}
