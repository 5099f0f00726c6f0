//! Why an event was not taken.

use crate::EncodeError;

/// An event that a [`ReplayBuffer`](super::ReplayBuffer) does not take.
///
/// **Kept:** the buffer as it was; no event was removed for it, no number used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The ID is empty: it would make clients forget their place.
    #[error("the event's ID is empty")]
    EmptyId,
    /// The ID is one that no header carries unchanged: it holds a control character
    /// (other than a tab further in), or a space or tab at an end. A client could not
    /// come back with it.
    #[error("the event's ID cannot come back in a `Last-Event-ID` header")]
    IdNotCarried,
    /// The ID is that of an event that is kept: two places would have one name.
    #[error("the event's ID is already that of another event")]
    RepeatedId,
    /// The ID has the form of those that this buffer mints.
    #[error("the event's ID has the form of a minted one")]
    ReservedId,
    /// The event cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
