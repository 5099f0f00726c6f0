//! Filling a buffer again from a log.

use alloc::string::String;

use bytes::Bytes;
use memchr::memmem;

use super::{LogError, PushError, ReplayBuffer};
use crate::{Chunk, Decoder};

impl ReplayBuffer {
    /// Pushes the events of a log, byte for byte: with their IDs, and with their comments.
    ///
    /// A log is the bytes of events, one after the other, as [`push`](Self::push) and
    /// [`events`](Self::events) give them. So you can write each event to a file as it is, and
    /// fill a new buffer from the file after a restart.
    ///
    /// If the server was killed while it wrote, the log ends in the middle of an event. That
    /// part is left out. The result is the number of bytes before it: cut the file there before
    /// you write the next event.
    ///
    /// ```
    /// use sse_proto::EventEncoder;
    /// use sse_proto::server::{Epoch, ReplayBuffer};
    ///
    /// # let mut before = ReplayBuffer::new(Epoch::new(7));
    /// let mut log = Vec::new();
    /// for (user, id) in [("ada", "a1"), ("bob", "b1")] {
    ///     log.extend(before.push(EventEncoder::new().comment(user).id(id), "hello")?);
    /// }
    /// log.extend(b": ada\nid: a2\ndata: hel");
    ///
    /// // After a restart.
    /// let mut buffer = ReplayBuffer::new(Epoch::new(8));
    /// let whole = buffer.read_log(&log)?;
    /// log.truncate(whole);
    /// assert!(buffer.events().eq(before.events()));
    /// assert_eq!(buffer.last_event_id(), "b1");
    /// # assert_eq!(log, buffer.events().flatten().collect::<Vec<_>>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// An ID that this buffer would mint next is taken as minted, so a buffer that was
    /// [resumed](Self::resume) reads back the events that the earlier one minted IDs for. A log
    /// in several pieces is read with one call for each, if each ends where an event ends.
    ///
    /// # Errors
    ///
    /// [`LogError`] at the first block that is not an event, that is larger than a decoder's
    /// largest limit (256 MiB), or whose ID [`push`](Self::push) would refuse. Also if what is
    /// left out does not begin as an event does, so that you do not cut off a file of somebody
    /// else. The buffer has the events before it.
    pub fn read_log(&mut self, log: &[u8]) -> Result<usize, LogError> {
        let mut offset = 0;
        while let Some(length) = memmem::find(&log[offset..], b"\n\n") {
            let block = &log[offset..][..length + 2];
            let Some(id) = id_of(block) else { return Err(LogError::NotAnEvent { offset }) };
            let pushed = self.push_block(&id, block);
            pushed.map_err(|error| LogError::Refused { offset, error })?;
            offset += block.len();
        }
        match is_begun(&log[offset..]) {
            true => Ok(offset),
            false => Err(LogError::NotAnEvent { offset }),
        }
    }

    fn push_block(&mut self, id: &str, block: &[u8]) -> Result<(), PushError> {
        let brought = if id == self.next_id() { None } else { Some(self.check(id)?) };
        self.keep(Bytes::copy_from_slice(block), brought);
        Ok(())
    }
}

/// Whether these bytes, which have no blank line, can be the beginning of an event, as an encoder
/// writes it.
fn is_begun(bytes: &[u8]) -> bool {
    const LINES: [&[u8]; 5] = [b": ", b"id: ", b"event: ", b"retry: ", b"data: "];
    let begins = |line: &&[u8]| bytes.starts_with(line) || line.starts_with(bytes);
    // After a CR there may be whole events, but none that an encoder wrote.
    LINES.iter().any(begins) && !bytes.contains(&b'\r')
}

/// The ID of the event that is this block; empty if it has none. `None` if the block is not an
/// event, or not as an encoder writes it.
fn id_of(block: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(block).ok()?;
    // A decoder reads all of these, but drops or changes something.
    if text.starts_with(['\n', '\u{FEFF}']) || text.contains('\r') {
        return None;
    }
    let mut decoder = Decoder::builder().max_event_size(usize::MAX).build();
    let event = decoder.next_event(&mut Chunk::new(block)).ok()??;
    Some(event.last_event_id().into())
}
