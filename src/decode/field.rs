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
pub(super) enum Field {
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
pub(super) const LONGEST_NAME: usize = 5;

impl Field {
    /// The field of this name: the text before the first colon, or the whole
    /// line where there is none. Compared literally, no case folding.
    #[inline]
    pub(super) fn named(name: &[u8]) -> Field {
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

/// The field of a line that starts with a name that is known and its colon, and the offset
/// behind that colon. Eight bytes are compared at once, so the last line of a chunk may be too
/// short for this; the line itself may be shorter or longer than that.
#[inline(always)]
pub(super) fn usual(bytes: &[u8]) -> Option<(Field, usize)> {
    let head = u64::from_le_bytes(*bytes.first_chunk()?);
    if starts_with(head, b"data:") {
        Some((Field::Data, 5))
    } else if starts_with(head, b"event:") {
        Some((Field::Event, 6))
    } else if starts_with(head, b"id:") {
        Some((Field::Id, 3))
    } else if starts_with(head, b":") {
        Some((Field::Comment, 1))
    } else if starts_with(head, b"retry:") {
        Some((Field::Retry, 6))
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

/// A line, as offsets: its name ends at `name`, its value starts at `value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) field: Field,
    pub(super) name: usize,
    pub(super) value: usize,
}

impl Split {
    /// A line whose colon precedes this offset.
    #[inline]
    pub(super) fn after_colon(field: Field, after_colon: usize, line: &[u8]) -> Self {
        Split { field, name: after_colon - 1, value: value_start(line, after_colon) }
    }
}

/// Splits a line that is not blank. [`usual`] finds the same field.
pub(super) fn split(line: &[u8]) -> Split {
    let head = &line[..line.len().min(LONGEST_NAME + 1)];
    match head.iter().position(|&byte| byte == b':') {
        Some(name) => Split::after_colon(Field::named(&line[..name]), name + 1, line),
        // "Otherwise, the string is not empty but does not contain a colon": the whole line is
        // the name, and the value is empty.
        None => Split { field: Field::named(line), name: line.len(), value: line.len() },
    }
}

/// "If value starts with a U+0020 SPACE character, remove it": one space, no second, no tab.
#[inline(always)]
pub(super) fn value_start(line: &[u8], after_colon: usize) -> usize {
    after_colon + usize::from(line.get(after_colon) == Some(&b' '))
}

/// The value of a `retry` line, if it "consists of only ASCII digits": milliseconds.
///
/// The standard leaves two cases open. An empty value is ignored, and a number beyond
/// `u64::MAX` is `u64::MAX`.
pub(super) fn milliseconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then_some(u64::from(byte & 0x0F))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_line_has_the_field_that_split_finds() {
        let names = ["data", "event", "id", "retry", "", "Data", "dat", "datas", "x", " data"];
        let rests = ["", ":", ": ", ":  ", ":x", ": x", ":\t", "::", ": :", " : x"];
        let mut found = 0;
        for name in names {
            for rest in rests {
                for tail in ["", "a longer value"] {
                    let line = [name, rest, tail].concat();
                    if let Some((field, after_colon)) = usual(line.as_bytes()) {
                        let split = split(line.as_bytes());
                        assert_eq!((field, after_colon), (split.field, split.name + 1), "{line:?}");
                        found += 1;
                    }
                }
            }
        }
        // Five names, each with the eight rests that start with a colon and the longer value.
        assert!(found >= 40, "{found}");
    }

    #[test]
    fn a_retry_saturates_and_takes_only_digits() {
        let of = |value: &str| milliseconds(value.as_bytes());
        assert_eq!(of("0"), Some(0));
        assert_eq!(of("007"), Some(7));
        assert_eq!(of("18446744073709551615"), Some(u64::MAX));
        assert_eq!(of("18446744073709551616"), Some(u64::MAX));
        assert_eq!(of("99999999999999999999999"), Some(u64::MAX));
        for value in ["", "-1", "+1", "1 ", " 1", "1.5", "1/", "1:", "\u{661}"] {
            assert_eq!(of(value), None, "{value:?}");
        }
    }
}
