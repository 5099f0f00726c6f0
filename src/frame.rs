//! A frame: an event, or another thing that a stream says.

use alloc::string::String;
use core::time::Duration;

use crate::{Event, OwnedEvent};

/// An item of a stream, in stream order, for programs that pass a stream on or watch it.
///
/// A comment or a retry comes when its line ends, so before the event of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A block with data: its blank line dispatched it.
    Event(Event<'a>),
    /// A comment, without its colon and without one leading space. Keep-alives are comments.
    Comment(&'a str),
    /// A valid `retry` field: the reconnection time, in force at once. Whole milliseconds.
    Retry(Duration),
    /// The blank line of a block without data that set the last event ID to this.
    Id(&'a str),
}

impl Frame<'_> {
    /// A copy that owns its text.
    #[must_use]
    pub fn into_owned(self) -> OwnedFrame {
        match self {
            Frame::Event(event) => OwnedFrame::Event(event.into_owned()),
            Frame::Comment(text) => OwnedFrame::Comment(text.into()),
            Frame::Retry(time) => OwnedFrame::Retry(time),
            Frame::Id(id) => OwnedFrame::Id(id.into()),
        }
    }
}

/// A [`Frame`] that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OwnedFrame {
    /// See [`Frame::Event`].
    Event(OwnedEvent),
    /// See [`Frame::Comment`].
    Comment(String),
    /// See [`Frame::Retry`].
    Retry(Duration),
    /// See [`Frame::Id`].
    Id(String),
}

impl From<Frame<'_>> for OwnedFrame {
    fn from(frame: Frame<'_>) -> Self {
        frame.into_owned()
    }
}

impl OwnedFrame {
    /// The frame, borrowed.
    #[must_use]
    pub fn as_frame(&self) -> Frame<'_> {
        match self {
            OwnedFrame::Event(event) => Frame::Event(event.as_event()),
            OwnedFrame::Comment(text) => Frame::Comment(text),
            OwnedFrame::Retry(time) => Frame::Retry(*time),
            OwnedFrame::Id(id) => Frame::Id(id),
        }
    }
}
