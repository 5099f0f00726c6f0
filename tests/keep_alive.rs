//! The keep-alive adapter: a comment after each silence, and nothing else changed.
#![cfg(feature = "stream")]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{FusedStream, Stream};
use sse_proto::stream::KeepAlive;
use sse_proto::{Chunk, Decoder, EventEncoder};

const SILENCE: Duration = Duration::from_secs(15);
const KEEP_ALIVE: &[u8] = sse_proto::encode::KEEP_ALIVE;

/// A clock that the test sets, and a count of the timers that were made.
#[derive(Clone, Default)]
struct Clock {
    seconds: Rc<Cell<u64>>,
    timers: Rc<Cell<u32>>,
}

impl Clock {
    fn pass(&self, seconds: u64) {
        self.seconds.set(self.seconds.get() + seconds);
    }

    fn sleep(self) -> impl FnMut(Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        move |duration| {
            self.timers.set(self.timers.get() + 1);
            let (seconds, end) = (self.seconds.clone(), self.seconds.get() + duration.as_secs());
            Box::pin(poll_fn(move |_| match seconds.get() >= end {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }))
        }
    }
}

/// What the events do at one poll.
#[derive(Clone, Debug)]
enum Step {
    Event(&'static str),
    Fail(&'static str),
    Wait,
}
use Step::{Event, Fail, Wait};

/// Events that take these steps and then end. They must not be polled after their end.
struct Script {
    steps: std::vec::IntoIter<Step>,
    ended: bool,
    alive: Rc<()>,
}

impl Stream for Script {
    type Item = Result<Bytes, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        assert!(!self.ended, "polled after its end");
        match self.steps.next() {
            Some(Event(text)) => Poll::Ready(Some(Ok(Bytes::from(text)))),
            Some(Fail(error)) => Poll::Ready(Some(Err(error))),
            Some(Wait) => Poll::Pending,
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}

fn script(steps: impl Into<Vec<Step>>) -> Script {
    Script { steps: steps.into().into_iter(), ended: false, alive: Rc::new(()) }
}

fn poll<T: Stream + Unpin>(stream: &mut T) -> Poll<Option<T::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

fn ready(text: &[u8]) -> Poll<Option<Result<Bytes, &'static str>>> {
    Poll::Ready(Some(Ok(Bytes::copy_from_slice(text))))
}

#[test]
fn a_comment_comes_after_each_silence() {
    let clock = Clock::default();
    let events = script([Wait, Wait, Event("a"), Wait, Wait, Wait, Wait]);
    let mut body = KeepAlive::new(events, SILENCE, clock.clone().sleep());
    assert_eq!(poll(&mut body), Poll::Pending);
    clock.pass(14);
    assert_eq!(poll(&mut body), Poll::Pending);
    assert_eq!(poll(&mut body), ready(b"a"));
    clock.pass(14);
    assert_eq!(poll(&mut body), Poll::Pending, "the silence begins when the reader waits");
    clock.pass(15);
    assert_eq!(poll(&mut body), ready(KEEP_ALIVE));
    assert_eq!(poll(&mut body), Poll::Pending, "one comment for one silence");
    clock.pass(15);
    assert_eq!(poll(&mut body), ready(KEEP_ALIVE));
    assert_eq!(poll(&mut body), Poll::Ready(None));
    assert_eq!(clock.timers.get(), 3);
}

#[test]
fn an_event_comes_before_a_comment() {
    let clock = Clock::default();
    let mut body = KeepAlive::new(script([Wait, Event("a")]), SILENCE, clock.clone().sleep());
    assert_eq!(poll(&mut body), Poll::Pending);
    clock.pass(100);
    assert_eq!(poll(&mut body), ready(b"a"));
    assert_eq!(poll(&mut body), Poll::Ready(None), "and the end too");
}

#[test]
fn a_burst_of_events_sets_no_timer() {
    let clock = Clock::default();
    let mut body = KeepAlive::new(script([Event("a"), Event("b")]), SILENCE, clock.clone().sleep());
    while poll(&mut body) != Poll::Ready(None) {}
    assert_eq!(clock.timers.get(), 0);
}

#[test]
fn it_ends_with_the_events_and_drops_them() {
    let events = script([Fail("reset"), Event("a")]);
    let alive = Rc::downgrade(&events.alive);
    let mut body = KeepAlive::new(events, SILENCE, Clock::default().sleep());
    assert_eq!(poll(&mut body), Poll::Ready(Some(Err("reset"))));
    assert_eq!(poll(&mut body), ready(b"a"));
    assert!(!body.is_terminated());
    assert_eq!(alive.strong_count(), 1);
    for _ in 0..3 {
        assert_eq!(poll(&mut body), Poll::Ready(None));
        assert!(body.is_terminated());
        assert_eq!(alive.strong_count(), 0);
    }
}

#[test]
fn a_reader_gets_the_events_between_comments() {
    const DATA: [&str; 3] = ["one", "two\nlines", ""];
    let encoded = DATA.map(|data| {
        let mut out = Vec::new();
        EventEncoder::new().id("7").encode(data, &mut out).unwrap();
        &*String::from_utf8(out).unwrap().leak()
    });
    let steps = encoded.map(|event| [Wait, Wait, Event(event)]).concat();
    let clock = Clock::default();
    let mut body = KeepAlive::new(script(steps), SILENCE, clock.clone().sleep());
    let (mut bytes, mut comments) = (Vec::new(), 0);
    loop {
        match poll(&mut body) {
            Poll::Ready(None) => break,
            Poll::Ready(Some(item)) => {
                let item = item.unwrap();
                comments += u32::from(item == KEEP_ALIVE);
                bytes.extend_from_slice(&item);
            }
            Poll::Pending => clock.pass(15),
        }
    }
    assert_eq!(comments, 3);
    let (mut decoder, mut chunk, mut seen) = (Decoder::new(), Chunk::new(&bytes), Vec::new());
    while let Some(event) = decoder.next_event(&mut chunk).unwrap() {
        seen.push(event.data().to_owned());
    }
    assert_eq!(seen, DATA);
}

#[test]
fn bodies_of_vectors_are_taken_too_and_debug_is_short() {
    let events = futures_util::stream::pending::<Result<Vec<u8>, ()>>();
    let mut body = KeepAlive::new(events, SILENCE, |_| std::future::ready(()));
    assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(KEEP_ALIVE.to_vec()))));
    assert_eq!(format!("{body:?}"), "KeepAlive { silence: 15s, .. }");
}
