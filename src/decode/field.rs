//! A line to a field: its name, and where its value starts.
//!
//! ```text
//! line    = comment / field / blank
//! comment = ":" [ " " ] text
//! field   = name [ ":" [ " " ] value ]
//! ```
//!
//! `#event-stream-interpretation`, "process the line".

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
    /// The field of a line without a colon: "the whole line as the field name". Any other line that
    /// [`usual`] does not know has a name that nobody knows. "Field names must be compared
    /// literally, with no case folding performed."
    #[inline]
    pub(super) fn of_line(line: &[u8]) -> Field {
        match line {
            b"data" => Field::Data,
            b"event" => Field::Event,
            b"id" => Field::Id,
            b"retry" => Field::Retry,
            _ => Field::Unknown,
        }
    }

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
/// that colon.
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
    fn a_line_has_the_field_that_its_name_before_the_first_colon_says() {
        let names = ["data", "event", "id", "retry", "", "Data", "dat", "datas", "x", " data"];
        let rests = ["", ":", ": ", ":x", "::", " : x", "x", ":a longer value"];
        for name in names {
            for rest in rests {
                let line = [name, rest].concat();
                let found = match usual(line.as_bytes()) {
                    Some((field, colon)) => (field, colon - 1),
                    None => (Field::of_line(line.as_bytes()), line.len()),
                };
                let name = line.find(':').unwrap_or(line.len());
                let expected = match (&line[..name], line.len()) {
                    ("data", _) => (Field::Data, 4),
                    ("event", _) => (Field::Event, 5),
                    ("id", _) => (Field::Id, 2),
                    ("retry", _) => (Field::Retry, 5),
                    ("", 1..) => (Field::Comment, 0),
                    (_, len) => (Field::Unknown, len),
                };
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
