//! Why an event was not taken.

use core::convert::Infallible;

use crate::WriteError;

/// An event that a [`ReplayBuffer`](super::ReplayBuffer) does not take; `E` is the error of
/// the closure in [`push_with`](super::ReplayBuffer::push_with).
///
/// **Kept:** the buffer as it was. No event was removed for this one, and no number is used
/// up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PushError<E = Infallible> {
    /// The ID is empty: it would make clients forget their place.
    #[error("the event's ID is empty")]
    EmptyId,
    /// No header carries the ID unchanged, so a client could not come back with it: it
    /// holds a control character (a tab is fine inside), or a space or tab at an end.
    #[error("the event's ID cannot come back in a `Last-Event-ID` header")]
    IdNotCarried,
    /// An event that is kept, or the last that was removed, has the same ID: two places would
    /// have one name.
    #[error("the event's ID is already that of another event")]
    RepeatedId,
    /// The ID has the form of those that this buffer mints.
    #[error("the event's ID has the form of a minted one")]
    ReservedId,
    /// The event cannot be written.
    #[error(transparent)]
    Encode(#[from] WriteError<E>),
}

/// A log that [`ReplayBuffer::read_log`](super::ReplayBuffer::read_log) does not read to its end.
///
/// **Kept:** the events before the offset are in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The block here is not an event, because it has no data. Or it is not UTF-8, or has a CR or
    /// a byte order mark, which an encoder never writes.
    #[error("at byte {offset} of the log there is no event")]
    NotAnEvent {
        /// The number of bytes before the block.
        offset: usize,
    },
    /// The event here has no ID, or one that the buffer does not take.
    #[error("at byte {offset} of the log: {error}")]
    Refused {
        /// The number of bytes before the event.
        offset: usize,
        /// Why it was not taken.
        error: PushError,
    },
}
