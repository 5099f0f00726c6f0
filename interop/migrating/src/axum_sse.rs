//! From axum's `Sse`.

pub mod before {
    use axum::response::sse::{Event, KeepAlive, Sse};
    use futures_util::{Stream, StreamExt, stream};
    use std::convert::Infallible;

    pub async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
        let texts = stream::iter(["Hello", "two\nlines"]);
        let events = texts.map(|text| Ok(Event::default().event("said").data(text)));
        Sse::new(events).keep_alive(KeepAlive::default())
    }
}

pub mod after {
    use axum::body::Body;
    use axum::response::{AppendHeaders, IntoResponse};
    use futures_util::{StreamExt, stream};
    use sse_proto::{EventEncoder, header::RESPONSE_HEADERS, stream::KeepAlive};
    use std::time::Duration;

    pub async fn events() -> impl IntoResponse {
        let texts = stream::iter(["Hello", "two\nlines"]);
        let events = texts.map(|text| EventEncoder::new().event_type("said").to_bytes(text));
        let body = KeepAlive::new(events, Duration::from_secs(15), tokio::time::sleep);
        (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body))
    }
}
