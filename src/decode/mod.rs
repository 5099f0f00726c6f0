//! Bytes in, events out: `#parsing-an-event-stream`, `#event-stream-interpretation`.
//!
//! | file | job |
//! |---|---|
//! | [`chunk`] | bytes: a cursor over them, and their text |
//! | [`line`] | bytes to lines: the byte order mark and the line ends |
//! | [`field`] | a line to a field |
//! | [`interpret`] | the standard's buffers, each field's meaning, dispatch |
//! | [`buffer`] | one of those buffers, and its text |
//! | [`block`] | what that comes to |
//! | [`core`] | the state machine that drives them |
//! | [`quick`] | the same for the most usual blocks, faster |
//! | [`borrowed`], [`owned`] | the two thin layers over it; [`builder`] starts them |

mod block;
mod borrowed;
mod buffer;
mod builder;
mod chunk;
mod core;
mod field;
mod interpret;
mod line;
mod owned;
mod quick;
#[cfg(test)]
mod work_tests;

pub use borrowed::Decoder;
pub use builder::{DEFAULT_MAX_EVENT_SIZE, DecoderBuilder};
pub use chunk::Chunk;
pub(crate) use chunk::Span;
pub use owned::BytesDecoder;
