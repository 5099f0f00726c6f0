//! The other libraries, each driven as its own documentation shows.

use std::num::NonZeroUsize;
use std::ops::Deref;

use bytes::{Bytes, BytesMut};

use super::{Decode, drain, ready, reason};
use crate::check::Sink;

/// Far above what any corpus needs, so that no library fails for a limit. sse-core's default, 512
/// KiB, would refuse the event of 1 MiB.
const LIMIT: usize = 64 << 20;

pub struct SseCore;

impl Decode for SseCore {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        let limit = NonZeroUsize::new(LIMIT).expect("not zero");
        let mut decoder = sse_core::SseDecoder::with_limit(limit);
        for chunk in chunks {
            let mut slice = &chunk[..];
            while let Some(event) = decoder.next(&mut slice) {
                if let sse_core::SseEvent::Message(event) = event.map_err(reason)? {
                    let id = event.last_event_id.as_deref().unwrap_or_default();
                    sink.event(&event.event, id, &event.data);
                }
            }
        }
        Ok(())
    }
}

/// Reports the block's own fields; a block without data is not an event.
pub struct SseStream;

impl Decode for SseStream {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        drain(sse_stream::SseByteStream::new(ready(chunks)), |event| {
            let event = event.map_err(reason)?;
            if let Some(data) = &event.data {
                let id = event.id.as_deref().unwrap_or_default();
                sink.event(or_message(&event.event), id, data);
            }
            Ok(())
        })
    }
}

pub struct SseParse;

impl Decode for SseParse {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        let mut parser = sse_parse::SseParser::new();
        for chunk in chunks {
            parser.feed(&chunk);
            while let Some(event) = parser.next_event() {
                sink.event(&event.event, &event.id, &event.data);
            }
        }
        Ok(())
    }
}

pub struct Sseer;

impl Decode for Sseer {
    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        drain(sseer::event_stream::EventStream::new(ready(chunks)), |event| {
            let event = event.map_err(reason)?;
            sink.event(&event.event, &event.id, &event.data);
            Ok(())
        })
    }
}

pub struct EventsourceStream;

impl Decode for EventsourceStream {
    const RESCANS: bool = true;

    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        drain(eventsource_stream::EventStream::new(ready(chunks)), |event| {
            let event = event.map_err(reason)?;
            sink.event(&event.event, &event.id, &event.data);
            Ok(())
        })
    }
}

/// A codec over a [`BytesMut`], driven as tokio's `FramedRead` drives it. Reports the block's own
/// fields.
pub struct Russe;

impl Decode for Russe {
    const RESCANS: bool = true;

    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String> {
        use tokio_util::codec::Decoder as _;
        let mut decoder = russe::Decoder::default();
        let mut buffer = BytesMut::new();
        for chunk in chunks {
            buffer.extend_from_slice(&chunk);
            while let Some(event) = decoder.decode(&mut buffer).map_err(reason)? {
                if let russe::Event::Message(event) = event {
                    let id = event.id.as_deref().unwrap_or_default();
                    sink.event(or_message(&event.event), id, &event.data);
                }
            }
        }
        Ok(())
    }
}

/// The type of an event as the platform has it, from what the block said.
fn or_message(event_type: &Option<impl Deref<Target = str>>) -> &str {
    event_type.as_deref().filter(|text| !text.is_empty()).unwrap_or("message")
}
