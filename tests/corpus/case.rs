//! A line of `cases.jsonl`; `README.md` says what its keys mean.

use std::time::Duration;

use serde_json::Value;

use crate::model::{Item, Options, State};

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) clause: String,
    pub(crate) options: Options,
    /// The chunks of each connection: of one, or of two with a reconnection between them.
    pub(crate) streams: Vec<Vec<Vec<u8>>>,
    pub(crate) frames: Vec<Item>,
    /// Those of them that a reader of events is given.
    pub(crate) events: Vec<Item>,
    pub(crate) state: State,
}

pub(crate) fn all() -> Vec<Case> {
    include_str!("cases.jsonl").lines().map(case).collect()
}

fn case(line: &str) -> Case {
    let mut case: Value = serde_json::from_str(line).unwrap();
    // Keys that are taken are known here. A key that is left at the end is not.
    let mut take = |key: &str| case.as_object_mut().unwrap().remove(key);
    let options = Options {
        max_event_size: take("limit")
            .map_or(Options::default().max_event_size, |limit| number(&limit) as usize),
        last_event_id: take("initialLastEventId").map_or_else(String::new, |id| text(&id)),
        frames: true,
    };
    let streams = [take("chunks"), take("chunksAfterReconnection")];
    let frames = take("frames").unwrap();
    let frames = frames.as_array().unwrap();
    let state = State {
        last_event_id: text(&take("lastEventId").unwrap()),
        reconnection_time: take("reconnectionTime").unwrap().as_u64().map(Duration::from_millis),
        is_mid_event: take("endsMidEvent").unwrap().as_bool().unwrap(),
    };
    let parsed = Case {
        name: text(&take("name").unwrap()),
        clause: text(&take("clause").unwrap()),
        options,
        streams: streams.into_iter().flatten().map(|chunks| bytes(&chunks)).collect(),
        frames: frames.iter().map(item).collect(),
        events: frames.iter().filter(|frame| is_event(frame)).map(item).collect(),
        state,
    };
    assert!(case.as_object().unwrap().is_empty(), "unknown keys in {:?}: {case}", parsed.name);
    parsed
}

fn bytes(chunks: &Value) -> Vec<Vec<u8>> {
    let chunk = |chunk: &Value| match chunk.get("hex") {
        Some(digits) => {
            let digit = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            text(digits).as_bytes().chunks(2).map(|pair| digit(pair).unwrap()).collect()
        }
        None => text(chunk).into_bytes(),
    };
    chunks.as_array().unwrap().iter().map(chunk).collect()
}

/// Whether a reader of events is told of this frame.
fn is_event(frame: &Value) -> bool {
    frame.get("data").is_some() || frame.get("tooLarge") == Some(&"event".into())
}

fn item(frame: &Value) -> Item {
    match frame.as_object().unwrap().iter().next().map(|(key, value)| (key.as_str(), value)) {
        Some(("comment", comment)) => Item::Comment(text(comment)),
        Some(("id", id)) => Item::Id(text(id)),
        Some(("retry", time)) => Item::Retry(Duration::from_millis(number(time))),
        Some(("tooLarge", _)) => Item::TooLarge,
        _ => Item::Event {
            event_type: text(&frame["type"]),
            type_field: frame.get("eventField").map(text),
            data: text(&frame["data"]),
            id: frame.get("idField").map(text),
            last_event_id: text(&frame["lastEventId"]),
        },
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}
