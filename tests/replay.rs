//! The replay buffer: what it does by name, and against a plain model over every short
//! sequence of events.
//!
//! `SSE_REPLAY_DEPTH` is the number of events, 4 unless set:
//!
//! ```text
//! SSE_REPLAY_DEPTH=7 cargo test --release --test replay
//! ```

use sse_proto::server::{PushError, ReplayBuffer, Since};
use sse_proto::{BytesDecoder, EncodeError, EventEncoder, OwnedEvent};

const DEFAULT_DEPTH: u32 = 4;

const EPOCH: u64 = 7;

fn buffer() -> ReplayBuffer {
    ReplayBuffer::new(EPOCH)
}

/// The model: it keeps every event there ever was, and looks for the place by hand.
#[derive(Clone)]
struct Model {
    /// ID and encoded length.
    all: Vec<(String, usize)>,
    /// How many of them are kept, the last ones.
    kept: usize,
    max_events: usize,
    max_bytes: usize,
}

/// What `since` answers: the IDs of the events.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Events(Vec<String>),
    NothingNew,
    Gone,
    Unknown,
}

impl Model {
    fn push(&mut self, brought: Option<&str>, data: &str) {
        let id = brought.map_or_else(|| format!("{EPOCH}-{}", self.all.len() + 1), str::to_owned);
        let length = format!("id: {id}\ndata: {data}\n\n").len();
        self.all.push((id, length));
        self.kept += 1;
        while self.kept > self.max_events || self.kept_bytes() > self.max_bytes {
            self.kept -= 1;
        }
    }

    fn kept_bytes(&self) -> usize {
        self.all[self.all.len() - self.kept..].iter().map(|(_, length)| length).sum()
    }

    fn oldest_place(&self) -> usize {
        self.all.len() - self.kept
    }

    /// Whether an event that is kept has this ID, or the last one that had to go.
    fn is_known(&self, id: &str) -> bool {
        self.all[self.oldest_place().saturating_sub(1)..].iter().any(|(known, _)| known == id)
    }

    fn since(&self, id: &str) -> Answer {
        let minted = |place: &usize| id == format!("{EPOCH}-{place}");
        let place = if id.is_empty() {
            Some(0)
        } else if let Some(place) = (0..=self.all.len()).find(minted) {
            Some(place)
        } else if self.is_known(id) {
            self.all.iter().rposition(|(known, _)| known == id).map(|at| at + 1)
        } else {
            None
        };
        match place {
            None => Answer::Unknown,
            Some(place) if place < self.oldest_place() => Answer::Gone,
            Some(place) if place == self.all.len() => Answer::NothingNew,
            Some(place) => {
                Answer::Events(self.all[place..].iter().map(|(id, _)| id.clone()).collect())
            }
        }
    }
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

fn answer(since: Since<'_>) -> Answer {
    match since {
        Since::Events(events) => {
            assert_eq!(events.len(), events.clone().count());
            Answer::Events(ids(events))
        }
        Since::NothingNew => Answer::NothingNew,
        Since::Gone => Answer::Gone,
        Since::Unknown => Answer::Unknown,
    }
}

/// An event of each kind: minted and brought IDs, one of them again and again, small and
/// larger data.
const EVENTS: [(Option<&str>, &str); 5] =
    [(None, "x"), (None, "larger than others"), (Some("a"), "x"), (Some("b"), ""), (Some("1"), "")];

/// Whatever a client may ask, of these sequences.
const IDS: [&str; 14] =
    ["", "a", "b", "1", "c", "7-0", "7-1", "7-2", "7-3", "7-5", "7-6", "07-1", "8-1", "7-"];

#[test]
fn every_short_sequence_of_events_is_answered_as_the_model_answers() {
    let depth = std::env::var("SSE_REPLAY_DEPTH")
        .map_or(DEFAULT_DEPTH, |depth| depth.parse().expect("SSE_REPLAY_DEPTH is a number"));
    let mut questions = 0;
    for max_events in [0, 1, 2, 3, 100] {
        for max_bytes in [0, 1, 30, 50, 1000] {
            let model = Model { all: Vec::new(), kept: 0, max_events, max_bytes };
            let buffer = buffer().max_events(max_events).max_bytes(max_bytes);
            questions += every_sequence(&buffer, &model, depth);
        }
    }
    let sequences: usize = (0..=depth).map(|length| EVENTS.len().pow(length)).sum();
    assert_eq!(questions, 25 * sequences * IDS.len(), "some sequences were left out");
    println!("{questions} questions");
}

fn every_sequence(buffer: &ReplayBuffer, model: &Model, depth: u32) -> usize {
    for id in IDS {
        assert_eq!(answer(buffer.since(Some(id))), model.since(id), "{id:?} of {:?}", model.all);
    }
    let kept = model.all[model.oldest_place()..].iter().map(|(id, _)| id.as_str());
    assert!(ids(buffer.events()).iter().map(String::as_str).eq(kept));
    let newest = model.all.last().map_or("7-0", |(id, _)| id);
    assert_eq!(buffer.last_event_id(), newest);
    if depth == 0 {
        return IDS.len();
    }
    let each = |(id, data): &(Option<&str>, &str)| {
        let (mut buffer, mut model) = (buffer.clone(), model.clone());
        let event = id.map_or(EventEncoder::new(), |id| EventEncoder::new().id(id));
        match id {
            Some(id) if model.is_known(id) => {
                assert_eq!(buffer.push(event, data), Err(PushError::RepeatedId));
            }
            _ => {
                buffer.push(event, data).unwrap();
                model.push(*id, data);
            }
        }
        every_sequence(&buffer, &model, depth - 1)
    };
    IDS.len() + EVENTS.iter().map(each).sum::<usize>()
}

#[test]
fn an_event_without_an_id_is_given_one_and_one_with_an_id_keeps_it() {
    let mut buffer = buffer();
    let event = EventEncoder::new().event_type("t");
    assert_eq!(buffer.push(event, "a\nb").unwrap(), "id: 7-1\nevent: t\ndata: a\ndata: b\n\n");
    assert_eq!(buffer.push(event.id("mine"), "").unwrap(), "id: mine\nevent: t\ndata: \n\n");
    assert_eq!(buffer.push(event, "c").unwrap(), "id: 7-3\nevent: t\ndata: c\n\n");
}

#[test]
fn what_is_replayed_is_what_was_sent_and_shares_its_memory() {
    let mut buffer = buffer();
    let sent = [
        buffer
            .push(EventEncoder::new().comment("c").retry(std::time::Duration::ZERO), "a")
            .unwrap(),
        buffer.push(EventEncoder::new(), "").unwrap(),
    ];
    let Since::Events(events) = buffer.since(Some("")) else { panic!("it has them all") };
    let replayed: Vec<_> = events.collect();
    assert_eq!(replayed, sent);
    assert!(replayed.iter().zip(&sent).all(|(one, other)| one.as_ptr() == other.as_ptr()));
}

#[test]
fn an_event_takes_no_more_memory_than_what_counts() {
    let mut buffer = buffer().max_events(0);
    for data in ["", "a", &"line\n".repeat(1000)] {
        let encoded = buffer.push(EventEncoder::new(), data).unwrap();
        let length = encoded.len();
        assert_eq!(encoded.try_into_mut().unwrap().capacity(), length);
    }
}

#[test]
fn a_client_without_an_id_has_missed_everything() {
    let mut buffer = buffer().max_events(2);
    let without = [None, Some("")];
    assert_eq!(without.map(|id| answer(buffer.since(id))), [(); 2].map(|()| Answer::NothingNew));
    for data in ["a", "b"] {
        buffer.push(EventEncoder::new(), data).unwrap();
    }
    let all = || Answer::Events(vec!["7-1".into(), "7-2".into()]);
    assert_eq!(without.map(|id| answer(buffer.since(id))), [all(), all()]);
    buffer.push(EventEncoder::new(), "c").unwrap();
    assert_eq!(without.map(|id| answer(buffer.since(id))), [(); 2].map(|()| Answer::Gone));
    assert_eq!(ids(buffer.events()), ["7-2", "7-3"], "what there is can be had all the same");
}

#[test]
fn gone_and_unknown_are_told_apart() {
    let mut buffer = buffer().max_events(2);
    for _ in 0..5 {
        buffer.push(EventEncoder::new(), "x").unwrap();
    }
    for gone in ["7-0", "7-1", "7-2"] {
        assert_eq!(answer(buffer.since(Some(gone))), Answer::Gone, "{gone}");
    }
    // The event had to go, but nothing is missing behind it.
    assert_eq!(answer(buffer.since(Some("7-3"))), Answer::Events(vec!["7-4".into(), "7-5".into()]));
    assert_eq!(answer(buffer.since(Some("7-5"))), Answer::NothingNew);
    let ids = ["7-6", "6-3", "3", "7-03", "7-3 ", "7-+3", "7-99999999999999999999", "-", "한"];
    for unknown in ids {
        assert_eq!(answer(buffer.since(Some(unknown))), Answer::Unknown, "{unknown}");
    }
}

#[test]
fn an_id_that_is_not_utf_8_is_unknown_not_missing() {
    let mut buffer = buffer();
    buffer.push(EventEncoder::new().id("한"), "a").unwrap();
    assert_eq!(answer(buffer.since(Some("한".as_bytes()))), Answer::NothingNew);
    assert_eq!(answer(buffer.since(Some(b"\xFF"))), Answer::Unknown);
}

#[test]
fn an_id_that_cannot_name_a_place_is_refused_and_nothing_changes() {
    let mut buffer = buffer().max_events(2);
    buffer.push(EventEncoder::new().id("a"), "x").unwrap();
    let mut refused = |id: &str| buffer.push(EventEncoder::new().id(id), "y").unwrap_err();
    assert_eq!(refused(""), PushError::EmptyId);
    for id in [" a", "a ", "\t", "a\nb", "a\r", "a\0", "\x1F", "\x7F"] {
        assert_eq!(refused(id), PushError::IdNotCarried, "{id:?}");
    }
    assert_eq!(refused("a"), PushError::RepeatedId);
    for id in ["7-0", "7-2", "7-1000"] {
        assert_eq!(refused(id), PushError::ReservedId, "{id:?}");
    }
    for id in ["8-1", "7-01", "7", "1", "a\tb", "한"] {
        assert!(buffer.clone().push(EventEncoder::new().id(id), "y").is_ok(), "{id:?}");
    }
    let error = buffer.push(EventEncoder::new().event_type("a\n"), "y").unwrap_err();
    assert!(matches!(error, PushError::Encode(EncodeError { character: '\n', .. })));
    assert!(buffer.push(EventEncoder::new().id("b").event_type("a\n"), "y").is_err());

    assert_eq!(ids(buffer.events()), ["a"]);
    assert_eq!(answer(buffer.since(Some("b"))), Answer::Unknown);
    assert!(buffer.push(EventEncoder::new(), "x").unwrap().starts_with(b"id: 7-2\n"));
}

#[test]
fn an_id_may_be_brought_again_once_it_is_forgotten() {
    let mut buffer = buffer().max_events(1);
    let mut push = |id| buffer.push(EventEncoder::new().id(id), "x").map(drop);
    assert_eq!(push("a"), Ok(()));
    assert_eq!(push("b"), Ok(()));
    assert_eq!(push("a"), Err(PushError::RepeatedId), "its place still is one");
    assert_eq!(push("c"), Ok(()));
    assert_eq!(push("a"), Ok(()));
    assert_eq!(answer(buffer.since(Some("b"))), Answer::Unknown);
    assert_eq!(answer(buffer.since(Some("c"))), Answer::Events(vec!["a".into()]));
}

#[test]
fn an_event_beyond_the_bound_by_itself_is_sent_but_not_kept() {
    let mut buffer = buffer().max_bytes(40);
    buffer.push(EventEncoder::new(), "x").unwrap();
    let sent = buffer.push(EventEncoder::new(), &"x".repeat(100)).unwrap();
    assert!(sent.len() > 100);
    assert_eq!(buffer.events().len(), 0);
    assert_eq!(answer(buffer.since(Some("7-1"))), Answer::Gone);
    assert_eq!(answer(buffer.since(Some("7-2"))), Answer::NothingNew);
    buffer.push(EventEncoder::new(), "y").unwrap();
    assert_eq!(answer(buffer.since(Some("7-2"))), Answer::Events(vec!["7-3".into()]));
}

#[test]
fn bounds_hold_to_the_byte_also_when_they_are_set_late() {
    let event = EventEncoder::new();
    let length = buffer().push(event, "x").unwrap().len();
    for (max_bytes, kept) in [(3 * length, 3), (3 * length - 1, 2), (length, 1), (length - 1, 0)] {
        let mut buffer = buffer().max_bytes(max_bytes);
        for _ in 0..5 {
            buffer.push(event, "x").unwrap();
        }
        assert_eq!(buffer.events().len(), kept);
    }
    let mut buffer = buffer();
    for _ in 0..1100 {
        buffer.push(event, "x").unwrap();
    }
    assert_eq!(buffer.events().len(), 1000);
    let buffer = buffer.max_events(10);
    assert_eq!(buffer.events().len(), 10);
    let buffer = buffer.max_bytes(0);
    assert_eq!(buffer.events().len(), 0);
    assert_eq!(answer(buffer.since(Some("7-1100"))), Answer::NothingNew);
    assert_eq!(answer(buffer.since(Some("7-1099"))), Answer::Gone);
}
