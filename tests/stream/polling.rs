//! Behaviour that an executor and a `select!` rely on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use sse_proto::BytesDecoder;
use sse_proto::stream::EventStream;

use super::script::{Chunk, Wait, script};

struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A peer that sends comments without a pause must not take the thread for itself.
#[test]
fn a_ready_transport_lets_other_tasks_run() {
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = Arc::clone(&wakes).into();
    let mut context = Context::from_waker(&waker);

    let comments = stream::iter(std::iter::repeat_n(Ok::<_, ()>(": x\n"), 1000));
    let end = stream::iter([Ok("data: 1\n\ndata: 2\n\n")]);
    let mut events = EventStream::new(comments.chain(end));
    for polls in 1.. {
        match events.poll_next_unpin(&mut context) {
            Poll::Pending => assert_eq!(wakes.0.load(Ordering::Relaxed), polls, "it wakes itself"),
            Poll::Ready(event) => {
                assert_eq!(event.unwrap().unwrap().data(), "1", "nothing is lost on the way");
                assert!((3..1000).contains(&polls), "{polls} polls for 1000 chunks");
                break;
            }
        }
    }
    assert_eq!(events.next().now_or_never().unwrap().unwrap().unwrap().data(), "2");
    assert!(events.next().now_or_never().unwrap().is_none());
}

#[test]
fn dropping_a_pending_next_loses_nothing() {
    let (transport, _) =
        script(&[Chunk("da"), Wait, Chunk("ta: 1\n\nda"), Wait, Wait, Chunk("ta: 2\n\n")]);
    let mut events = EventStream::new(transport);
    let mut seen = Vec::new();
    let mut dropped = 0;
    loop {
        // Polled once, then dropped, as `select!` does with the branch that is not ready.
        match events.next().now_or_never() {
            Some(Some(event)) => seen.push(event.unwrap().data().to_owned()),
            Some(None) => break,
            None => dropped += 1,
        }
    }
    assert_eq!((seen, dropped), (vec!["1".to_owned(), "2".to_owned()], 3));
}

#[test]
fn dropping_the_stream_in_the_middle_of_an_event_loses_nothing() {
    let (mut transport, _) = script(&[Chunk("data: 1\n\nda"), Wait, Chunk("ta: 2\n\ndata: 3\n\n")]);
    let (mut decoder, mut seen) = (BytesDecoder::new(), Vec::new());
    // A new stream for each poll. Transport and decoder stay.
    loop {
        let mut events = EventStream::with_decoder(&mut transport, &mut decoder);
        match events.next().now_or_never() {
            Some(Some(event)) => seen.push(event.unwrap().data().to_owned()),
            Some(None) => break,
            None => seen.push("pending".to_owned()),
        }
    }
    assert_eq!(seen, ["1", "pending", "2", "3"]);
}
