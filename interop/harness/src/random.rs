//! Numbers, texts and blocks by chance: the same in every run.

use crate::cases::Case;

#[rustfmt::skip]
const LINE: &[&str] = &[
    "a", "token", " ", "  ", ":", ": ", "data: ", "id: 1", "event", "retry: 1", "\t", "{\"x\": 1}", "한국어",
    "中文", "🦀", "é", "\u{FEFF}", "\u{2028}", "\u{85}", "\\n", "the quick brown fox jumps over the lazy dog",
];

#[rustfmt::skip]
const LINES: &[&str] = &[
    "\n", "\r\n", "\r", "\n\n", "\0", "x", "long, longer, longest", "data: ", ":", " ", "한", "🦀",
];

const TYPES: &[&str] =
    &["token", "message", "", "error", "content_block_delta", "a b", "한국어", ":", " x"];

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn text(&mut self, pieces: &[&str]) -> String {
        (0..self.below(8)).map(|_| pieces[self.below(pieces.len() as u64) as usize]).collect()
    }

    pub fn case(&mut self) -> Case {
        let event_type = TYPES[self.below(TYPES.len() as u64) as usize];
        let text = |random: &mut Self| match random.below(4) {
            0 => random.text(LINES),
            1 => random.text(LINE) + "\n" + &random.text(LINE),
            _ => random.text(LINE),
        };
        Case {
            comment: self.one_in(10).then(|| text(self)),
            id: self.one_in(3).then(|| self.text(LINE)),
            event_type: self.one_in(2).then(|| event_type.into()),
            retry: self.one_in(20).then(|| 2000 + self.below(3000)),
            data: (!self.one_in(15)).then(|| text(self)),
        }
    }
}
