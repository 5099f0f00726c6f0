//! Every decoder as one trait: `sse-proto` in five ways, its rivals, and two loops that do less
//! than any decoder must.
//!
//! All of them get the same chunks (see [`crate::feed`]) and hand each event to a [`Sink`], which
//! drops it at once. The same code runs in the check ([`Examiner`]) and in the measurement
//! ([`Tally`]).

mod least;
mod ours;
mod rivals;

use std::fmt::Display;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use futures_util::Stream;

use crate::check::{Examiner, Sink, Tally};

/// A way to decode: reads the chunks, hands each event to the sink, or says why it gave up.
trait Decode {
    /// Whether it searches an unfinished line again, from its start, at each chunk.
    const RESCANS: bool = false;

    fn read<S: Sink>(chunks: Vec<Bytes>, sink: &mut S) -> Result<(), String>;
}

/// The part that a contender plays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Ours,
    Peer,
    /// Less work than any decoder has to do. It finds no events, so there is nothing to check.
    LeastWork,
}

/// A row of the contenders' table.
#[derive(Clone, Copy)]
pub struct Decoder {
    pub name: &'static str,
    pub role: Role,
    pub rescans: bool,
    pub timed: fn(Vec<Bytes>, &mut Tally) -> Result<(), String>,
    pub examined: for<'e> fn(Vec<Bytes>, &mut Examiner<'e>) -> Result<(), String>,
}

/// All decoders. The first one is what the others are compared with.
pub const DECODERS: [Decoder; 13] = [
    decoder::<ours::Events>("ours", Role::Ours),
    decoder::<ours::Frames>("frames", Role::Ours),
    decoder::<ours::ByHand>("by hand", Role::Ours),
    decoder::<ours::Owned>("BytesDecoder", Role::Ours),
    decoder::<ours::Stream>("EventStream", Role::Ours),
    decoder::<rivals::SseCore>("sse-core", Role::Peer),
    decoder::<rivals::SseStream>("sse-stream", Role::Peer),
    decoder::<rivals::SseParse>("sse-parse", Role::Peer),
    decoder::<rivals::Sseer>("sseer", Role::Peer),
    decoder::<rivals::EventsourceStream>("eventsource-stream", Role::Peer),
    decoder::<rivals::Russe>("russe", Role::Peer),
    decoder::<least::ScanAndValidate>("scan + validate", Role::LeastWork),
    decoder::<least::CopyAndScan>("copy + scan", Role::LeastWork),
];

const fn decoder<D: Decode>(name: &'static str, role: Role) -> Decoder {
    Decoder {
        name,
        role,
        rescans: D::RESCANS,
        timed: D::read::<Tally>,
        examined: |chunks, examiner| D::read(chunks, examiner),
    }
}

fn reason(error: impl Display) -> String {
    error.to_string()
}

/// The chunks as a stream that is always ready.
fn ready(chunks: Vec<Bytes>) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    futures_util::stream::iter(chunks.into_iter().map(Ok))
}

/// Polls a stream to its end by hand, so that no runtime takes part.
///
/// Its source is never pending. A reader may still be, to give other tasks a turn, but then it has
/// to ask to be polled again.
fn drain<T>(
    stream: impl Stream<Item = T>,
    mut each: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut stream = pin!(stream);
    loop {
        match stream.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(item)) => each(item)?,
            Poll::Ready(None) => return Ok(()),
            Poll::Pending if woken.0.swap(false, Ordering::Relaxed) => {}
            Poll::Pending => return Err("is pending though its source never is".into()),
        }
    }
}
