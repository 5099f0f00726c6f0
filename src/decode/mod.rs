//! Bytes in, events out: `#parsing-an-event-stream`, `#event-stream-interpretation`.
//!
//! | file | job |
//! |---|---|
//! | [`chunk`] | bytes: a cursor over them, and their text |
//! | [`line`] | bytes to lines: the byte order mark, the line ends, the line that a chunk cuts |
//! | [`field`] | a line to a field |
//! | [`block`] | the standard's buffers, as places of bytes |
//! | [`scratch`] | the memory of those that cannot stay in the chunk |
//! | [`core`] | the state machine: the loop over lines, the fields, dispatch, the limit |
//! | [`any_line`] | its rare cases: lines that are cut, too large or of no usual form |
//! | [`output`] | the events and comments that come out of it |
//! | [`decoder`], [`owned`] | the two public layers over it; [`builder`] starts them |

mod any_line;
mod block;
mod builder;
mod chunk;
mod core;
mod decoder;
mod field;
mod interpret;
mod line;
mod output;
mod owned;
mod scratch;
#[cfg(test)]
mod work_tests;

pub use builder::{DEFAULT_MAX_EVENT_SIZE, DecoderBuilder};
pub use chunk::Chunk;
pub use decoder::Decoder;
pub use owned::BytesDecoder;
