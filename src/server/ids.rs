//! The IDs of a buffer: each names the place after one event.
//!
//! A place is a number: 0 before the first event that was pushed, *n* after the *n*th.
//! Minted IDs spell it out; IDs that events brought are looked up.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::Epoch;
use crate::shared::Arc;

pub(super) struct Ids {
    epoch: Epoch,
    /// The places of IDs that events brought. A tree and not a hash table, because no keys
    /// make it slow.
    brought: BTreeMap<Arc<str>, u64>,
}

impl Ids {
    pub(super) const fn new(epoch: Epoch) -> Self {
        Ids { epoch, brought: BTreeMap::new() }
    }

    /// The minted ID of a place.
    pub(super) fn mint(&self, place: u64) -> String {
        format!("{}-{place}", self.epoch)
    }

    /// The place of an ID that this buffer minted, or could mint.
    pub(super) fn minted_place(&self, id: &str) -> Option<u64> {
        let (epoch, place) = Epoch::of_id(id)?;
        (epoch == self.epoch).then_some(place)
    }

    /// The place of an ID that an event brought, until it is forgotten.
    pub(super) fn brought_place(&self, id: &str) -> Option<u64> {
        self.brought.get(id).copied()
    }

    pub(super) fn bring(&mut self, id: Arc<str>, place: u64) {
        self.brought.insert(id, place);
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.brought.remove(id);
    }
}
