//! The blocks that every reader and writer gets: blocks of all shapes, and what the standard makes of them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sse_proto::{EventEncoder, encode};

use crate::model;
use crate::random::Random;
use crate::shapes::shapes;

/// One block, as a caller asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub comment: Option<String>,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// Milliseconds.
    pub retry: Option<u64>,
    pub data: Option<String>,
}

/// An event as readers report it: type, data, last event ID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read(pub String, pub String, pub String);

/// The items that a reader can find in a stream. A browser shows events only.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Comment(String),
    Retry(u64),
    Event(Read),
}

impl Item {
    /// The items that the model of the standard finds. An ID alone shows in the events after it.
    pub fn of_model(item: model::Item) -> Option<Self> {
        match item {
            model::Item::Event { event_type, data, last_event_id, .. } => {
                Some(Item::Event(Read(event_type, data, last_event_id)))
            }
            model::Item::Comment(text) => Some(Item::Comment(text)),
            model::Item::Retry(time) => Some(Item::Retry(time.as_millis() as u64)),
            model::Item::Id(_) | model::Item::TooLarge => None,
        }
    }

    /// Comments first, then retries, then events: writers differ in where in a block
    /// they write them.
    pub fn rank(&self) -> u8 {
        match self {
            Item::Comment(_) => 0,
            Item::Retry(_) => 1,
            Item::Event(_) => 2,
        }
    }
}

/// The type of the event after each case: by it, what belongs to a case is found again.
pub const MARK: &str = "mark";

/// The type of the event that tells a reader to stop.
pub const END: &str = "end";

impl Case {
    pub fn data(data: impl Into<String>) -> Self {
        Case { data: Some(data.into()), ..Case::default() }
    }

    pub fn mark(number: usize) -> Self {
        Case { event_type: Some(MARK.into()), ..Case::data(number.to_string()) }
    }

    pub fn end() -> Self {
        Case { event_type: Some(END.into()), ..Case::data("") }
    }

    /// Whether it is a comment and nothing else.
    pub fn is_comment(&self) -> bool {
        self.comment.is_some() && *self == Case { comment: self.comment.clone(), ..Case::default() }
    }

    /// Comment, ID, type, reconnection time and data.
    pub fn texts(&self) -> [Option<String>; 5] {
        let Case { comment, id, event_type, retry, data } = self.clone();
        [comment, id, event_type, retry.map(|time| time.to_string()), data]
    }

    /// The bytes that our encoder writes for it.
    pub fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = EventEncoder::new();
        if let Some(comment) = &self.comment {
            if self.is_comment() {
                encode::comment(comment, &mut out);
                return out;
            }
            encoder = encoder.comment(comment);
        }
        if let Some(id) = &self.id {
            encoder = encoder.id(id);
        }
        if let Some(event_type) = &self.event_type {
            encoder = encoder.event_type(event_type);
        }
        if let Some(retry) = self.retry {
            encoder = encoder.retry(Duration::from_millis(retry));
        }
        let encoded = match &self.data {
            Some(data) => encoder.encode(data, &mut out),
            None => encoder.encode_fields(&mut out),
        };
        encoded.expect("cases hold only what an event can hold");
        out
    }

    /// The items that a reader finds, by `#event-stream-interpretation`. Line ends come back as LF.
    pub fn items(&self, last_event_id: &mut String) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(comment) = &self.comment {
            items.extend(unix(comment).split('\n').map(|line| Item::Comment(line.into())));
        }
        items.extend(self.retry.map(Item::Retry));
        if let Some(id) = &self.id {
            last_event_id.clone_from(id);
        }
        if let Some(data) = &self.data {
            let event_type = self.event_type.as_deref().filter(|text| !text.is_empty());
            let event_type = event_type.unwrap_or("message").to_owned();
            items.push(Item::Event(Read(event_type, unix(data), last_event_id.clone())));
        }
        items
    }
}

/// With LF for every line end.
pub fn unix(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A stream: each case, each with its mark, and the end.
pub fn with_marks(cases: &[Case]) -> Vec<Case> {
    let marked =
        cases.iter().enumerate().flat_map(|(number, case)| [case.clone(), Case::mark(number)]);
    marked.chain([Case::end()]).collect()
}

/// The streams that every reader reads and every writer writes: first the shapes that
/// someone, somewhere got wrong, then a thousand and more by chance.
pub fn streams() -> Vec<Vec<Case>> {
    let mut random = Random(0x5eed);
    let mut streams = vec![shapes()];
    streams.extend((0..12).map(|_| (0..100).map(|_| random.case()).collect()));
    streams
}

/// All types that occur: readers of the platform's kind must name them beforehand.
pub fn types(streams: &[Vec<Case>]) -> BTreeSet<String> {
    let given = streams.iter().flatten().filter_map(|case| case.event_type.clone());
    let given = given.filter(|event_type| !event_type.is_empty());
    given.chain(["message", MARK, END].map(String::from)).collect()
}
