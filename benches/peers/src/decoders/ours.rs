//! `sse-proto`, in the ways in which you can read a stream with it.

use std::hint::black_box;

use bytes::Bytes;
use sse_proto::stream::EventStream;
use sse_proto::{BytesDecoder, Chunk, Event, EventTooLarge, Frame};

use super::{Decode, drain, ready, reason};
use crate::check::Sink;

/// Borrowed events.
pub struct Events;

impl Decode for Events {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        each_event(chunks, |event| {
            sink.event(event.event_type(), event.last_event_id(), event.data());
        })
        .map_err(reason)
    }
}

/// Borrowed events, copied into a `String` per field: what you would write to keep an event.
pub struct ByHand;

struct Kept {
    event_type: String,
    last_event_id: String,
    data: String,
}

impl Decode for ByHand {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        each_event(chunks, |event| {
            let kept = black_box(Kept {
                event_type: event.event_type().to_owned(),
                last_event_id: event.last_event_id().to_owned(),
                data: event.data().to_owned(),
            });
            sink.event(&kept.event_type, &kept.last_event_id, &kept.data);
        })
        .map_err(reason)
    }
}

#[inline(always)]
fn each_event(chunks: Vec<Bytes>, mut each: impl FnMut(Event<'_>)) -> Result<(), EventTooLarge> {
    let mut decoder = sse_proto::Decoder::new();
    for bytes in chunks {
        let mut chunk = Chunk::new(&bytes);
        while let Some(event) = decoder.next_event(&mut chunk)? {
            each(event);
        }
    }
    Ok(())
}

/// Borrowed frames: comments, retries and IDs too.
pub struct Frames;

impl Decode for Frames {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        let mut decoder = sse_proto::Decoder::new();
        for bytes in chunks {
            let mut chunk = Chunk::new(&bytes);
            while let Some(frame) = decoder.next_frame(&mut chunk).map_err(reason)? {
                match frame {
                    Frame::Event(event) => {
                        sink.event(event.event_type(), event.last_event_id(), event.data());
                    }
                    Frame::Comment(text) | Frame::Id(text) => _ = black_box(text.as_ptr()),
                    Frame::Retry(time) => _ = black_box(time),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// Owned events, pulled from the decoder.
pub struct Owned;

impl Decode for Owned {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        let mut decoder = BytesDecoder::new();
        for chunk in chunks {
            decoder.push(chunk);
            while let Some(event) = decoder.next_event().map_err(reason)? {
                sink.event(event.event_type(), event.last_event_id(), event.data());
            }
        }
        Ok(())
    }
}

/// Owned events, as asynchronous code gets them: a stream of chunks becomes one of events.
pub struct Stream;

impl Decode for Stream {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        drain(EventStream::new(ready(chunks)), |event| {
            let event = event.map_err(reason)?;
            sink.event(event.event_type(), event.last_event_id(), event.data());
            Ok(())
        })
    }
}
