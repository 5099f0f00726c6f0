//! Frames that were decoded, written again.

use super::buffer::Buffer;
use super::{EncodeError, EventEncoder};
use crate::{Frame, OwnedFrame};

impl Frame<'_> {
    /// Appends the frame to `out`, as a proxy does that passes a stream on.
    ///
    /// An event is written with the ID and the type that its own block had, not with those
    /// that it has from an earlier block or by default. A reader of what you write gets the
    /// frames that you got. A comment and a retry are one line, without a blank line after
    /// it: so a keep-alive stays what it was (see [`KEEP_ALIVE`](super::KEEP_ALIVE)).
    ///
    /// ```
    /// use sse_proto::{Chunk, Decoder};
    ///
    /// let mut decoder = Decoder::new();
    /// let mut chunk = Chunk::new(b":ping\r\rid:7\r\revent:t\ndata:a\ndata:b\nretry:5\n\n");
    /// let mut out = Vec::new();
    /// while let Some(frame) = decoder.next_frame(&mut chunk)? {
    ///     frame.encode(&mut out)?;
    /// }
    /// assert_eq!(out, b": ping\nid: 7\n\nretry: 5\nevent: t\ndata: a\ndata: b\n\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None for a frame that was decoded. A frame that you made yourself may hold an ID or
    /// a type that cannot be written: then it is an [`EncodeError`], and `out` is as it was.
    pub fn encode<B: Buffer>(&self, out: &mut B) -> Result<(), EncodeError> {
        match *self {
            Frame::Event(event) => EventEncoder::from(event).encode(event.data(), out),
            Frame::Comment(text) => EventEncoder::new().comment(text).write_fields(0, out),
            Frame::Retry(time) => EventEncoder::new().retry(time).write_fields(0, out),
            Frame::Id(id) => EventEncoder::new().id(id).encode_fields(out),
        }
    }
}

impl OwnedFrame {
    /// Appends the frame to `out` (see [`Frame::encode`]).
    ///
    /// # Errors
    ///
    /// None for a frame that was decoded (see [`Frame::encode`]).
    pub fn encode<B: Buffer>(&self, out: &mut B) -> Result<(), EncodeError> {
        self.as_frame().encode(out)
    }
}
