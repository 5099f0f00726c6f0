//! `EventStream` and `FrameStream`: their items, and how they end.

use std::error::Error as _;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, FusedStream};
use futures_util::{FutureExt, StreamExt};
use sse_proto::stream::{EventStream, FrameStream, StreamError};
use sse_proto::{EventTooLarge, OwnedFrame};

use super::script::{Chunk, Fail, Wait, all, data, poll, script, small};

#[test]
fn strings_vectors_and_bytes_are_chunks() {
    let strings = stream::iter([Ok::<_, ()>(String::from("data: x\n\n"))]);
    let vectors = stream::iter([Ok::<_, ()>(b"data: x\n\n".to_vec())]);
    let bytes = stream::iter([Ok::<_, ()>(Bytes::from_static(b"data: x\n\n"))]);
    assert_eq!(all(EventStream::new(strings)), all(EventStream::new(vectors)));
    assert_eq!(all(EventStream::new(bytes)).len(), 1);
}

#[test]
fn an_event_comes_before_the_next_chunk_is_fetched() {
    let (transport, polls) =
        script(&[Chunk("data: 1\n\ndata: 2\n\nda"), Wait, Chunk("ta: 3\r\r"), Wait]);
    let mut events = EventStream::new(transport);
    assert_eq!(poll(&mut events), data("1"));
    assert_eq!(poll(&mut events), data("2"));
    assert_eq!(polls.get(), 1);
    assert_eq!(poll(&mut events), Poll::Pending);
    assert_eq!(poll(&mut events), data("3"));
    assert_eq!(polls.get(), 3);
    assert_eq!(poll(&mut events), Poll::Pending);
    assert!(!events.is_terminated());
}

#[test]
fn an_event_too_large_does_not_end_the_stream() {
    let (transport, _) = script(&[Chunk("data: 1\n\ndata: 123"), Chunk("45678\n\ndata: 2\n\n")]);
    let mut events = EventStream::with_decoder(transport, small(12));
    assert_eq!(poll(&mut events), data("1"));
    let Poll::Ready(Some(Err(StreamError::TooLarge(EventTooLarge { limit: 12, .. })))) =
        poll(&mut events)
    else {
        panic!("the limit is 12 bytes")
    };
    assert!(!events.is_terminated());
    assert_eq!(poll(&mut events), data("2"));
    assert_eq!(poll(&mut events), Poll::Ready(None));
}

#[test]
fn a_frame_too_large_does_not_end_the_stream() {
    let (transport, _) = script(&[Chunk(": a long comment\ndata: 1\n\n")]);
    let frames = all(EventStream::with_decoder(transport, small(10)).into_frames());
    assert!(matches!(
        &frames[..],
        [Err(StreamError::TooLarge(_)), Ok(OwnedFrame::Event(event))] if event.data() == "1"
    ));
}

#[test]
fn a_transport_error_is_the_last_item() {
    let (transport, polls) = script(&[Chunk("data: 1\n\ndata: 2"), Fail("reset"), Chunk("\n\n")]);
    let mut events = EventStream::new(transport);
    assert_eq!(poll(&mut events), data("1"));
    assert_eq!(poll(&mut events), Poll::Ready(Some(Err(StreamError::Transport("reset")))));
    assert!(events.is_mid_event());
    for _ in 0..3 {
        assert_eq!(poll(&mut events), Poll::Ready(None));
    }
    assert_eq!(polls.get(), 2);
}

/// `select!` polls no stream that is terminated, and would otherwise never see its end.
#[test]
fn it_is_terminated_after_it_has_returned_none() {
    for steps in [&[Chunk("data: a\n\n"), Fail("reset")][..], &[Chunk("data: a\n\n")]] {
        let (transport, _) = script(steps);
        let mut events = EventStream::new(transport);
        let mut frames = EventStream::new(script(steps).0).into_frames();
        while poll(&mut events) != Poll::Ready(None) {
            assert!(!events.is_terminated());
        }
        assert!(events.is_terminated());
        loop {
            assert!(!frames.is_terminated());
            if frames.next().now_or_never().unwrap().is_none() {
                break;
            }
        }
        assert!(frames.is_terminated());
    }
}

#[test]
fn the_transport_is_dropped_when_the_stream_ends() {
    for steps in [&[Chunk("data: 1\n\n")][..], &[Fail("reset")]] {
        let (transport, polls) = script(steps);
        let mut events = EventStream::new(transport);
        assert_eq!(Rc::strong_count(&polls), 2);
        for _ in steps {
            assert!(poll(&mut events).is_ready());
        }
        assert_eq!(poll(&mut events), Poll::Ready(None));
        assert_eq!(Rc::strong_count(&polls), 1);
    }
}

#[test]
fn an_unfinished_event_is_discarded_at_the_end() {
    let (transport, _) = script(&[Chunk("data: 1\n\nid: 2\ndata: 2\n")]);
    let mut events = EventStream::new(transport);
    assert_eq!(poll(&mut events), data("1"));
    for _ in 0..3 {
        assert_eq!(poll(&mut events), Poll::Ready(None));
    }
    assert!(events.is_terminated());
    assert_eq!(events.last_event_id(), "");
}

#[test]
fn the_state_is_that_after_the_last_item() {
    let (transport, _) =
        script(&[Chunk("id: 1\ndata: 1\n\nid: 2\nretry: 20\n\nid: 3\ndata: 3\n\n")]);
    let mut events = EventStream::new(transport);
    assert_eq!((events.last_event_id(), events.reconnection_time()), ("", None));
    assert_eq!(poll(&mut events), data("1"));
    assert_eq!((events.last_event_id(), events.reconnection_time()), ("1", None));
    assert_eq!(poll(&mut events), data("3"));
    let after = Some(Duration::from_millis(20));
    assert_eq!((events.last_event_id(), events.reconnection_time()), ("3", after));

    let mut frames = events.into_frames();
    assert!(matches!(frames.next().now_or_never(), Some(None)));
    assert_eq!((frames.last_event_id(), frames.reconnection_time()), ("3", after));
}

#[test]
fn the_decoder_reads_the_next_connection() {
    let (first, _) =
        script(&[Chunk("retry: 20\nid: 1\ndata: 1\n\nid: 2\ndata: cut"), Fail("reset")]);
    let mut events = EventStream::new(first);
    assert_eq!(poll(&mut events), data("1"));
    assert!(matches!(poll(&mut events), Poll::Ready(Some(Err(StreamError::Transport("reset"))))));

    let (second, _) = script(&[Chunk("\u{FEFF}data: 2\n\n"), Chunk("data: left")]);
    let mut events = EventStream::with_decoder(second, events.into_decoder());
    let event = events.next().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!((event.data(), event.last_event_id(), event.id()), ("2", "1", None));
    assert_eq!(events.reconnection_time(), Some(Duration::from_millis(20)));
    // The frames have the same state, and give the decoder back before their end too.
    assert!(!events.is_mid_event());
    let mut frames = events.into_frames();
    assert!(!frames.is_mid_event() && !frames.is_terminated());
    assert!(frames.next().now_or_never().unwrap().is_none());
    assert!(frames.is_mid_event() && frames.is_terminated());
    let decoder = frames.into_decoder();
    assert_eq!((decoder.last_event_id(), decoder.is_mid_event()), ("1", false));
}

#[test]
fn frames_can_begin_in_the_middle_of_a_stream() {
    let (transport, _) =
        script(&[Chunk("data: 1\n\nevent: add\nda"), Wait, Chunk("ta: 2\n: ping\n\n")]);
    let mut events = EventStream::new(transport);
    assert_eq!(poll(&mut events), data("1"));
    assert_eq!(poll(&mut events), Poll::Pending);
    let frames = all(events.into_frames());
    assert!(matches!(
        &frames[..],
        [Ok(OwnedFrame::Comment(comment)), Ok(OwnedFrame::Event(event))]
            if *comment == "ping" && event.data() == "2" && event.event_type() == "add"
    ));
}

#[test]
fn a_transport_that_cannot_be_moved_is_pinned() {
    let transport = stream::once(async { Ok::<_, ()>("data: 1\n\n") });
    let mut events = pin!(EventStream::new(transport));
    assert_eq!(events.next().now_or_never().unwrap().unwrap().unwrap().data(), "1");
}

#[test]
fn an_error_says_what_failed() {
    let too_large = all(EventStream::with_decoder(script(&[Chunk("data: 1\n")]).0, small(3)));
    assert_eq!(
        too_large[0].as_ref().unwrap_err().to_string(),
        "event is larger than the limit of 3 bytes"
    );
    // The text and the source of a transport's error are its own.
    let cause = "nope".parse::<u8>().unwrap_err();
    let error = StreamError::Transport(std::io::Error::other(Wrapped(cause.clone())));
    assert_eq!(error.to_string(), "wrapped");
    assert_eq!(error.source().unwrap().to_string(), cause.to_string());
}

#[derive(Debug, thiserror::Error)]
#[error("wrapped")]
struct Wrapped(#[source] std::num::ParseIntError);

#[test]
fn it_can_be_sent_to_another_thread() {
    fn sendable<T: Send + Sync + Unpin + 'static>() {}
    type Transport = stream::Empty<Result<Bytes, std::io::Error>>;
    sendable::<EventStream<Transport>>();
    sendable::<FrameStream<Transport>>();
    sendable::<StreamError<std::io::Error>>();
}
