//! Every decoder behind one trait: `sse-proto` in three ways, its rivals, and the floors.
//!
//! All of them get the same bytes in the same chunks and hand each event to a [`Sink`], which drops it
//! at once. The same code runs in the check ([`Examiner`]) and in the measurement ([`Tally`]).

use std::convert::Infallible;
use std::fmt::Display;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};

use crate::check::{Examiner, Sink, Tally};

/// Far above what any corpus needs: nobody is to fail for a limit. sse-core's default, 512 KiB, would
/// refuse the event of 1 MiB.
const LIMIT: usize = 64 << 20;

/// A stream cut into chunks.
pub struct Feed {
    bytes: Bytes,
    /// Where each chunk ends.
    ends: Vec<usize>,
}

impl Feed {
    /// Chunks of `size` bytes.
    pub fn by_size(bytes: &[u8], size: usize) -> Self {
        let ends = (1..=bytes.len().div_ceil(size)).map(|nth| bytes.len().min(nth * size));
        Feed { bytes: Bytes::copy_from_slice(bytes), ends: ends.collect() }
    }

    /// Chunks that end at these offsets.
    pub fn by_ends(bytes: &[u8], ends: &[usize]) -> Self {
        Feed { bytes: Bytes::copy_from_slice(bytes), ends: ends.to_vec() }
    }

    /// For decoders that take slices.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }

    /// For decoders that take [`Bytes`], which share the memory, as a body from a socket does. Made
    /// before the clock starts: a client gets them like that.
    pub fn shared(&self) -> Vec<Bytes> {
        self.slices().map(|slice| self.bytes.slice_ref(slice)).collect()
    }
}

/// A decoder's run over a feed, with all that is not its work already done. Err says why it gave up.
pub type Job<'f, S> = Box<dyn FnOnce(&mut S) -> Result<(), String> + 'f>;

/// A way to decode a feed.
trait Decode {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S>;
}

/// What a contender is in the race for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Ours,
    Peer,
    /// Less work than decoding: what no decoder can beat. Finds no events, so nothing is checked.
    Floor,
}

/// A row of the contenders' table.
#[derive(Clone, Copy)]
pub struct Decoder {
    pub name: &'static str,
    pub role: Role,
    pub timed: for<'f> fn(&'f Feed) -> Job<'f, Tally>,
    pub examined: for<'f> fn(&'f Feed) -> Job<'f, Examiner<'f>>,
}

/// All decoders. The first one is what the others are compared with.
pub const DECODERS: [Decoder; 11] = [
    decoder::<Events>("ours", Role::Ours),
    decoder::<Frames>("ours, frames", Role::Ours),
    decoder::<Owned>("ours, owned", Role::Ours),
    decoder::<SseCore>("sse-core", Role::Peer),
    decoder::<SseStream>("sse-stream", Role::Peer),
    decoder::<SseParse>("sse-parse", Role::Peer),
    decoder::<Sseer>("sseer", Role::Peer),
    decoder::<EventsourceStream>("eventsource-stream", Role::Peer),
    decoder::<Russe>("russe", Role::Peer),
    decoder::<ScanAndValidate>("scan + validate", Role::Floor),
    decoder::<CopyAndScan>("copy + scan", Role::Floor),
];

const fn decoder<D: Decode>(name: &'static str, role: Role) -> Decoder {
    Decoder { name, role, timed: D::job::<Tally>, examined: |feed| D::job(feed) }
}

fn reason(error: impl Display) -> String {
    error.to_string()
}

/// `sse-proto`, borrowed events.
struct Events;

impl Decode for Events {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let mut decoder = sse_proto::Decoder::new();
            for slice in feed.slices() {
                let mut chunk = sse_proto::Chunk::new(slice);
                while let Some(event) = decoder.next_event(&mut chunk).map_err(reason)? {
                    sink.event(event.event_type(), event.last_event_id(), event.data());
                }
            }
            Ok(())
        })
    }
}

/// `sse-proto`, borrowed frames: comments and retries come out too.
struct Frames;

impl Decode for Frames {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let mut decoder = sse_proto::Decoder::new();
            for slice in feed.slices() {
                let mut chunk = sse_proto::Chunk::new(slice);
                while let Some(frame) = decoder.next_frame(&mut chunk).map_err(reason)? {
                    match frame {
                        sse_proto::Frame::Event(event) => {
                            sink.event(event.event_type(), event.last_event_id(), event.data());
                        }
                        sse_proto::Frame::Comment(text) | sse_proto::Frame::Id(text) => {
                            black_box(text.as_ptr());
                        }
                        sse_proto::Frame::Retry(time) => _ = black_box(time),
                        _ => {}
                    }
                }
            }
            Ok(())
        })
    }
}

/// `sse-proto`, owned events that share the chunk's memory.
struct Owned;

impl Decode for Owned {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        let chunks = feed.shared();
        Box::new(|sink| {
            let mut decoder = sse_proto::BytesDecoder::new();
            for chunk in chunks {
                decoder.push(chunk);
                while let Some(event) = decoder.next_event().map_err(reason)? {
                    sink.event(event.event_type(), event.last_event_id(), event.data());
                }
            }
            Ok(())
        })
    }
}

struct SseCore;

impl Decode for SseCore {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let limit = NonZeroUsize::new(LIMIT).expect("not zero");
            let mut decoder = sse_core::SseDecoder::with_limit(limit);
            for mut slice in feed.slices() {
                while let Some(event) = decoder.next(&mut slice) {
                    if let sse_core::SseEvent::Message(event) = event.map_err(reason)? {
                        let id = event.last_event_id.as_deref().unwrap_or_default();
                        sink.event(&event.event, id, &event.data);
                    }
                }
            }
            Ok(())
        })
    }
}

/// Reports the block's own fields; a block without data is not an event.
struct SseStream;

impl Decode for SseStream {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let chunks = stream::iter(feed.slices().map(Ok::<_, Infallible>));
            drain(sse_stream::SseByteStream::new(chunks), |event| {
                let event = event.map_err(reason)?;
                if let Some(data) = &event.data {
                    sink.event(
                        or_message(&event.event),
                        event.id.as_deref().unwrap_or_default(),
                        data,
                    );
                }
                Ok(())
            })
        })
    }
}

struct SseParse;

impl Decode for SseParse {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let mut parser = sse_parse::SseParser::new();
            for slice in feed.slices() {
                parser.feed(slice);
                while let Some(event) = parser.next_event() {
                    sink.event(&event.event, &event.id, &event.data);
                }
            }
            Ok(())
        })
    }
}

struct Sseer;

impl Decode for Sseer {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        let chunks = feed.shared();
        Box::new(|sink| {
            let chunks = stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
            drain(sseer::event_stream::EventStream::new(chunks), |event| {
                let event = event.map_err(reason)?;
                sink.event(&event.event, &event.id, &event.data);
                Ok(())
            })
        })
    }
}

struct EventsourceStream;

impl Decode for EventsourceStream {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|sink| {
            let chunks = stream::iter(feed.slices().map(Ok::<_, Infallible>));
            drain(eventsource_stream::EventStream::new(chunks), |event| {
                let event = event.map_err(reason)?;
                sink.event(&event.event, &event.id, &event.data);
                Ok(())
            })
        })
    }
}

/// A codec over a [`BytesMut`], driven as tokio's `FramedRead` drives it. Reports the block's own fields.
struct Russe;

impl Decode for Russe {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        use tokio_util::codec::Decoder as _;
        Box::new(|sink| {
            let mut decoder = russe::Decoder::default();
            let mut buffer = BytesMut::new();
            for slice in feed.slices() {
                buffer.extend_from_slice(slice);
                while let Some(event) = decoder.decode(&mut buffer).map_err(reason)? {
                    if let russe::Event::Message(event) = event {
                        let id = event.id.as_deref().unwrap_or_default();
                        sink.event(or_message(&event.event), id, &event.data);
                    }
                }
            }
            Ok(())
        })
    }
}

/// Finds the line ends and validates the text, and does nothing with either.
struct ScanAndValidate;

impl Decode for ScanAndValidate {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|_| {
            for slice in feed.slices() {
                black_box(memchr::memchr2_iter(b'\r', b'\n', slice).count());
                black_box(simdutf8::basic::from_utf8(slice).is_ok());
            }
            Ok(())
        })
    }
}

/// Copies each chunk once and finds the line ends in the copy.
struct CopyAndScan;

impl Decode for CopyAndScan {
    fn job<'f, S: Sink>(feed: &'f Feed) -> Job<'f, S> {
        Box::new(|_| {
            let mut copy = Vec::new();
            for slice in feed.slices() {
                copy.clear();
                copy.extend_from_slice(slice);
                black_box(memchr::memchr2_iter(b'\r', b'\n', &copy).count());
            }
            Ok(())
        })
    }
}

/// The type of an event as the platform has it, from what the block said.
fn or_message(event_type: &Option<impl std::ops::Deref<Target = str>>) -> &str {
    event_type.as_deref().filter(|text| !text.is_empty()).unwrap_or("message")
}

/// Polls a stream to its end by hand: no runtime takes part, and its source is never pending.
fn drain<T>(
    stream: impl Stream<Item = T>,
    mut each: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    let mut stream = pin!(stream);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match stream.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(item)) => each(item)?,
            Poll::Ready(None) => return Ok(()),
            Poll::Pending => return Err("is pending though its source never is".into()),
        }
    }
}
