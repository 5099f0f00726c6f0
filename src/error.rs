//! What can go wrong while decoding: one thing, the limit.

/// An event (or, for the reader of frames, a comment) is larger than
/// [`max_event_size`](crate::DecoderBuilder::max_event_size).
///
/// This is the only error of decoding: malformed input is never an error, the
/// standard says what it means.
///
/// **Consumed:** everything up to and including the first byte beyond the limit.
/// **Kept:** the last event ID as the last complete block left it, the
/// reconnection time, and every event handed out before.
/// **Lost:** this one block, up to its blank line (for a comment: this one
/// comment, and nothing of its block).
///
/// The decoder stays usable: the next call goes on behind the block. So a loop
/// that should survive an oversized event takes a `match`; `?` ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("event is larger than the limit of {limit} bytes")]
pub struct EventTooLarge {
    /// The limit in force, in bytes.
    pub limit: usize,
}
