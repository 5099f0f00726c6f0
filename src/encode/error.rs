//! Why something was not written.

use core::fmt;

/// A field that holds one line and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// `event`, the type.
    Event,
    /// `id`, the last event ID.
    Id,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Event => "event",
            Field::Id => "id",
        })
    }
}

/// A field's text holds a character that the field cannot carry: CR or LF, or
/// U+0000 in an ID (readers ignore such a line).
///
/// **Written:** nothing, the buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("the field `{field}` cannot hold {character:?} (at byte {offset})")]
pub struct EncodeError {
    /// The field.
    pub field: Field,
    /// The first such character of its text.
    pub character: char,
    /// Where it stands in the text, in bytes.
    pub offset: usize,
}

/// Data that a [`DataWriter`](crate::DataWriter) could not take.
///
/// **Written:** nothing in the end. The writer is poisoned: each later write and
/// `finish` give this error again, and the buffer returns to what it was at `begin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Bytes that are not UTF-8, or that end in the middle of a character.
    #[error("data is not UTF-8 (behind byte {valid_up_to})")]
    NotUtf8 {
        /// How many bytes of the data, from its start, are UTF-8.
        valid_up_to: usize,
    },
    /// An implementation of `Display` reported an error.
    #[error("data could not be formatted")]
    Format,
}
