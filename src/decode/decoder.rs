//! The borrowed layer: events that borrow from the chunk.

use core::fmt;
use core::time::Duration;

use super::builder::DecoderBuilder;
use super::chunk::Chunk;
use super::core::{Core, Step};
use crate::{Event, EventTooLarge, Frame};

/// Decodes a stream, chunk by chunk, into events that borrow their text. Use it in a loop that
/// handles each event at once.
///
/// Nothing is allocated for an event. If it lies within one chunk, nothing is copied.
///
/// ```
/// use sse_proto::{Chunk, Decoder};
///
/// let mut decoder = Decoder::new();
/// let mut seen = Vec::new();
/// for bytes in [&b"data: he"[..], b"llo\n", b"\ndata: world\n\ndata: cut"] {
///     let mut chunk = Chunk::new(bytes);
///     while let Some(event) = decoder.next_event(&mut chunk)? {
///         seen.push(event.data().to_owned());
///     }
/// }
/// assert_eq!(seen, ["hello", "world"]);
/// assert!(decoder.is_mid_event());
/// # Ok::<(), sse_proto::EventTooLarge>(())
/// ```
///
/// When the stream ends, there is nothing to call. An unfinished block is discarded, as the
/// standard asks.
#[derive(Clone)]
pub struct Decoder {
    core: Core,
}

/// Its state, as the accessors have it.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.debug(f.debug_struct("Decoder"))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
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
        Decoder { core }
    }

    /// Reads the next event of the chunk. `None` means that all of the chunk has been read: pull
    /// until then, because the decoder has not seen what is still in the chunk.
    ///
    /// The event borrows from the decoder, so you can hold one at a time. To keep it, call
    /// [`Event::into_owned`], or use a [`BytesDecoder`](crate::BytesDecoder). Two at once do not
    /// compile:
    ///
    /// ```compile_fail,E0499
    /// # use sse_proto::{Chunk, Decoder};
    /// let mut decoder = Decoder::new();
    /// let mut chunk = Chunk::new(b"data: one\n\ndata: two\n\n");
    /// let one = decoder.next_event(&mut chunk)?;
    /// let two = decoder.next_event(&mut chunk)?;
    /// println!("{one:?} {two:?}");
    /// # Ok::<(), sse_proto::EventTooLarge>(())
    /// ```
    ///
    /// An event comes as soon as its blank line has ended. A CR ends a line at once. If an LF
    /// follows in the next chunk, it belongs to that CR.
    ///
    /// Make the [`Chunk`] before the loop. A loop that makes it anew in each round, such as
    /// `while let Some(event) = decoder.next_event(&mut Chunk::new(bytes))?`, reads the first
    /// event again and again and never ends.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], once for each block beyond the limit. The chunk is read up to the first
    /// byte beyond it; the next call continues from there.
    #[inline(always)]
    pub fn next_event<'d, 'c: 'd>(
        &'d mut self,
        chunk: &mut Chunk<'c>,
    ) -> Result<Option<Event<'d>>, EventTooLarge> {
        if self.core.is_carried_on(chunk) {
            return Ok(None);
        }
        match self.core.read_event(chunk) {
            Step::Event => Ok(Some(self.core.interpreter.event(chunk))),
            step => self.core.end_or_error(step),
        }
    }

    /// Reads the next frame of the chunk. `None` means that all of the chunk has been read.
    ///
    /// The events are the same as those of [`next_event`](Self::next_event), and you can mix the
    /// two. A comment is handed out only if `next_frame` read it from its first byte to its last.
    ///
    /// # Errors
    ///
    /// [`EventTooLarge`], as `next_event` has it, and once for each comment beyond the limit. The
    /// block around such a comment is untouched.
    #[inline]
    pub fn next_frame<'d, 'c: 'd>(
        &'d mut self,
        chunk: &mut Chunk<'c>,
    ) -> Result<Option<Frame<'d>>, EventTooLarge> {
        match self.core.is_carried_on(chunk) {
            true => Ok(None),
            false => self.read_frame(chunk),
        }
    }

    #[inline(never)]
    fn read_frame<'d, 'c: 'd>(
        &'d mut self,
        chunk: &mut Chunk<'c>,
    ) -> Result<Option<Frame<'d>>, EventTooLarge> {
        Ok(Some(match self.core.read::<true>(chunk) {
            Step::Event => Frame::Event(self.core.interpreter.event(chunk)),
            Step::Comment => Frame::Comment(self.core.interpreter.comment(chunk)),
            Step::Retry => Frame::Retry(self.reconnection_time().expect("a retry line set it")),
            Step::Id => Frame::Id(self.last_event_id()),
            step => return self.core.end_or_error(step),
        }))
    }

    /// The last event ID: the ID that the last finished block with an `id` field set, or else the
    /// one to start from. It is empty if there is none.
    ///
    /// Send it as the `Last-Event-ID` header of the next request, unless it is empty.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.core.interpreter.last_event_id
    }

    /// The reconnection time that the last `retry` field set, in whole milliseconds. `None` if
    /// there was none.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.core.interpreter.reconnection_time
    }

    /// Whether something would be lost if the stream ended here: a line is unfinished, or the
    /// unfinished block has a `data`, `event` or `id` field, or is being dropped for its size.
    ///
    /// If the stream was cut between two events, only your protocol can tell.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        self.core.is_mid_event()
    }

    /// Starts a new stream. The unfinished line and block are forgotten. The last event ID and the
    /// reconnection time stay.
    ///
    /// Some servers forget the blank line after their last event, and the standard says to discard
    /// that event. If you want it, read one more chunk, `b"\n\n"`, when the stream ends while
    /// [`is_mid_event`](Self::is_mid_event).
    pub fn reconnect(&mut self) {
        self.core.reconnect();
    }
}
