//! Every encoder as one trait: `sse-proto`, its rivals, `write!`, and a loop that does less.
//!
//! They encode the events of a corpus one after the other and hand the bytes on as a connection
//! would. An encoder that writes into a buffer flushes it at 16 KiB; one that makes a `Bytes` per
//! event hands on each of them.

use std::convert::Infallible;
use std::hint::black_box;
use std::io::Write as _;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::response::{IntoResponse, Sse, sse};
use bytes::BytesMut;
use futures_util::stream;
use http_body::Body as _;
use sse_proto::EventEncoder;
use tokio_util::codec::Encoder as _;

use crate::corpora::LogicalEvent;
use crate::decoders::Role;
use crate::payload::Payload;

/// Receives the encoded bytes. They are dropped at once; only the check keeps them.
pub type Out<'o> = &'o mut dyn FnMut(&[u8]);
/// An encoder's run, with all that is not its work already done.
pub type Job = Box<dyn FnOnce(Out<'_>)>;

/// A row of the contenders' table; `I` is what it encodes.
pub struct Encoder<I> {
    pub name: &'static str,
    pub role: Role,
    pub job: fn(&Arc<Vec<I>>) -> Job,
}

/// From text that lies ready to bytes.
pub const ENCODERS: [Encoder<LogicalEvent>; 8] = [
    Encoder { name: "ours", role: Role::Ours, job: ours },
    Encoder { name: "ours, BytesMut", role: Role::Ours, job: ours_bytes_mut },
    Encoder { name: "ours, to_bytes", role: Role::Ours, job: ours_to_bytes },
    Encoder { name: "russe, prebuilt", role: Role::Peer, job: russe_prebuilt },
    Encoder { name: "sse-stream", role: Role::Peer, job: sse_stream },
    Encoder { name: "write!", role: Role::Peer, job: write_macro },
    Encoder { name: "axum", role: Role::Peer, job: axum },
    Encoder { name: "scan + copy", role: Role::LeastWork, job: scan_and_copy },
];

/// From a value to bytes, with JSON as the data.
pub const JSON_ENCODERS: [Encoder<Payload>; 7] = [
    Encoder { name: "ours, DataWriter", role: Role::Ours, job: json_ours },
    Encoder { name: "ours, to_string first", role: Role::Ours, job: json_ours_to_string },
    Encoder { name: "russe", role: Role::Peer, job: json_russe },
    Encoder { name: "sse-stream", role: Role::Peer, job: json_sse_stream },
    Encoder { name: "write!", role: Role::Peer, job: json_write_macro },
    Encoder { name: "axum", role: Role::Peer, job: json_axum },
    Encoder { name: "serde_json alone", role: Role::LeastWork, job: json_alone },
];

const FLUSH: usize = 16 << 10;

/// Encodes all `items` into a buffer that is flushed when it is full.
fn buffered<I, B: Buffer>(
    items: impl IntoIterator<Item = I>,
    out: Out<'_>,
    mut encode: impl FnMut(I, &mut B),
) {
    let mut buffer = B::default();
    for item in items {
        encode(item, &mut buffer);
        if buffer.len() >= FLUSH {
            out(&buffer);
            buffer.clear();
        }
    }
    out(&buffer);
}

trait Buffer: Default + Deref<Target = [u8]> {
    fn clear(&mut self);
}

impl Buffer for Vec<u8> {
    fn clear(&mut self) {
        self.clear();
    }
}

impl Buffer for BytesMut {
    fn clear(&mut self) {
        self.clear();
    }
}

/// The fields of an event beside its data.
fn fields(event: &LogicalEvent) -> EventEncoder<'_> {
    let mut encoder = EventEncoder::new();
    if let Some(event_type) = &event.event_type {
        encoder = encoder.event_type(event_type);
    }
    if let Some(id) = &event.id {
        encoder = encoder.id(id);
    }
    if let Some(retry) = event.retry {
        encoder = encoder.retry(Duration::from_millis(retry));
    }
    encoder
}

fn ours(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        buffered(events.iter(), out, |event, buffer: &mut Vec<u8>| {
            fields(event).encode(&event.data, buffer).expect("valid");
        });
    })
}

fn ours_bytes_mut(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        buffered(events.iter(), out, |event, buffer: &mut BytesMut| {
            fields(event).encode(&event.data, buffer).expect("valid");
        });
    })
}

fn ours_to_bytes(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        for event in events.iter() {
            out(&fields(event).to_bytes(&event.data).expect("valid"));
        }
    })
}

/// russe takes its messages apart: they are made, text copied and all, before the clock starts.
fn russe_prebuilt(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let message = |event: &LogicalEvent| {
        russe::Event::Message(russe::Message {
            data: event.data.as_str().into(),
            event: event.event_type.as_deref().map(Into::into),
            retry: event.retry.map(Duration::from_millis),
            id: event.id.as_deref().map(Into::into),
        })
    };
    let messages: Vec<_> = events.iter().map(message).collect();
    Box::new(move |out| encode_russe(messages.into_iter(), out))
}

fn encode_russe(messages: impl Iterator<Item = russe::Event>, out: Out<'_>) {
    let mut encoder = russe::Encoder::default();
    buffered(messages, out, |message, buffer: &mut BytesMut| {
        encoder.encode(message, buffer).expect("valid");
    });
}

fn sse_stream(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        for event in events.iter() {
            let block = sse_stream::Sse {
                event: event.event_type.clone(),
                data: Some(event.data.clone()),
                id: event.id.clone(),
                retry: event.retry,
            };
            out(&block.encode().expect("valid"));
        }
    })
}

/// The code that you would write without a library: it checks nothing, and knows LF only.
fn write_macro(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        buffered(events.iter(), out, |event, buffer: &mut Vec<u8>| {
            if let Some(event_type) = &event.event_type {
                writeln!(buffer, "event: {event_type}").expect("a Vec");
            }
            if let Some(id) = &event.id {
                writeln!(buffer, "id: {id}").expect("a Vec");
            }
            if let Some(retry) = event.retry {
                writeln!(buffer, "retry: {retry}").expect("a Vec");
            }
            for line in event.data.split('\n') {
                writeln!(buffer, "data: {line}").expect("a Vec");
            }
            writeln!(buffer).expect("a Vec");
        });
    })
}

/// axum hands its bytes out only as the body of a response.
fn axum(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        let count = events.len();
        let events = (0..count).map(move |nth| {
            let event = &events[nth];
            let mut block = sse::Event::default();
            if let Some(event_type) = &event.event_type {
                block = block.event(event_type);
            }
            if let Some(id) = &event.id {
                block = block.id(id);
            }
            if let Some(retry) = event.retry {
                block = block.retry(Duration::from_millis(retry));
            }
            block.data(&event.data)
        });
        drain_axum(events, out);
    })
}

fn drain_axum(events: impl Iterator<Item = sse::Event> + Send + 'static, out: Out<'_>) {
    let response = Sse::new(stream::iter(events.map(Ok::<_, Infallible>))).into_response();
    let mut body = pin!(response.into_body());
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut context) {
        let frame = frame.expect("infallible");
        out(frame.data_ref().expect("no trailers"));
    }
}

/// Looks for line ends once and copies the data once.
fn scan_and_copy(events: &Arc<Vec<LogicalEvent>>) -> Job {
    let events = events.clone();
    Box::new(move |out| {
        buffered(events.iter(), out, |event, buffer: &mut Vec<u8>| {
            black_box(memchr::memchr2(b'\r', b'\n', event.data.as_bytes()));
            buffer.extend_from_slice(event.data.as_bytes());
        });
    })
}

fn json_ours(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        buffered(values.iter(), out, |value, buffer: &mut Vec<u8>| {
            let mut data = EventEncoder::new().begin(buffer).expect("valid");
            serde_json::to_writer(&mut data, value).expect("valid");
            data.finish().expect("valid");
        });
    })
}

fn json_ours_to_string(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        buffered(values.iter(), out, |value, buffer: &mut Vec<u8>| {
            EventEncoder::new().encode(&json(value), buffer).expect("valid");
        });
    })
}

fn json_russe(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        let message = |value| {
            let data = json(value).into();
            russe::Event::Message(russe::Message { data, event: None, retry: None, id: None })
        };
        encode_russe(values.iter().map(message), out);
    })
}

fn json_sse_stream(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        for value in values.iter() {
            out(&sse_stream::Sse::default().data(json(value)).encode().expect("valid"));
        }
    })
}

fn json_write_macro(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        buffered(values.iter(), out, |value, buffer: &mut Vec<u8>| {
            write!(buffer, "data: {}\n\n", json(value)).expect("a Vec");
        });
    })
}

/// The one rival that writes JSON straight into the event.
fn json_axum(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        let count = values.len();
        let event = move |nth: usize| sse::Event::default().json_data(&values[nth]).expect("valid");
        drain_axum((0..count).map(event), out);
    })
}

/// JSON and nothing around it, into memory that is there.
fn json_alone(values: &Arc<Vec<Payload>>) -> Job {
    let values = values.clone();
    Box::new(move |out| {
        buffered(values.iter(), out, |value, buffer: &mut Vec<u8>| {
            serde_json::to_writer(buffer, value).expect("valid");
        });
    })
}

fn json(value: &Payload) -> String {
    serde_json::to_string(value).expect("valid")
}
