//! The epoch: what tells the IDs of one buffer from those of every other.

use core::fmt;

/// The part that all IDs minted by one [`ReplayBuffer`](super::ReplayBuffer) begin with.
///
/// Two buffers must never have the same epoch if a client of one can come to the other. This
/// holds for two replicas of a server, and for one server before and after a restart. They
/// would give the same ID to different events, and a client that comes from one to the other
/// would get events from the wrong place on, without any sign of it.
///
/// So take 128 random bits. A clock is not enough, because two starts within one of its
/// ticks share it. This crate has no source of random numbers, but the standard library has:
///
/// ```
/// use sse_proto::server::{Epoch, ReplayBuffer};
/// use std::hash::{BuildHasher, RandomState};
///
/// let random = RandomState::new();
/// let [high, low] = [0, 1].map(|half| u128::from(random.hash_one(half)));
/// let buffer = ReplayBuffer::new(Epoch::new(high << 64 | low));
/// ```
///
/// An epoch is used once: it is neither `Copy` nor `Clone`. A server that keeps its events
/// in a log keeps the epoch too, because it is in their IDs (see [`of_id`](Epoch::of_id)).
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Epoch(u128);

/// A buffer that begins at this place can still count for longer than any program runs.
pub(super) const MAX_PLACE: u64 = u64::MAX / 2;

impl Epoch {
    /// Makes an epoch from 128 random bits. IDs have it in hexadecimal, without leading zeros.
    #[must_use]
    pub const fn new(random: u128) -> Self {
        Epoch(random)
    }

    /// Takes a minted ID apart: its epoch, and its place, which is the number of events up
    /// to and including the one with this ID.
    ///
    /// It returns `None` for an ID that no buffer mints: one of another form, or with a place
    /// beyond `u64::MAX / 2`, which no buffer ever reaches.
    ///
    /// ```
    /// use sse_proto::server::Epoch;
    ///
    /// assert_eq!(Epoch::of_id("1f-7"), Some((Epoch::new(0x1f), 7)));
    /// assert_eq!(Epoch::of_id("7"), None);
    /// ```
    #[must_use]
    pub fn of_id(id: &str) -> Option<(Self, u64)> {
        let (epoch, place) = id.split_once('-')?;
        let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_epoch = has_one_spelling(epoch) && epoch.bytes().all(is_hex);
        let is_place = has_one_spelling(place) && place.bytes().all(|byte| byte.is_ascii_digit());
        (is_epoch && is_place).then_some(())?;
        let place = place.parse().ok().filter(|&place| place <= MAX_PLACE)?;
        Some((Epoch(u128::from_str_radix(epoch, 16).ok()?), place))
    }
}

/// The epoch as it is written in IDs.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// A number without leading zeros: only one ID names a place.
fn has_one_spelling(number: &str) -> bool {
    number == "0" || !number.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn an_id_is_taken_apart_into_what_it_was_made_of() {
        for epoch in [0, 7, 0xab, u128::MAX] {
            for place in [0, 1, 10, MAX_PLACE] {
                let id = format!("{}-{place}", Epoch::new(epoch));
                assert_eq!(Epoch::of_id(&id), Some((Epoch(epoch), place)), "{id}");
            }
        }
    }

    #[test]
    fn an_id_of_another_spelling_was_not_minted() {
        for id in [
            "",
            "-",
            "7",
            "7-",
            "-1",
            "1",
            "07-1",
            "00-1",
            "+7-1",
            "A-1",
            "g-1",
            "7-01",
            "7-00",
            "7-+1",
            "7--1",
            "7-1-",
            "7-1 ",
            "7-a",
            "7-9223372036854775808",
            "7-18446744073709551615",
            "7-18446744073709551616",
            "100000000000000000000000000000000-1",
        ] {
            assert_eq!(Epoch::of_id(id), None, "{id:?}");
        }
    }
}
