//! A line to a field: its name, and where its value starts.
//!
//! ```text
//! line    = comment / field / blank
//! comment = ":" [ " " ] text
//! field   = name [ ":" [ " " ] value ]
//! ```
//!
//! `#event-stream-interpretation`, "process the line".

/// What a line is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Data,
    Event,
    Id,
    Retry,
    /// A line that starts with a colon: a field without a name.
    Comment,
    /// Any other name. "The field is ignored."
    Unknown,
}

/// The length of the longest name that means something.
pub(crate) const LONGEST_NAME: usize = 5;

impl Field {
    /// The field of this name: the text before the first colon, or the whole
    /// line where there is none. Compared literally, no case folding.
    #[inline]
    pub(crate) fn named(name: &[u8]) -> Field {
        match name {
            b"data" => Field::Data,
            b"event" => Field::Event,
            b"id" => Field::Id,
            b"retry" => Field::Retry,
            b"" => Field::Comment,
            _ => Field::Unknown,
        }
    }
}

/// The start of a line in the form that nearly every line has: its field and the
/// offset of its value. Eight bytes are compared at once; the line may be longer.
#[inline(always)]
pub(crate) fn usual(bytes: &[u8]) -> Option<(Field, usize)> {
    let head = u64::from_le_bytes(*bytes.first_chunk()?);
    if starts_with(head, b"data: ") {
        Some((Field::Data, 6))
    } else if starts_with(head, b"event: ") {
        Some((Field::Event, 7))
    } else if starts_with(head, b"id: ") {
        Some((Field::Id, 4))
    } else if starts_with(head, b": ") {
        Some((Field::Comment, 2))
    } else if starts_with(head, b"retry: ") {
        Some((Field::Retry, 7))
    } else {
        None
    }
}

/// Whether the eight bytes of `head`, the first one lowest, start with `name`.
#[inline(always)]
const fn starts_with(head: u64, name: &[u8]) -> bool {
    let (mut word, mut mask, mut index) = (0, 0, 0);
    while index < name.len() {
        word |= (name[index] as u64) << (8 * index);
        mask |= 0xFF << (8 * index);
        index += 1;
    }
    head & mask == word
}

/// Splits a whole line that is not blank into its field and the offset of its
/// value: the rule that [`usual`] is a shortcut of.
pub(crate) fn split(line: &[u8]) -> (Field, usize) {
    let head = &line[..line.len().min(LONGEST_NAME + 1)];
    match head.iter().position(|&byte| byte == b':') {
        Some(colon) => {
            let value = colon + 1;
            (Field::named(&line[..colon]), value + leading_space(&line[value..]))
        }
        // "Otherwise, the string is not empty but does not contain a colon":
        // the whole line is the name, the value is empty.
        None => (Field::named(line), line.len()),
    }
}

/// "If value starts with a U+0020 SPACE character, remove it": how many bytes
/// behind the colon are not part of the value. One space, no second, no tab.
#[inline]
pub(crate) fn leading_space(after_colon: &[u8]) -> usize {
    usize::from(after_colon.first() == Some(&b' '))
}

/// The value of a `retry` line, read digit by digit: nothing of it is held,
/// however long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    Empty,
    Milliseconds(u64),
    NotDigits,
}

impl Retry {
    pub(crate) fn push(self, piece: &[u8]) -> Retry {
        let mut milliseconds: u64 = match self {
            Retry::Empty if piece.is_empty() => return Retry::Empty,
            Retry::Empty => 0,
            Retry::Milliseconds(milliseconds) => milliseconds,
            Retry::NotDigits => return Retry::NotDigits,
        };
        for byte in piece {
            if !byte.is_ascii_digit() {
                return Retry::NotDigits;
            }
            // The standard sets no upper bound; ours is u64::MAX, reached and kept.
            let digit = u64::from(byte - b'0');
            milliseconds = milliseconds.saturating_mul(10).saturating_add(digit);
        }
        Retry::Milliseconds(milliseconds)
    }

    /// The time, if the value "consists of only ASCII digits", at least one.
    pub(crate) fn milliseconds(self) -> Option<u64> {
        match self {
            Retry::Milliseconds(milliseconds) => Some(milliseconds),
            Retry::Empty | Retry::NotDigits => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_split_as_the_rule_has_it() {
        let names = ["data", "event", "id", "retry", "", "Data", "dat", "datas", "x", " data"];
        let rests = ["", ":", ": ", ":  ", ":x", ": x", ":\t", "::", ": :", " : x"];
        let mut found = 0;
        for name in names {
            for rest in rests {
                for tail in ["", "a longer value"] {
                    let line = [name, rest, tail].concat();
                    if let Some(usual) = usual(line.as_bytes()) {
                        assert_eq!(usual, split(line.as_bytes()), "{line:?}");
                        found += 1;
                    }
                }
            }
        }
        // Five names, each with the four rests that start with ": " and the long tail at least.
        assert!(found >= 20, "{found}");
    }

    #[test]
    fn retry_saturates_and_takes_only_digits() {
        let of = |value: &str| Retry::Empty.push(value.as_bytes()).milliseconds();
        assert_eq!(of("0"), Some(0));
        assert_eq!(of("007"), Some(7));
        assert_eq!(of("18446744073709551615"), Some(u64::MAX));
        assert_eq!(of("18446744073709551616"), Some(u64::MAX));
        assert_eq!(of("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(of(""), None);
        assert_eq!(of("-1"), None);
        assert_eq!(of("1 "), None);
        assert_eq!(of("1.5"), None);
    }
}
