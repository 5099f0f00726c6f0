//! The cases through `EventStream` and `FrameStream`.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_util::stream::{Stream, StreamExt, iter};
use sse_proto::stream::{EventStream, StreamError};

use crate::drive::{self, bytewise, chunks};
use crate::model::Item;

/// All of a stream that is pending only to let other tasks run.
fn all<T>(
    stream: impl Stream<Item = Result<T, StreamError<Infallible>>>,
    item: fn(T) -> Item,
) -> Vec<Item> {
    let (mut stream, mut items) = (pin!(stream), Vec::new());
    loop {
        match stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(Ok(value))) => items.push(item(value)),
            Poll::Ready(Some(Err(StreamError::TooLarge(_)))) => items.push(Item::TooLarge),
            Poll::Ready(Some(Err(error))) => panic!("{error}"),
            Poll::Ready(None) => return items,
            Poll::Pending => {}
        }
    }
}

#[test]
fn a_stream_of_chunks_becomes_the_events_and_frames_of_each_case() {
    crate::check("EventStream", |case| {
        let [bytes] = &case.whole()[..] else { return };
        for cuts in [vec![], bytewise(bytes)] {
            let events = || {
                let transport = iter(chunks(bytes, &cuts));
                let transport = transport.map(|chunk| Ok::<_, Infallible>(chunk.to_vec()));
                EventStream::with_decoder(transport, drive::bytes_decoder(&case.options))
            };
            assert_eq!(all(events(), drive::item_of_owned_event), case.events);
            assert_eq!(all(events().into_frames(), drive::item_of_owned_frame), case.frames);
        }
    });
}
