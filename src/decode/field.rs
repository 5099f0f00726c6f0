//! A line to a field: its name, and where its value starts.
//!
//! ```text
//! line    = comment / field / blank
//! comment = ":" [ " " ] text
//! field   = name [ ":" [ " " ] value ]
//! ```
//!
//! `#event-stream-interpretation`, "process the line".

use super::chunk::Span;

/// The kind of a line, by its name.
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
    /// Whether the bytes of such a line count for its block.
    #[inline(always)]
    pub(super) fn counts_for_block(self) -> bool {
        !matches!(self, Field::Comment | Field::Unknown)
    }

    /// The field, but a comment that nobody asked for is nothing.
    #[inline]
    pub(super) fn asked_for(self, frames: bool) -> Field {
        if self == Field::Comment && !frames { Field::Unknown } else { self }
    }
}

/// The field of a line that starts with a name that is known and its colon, and the offset after
/// that colon. "Field names must be compared literally, with no case folding performed."
#[inline(always)]
pub(super) fn usual(bytes: &[u8]) -> Option<(Field, usize)> {
    if bytes.starts_with(b"data:") {
        Some((Field::Data, 5))
    } else if bytes.starts_with(b"event:") {
        Some((Field::Event, 6))
    } else if bytes.starts_with(b"id:") {
        Some((Field::Id, 3))
    } else if bytes.starts_with(b":") {
        Some((Field::Comment, 1))
    } else if bytes.starts_with(b"retry:") {
        Some((Field::Retry, 6))
    } else {
        None
    }
}

/// The same for a whole line that is not [`usual`], nor blank. A line without a colon has "the whole
/// line as the field name", and is read as if a colon came after it.
pub(super) fn unusual(line: &[u8]) -> (Field, usize) {
    let mut name = [0; LONGEST_NAME + 1];
    if line.len() <= LONGEST_NAME {
        name[..line.len()].copy_from_slice(line);
        name[line.len()] = b':';
    }
    usual(&name).unwrap_or((Field::Unknown, line.len() + 1))
}

/// The place of the value in a source where the line is at `offset`. "If value starts with a U+0020
/// SPACE character, remove it": one space, no second, no tab.
#[inline(always)]
pub(super) fn value(line: &[u8], after_colon: usize, offset: usize) -> Span {
    let start = after_colon + usize::from(line.get(after_colon) == Some(&b' '));
    // The offset after a colon that the line does not have is beyond its end.
    Span { start: offset + start.min(line.len()), end: offset + line.len() }
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
    fn a_line_has_the_field_that_its_name_before_the_first_colon_says() {
        let names = ["data", "event", "id", "retry", "", "Data", "dat", "datas", "x", " data"];
        let rests = ["", ":", ": ", ":x", "::", " : x", "x", ":a longer value"];
        for name in names {
            for rest in rests {
                let line = [name, rest].concat();
                if line.is_empty() {
                    continue;
                }
                let expected = match line.split_once(':').map_or(&*line, |(name, _)| name) {
                    "data" => (Field::Data, 5),
                    "event" => (Field::Event, 6),
                    "id" => (Field::Id, 3),
                    "retry" => (Field::Retry, 6),
                    "" => (Field::Comment, 1),
                    _ => (Field::Unknown, line.len() + 1),
                };
                let is_usual = expected.0 != Field::Unknown && line.contains(':');
                let found = usual(line.as_bytes());
                assert_eq!(found, is_usual.then_some(expected), "{line:?}");
                let found = found.unwrap_or_else(|| unusual(line.as_bytes()));
                assert_eq!(found, expected, "{line:?}");
            }
        }
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
