//! The owned layer: chunks are pushed, events that share their memory are pulled.

use alloc::collections::VecDeque;
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::buffer::{Buffer, Place};
use super::builder::DecoderBuilder;
use super::chunk::{Chunk, Span};
use super::core::Core;
use super::interpret::{Block, Interpreter, Item};
use super::quick::Quick;

use crate::{EventTooLarge, OwnedEvent, OwnedFrame, utf8};

/// Decodes a stream, chunk by chunk, into events that own their text by sharing
/// the chunk's memory. For tasks, channels and streams.
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
#[derive(Clone, Debug)]
pub struct BytesDecoder {
    core: Core,
    /// What was pushed and not yet read, in order.
    chunks: VecDeque<Bytes>,
    /// The chunk that is being read, from its first byte on.
    front: Bytes,
    position: usize,
    /// Valid text of `front`, at `text_start`.
    text: ByteString,
    text_start: usize,
    /// The last event ID, taken over from the core to be shared by events.
    last_event_id: ByteString,
}

impl Default for BytesDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// What is to be handed out.
enum Found {
    Block(Block),
    Item(Item),
}

/// A chunk with less than this left is not worth validating ahead, in bytes.
const WORTH_A_WINDOW: usize = 1024;

/// Text up to this size is copied rather than validated twice, in bytes.
const WORTH_A_COPY: usize = 16 * 1024;

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

    pub(crate) fn with_core(mut core: Core) -> Self {
        BytesDecoder {
            last_event_id: core::mem::take(&mut core.interpreter.last_event_id).into(),
            core,
            chunks: VecDeque::new(),
            front: Bytes::new(),
            position: 0,
            text: ByteString::new(),
            text_start: 0,
        }
    }

    /// Queues a chunk, behind those pushed before. Takes no time: nothing is read
    /// until an event is pulled.
    ///
    /// Nothing bounds the queue but the caller, who drains it: pull until `None`
    /// before the next chunk is fetched.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if !chunk.is_empty() {
            self.chunks.push_back(chunk);
        }
    }

    /// The next event, or `None` when all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_event`](crate::Decoder::next_event) has it.
    /// What was pushed is read up to the first byte beyond the limit; the next call
    /// goes on from there.
    pub fn next_event(&mut self) -> Result<Option<OwnedEvent>, EventTooLarge> {
        self.next(false, |decoder, found| match found {
            Found::Block(block) => Some(decoder.own_event(block)),
            Found::Item(_) => None,
        })
    }

    /// The next frame, or `None` when all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_frame`](crate::Decoder::next_frame) has it.
    pub fn next_frame(&mut self) -> Result<Option<OwnedFrame>, EventTooLarge> {
        self.next(true, |decoder, found| match found {
            Found::Block(block) => Some(OwnedFrame::Event(decoder.own_event(block))),
            Found::Item(item) => decoder.own_item(item),
        })
    }

    /// Reads up to what is to be handed out next, and has it owned.
    ///
    /// Inlined, so that an event is built where the caller wants it: it is large
    /// enough for a move to be felt.
    #[inline(always)]
    fn next<T>(
        &mut self,
        frames: bool,
        own: impl Fn(&mut Self, Found) -> Option<T>,
    ) -> Result<Option<T>, EventTooLarge> {
        loop {
            if self.core.is_at_line_start() && self.front.len() - self.position > WORTH_A_WINDOW {
                self.validate_from(self.position);
            }
            let mut chunk = Chunk::resumed(&self.front, self.position, &self.text, self.text_start);
            match self.core.quick_block(&mut chunk, frames) {
                Quick::Block(block) => {
                    self.position = chunk.position();
                    return Ok(own(self, Found::Block(block)));
                }
                Quick::Item(item) => {
                    self.position = chunk.position();
                    return Ok(own(self, Found::Item(item)));
                }
                Quick::EndOfChunk | Quick::No => {}
            }
            let item = if self.core.read_plain(&mut chunk) {
                Ok(None)
            } else {
                self.core.advance(&mut chunk, frames)
            };
            self.position = chunk.position();
            match item? {
                Some(Item::Event) => {
                    let block = self.core.interpreter.take_block();
                    return Ok(own(self, Found::Block(block)));
                }
                Some(item) => return Ok(own(self, Found::Item(item))),
                None if self.next_chunk() => {}
                None => return Ok(None),
            }
        }
    }

    /// Goes to the next chunk; the one before is let go.
    fn next_chunk(&mut self) -> bool {
        let next = self.chunks.pop_front();
        let found = next.is_some();
        self.front = next.unwrap_or_default();
        self.position = 0;
        self.text = ByteString::new();
        self.text_start = 0;
        found
    }

    /// Makes `text` start here, unless it covers this place already.
    fn validate_from(&mut self, start: usize) {
        if !(self.text_start..self.text_start + self.text.len()).contains(&start) {
            self.text = self.keep(utf8::valid_prefix(&self.front[start..]));
            self.text_start = start;
        }
    }

    /// Makes `text` cover a block behind it, and what follows, if that is worth it.
    #[cold]
    fn validate_block(&mut self, block: Block) {
        let places = [block.data, block.event_type, block.id];
        let starts = places.into_iter().filter_map(|place| match place {
            Place::InChunk(span) => Some(span.start),
            Place::Unset | Place::Scratch => None,
        });
        if let Some(start) = starts.min() {
            if self.front.len() - start > WORTH_A_WINDOW {
                self.validate_from(start);
            }
        }
    }

    /// Owns text of the front chunk: a copy of little, a share of much.
    ///
    /// Only std can make a `ByteString` of shared bytes, and it validates them once
    /// more: a copy takes less time than that. But a copy takes memory, too.
    fn keep(&self, text: &str) -> ByteString {
        if text.len() > WORTH_A_COPY {
            ByteString::try_from(self.front.slice_ref(text.as_bytes())).unwrap_or_default()
        } else {
            ByteString::from(text)
        }
    }

    fn own_item(&mut self, item: Item) -> Option<OwnedFrame> {
        let interpreter = &mut self.core.interpreter;
        Some(match item {
            Item::Event => return None,
            Item::Comment => {
                let comment = interpreter.comment.take();
                OwnedFrame::Comment(self.own_text(comment, |interpreter| &mut interpreter.comment))
            }
            Item::Retry => OwnedFrame::Retry(interpreter.reconnection_time()?),
            Item::Id => {
                self.own_id(Place::Unset);
                OwnedFrame::Id(self.last_event_id.clone())
            }
        })
    }

    /// The event of a block whose blank line was just read.
    #[inline(always)]
    fn own_event(&mut self, block: Block) -> OwnedEvent {
        let Block { data, event_type, id } = block;
        if matches!(data, Place::InChunk(span) if span.start >= self.text_start + self.text.len()) {
            self.validate_block(block);
        }
        self.own_id(id);
        OwnedEvent {
            type_field: event_type
                .is_set()
                .then(|| self.own_text(event_type, |interpreter| &mut interpreter.event_type)),
            data: self.own_text(data, |interpreter| &mut interpreter.data),
            // A stream without IDs need not count references to nothing.
            last_event_id: match self.last_event_id.is_empty() {
                true => ByteString::new(),
                false => self.last_event_id.clone(),
            },
            sets_id: id.is_set(),
        }
    }

    /// Takes the last event ID over from the core, where a block has set it.
    #[inline]
    fn own_id(&mut self, id: Place) {
        if !self.core.interpreter.take_id_changed() {
            return;
        }
        self.last_event_id = match id {
            Place::InChunk(span) => {
                self.core.interpreter.last_event_id.clear();
                self.share(span)
            }
            // In the scratch, or of a block without data that was passed over.
            Place::Scratch | Place::Unset => {
                core::mem::take(&mut self.core.interpreter.last_event_id).into()
            }
        }
    }

    /// The text that was in this place of a buffer.
    #[inline(always)]
    fn own_text(
        &mut self,
        place: Place,
        buffer: impl FnOnce(&mut Interpreter) -> &mut Buffer,
    ) -> ByteString {
        match place {
            Place::Unset => ByteString::new(),
            Place::Scratch => buffer(&mut self.core.interpreter).take_text().into(),
            Place::InChunk(span) => self.share(span),
        }
    }

    /// A value that lies in the front chunk.
    #[inline(always)]
    fn share(&self, span: Span) -> ByteString {
        let (start, end) =
            (span.start.wrapping_sub(self.text_start), span.end.wrapping_sub(self.text_start));
        if let Some(value) = self.text.get(start..end) {
            return self.text.slice_ref(value);
        }
        self.share_alone(span)
    }

    /// A value that lies in the front chunk, but not in its validated text.
    #[inline(never)]
    fn share_alone(&self, span: Span) -> ByteString {
        let bytes = self.front.slice(span.start..span.end);
        if bytes.is_ascii() {
            // For one value alone std's validation costs less than an allocation.
            return ByteString::try_from(bytes).unwrap_or_default();
        }
        match utf8::validate(&bytes) {
            Some(text) => self.keep(text),
            None => {
                let mut text = String::new();
                utf8::decode_lossy(&bytes, &mut text);
                text.into()
            }
        }
    }

    /// See [`Decoder::last_event_id`](crate::Decoder::last_event_id).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        match self.core.interpreter.is_id_changed() {
            true => self.core.interpreter.last_event_id(),
            false => &self.last_event_id,
        }
    }

    /// See [`Decoder::reconnection_time`](crate::Decoder::reconnection_time).
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.core.interpreter.reconnection_time()
    }

    /// See [`Decoder::is_mid_event`](crate::Decoder::is_mid_event). It speaks of what
    /// has been pulled, not of what was pushed.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.core.is_mid_event()
    }

    /// See [`Decoder::reconnect`](crate::Decoder::reconnect). What was pushed and not
    /// pulled is dropped: it belongs to the stream that ended.
    pub fn reconnect(&mut self) {
        self.chunks.clear();
        self.next_chunk();
        self.core.reconnect();
    }
}
