//! The methods of a decoder that a connection calls.

use core::time::Duration;

use crate::{BytesDecoder, Decoder};

/// A decoder that a [`Connection`](super::Connection) can use: [`Decoder`], [`BytesDecoder`], or
/// your own type that contains one of them.
///
/// The decoder keeps the last event ID and the reconnection time, and the connection asks it for
/// them. If you implement the trait, pass each call on to the decoder that your type contains.
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
