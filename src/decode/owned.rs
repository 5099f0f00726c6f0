//! The owned layer: chunks are pushed, events that own their text are pulled.

use alloc::collections::VecDeque;
use alloc::string::String;
use core::time::Duration;
use core::{fmt, mem};

use bytes::{Buf, Bytes};
use bytestring::ByteString;

use super::block::{Block, Item, Parts};
use super::buffer::Place;
use super::builder::DecoderBuilder;
use super::chunk::{Chunk, Span};
use super::core::Core;
use super::quick::Quick;
use crate::event::{LastEventId, OwnedEvent, OwnedFrame};
use crate::{EventTooLarge, utf8};

/// Decodes a stream, chunk by chunk, into events that own their text. For tasks,
/// channels and streams.
///
/// Events that lie in one chunk share their text, a copy of 16 KiB at once, or the chunk
/// itself where it holds more ASCII than that. An event of ASCII that ends its chunk takes
/// the chunk if there is nothing to share yet. So events in one piece cost no allocation
/// of their own, but at most two for a chunk.
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
    /// The chunk that is being read, from its first byte on. Empty when none is.
    front: Bytes,
    /// What was pushed behind it, in order.
    chunks: VecDeque<Bytes>,
    position: usize,
    /// Valid text of `front`, at `text_start`: what events share.
    text: ByteString,
    text_start: usize,
    /// How far it was looked for: if it ends before, what comes is malformed.
    text_sought: usize,
    /// The last event ID, taken over from the core once an event came that did not
    /// set it: what such events share.
    carried_id: ByteString,
}

/// Its state, as the accessors have it, and how many bytes were pushed and not read.
impl fmt::Debug for BytesDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pushed = self.chunks.iter().chain([&self.front]).map(Bytes::len).sum::<usize>();
        let mut decoder = f.debug_struct("BytesDecoder");
        decoder.field("unread", &(pushed - self.position));
        self.core.debug(decoder, self.last_event_id())
    }
}

impl Default for BytesDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// How much text is validated and copied at once, in bytes.
const WINDOW: usize = 16 * 1024;

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
            carried_id: mem::take(&mut core.interpreter.last_event_id).into(),
            core,
            chunks: VecDeque::new(),
            front: Bytes::new(),
            position: 0,
            text: ByteString::new(),
            text_start: 0,
            text_sought: 0,
        }
    }

    /// Queues a chunk, behind those pushed before. Takes no time: nothing is read
    /// until an event is pulled.
    ///
    /// Nothing bounds the queue but the caller, who drains it: pull until `None`
    /// before the next chunk is fetched.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if chunk.is_empty() {
            return;
        }
        if self.front.is_empty() {
            self.front = chunk;
        } else {
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
        self.next(false, |event| event, |decoder, _| decoder.own_read_event())
    }

    /// The next frame, or `None` when all that was pushed has been read.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as [`Decoder::next_frame`](crate::Decoder::next_frame) has it.
    pub fn next_frame(&mut self) -> Result<Option<OwnedFrame>, EventTooLarge> {
        self.next(true, OwnedFrame::Event, Self::own_item)
    }

    /// Reads up to what is to be handed out next, and has it owned: an event by
    /// `event`, what the quick path did not read by `item`.
    #[inline(always)]
    fn next<T>(
        &mut self,
        frames: bool,
        event: impl Fn(OwnedEvent) -> T,
        item: impl Fn(&mut Self, Item) -> T,
    ) -> Result<Option<T>, EventTooLarge> {
        loop {
            if self.position == self.front.len() && (self.front.is_empty() || !self.next_chunk()) {
                return Ok(None);
            }
            let mut chunk = Chunk::resumed(&self.front, self.position, &self.text, self.text_start);
            let quick = self.core.quick_block(&mut chunk, frames);
            self.position = chunk.position();
            let found = match quick {
                Quick::Block(block) => return Ok(Some(event(self.own_event(block)))),
                Quick::Comment => Some(Item::Comment),
                Quick::Retry => Some(Item::Retry),
                Quick::EndOfChunk => None,
                Quick::No => {
                    let found = self.core.read(&mut chunk, frames);
                    self.position = chunk.position();
                    found?
                }
            };
            if let Some(found) = found {
                return Ok(Some(item(self, found)));
            }
        }
    }

    /// Goes to the next chunk; the one before is let go.
    #[inline]
    fn next_chunk(&mut self) -> bool {
        self.front = self.chunks.pop_front().unwrap_or_default();
        self.position = 0;
        if !self.text.is_empty() {
            self.text = ByteString::new();
        }
        (self.text_start, self.text_sought) = (0, 0);
        !self.front.is_empty()
    }

    // ---- The text that events share ----

    /// Makes the text cover this span, and a window from its start on, as far as
    /// they are well-formed.
    ///
    /// Only std can make a `ByteString` of shared bytes, and it validates them once
    /// more. For ASCII that takes as long as a copy, for other text ten times as long.
    /// So text is copied, but for much ASCII, of which the memory is saved.
    #[inline(never)]
    fn validate(&mut self, span: Span) {
        let rest = &self.front[span.start..];
        let ascii = match rest.len() > WINDOW {
            true => ascii_prefix(rest),
            false => &[],
        };
        let (text, sought) = if ascii.len() > WINDOW {
            let text = ByteString::try_from(self.front.slice_ref(ascii));
            (text.unwrap_or_default(), ascii.len())
        } else {
            let window = &rest[..rest.len().min(WINDOW.max(span.end - span.start))];
            let whole = &window[..window.len() - utf8::incomplete_suffix(window)];
            (utf8::valid_prefix(whole).into(), whole.len())
        };
        (self.text_start, self.text_sought) = (span.start, span.start + sought);
        self.text = text;
        #[cfg(test)]
        crate::work::TEXT.add(self.text.len() + 1);
    }

    /// Where a value of the front chunk stands in the text, if that covers it.
    #[inline(always)]
    fn in_text(&self, span: Span) -> Option<Span> {
        let start = span.start.wrapping_sub(self.text_start);
        let end = span.end.wrapping_sub(self.text_start);
        (start <= end && end <= self.text.len()).then_some(Span { start, end })
    }

    // ---- Events ----

    /// Where the values of a block stand in the text, if that covers them all.
    #[inline(always)]
    fn parts(&self, block: Block) -> Option<Parts> {
        let in_text = |place| match place {
            Place::Unset => Some(None),
            Place::InChunk(span) => self.in_text(span).map(Some),
            Place::Scratch => None,
        };
        Some(Parts {
            data: in_text(block.data)??,
            type_field: in_text(block.event_type)?,
            id: in_text(block.id)?,
        })
    }

    /// The event of a block whose blank line was just read. Mostly the text covers it: one
    /// reference is counted, and nothing copied.
    #[inline(always)]
    fn own_event(&mut self, block: Block) -> OwnedEvent {
        // The ID before is needed no more, and may be as large as what is made here.
        if block.id.is_set() && !self.carried_id.is_empty() {
            self.carried_id = ByteString::new();
        }
        match self.parts(block) {
            Some(parts) => self.event(self.text.clone(), parts),
            None => self.own_event_anew(block),
        }
    }

    /// The event of a block that the text does not cover.
    #[inline(never)]
    fn own_event_anew(&mut self, block: Block) -> OwnedEvent {
        let Some(span) = block.span_in_chunk() else { return self.own_event_apart(block) };
        // What nothing follows in its chunk nobody else will need.
        let is_last = self.position == self.front.len();
        // Where the text ended as malformed, it need not be looked at twice.
        let text_end = self.text_start + self.text.len();
        if is_last && utf8::is_ascii(&self.front[span.start..]) {
            self.take_front(span.start);
        } else if span.start > text_end || text_end == self.text_sought {
            self.validate(span);
        }
        match self.parts(block) {
            Some(parts) if is_last => {
                let text = mem::take(&mut self.text);
                self.next_chunk();
                self.event(text, parts)
            }
            Some(parts) => self.event(self.text.clone(), parts),
            None => self.own_event_apart(block),
        }
    }

    /// Makes all of the front chunk from here on, which is ASCII, the text.
    fn take_front(&mut self, start: usize) {
        let mut chunk = mem::take(&mut self.front);
        // Not cut at its end: `Bytes` may have to allocate for that.
        chunk.advance(start);
        self.text = ByteString::try_from(chunk).unwrap_or_default();
        self.text_start = start;
    }

    /// The event of a block that is in the scratch, or malformed.
    fn own_event_apart(&mut self, block: Block) -> OwnedEvent {
        let mut chunk = Chunk::resumed(&self.front, 0, &self.text, self.text_start);
        let (text, parts) = self.core.interpreter.own_text(block, &mut chunk);
        self.event(text, parts)
    }

    #[inline(always)]
    fn event(&mut self, text: ByteString, parts: Parts) -> OwnedEvent {
        let Parts { data, type_field, id } = parts;
        let last_event_id = match id {
            Some(id) => LastEventId::Set(id),
            None => self.carried_id(),
        };
        OwnedEvent { text, data, type_field, last_event_id }
    }

    /// The last event ID for an event that did not set it. An event that did has it
    /// in its text; then it stays in the core until one comes that did not.
    #[inline]
    fn carried_id(&mut self) -> LastEventId {
        if self.core.interpreter.take_id_changed() {
            self.carried_id = mem::take(&mut self.core.interpreter.last_event_id).into();
        }
        // A stream without IDs need not count references to nothing.
        match self.carried_id.is_empty() {
            true => LastEventId::None,
            false => LastEventId::Carried(self.carried_id.clone()),
        }
    }

    /// The event of a block that the state machine has read.
    #[inline(never)]
    fn own_read_event(&mut self) -> OwnedEvent {
        let block = self.core.interpreter.take_block();
        self.own_event(block)
    }

    #[inline(never)]
    fn own_item(&mut self, item: Item) -> OwnedFrame {
        match item {
            Item::Event => OwnedFrame::Event(self.own_read_event()),
            Item::Comment => OwnedFrame::Comment(self.own_comment()),
            Item::Retry => OwnedFrame::Retry(self.reconnection_time().unwrap_or_default()),
            Item::Id => OwnedFrame::Id(match self.carried_id() {
                LastEventId::Carried(id) => id,
                _ => ByteString::new(),
            }),
        }
    }

    fn own_comment(&mut self) -> ByteString {
        let comment = &mut self.core.interpreter.comment;
        let place = comment.take();
        if let Place::InChunk(span) = place {
            let value =
                self.in_text(span).and_then(|Span { start, end }| self.text.get(start..end));
            if let Some(value) = value {
                return self.text.slice_ref(value);
            }
        }
        let comment = &mut self.core.interpreter.comment;
        let mut chunk = Chunk::resumed(&self.front, 0, &self.text, self.text_start);
        let mut text = String::with_capacity(comment.len_to_own(place));
        comment.own_text(place, &mut chunk, &mut text);
        text.shrink_to_fit();
        text.into()
    }

    /// See [`Decoder::last_event_id`](crate::Decoder::last_event_id).
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        match self.core.interpreter.is_id_changed() {
            true => self.core.interpreter.last_event_id(),
            false => &self.carried_id,
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

/// The start of the bytes, as far as it is ASCII for sure: whole blocks, each a quick look.
fn ascii_prefix(bytes: &[u8]) -> &[u8] {
    const BLOCK: usize = 1024;
    let len = bytes.chunks(BLOCK).take_while(|block| block.is_ascii()).map(<[u8]>::len).sum();
    &bytes[..len]
}
