//! The part of a decoder that a connection needs.

use core::time::Duration;

use crate::{BytesDecoder, Decoder};

/// A decoder that a [`Connection`](super::Connection) works with: [`Decoder`],
/// [`BytesDecoder`], or your own type around one of them.
///
/// The decoder keeps the place in the stream, and the connection asks for it. If you
/// implement the trait, pass each call on to the decoder inside.
pub trait Decode {
    /// Returns the last event ID (see [`Decoder::last_event_id`]).
    fn last_event_id(&self) -> &str;

    /// Returns the time that the last `retry` field set (see [`Decoder::reconnection_time`]).
    fn reconnection_time(&self) -> Option<Duration>;

    /// Prepares for a new stream (see [`Decoder::reconnect`]).
    fn reconnect(&mut self);
}

impl Decode for Decoder {
    fn last_event_id(&self) -> &str {
        self.last_event_id()
    }

    fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time()
    }

    fn reconnect(&mut self) {
        self.reconnect();
    }
}

impl Decode for BytesDecoder {
    fn last_event_id(&self) -> &str {
        self.last_event_id()
    }

    fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time()
    }

    fn reconnect(&mut self) {
        self.reconnect();
    }
}
