//! Encoding of frames.

use super::buffer::Buffer;
use super::{EncodeError, EventEncoder};
use crate::{Frame, OwnedFrame};

impl Frame<'_> {
    /// Appends the frame to `out`, for example in a proxy that passes a stream on.
    ///
    /// A reader of the bytes that you write gets the same frames that you have read. An event is
    /// written with the type and the ID that its own block had, not with a last event ID from an
    /// earlier block. A comment or a retry is one line, without a blank line after it. So a
    /// keep-alive remains a keep-alive (see [`KEEP_ALIVE`](super::KEEP_ALIVE)).
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
    /// [`EncodeError`] if the type or the ID cannot be written. `out` is then as it was. This
    /// happens only with a frame that you made yourself, never with one that was decoded.
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
    /// [`EncodeError`], as [`Frame::encode`] says.
    pub fn encode<B: Buffer>(&self, out: &mut B) -> Result<(), EncodeError> {
        self.as_frame().encode(out)
    }
}
