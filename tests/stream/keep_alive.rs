//! `KeepAlive` adds a comment after each silence, and changes nothing else.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::{FusedStream, Stream};
use sse_proto::stream::KeepAlive;

use super::fake::{Clock, Sleep};
use super::script::{Chunk, Fail, Step, Wait, script};

const SILENCE: Duration = Duration::from_secs(15);
const KEEP_ALIVE: &[u8] = sse_proto::encode::KEEP_ALIVE;

type Item = Result<Bytes, &'static str>;

/// Events that take these steps, with keep-alives.
fn body(
    clock: &Clock,
    steps: &'static [Step],
) -> KeepAlive<impl Stream<Item = Item> + Unpin, impl FnMut(Duration) -> Sleep, Sleep> {
    let clock = clock.clone();
    KeepAlive::new(script(steps).0.map_ok(Bytes::from), SILENCE, move |time| clock.sleep(time))
}

fn poll<T: Stream + Unpin>(stream: &mut T) -> Poll<Option<T::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

fn ready(text: &[u8]) -> Poll<Option<Item>> {
    Poll::Ready(Some(Ok(Bytes::copy_from_slice(text))))
}

fn pass(clock: &Clock, seconds: u64) {
    clock.set(clock.now() + Duration::from_secs(seconds));
}

#[test]
fn a_comment_comes_after_each_silence() {
    let clock = Clock::default();
    let mut body = body(&clock, &[Wait, Wait, Chunk("a"), Wait, Wait, Wait, Wait]);
    assert_eq!(poll(&mut body), Poll::Pending);
    pass(&clock, 14);
    assert_eq!(poll(&mut body), Poll::Pending);
    assert_eq!(poll(&mut body), ready(b"a"));
    pass(&clock, 14);
    assert_eq!(poll(&mut body), Poll::Pending, "the silence begins when the reader waits");
    pass(&clock, 15);
    assert_eq!(poll(&mut body), ready(KEEP_ALIVE));
    assert_eq!(poll(&mut body), Poll::Pending, "one comment for one silence");
    pass(&clock, 15);
    assert_eq!(poll(&mut body), ready(KEEP_ALIVE));
    assert_eq!(poll(&mut body), Poll::Ready(None));
    assert_eq!(clock.sleeps(), 3);
}

#[test]
fn an_event_and_the_end_come_before_a_comment() {
    let clock = Clock::default();
    let mut body = body(&clock, &[Wait, Chunk("a")]);
    assert_eq!(poll(&mut body), Poll::Pending);
    pass(&clock, 100);
    assert_eq!(poll(&mut body), ready(b"a"));
    assert_eq!(poll(&mut body), Poll::Ready(None));
}

#[test]
fn a_burst_of_events_sets_no_timer() {
    let clock = Clock::default();
    let mut body = body(&clock, &[Chunk("a"), Chunk("b")]);
    while poll(&mut body) != Poll::Ready(None) {}
    assert_eq!(clock.sleeps(), 0);
}

#[test]
fn it_ends_with_the_events_and_drops_them() {
    let (events, alive) = script(&[Fail("reset"), Chunk("a")]);
    let clock = Clock::default();
    let sleep = move |time| clock.sleep(time);
    let mut body = KeepAlive::new(events.map_ok(Bytes::from), SILENCE, sleep);
    assert_eq!(poll(&mut body), Poll::Ready(Some(Err("reset"))));
    assert_eq!(poll(&mut body), ready(b"a"));
    assert!(!body.is_terminated());
    assert_eq!(Rc::strong_count(&alive), 2);
    for _ in 0..3 {
        assert_eq!(poll(&mut body), Poll::Ready(None));
        assert!(body.is_terminated());
        assert_eq!(Rc::strong_count(&alive), 1);
    }
}

#[test]
fn bodies_of_vectors_are_taken_too() {
    let events = futures_util::stream::pending::<Result<Vec<u8>, ()>>();
    let mut body = KeepAlive::new(events, SILENCE, |_| std::future::ready(()));
    assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(KEEP_ALIVE.to_vec()))));
    assert_eq!(format!("{body:?}"), "KeepAlive { silence: 15s, .. }");
}
