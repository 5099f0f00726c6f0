//! The errors of encoding.

use core::fmt;

/// The field that an [`EncodeError`] is about. Both fields can hold one line only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The field `event`, which has the event type.
    Event,
    /// The field `id`, which has the ID.
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

/// The error of encoding: a type or an ID has a character that its field cannot hold.
///
/// Neither of them can hold CR or LF. An ID cannot hold U+0000 either, because readers ignore such
/// an ID.
///
/// **Written:** nothing. The buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("the field `{field}` cannot hold {character:?} (at byte {offset})")]
pub struct EncodeError {
    /// The field whose text the encoder refused.
    pub field: Field,
    /// The first character of the text that the field cannot hold.
    pub character: char,
    /// The offset of that character in the text, in bytes.
    pub offset: usize,
}

/// The error of [`encode_with`](crate::EventEncoder::encode_with).
///
/// `E` is the error of the closure that writes the data.
///
/// **Written:** nothing. The buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The type or the ID cannot be written. The encoder did not call the closure.
    #[error(transparent)]
    Field(#[from] EncodeError),
    /// The closure wrote something that cannot be the data of an event.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The closure failed.
    #[error(transparent)]
    Closure(E),
}

/// The error of a [`DataWriter`](crate::DataWriter): what was written cannot be the data of an
/// event.
///
/// **Written:** nothing. When [`finish`](crate::DataWriter::finish) returns this error, the buffer
/// is as it was at `begin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The bytes are not UTF-8, or they end in the middle of a character. Only `finish` reports
    /// this, because a later write may complete the character.
    #[error("data is not UTF-8 (after {valid_up_to} bytes)")]
    NotUtf8 {
        /// How many bytes at the start of the data are UTF-8. A CRLF counts as one byte, because
        /// it is written as one line end.
        valid_up_to: usize,
    },
    /// The `Display` of a value reported an error, and half of the value may be written. `write!`
    /// returns this error, and so does each later `write!`.
    #[error("data could not be formatted")]
    Format,
}
