//! Every short sequence of events, compared with a model that keeps them all.
//!
//! `SSE_REPLAY_DEPTH` is the number of events, 4 unless set:
//!
//! ```text
//! SSE_REPLAY_DEPTH=7 cargo test --release --test replay
//! ```

use sse_proto::server::{Epoch, PushError, ReplayBuffer};

use crate::{Answer, EPOCH, answer, buffer, ids, push};

const DEFAULT_DEPTH: u32 = 4;

/// The model. It keeps all events, and searches them for a place.
#[derive(Clone)]
struct Model {
    /// ID and encoded length.
    all: Vec<(String, usize)>,
    /// How many of them are kept, the last ones.
    kept: usize,
    max_events: usize,
    max_bytes: usize,
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

    /// The ID of the place after so many events.
    fn id_of(&self, place: usize) -> &str {
        place.checked_sub(1).map_or("7-0", |last| &self.all[last].0)
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
        if id.is_empty() {
            return Answer::New;
        }
        let place = if let Some(place) = (0..=self.all.len()).find(minted) {
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

/// An event of each kind: minted and brought IDs, one of them again and again, small and
/// larger data.
const EVENTS: [Pushed; 5] =
    [(None, "x"), (None, "larger than others"), (Some("a"), "x"), (Some("b"), ""), (Some("1"), "")];

/// The IDs with which a client may come back.
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
            questions += every_sequence(&mut Vec::new(), &model, depth);
        }
    }
    let sequences: usize = (0..=depth).map(|length| EVENTS.len().pow(length)).sum();
    assert_eq!(questions, 25 * sequences * IDS.len(), "some sequences were left out");
    println!("{questions} questions");
}

/// An event that is pushed: its ID, if it brings one, and its data.
type Pushed = (Option<&'static str>, &'static str);

/// A buffer in which these events were pushed. It is made anew each time, because a buffer
/// cannot be cloned.
fn buffer_of(events: &[Pushed], model: &Model) -> ReplayBuffer {
    let mut buffer = buffer().max_events(model.max_events).max_bytes(model.max_bytes);
    for (id, data) in events {
        push(&mut buffer, *id, data).unwrap();
    }
    buffer
}

/// The events that are kept, as a log, give a buffer with the same events.
fn reads_its_log(buffer: &ReplayBuffer, model: &Model) {
    let log: Vec<u8> = buffer.events().flatten().collect();
    let mut after = ReplayBuffer::resume(Epoch::new(EPOCH), model.oldest_place() as u64);
    assert_eq!(after.read_log(&log), Ok(log.len()), "{:?}", model.all);
    assert!(after.events().eq(buffer.events()), "{:?}", model.all);
}

fn every_sequence(events: &mut Vec<Pushed>, model: &Model, depth: u32) -> usize {
    let mut buffer = buffer_of(events, model);
    for id in IDS {
        assert_eq!(answer(buffer.since(Some(id))), model.since(id), "{id:?} of {:?}", model.all);
    }
    let kept = model.all[model.oldest_place()..].iter().map(|(id, _)| id.as_str());
    assert!(ids(buffer.events()).iter().map(String::as_str).eq(kept));
    let mut given = buffer.events();
    for place in model.oldest_place()..=model.all.len() {
        assert_eq!(given.last_event_id(), model.id_of(place), "{place} of {:?}", model.all);
        given.next();
    }
    let newest = model.id_of(model.all.len());
    assert_eq!(buffer.last_event_id(), newest);
    assert_eq!(buffer.place(), format!("id: {newest}\n\n"));
    reads_its_log(&buffer, model);
    if depth == 0 {
        return IDS.len();
    }
    let mut questions = IDS.len();
    for (id, data) in EVENTS {
        if id.is_some_and(|id| model.is_known(id)) {
            // It is refused, and the next call sees that nothing has changed.
            assert_eq!(push(&mut buffer, id, data), Err(PushError::RepeatedId));
            questions += every_sequence(events, model, depth - 1);
        } else {
            let mut model = model.clone();
            model.push(id, data);
            events.push((id, data));
            questions += every_sequence(events, &model, depth - 1);
            events.pop();
        }
    }
    questions
}
