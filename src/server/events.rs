//! The events that a buffer gives, one after the other.

use alloc::collections::vec_deque;
use alloc::string::String;
use core::fmt;
use core::iter::FusedIterator;

use bytes::Bytes;

use super::ReplayBuffer;
use super::replay::Kept;

/// Events of a [`ReplayBuffer`], encoded, from the oldest to the newest.
///
/// Each is a clone that shares the buffer's memory. Write it to the response as it is.
#[derive(Clone)]
pub struct Events<'b> {
    buffer: &'b ReplayBuffer,
    rest: vec_deque::Iter<'b, Kept>,
}

impl<'b> Events<'b> {
    pub(super) const fn new(buffer: &'b ReplayBuffer, rest: vec_deque::Iter<'b, Kept>) -> Self {
        Events { buffer, rest }
    }

    /// Returns the ID of the last event that this iterator has given: the place of a client that
    /// was sent the events so far. Before the first one it is the place that the events follow.
    ///
    /// With this you can send a part of the events now and the rest later, or leave some out
    /// that the client may not see:
    ///
    /// ```
    /// use sse_proto::EventEncoder;
    /// use sse_proto::server::{Epoch, ReplayBuffer};
    ///
    /// let mut buffer = ReplayBuffer::new(Epoch::new(7));
    /// for data in ["a", "b", "c"] {
    ///     buffer.push(EventEncoder::new(), data)?;
    /// }
    /// let mut events = buffer.events();
    /// assert_eq!(events.by_ref().take(2).count(), 2);
    /// assert_eq!(events.last_event_id(), "7-2");
    /// # Ok::<(), sse_proto::server::PushError>(())
    /// ```
    #[must_use]
    pub fn last_event_id(&self) -> String {
        self.buffer.id_before(self.rest.len())
    }
}

/// How many are left.
impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&self.len()).finish()
    }
}

impl Iterator for Events<'_> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.rest.next().map(|kept| kept.encoded.clone())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl ExactSizeIterator for Events<'_> {}
impl FusedIterator for Events<'_> {}
