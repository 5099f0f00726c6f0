//! The decoders, each driven as its own documentation shows.
//!
//! Some report only the `id` field of an event's own block. Their users have to carry the last event
//! ID from event to event, so the readers here do that too. Some report a type that is empty, or
//! none: that is `message`.

use std::convert::Infallible;
use std::fmt::Display;
use std::io;

use bytes::Bytes;
use futures_executor::block_on_stream;
use futures_util::Stream;
use tokio_util::codec::{Decoder, FramedRead};
use tokio_util::io::StreamReader;

/// Takes an event's type, data and last event ID.
type Told<'t> = &'t mut dyn FnMut(&str, &str, &str);

pub type Read = fn(Vec<Bytes>, Told<'_>) -> Result<(), String>;

pub const ALL: [(&str, Read); 11] = [
    ("sse-proto", sse_proto),
    ("sse-proto-stream", sse_proto_stream),
    ("sse-core", sse_core),
    ("sse-parse", sse_parse),
    ("sse-stream", sse_stream),
    ("sseer", sseer),
    ("eventsource-stream", eventsource_stream),
    ("eventsource-stream2", eventsource_stream2),
    ("rama-http-types", rama),
    ("russe", russe),
    ("tokio_sse_codec", tokio_sse_codec),
];

fn sse_proto(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut decoder = sse_proto::Decoder::new();
    for bytes in chunks {
        let mut chunk = sse_proto::Chunk::new(&bytes);
        while let Some(event) = decoder.next_event(&mut chunk).map_err(reason)? {
            told(event.event_type(), event.data(), event.last_event_id());
        }
    }
    Ok(())
}

fn sse_proto_stream(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    for event in block_on_stream(sse_proto::stream::EventStream::new(ready(chunks))) {
        let event = event.map_err(reason)?;
        told(event.event_type(), event.data(), event.last_event_id());
    }
    Ok(())
}

fn sse_core(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut decoder = sse_core::SseDecoder::new();
    for chunk in chunks {
        let mut rest = &chunk[..];
        while let Some(event) = decoder.next(&mut rest) {
            if let sse_core::SseEvent::Message(event) = event.map_err(reason)? {
                let id = event.last_event_id.as_deref().unwrap_or_default();
                told(&event.event, &event.data, id);
            }
        }
    }
    Ok(())
}

fn sse_parse(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut parser = sse_parse::SseParser::new();
    for chunk in chunks {
        parser.feed(&chunk);
        while let Some(event) = parser.next_event() {
            told(&event.event, &event.data, &event.id);
        }
    }
    Ok(())
}

fn sse_stream(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut last_event_id = String::new();
    for event in block_on_stream(sse_stream::SseByteStream::new(ready(chunks))) {
        let event = event.map_err(reason)?;
        last_event_id = event.id.unwrap_or(last_event_id);
        // No data is not the same as data that is empty.
        if let Some(data) = &event.data {
            told(or_message(event.event.as_deref()), data, &last_event_id);
        }
    }
    Ok(())
}

fn sseer(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    for event in block_on_stream(sseer::event_stream::EventStream::new(ready(chunks))) {
        let event = event.map_err(reason)?;
        told(&event.event, &event.data, &event.id);
    }
    Ok(())
}

fn eventsource_stream(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    for event in block_on_stream(eventsource_stream::EventStream::new(ready(chunks))) {
        let event = event.map_err(reason)?;
        told(&event.event, &event.data, &event.id);
    }
    Ok(())
}

fn eventsource_stream2(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    for event in block_on_stream(eventsource_stream2::EventStream::new(ready(chunks))) {
        let event = event.map_err(reason)?;
        told(&event.event, &event.data, &event.id);
    }
    Ok(())
}

fn rama(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut last_event_id = String::new();
    let events = rama_http_types::sse::EventStream::<_, String>::new(ready(chunks));
    for event in block_on_stream(events) {
        let event = event.map_err(reason)?;
        last_event_id = event.id().map_or(last_event_id, str::to_owned);
        if let Some(data) = event.data() {
            told(or_message(event.event()), data, &last_event_id);
        }
    }
    Ok(())
}

fn russe(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    let mut last_event_id = String::new();
    for event in framed(chunks, russe::Decoder::default()) {
        if let russe::Event::Message(event) = event.map_err(reason)? {
            last_event_id = event.id.map_or(last_event_id, |id| id.to_string());
            told(or_message(event.event.as_deref()), &event.data, &last_event_id);
        }
    }
    Ok(())
}

fn tokio_sse_codec(chunks: Vec<Bytes>, told: Told<'_>) -> Result<(), String> {
    for frame in framed(chunks, tokio_sse_codec::SseDecoder::<String>::new()) {
        if let tokio_sse_codec::Frame::Event(event) = frame.map_err(reason)? {
            told(&event.name, &event.data, event.id.as_deref().unwrap_or_default());
        }
    }
    Ok(())
}

/// The chunks as a stream that is always ready.
fn ready(chunks: Vec<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
    futures_util::stream::iter(chunks.into_iter().map(Ok))
}

/// The items that a codec makes of the chunks. An error ends the loop over them.
fn framed<D: Decoder + Unpin>(
    chunks: Vec<Bytes>,
    decoder: D,
) -> impl Iterator<Item = Result<D::Item, D::Error>> {
    let chunks = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, io::Error>));
    block_on_stream(FramedRead::new(StreamReader::new(chunks), decoder))
}

fn or_message(event_type: Option<&str>) -> &str {
    event_type.filter(|text| !text.is_empty()).unwrap_or("message")
}

fn reason(error: impl Display) -> String {
    error.to_string()
}
