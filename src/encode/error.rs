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

/// The error of encoding: a type or an ID holds a character that its field cannot carry.
///
/// These are CR and LF, and U+0000 in an ID, because readers ignore such an ID.
///
/// **Written:** nothing, the buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("the field `{field}` cannot hold {character:?} (at byte {offset})")]
pub struct EncodeError {
    /// The field whose text was refused.
    pub field: Field,
    /// The first such character of its text.
    pub character: char,
    /// The offset of that character in the text, in bytes.
    pub offset: usize,
}

/// The error of [`encode_with`](crate::EventEncoder::encode_with); `E` is the error of the
/// closure that writes the data.
///
/// **Written:** nothing, the buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The type or the ID cannot be written. The closure was not called.
    #[error(transparent)]
    Field(#[from] EncodeError),
    /// The data that the closure wrote cannot be an event's.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The closure failed.
    #[error(transparent)]
    Closure(E),
}

/// The error of a [`DataWriter`](crate::DataWriter): its data cannot be an event's.
///
/// **Written:** nothing in the end. [`finish`](crate::DataWriter::finish) returns this error, and
/// the buffer is as it was at `begin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The bytes are not UTF-8, or end in the middle of a character. Only `finish` notices,
    /// because a later write may complete the character.
    #[error("data is not UTF-8 (after {valid_up_to} bytes)")]
    NotUtf8 {
        /// How many bytes of the data, from its start, are UTF-8. A CRLF counts as one
        /// byte, because it is written as one line end.
        valid_up_to: usize,
    },
    /// An implementation of `Display` reported an error, and may have written half a value.
    /// `write!` gives this error too, and each later `write!` again.
    #[error("data could not be formatted")]
    Format,
}
