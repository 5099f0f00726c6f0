//! The IDs of a buffer: each names the place behind one event.
//!
//! A place is a number: 0 before the first event that was pushed, *n* behind the *n*th.
//! Minted IDs spell it out; IDs that were brought are looked up.

use alloc::collections::BTreeMap;
use alloc::format;

use alloc::string::String;

#[derive(Clone, Debug)]
pub(super) struct Ids {
    epoch: u64,
    /// Those that were brought. A tree, not a hash table: no keys make it slow.
    brought: BTreeMap<String, u64>,
}

impl Ids {
    pub(super) const fn new(epoch: u64) -> Self {
        Ids { epoch, brought: BTreeMap::new() }
    }

    /// The minted ID of a place.
    pub(super) fn mint(&self, place: u64) -> String {
        format!("{}-{place}", self.epoch)
    }

    /// The place of a minted ID; of one that was minted, or could be.
    pub(super) fn minted_place(&self, id: &str) -> Option<u64> {
        let (epoch, place) = id.split_once('-')?;
        (decimal(epoch)? == self.epoch).then(|| decimal(place))?
    }

    /// The place of an ID that was brought, and not forgotten.
    pub(super) fn brought_place(&self, id: &str) -> Option<u64> {
        self.brought.get(id).copied()
    }

    pub(super) fn bring(&mut self, id: String, place: u64) {
        self.brought.insert(id, place);
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.brought.remove(id);
    }
}

/// A number as `Display` writes it: no sign, no zeros in front, so that each number has
/// one spelling.
fn decimal(text: &str) -> Option<u64> {
    let is_canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| is_canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_id_has_one_spelling() {
        for epoch in [0, 7, u64::MAX] {
            let ids = Ids::new(epoch);
            for place in [0, 1, 10, u64::MAX] {
                assert_eq!(ids.minted_place(&ids.mint(place)), Some(place));
            }
        }
        let ids = Ids::new(7);
        for id in [
            "",
            "-",
            "7",
            "7-",
            "-1",
            "1",
            "07-1",
            "+7-1",
            "7-01",
            "7-+1",
            "7--1",
            "7-1-",
            "7-1 ",
            "8-1",
            "7-a",
            "7-00",
            "7-18446744073709551616",
        ] {
            assert_eq!(ids.minted_place(id), None, "{id:?}");
        }
    }
}
