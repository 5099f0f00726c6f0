//! Random numbers for the backoff, so that clients do not all come back at the same time.

use std::hash::{BuildHasher, RandomState};

/// The generator SplitMix64. Its numbers can be guessed, so they are for waits and not for secrets.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// Makes a generator with a new seed each time. The standard library seeds its hash maps in the
    /// same way.
    pub(super) fn unseeded() -> Self {
        Random(RandomState::new().hash_one(0))
    }

    pub(super) const fn number(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        let mut random = Random::new(1_234_567);
        let published: [u64; 3] =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for number in published {
            assert_eq!(random.number(), (number >> 32) as u32);
        }
    }

    #[test]
    fn the_numbers_are_spread_evenly_and_differ_by_seed() {
        for seed in [0, 1, u64::MAX] {
            let mut random = Random::new(seed);
            let mut tenths = [0; 10];
            for _ in 0..10_000 {
                tenths[((u64::from(random.number()) * 10) >> 32) as usize] += 1;
            }
            assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
        }
        assert_ne!(Random::new(1).number(), Random::new(2).number());
        assert_ne!(Random::unseeded().number(), Random::unseeded().number());
    }
}
