//! Bytes in, events out: `#parsing-an-event-stream`, `#event-stream-interpretation`.
//!
//! | file | job |
//! |---|---|
//! | [`chunk`] | a cursor over bytes, and their text |
//! | [`line`] | bytes to lines: the byte order mark, the line ends, where a line can be cut |
//! | [`field`] | a line to a field |
//! | [`block`] | the standard's buffers, as places of bytes |
//! | [`scratch`] | the memory of those bytes that cannot stay in their chunk |
//! | [`interpret`] | what each field and each blank line does to the buffers, and the limit |
//! | [`output`] | the events and comments that come out of the buffers |
//! | [`core`] | the state machine: the loop over lines |
//! | [`unusual`] | the lines that the loop leaves to others |
//! | [`carry`] | lines that the end of a chunk cuts |
//! | [`decoder`], [`owned`] | the two public layers over it; [`builder`] starts them |

mod block;
mod builder;
mod carry;
mod chunk;
mod core;
mod decoder;
mod field;
mod interpret;
mod line;
mod output;
mod owned;
mod scratch;
mod unusual;
#[cfg(test)]
mod work_tests;

pub use builder::{DEFAULT_MAX_EVENT_SIZE, DecoderBuilder};
pub use chunk::Chunk;
pub use decoder::Decoder;
pub use owned::BytesDecoder;
