//! The one error of decoding: the limit.

use core::fmt;

/// The only error of decoding: an event or a comment is larger than
/// [`max_event_size`](crate::DecoderBuilder::max_event_size).
///
/// Only a reader of frames gets it for a comment. Malformed input is never an error, because the
/// standard says how to read it.
///
/// **Consumed:** everything up to and including the first byte beyond the limit.
/// **Kept:** the last event ID as the last complete block left it, and the reconnection time.
/// **Lost:** this one block, up to its blank line; or this one comment, and nothing of its block.
///
/// The next call continues after the block. Call it with the same [`Chunk`](crate::Chunk),
/// because the events that follow are still in there. A `?` ends the loop.
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
    /// A block, with its event and its ID.
    Event,
    /// A comment. Only a reader of frames gets this.
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
