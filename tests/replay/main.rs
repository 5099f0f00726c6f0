//! The replay buffer: named cases, and every short sequence of events compared with a model.

mod cases;
mod log;
mod sequences;

use sse_proto::server::{Epoch, PushError, ReplayBuffer, Since};
use sse_proto::{BytesDecoder, EventEncoder, OwnedEvent};

const EPOCH: u128 = 7;

fn buffer() -> ReplayBuffer {
    ReplayBuffer::new(Epoch::new(EPOCH))
}

fn push(buffer: &mut ReplayBuffer, id: Option<&str>, data: &str) -> Result<(), PushError> {
    let event = id.map_or(EventEncoder::new(), |id| EventEncoder::new().id(id));
    buffer.push(event, data).map(drop)
}

/// Reads events back as a client does.
fn decode(events: impl Iterator<Item = bytes::Bytes>) -> Vec<OwnedEvent> {
    let mut decoder = BytesDecoder::new();
    events.for_each(|event| decoder.push(event));
    std::iter::from_fn(|| decoder.next_event().unwrap()).collect()
}

fn ids(events: impl Iterator<Item = bytes::Bytes>) -> Vec<String> {
    decode(events).iter().map(|event| event.last_event_id().to_owned()).collect()
}

/// The answer of `since`: the IDs of the events.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    New,
    Events(Vec<String>),
    NothingNew,
    Gone,
    Unknown,
}

fn answer(since: Since<'_>) -> Answer {
    match since {
        Since::New => Answer::New,
        Since::Events(events) => {
            assert_eq!(events.len(), events.clone().count());
            Answer::Events(ids(events))
        }
        Since::NothingNew => Answer::NothingNew,
        Since::Gone => Answer::Gone,
        Since::Unknown => Answer::Unknown,
    }
}
