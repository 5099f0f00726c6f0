//! A limit is a property of the stream: small ones, at any cuts.

use super::input::Input;
use crate::drive::Expectation;
use crate::model::{self, Item, Options, Output};

pub fn limits(input: &[u8]) {
    let mut input = Input::new(input);
    let limit = usize::from(input.byte());
    let lengths = input.chunk_lengths();
    let stream = input.rest();
    let cuts = lengths.cuts(stream.len());

    for max_event_size in [limit, limit + 1] {
        let options = Options { max_event_size, ..Options::default() };
        let expectation = Expectation::new(stream, &options);
        expectation.check(&[]);
        expectation.check(&cuts);
    }
    check_monotony(stream, limit);
}

/// A larger limit hands out all that a smaller one does. This holds the model itself
/// to what a limit means.
fn check_monotony(stream: &[u8], limit: usize) {
    let at =
        |max_event_size| model::decode(stream, &Options { max_event_size, ..Options::default() });
    let (small, large, unlimited) = (at(limit), at(limit + 1), at(usize::MAX));
    assert!(!unlimited.items.iter().any(|(_, item)| *item == Item::TooLarge));
    for (small, large) in [(&small, &large), (&large, &unlimited)] {
        let mut rest = blocks(large).into_iter();
        for block in blocks(small) {
            assert!(rest.any(|other| other == block), "{block:?} is lost at a larger limit");
        }
    }
}

/// The values that the blocks themselves set, at their offsets: not the ID that they carry, for an
/// earlier block may have set it beyond the limit.
fn blocks(output: &Output) -> Vec<(usize, Item)> {
    let own = |item: &Item| match item.clone() {
        Item::Event { event_type, type_field, data, id, .. } => {
            let last_event_id = String::new();
            Item::Event { event_type, type_field, data, id, last_event_id }
        }
        other => other,
    };
    output
        .items
        .iter()
        .filter(|(_, item)| *item != Item::TooLarge)
        .map(|(at, item)| (*at, own(item)))
        .collect()
}
