//! The owned layer: chunks are pushed, events that own their text are pulled.

use alloc::collections::VecDeque;
use core::fmt;
use core::time::Duration;

use bytes::Bytes;

use super::builder::DecoderBuilder;
use super::chunk::Chunk;
use super::core::{Core, Step};
use crate::event::CarriedId;
use crate::{EventTooLarge, OwnedEvent, OwnedFrame};

/// Decodes a stream, chunk by chunk, into events that own their text. For tasks, channels and
/// streams.
///
/// An event is one allocation, and a changed last event ID that later events carry is one more.
/// Events keep nothing of the chunks alive.
///
/// ```
/// use sse_proto::BytesDecoder;
///
/// let mut decoder = BytesDecoder::new();
/// let mut seen = Vec::new();
/// for chunk in ["data: he", "llo\n", "\ndata: world\n\ndata: cut"] {
///     decoder.push(chunk);
///     while let Some(event) = decoder.next_event()? {
///         seen.push(event);
///     }
/// }
/// assert_eq!(seen.len(), 2);
/// assert_eq!(seen[1].data(), "world");
/// # Ok::<(), sse_proto::EventTooLarge>(())
/// ```
#[derive(Clone)]
pub struct BytesDecoder {
    core: Core,
    /// The chunk that is being read. Empty when none is.
    front: Bytes,
    /// How many bytes of it have been read.
    position: usize,
    /// The chunks that were pushed after it, in order.
    queue: VecDeque<Bytes>,
    /// The last event ID, once an event needed it that did not set it itself.
    carried_id: CarriedId,
}

/// Its state, as the accessors have it, and how many bytes were pushed and not read.
impl fmt::Debug for BytesDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pushed = self.queue.iter().chain([&self.front]).map(Bytes::len).sum::<usize>();
        let mut decoder = f.debug_struct("BytesDecoder");
        decoder.field("unread", &(pushed - self.position));
        self.core.debug(decoder)
    }
}

impl Default for BytesDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl BytesDecoder {
    /// A decoder at the start of a stream, with the defaults of [`builder`](Self::builder).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A decoder with a limit or a last event ID of its own.
    pub fn builder() -> DecoderBuilder<Self> {
        DecoderBuilder::new()
    }

    pub(super) fn with_core(core: Core) -> Self {
        BytesDecoder {
            core,
            front: Bytes::new(),
            position: 0,
            queue: VecDeque::new(),
            carried_id: None,
        }
    }

    /// Queues a chunk after those pushed before. Nothing is read until you pull.
    ///
    /// The queue has no bound of its own: pull until `None` before you fetch the next chunk.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if chunk.is_empty() {
            return;
        }
        if self.front.is_empty() {
            self.front = chunk;
        } else {
            self.queue.push_back(chunk);
        }
    }

    /// Reads the next event. `None` means that all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_event`](crate::Decoder::next_event) has it. The
    /// chunks are read up to the first byte beyond the limit; the next call continues from there.
    // Inlined, or else the event is copied from where the call left it, which takes a third of the
    // time of a small one.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<OwnedEvent>, EventTooLarge> {
        while self.is_at_chunk() {
            let mut chunk = Chunk::resumed(&self.front, self.position);
            let step = match self.core.is_carried_on(&mut chunk) {
                true => Step::EndOfChunk,
                false => self.core.read_event(&mut chunk),
            };
            self.position = chunk.position();
            match step {
                Step::Event => return Ok(Some(self.own_event())),
                Step::EndOfChunk => {}
                step => return self.core.end_or_error(step),
            }
        }
        Ok(None)
    }

    /// Reads the next frame. `None` means that all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_frame`](crate::Decoder::next_frame) has it.
    pub fn next_frame(&mut self) -> Result<Option<OwnedFrame>, EventTooLarge> {
        while self.is_at_chunk() {
            let mut chunk = Chunk::resumed(&self.front, self.position);
            let step = self.core.read::<true>(&mut chunk);
            self.position = chunk.position();
            return Ok(Some(match step {
                Step::Event => OwnedFrame::Event(self.own_event()),
                Step::Comment => {
                    OwnedFrame::Comment(self.core.interpreter.owned_comment(&self.front))
                }
                Step::Retry => {
                    OwnedFrame::Retry(self.reconnection_time().expect("a retry line set it"))
                }
                Step::Id => OwnedFrame::Id(self.core.interpreter.last_event_id.clone()),
                Step::EndOfChunk => continue,
                step => return self.core.end_or_error(step),
            }));
        }
        Ok(None)
    }

    /// Whether a byte is left to be read, in this chunk or in the next one of the queue.
    #[inline]
    fn is_at_chunk(&mut self) -> bool {
        if self.position == self.front.len() {
            self.position = 0;
            self.front = self.queue.pop_front().unwrap_or_default();
        }
        !self.front.is_empty()
    }

    /// The event of a block of the front chunk, with the last event ID that it carries.
    #[inline(always)]
    fn own_event(&mut self) -> OwnedEvent {
        let block = self.core.take_block();
        let core = &mut self.core.interpreter;
        if block.id.is_set() {
            // It has the ID in its own text. The one before may be large and is needed no more.
            self.carried_id = None;
        } else if core.is_id_changed {
            core.is_id_changed = false;
            let id = core.last_event_id.as_str();
            self.carried_id = if id.is_empty() { None } else { Some(id.into()) };
        }
        core.owned_event(block, &self.front, self.carried_id.clone())
    }

    /// See [`Decoder::last_event_id`](crate::Decoder::last_event_id).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.core.interpreter.last_event_id
    }

    /// See [`Decoder::reconnection_time`](crate::Decoder::reconnection_time).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.core.interpreter.reconnection_time
    }

    /// See [`Decoder::is_mid_event`](crate::Decoder::is_mid_event). This is about the bytes that
    /// have been pulled, not about those that were pushed.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.core.is_mid_event()
    }

    /// See [`Decoder::reconnect`](crate::Decoder::reconnect). What was pushed and not pulled is
    /// dropped: it belongs to the stream that ended.
    pub fn reconnect(&mut self) {
        self.queue.clear();
        self.front = Bytes::new();
        self.position = 0;
        self.core.reconnect();
    }
}
