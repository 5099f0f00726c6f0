//! The owned layer: chunks are pushed, events that own their text are pulled.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::time::Duration;
use core::{fmt, mem};

use bytes::Bytes;

use super::builder::DecoderBuilder;
use super::chunk::Chunk;
use super::core::{Core, Step};
use crate::owned_event::{CarriedId, EventText, Layout};
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
    /// The chunk that is being read.
    front: Option<Bytes>,
    /// How many bytes of it have been read.
    position: usize,
    /// The chunks that were pushed after it, in order.
    queue: VecDeque<Bytes>,
    /// The last event ID that the event which was read last carries, if its own block did not set
    /// it.
    carried_id: CarriedId,
    /// How the last reading for an event ended.
    step: Step,
    /// Where the values are in the text of the event that was read last.
    layout: Layout,
}

/// Its state, as the accessors have it, and how many bytes were pushed and not read.
impl fmt::Debug for BytesDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pushed = self.queue.iter().chain(&self.front).map(Bytes::len).sum::<usize>();
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
    /// Makes a decoder at the start of a stream, with the defaults of [`builder`](Self::builder).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts to build a decoder with a limit or a last event ID of its own.
    pub fn builder() -> DecoderBuilder<Self> {
        DecoderBuilder::new()
    }

    pub(super) fn with_core(core: Core) -> Self {
        BytesDecoder {
            core,
            front: None,
            position: 0,
            queue: VecDeque::new(),
            carried_id: None,
            step: Step::EndOfChunk,
            layout: Layout::default(),
        }
    }

    /// Queues a chunk after those that you pushed before. Nothing is read until you pull.
    ///
    /// The queue has no bound of its own, so pull until `None` before you fetch the next chunk.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if chunk.is_empty() {
            return;
        }
        match self.front {
            None => self.front = Some(chunk),
            Some(_) => self.queue.push_back(chunk),
        }
    }

    /// Reads the next event. `None` means that all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_event`](crate::Decoder::next_event) has it. The
    /// chunks are read up to the first byte beyond the limit; the next call continues from there.
    // Inlined, because a call would return the event in memory, from where it has to be copied: see
    // `Layout`. It is small.
    #[inline(always)]
    pub fn next_event(&mut self) -> Result<Option<OwnedEvent>, EventTooLarge> {
        // This is the answer after every chunk, so it takes no call.
        if self.front.is_none() {
            return Ok(None);
        }
        match self.read_event() {
            Some(text) => Ok(Some(self.event(EventText { text, layout: self.layout }))),
            None => self.core.end_or_error(self.step),
        }
    }

    /// Reads the next frame. `None` means that all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_frame`](crate::Decoder::next_frame) has it.
    pub fn next_frame(&mut self) -> Result<Option<OwnedFrame>, EventTooLarge> {
        Ok(Some(match self.read(|core, chunk| core.read::<true>(chunk)) {
            Step::Event => {
                let text = self.own_text();
                OwnedFrame::Event(self.event(text))
            }
            Step::Comment => {
                OwnedFrame::Comment(self.core.interpreter.owned_comment(source(&self.front)))
            }
            Step::Retry => {
                OwnedFrame::Retry(self.reconnection_time().expect("a retry line set it"))
            }
            Step::Id => OwnedFrame::Id(self.core.interpreter.last_event_id.clone()),
            step => return self.core.end_or_error(step),
        }))
    }

    /// Reads the next event: returns its text and leaves the rest of it in `layout` and
    /// `carried_id`. If there is none, `step` says why.
    ///
    /// It returns two words, which is what fits into registers.
    #[inline(never)]
    fn read_event(&mut self) -> Option<Box<str>> {
        self.step = self.read(Core::read_event);
        if self.step != Step::Event {
            return None;
        }
        let EventText { text, layout } = self.own_text();
        self.layout = layout;
        if self.position == source(&self.front).len() {
            self.next_chunk();
        }
        Some(text)
    }

    /// Reads up to the next item, over as many chunks as that takes.
    #[inline(always)]
    fn read(&mut self, read: impl Fn(&mut Core, &mut Chunk<'_>) -> Step) -> Step {
        while let Some(front) = &self.front {
            let mut chunk = Chunk::resumed(front, self.position);
            if !self.core.is_carried_on(&mut chunk) {
                match read(&mut self.core, &mut chunk) {
                    Step::EndOfChunk => {}
                    step => {
                        self.position = chunk.position();
                        return step;
                    }
                }
            }
            self.next_chunk();
        }
        Step::EndOfChunk
    }

    /// Lets go of the chunk, which has been read.
    #[inline]
    fn next_chunk(&mut self) {
        self.front = self.queue.pop_front();
        self.position = 0;
    }

    /// Makes the text of the event that was just read. If its block did not set the ID, its last
    /// event ID is in `carried_id`.
    #[inline(always)]
    fn own_text(&mut self) -> EventText {
        let block = mem::take(&mut self.core.interpreter.block);
        let core = &mut self.core.interpreter;
        if block.id.is_set() {
            // The ID of before may be large, and no event needs it any more.
            self.carried_id = None;
        } else if core.is_id_changed {
            core.is_id_changed = false;
            let id = core.last_event_id.as_str();
            self.carried_id = if id.is_empty() { None } else { Some(id.into()) };
        }
        core.owned_text(block, source(&self.front))
    }

    #[inline(always)]
    fn event(&self, text: EventText) -> OwnedEvent {
        OwnedEvent::of_text(text, self.carried_id.clone())
    }

    /// Returns the last event ID, as
    /// [`Decoder::last_event_id`](crate::Decoder::last_event_id) has it.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.core.interpreter.last_event_id
    }

    /// Returns the reconnection time, as
    /// [`Decoder::reconnection_time`](crate::Decoder::reconnection_time) has it.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.core.interpreter.reconnection_time
    }

    /// Whether something would be lost if the stream ended after the bytes that have been read, as
    /// [`Decoder::is_mid_event`](crate::Decoder::is_mid_event) has it.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.core.is_mid_event()
    }

    /// Starts a new stream, as [`Decoder::reconnect`](crate::Decoder::reconnect) does. Chunks that
    /// you pushed and did not pull are dropped, because they belong to the stream that ended.
    pub fn reconnect(&mut self) {
        self.queue.clear();
        self.front = None;
        self.position = 0;
        self.core.reconnect();
    }
}

/// The bytes of the chunk that an item was just read from.
#[inline(always)]
fn source(front: &Option<Bytes>) -> &[u8] {
    front.as_deref().expect("the last byte of an item is in a chunk")
}
