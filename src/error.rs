//! The one error of decoding: the limit.

use core::fmt;

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
/// The decoder stays usable: the next call continues after the block. What follows is
/// still in the [`Chunk`](crate::Chunk): a loop that should survive an oversized event
/// continues with the same chunk, and `?` ends it.
///
/// ```
/// use sse_proto::{Chunk, Decoder};
///
/// let mut decoder = Decoder::builder().max_event_size(10).build();
/// let mut chunk = Chunk::new(b"data: 1\n\ndata: 2 is too large\n\ndata: 3\n\n");
/// # let mut seen = Vec::new();
/// loop {
///     match decoder.next_event(&mut chunk) {
///         Ok(Some(event)) => {
///             println!("{}", event.data()); // 1, 3
/// #           seen.push(event.data().to_owned());
///         }
///         Ok(None) => break,
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # assert_eq!(seen, ["1", "3"]);
/// ```
///
/// If you drop the chunk but keep the decoder, you lose the rest of the chunk, and the next event
/// too if the blank line of this block was in it. If you give the stream up, call
/// [`reconnect`](crate::Decoder::reconnect) before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("{lost} is larger than the limit of {limit} bytes")]
pub struct EventTooLarge {
    /// The limit in force, in bytes.
    pub limit: usize,
    /// Whether an event was lost, or only a comment.
    pub lost: Lost,
}

/// The part of a stream that an [`EventTooLarge`] says was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lost {
    /// A block: an event, or an ID that it would have set.
    Event,
    /// A comment. Only a reader of frames meets this.
    Comment,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lost::Event => "event",
            Lost::Comment => "comment",
        })
    }
}
