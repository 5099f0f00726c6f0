//! Sends a stream on without the events of one type. All else passes byte for byte.
//!
//! ```text
//! cargo run -q --bin server_hyper -- 127.0.0.1:3000
//! cargo run -q --bin proxy_filter -- http://127.0.0.1:3000/events 127.0.0.1:3001 noise
//! curl -N http://127.0.0.1:3001/
//! ```
//!
//! Only the bytes of an unfinished block wait. An event that is too large for the decoder
//! cannot be held back whole, so it ends the response.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use futures_util::StreamExt;
use reqwest::Client;
use sse_proto::header::{ACCEPT, EVENT_STREAM, LAST_EVENT_ID, RESPONSE_HEADERS};
use sse_proto::stream::BodyStream;
use sse_proto::{Chunk, Decoder, EventTooLarge, Frame};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let upstream = arguments.next().unwrap_or("http://127.0.0.1:3000/events".to_owned());
    let address = arguments.next().unwrap_or("127.0.0.1:3001".to_owned());
    let noise = arguments.next().unwrap_or("noise".to_owned());
    let app = Router::new().route("/", get(events)).with_state((Client::new(), upstream, noise));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn events(
    State((client, upstream, noise)): State<(Client, String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut request = client.get(upstream).header(ACCEPT, EVENT_STREAM);
    if let Some(id) = headers.get(LAST_EVENT_ID) {
        request = request.header(LAST_EVENT_ID, id);
    }
    let body = match request.send().await.map(BodyStream::from_response) {
        Ok(Ok(body)) => body,
        // A 204 or an error of upstream's is for the client to read.
        Ok(Err(other)) => return other.into_response().map(Body::new),
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let mut filter = Filter { noise, decoder: Decoder::new(), held: Vec::new() };
    let body = body.map(move |bytes| match bytes {
        Ok(bytes) => Ok(filter.pass(&bytes)?),
        Err(error) => Err(axum::BoxError::from(error)),
    });
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), Body::from_stream(body)).into_response()
}

struct Filter {
    /// The type of the events that do not pass.
    noise: String,
    decoder: Decoder,
    /// The bytes of the block that has begun.
    held: Vec<u8>,
}

impl Filter {
    /// The part of these bytes, and of those that were held back, that passes now.
    fn pass(&mut self, bytes: &[u8]) -> Result<Vec<u8>, EventTooLarge> {
        let mut passed = Vec::new();
        let mut chunk = Chunk::new(bytes);
        loop {
            let before = chunk.remaining();
            let frame = self.decoder.next_frame(&mut chunk)?;
            let is_noise =
                matches!(frame, Some(Frame::Event(event)) if event.event_type() == self.noise);
            let is_end = frame.is_none();
            // The decoder has just read this much.
            self.held.extend(&before[..before.len() - chunk.remaining().len()]);
            if is_noise {
                self.held.clear();
            } else if !self.decoder.is_mid_event() {
                passed.append(&mut self.held);
            }
            if is_end {
                return Ok(passed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(chunks: &[&[u8]]) -> String {
        let (noise, decoder, held) = ("noise".to_owned(), Decoder::new(), Vec::new());
        let mut filter = Filter { noise, decoder, held };
        let passed: Vec<u8> =
            chunks.iter().flat_map(|bytes| filter.pass(bytes).expect("it is small")).collect();
        String::from_utf8(passed).expect("it is text")
    }

    #[test]
    fn whole_blocks_go_and_the_rest_passes_byte_for_byte_at_every_cut() {
        let noise = "id: 2\nevent:noise\n: of this block\ndata: no\ndata: no\n\n";
        let before = ": hi\n\nid:1\ndata:a\ndata: b\n\nid: 9\n\nretry: 5\n";
        let after = "unknown: 7\ndata: c\n\n: keep-alive\n";
        let stream = format!("{before}{noise}{after}{noise}{noise}data: d\n\n");
        let expected = format!("{before}{after}data: d\n\n");
        for first in 0..=stream.len() {
            for second in [first, (first + 1).min(stream.len()), (first + 7).min(stream.len())] {
                let bytes = stream.as_bytes();
                let chunks = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(filter(&chunks), expected, "{first}, {second}");
            }
        }
    }

    #[test]
    fn a_keep_alive_passes_at_once_and_half_an_event_waits() {
        assert_eq!(filter(&[b": keep-alive\n"]), ": keep-alive\n");
        assert_eq!(filter(&[b"data: half\n"]), "");
    }

    #[test]
    fn with_crlf_a_reader_finds_the_events_that_are_left() {
        let stream = b"data: a\r\n\r\nevent: noise\r\ndata: no\r\n\r\ndata: b\r\n\r\n";
        for cut in 0..=stream.len() {
            let passed = filter(&[&stream[..cut], &stream[cut..]]);
            let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(passed.as_bytes()));
            let mut found = String::new();
            while let Ok(Some(event)) = decoder.next_event(&mut chunk) {
                found += event.data();
            }
            assert_eq!(found, "ab", "{cut}: {passed:?}");
        }
    }
}
