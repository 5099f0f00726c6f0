//! A transport that follows a script, and short helpers to poll a stream of events.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::stream::Stream;
use futures_util::{FutureExt, StreamExt};
use sse_proto::BytesDecoder;
use sse_proto::stream::{EventStream, StreamError};

/// A step that the transport takes at a poll. After its last step it ends.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Chunk(&'static str),
    Fail(&'static str),
    Wait,
}
pub use Step::{Chunk, Fail, Wait};

/// A transport that takes these steps and counts its polls. A poll after its end panics.
pub struct Script {
    steps: std::slice::Iter<'static, Step>,
    polls: Rc<Cell<usize>>,
    ended: bool,
}

impl Stream for Script {
    type Item = Result<&'static str, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        assert!(!self.ended, "polled past its end");
        self.polls.set(self.polls.get() + 1);
        match self.steps.next().copied() {
            Some(Chunk(chunk)) => Poll::Ready(Some(Ok(chunk))),
            Some(Fail(error)) => Poll::Ready(Some(Err(error))),
            Some(Wait) => Poll::Pending,
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}

pub fn script(steps: &'static [Step]) -> (Script, Rc<Cell<usize>>) {
    let polls = Rc::default();
    (Script { steps: steps.iter(), polls: Rc::clone(&polls), ended: false }, polls)
}

/// Polls once, and returns the data of the event.
pub fn poll<S, E>(events: &mut EventStream<S>) -> Poll<Option<Result<String, StreamError<E>>>>
where
    EventStream<S>: Stream<Item = Result<sse_proto::OwnedEvent, StreamError<E>>> + Unpin,
{
    let polled = Pin::new(events).poll_next(&mut Context::from_waker(Waker::noop()));
    polled.map_ok(|event| event.data().to_owned())
}

pub fn data(text: &str) -> Poll<Option<Result<String, StreamError<&'static str>>>> {
    Poll::Ready(Some(Ok(text.to_owned())))
}

/// All items of a stream that never waits.
pub fn all<T>(stream: impl Stream<Item = T>) -> Vec<T> {
    stream.collect().now_or_never().expect("it never waits")
}

pub fn small(limit: usize) -> BytesDecoder {
    BytesDecoder::builder().max_event_size(limit).build()
}
