//! Named vectors: a stream and, as literals, all that comes out of it.
//!
//! A bug is a vector here before it is fixed. Each is checked against the model and against every layer of the
//! crate, whole, bytewise and at every cut in two, empty chunks among them. The letters before a name (`P1`,
//! `I8`, `D2` …) count the lines of the standard as the modules' heads list them.

#[path = "../drive/mod.rs"]
mod drive;
#[path = "../model.rs"]
mod model;

mod dispatch;
mod interpretation;
mod parsing;
mod reconnection;
mod web_platform;

use std::time::Duration;

use drive::Expectation;
use model::{Item, Options};

pub(crate) struct Vector {
    name: &'static str,
    stream: Vec<u8>,
    items: Vec<Item>,
    /// The ID the stream starts from, and the state it leaves behind.
    starts_from: &'static str,
    last_event_id: &'static str,
    retry: Option<Duration>,
    is_mid_event: bool,
}

/// A stream, and all its frames; what it leaves behind is no ID, no reconnection time and no unfinished event.
pub(crate) fn vector<const N: usize>(
    name: &'static str,
    stream: impl AsRef<[u8]>,
    items: [Item; N],
) -> Vector {
    Vector {
        name,
        stream: stream.as_ref().to_vec(),
        items: items.to_vec(),
        starts_from: "",
        last_event_id: "",
        retry: None,
        is_mid_event: false,
    }
}

impl Vector {
    pub(crate) fn starts_from(self, id: &'static str) -> Vector {
        Vector { starts_from: id, ..self }
    }

    /// The committed ID at the end.
    pub(crate) fn leaves_id(self, id: &'static str) -> Vector {
        Vector { last_event_id: id, ..self }
    }

    pub(crate) fn leaves_retry(self, milliseconds: u64) -> Vector {
        Vector { retry: Some(Duration::from_millis(milliseconds)), ..self }
    }

    pub(crate) fn ends_mid_event(self) -> Vector {
        Vector { is_mid_event: true, ..self }
    }
}

/// An event without `event` and `id` lines, on a stream without an ID; the rest of `Says` adds to it.
pub(crate) fn message(data: &str) -> Item {
    Item::Event {
        event_type: "message".to_owned(),
        type_field: None,
        data: data.to_owned(),
        id: None,
        last_event_id: String::new(),
    }
}

pub(crate) fn comment(text: &str) -> Item {
    Item::Comment(text.to_owned())
}

pub(crate) fn retry(milliseconds: u64) -> Item {
    Item::Retry(Duration::from_millis(milliseconds))
}

/// A block that sets an ID and has no data.
pub(crate) fn id(id: &str) -> Item {
    Item::Id(id.to_owned())
}

pub(crate) trait Says {
    /// Its block has an `event` line that names a type.
    fn of_type(self, name: &str) -> Item;
    /// Its block has an empty `event` line.
    fn of_empty_type(self) -> Item;
    /// Its block has an `id` line.
    fn with_id(self, name: &str) -> Item;
    /// An earlier block had one.
    fn carrying(self, name: &str) -> Item;
}

impl Says for Item {
    fn of_type(mut self, name: &str) -> Item {
        let Item::Event { event_type, type_field, .. } = &mut self else { panic!("{self:?}") };
        (*event_type, *type_field) = (name.to_owned(), Some(name.to_owned()));
        self
    }

    fn of_empty_type(mut self) -> Item {
        let Item::Event { type_field, .. } = &mut self else { panic!("{self:?}") };
        *type_field = Some(String::new());
        self
    }

    fn with_id(mut self, name: &str) -> Item {
        let Item::Event { id, .. } = &mut self else { panic!("{self:?}") };
        *id = Some(name.to_owned());
        self.carrying(name)
    }

    fn carrying(mut self, name: &str) -> Item {
        let Item::Event { last_event_id, .. } = &mut self else { panic!("{self:?}") };
        *last_event_id = name.to_owned();
        self
    }
}

fn check(vectors: Vec<Vector>) {
    for vector in vectors {
        let name = vector.name;
        println!("vector: {name}"); // shown if it fails
        let options =
            Options { last_event_id: vector.starts_from.to_owned(), ..Options::default() };

        let frames = model::decode(&vector.stream, &options);
        assert_eq!(frames.what(), vector.items, "the model's frames: {name}");
        assert_eq!(frames.last_event_id, vector.last_event_id, "the model's last event ID: {name}");
        assert_eq!(frames.reconnection_time, vector.retry, "the model's reconnection time: {name}");
        assert_eq!(frames.is_mid_event, vector.is_mid_event, "the model, mid-event: {name}");
        let events =
            model::decode(&vector.stream, &Options { frames: false, ..options.clone() }).what();
        let literal = vector
            .items
            .into_iter()
            .filter(|item| matches!(item, Item::Event { .. } | Item::TooLarge));
        assert_eq!(events, literal.collect::<Vec<_>>(), "the model's events: {name}");

        // The model says what the literal says: the layers may be compared with it, cut by cut.
        let expectation = Expectation::new(&vector.stream, &options);
        if vector.stream.len() < 300 {
            expectation.check_every_cut();
        } else {
            expectation.check(&[]);
            expectation.check(&drive::bytewise(&vector.stream));
            (0..vector.stream.len()).step_by(61).for_each(|cut| expectation.check(&[cut, cut]));
        }
    }
}

#[test]
fn the_vectors_of_parsing_hold_in_every_layer_at_every_cut() {
    check(parsing::vectors());
}

#[test]
fn the_vectors_of_interpretation_hold_in_every_layer_at_every_cut() {
    check(interpretation::vectors());
}

#[test]
fn the_vectors_of_dispatch_hold_in_every_layer_at_every_cut() {
    check(dispatch::vectors());
}

#[test]
fn the_web_platform_tests_hold_in_every_layer_at_every_cut() {
    check(web_platform::vectors());
}

#[test]
fn the_vectors_of_reconnection_hold_in_every_layer_at_every_cut() {
    check(reconnection::vectors());
}

#[test]
fn every_vector_has_a_name_of_its_own() {
    let all = [
        parsing::vectors(),
        interpretation::vectors(),
        dispatch::vectors(),
        web_platform::vectors(),
        reconnection::vectors(),
    ];
    let names: Vec<_> = all.iter().flatten().map(|vector| vector.name).collect();
    let distinct: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}
