//! A frame: an event, or another thing that a stream says.

use alloc::string::String;
use core::time::Duration;

use crate::{Event, OwnedEvent};

/// One of the things that a stream says: an event, a comment, a retry or an ID.
///
/// Frames are for programs that pass a stream on or watch it. They come in the order of the
/// stream. A comment or a retry comes when its line ends, so before the event of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// An event, when the blank line of its block comes.
    Event(Event<'a>),
    /// A comment, without its colon and without one leading space. A keep-alive is one.
    Comment(&'a str),
    /// The reconnection time of a valid `retry` field, in whole milliseconds. It counts at once.
    Retry(Duration),
    /// The last event ID that a block without data set, when its blank line comes.
    Id(&'a str),
}

impl Frame<'_> {
    /// Makes a copy that owns its text.
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
    /// An event, as [`Frame::Event`].
    Event(OwnedEvent),
    /// A comment, as [`Frame::Comment`].
    Comment(String),
    /// A reconnection time, as [`Frame::Retry`].
    Retry(Duration),
    /// A last event ID, as [`Frame::Id`].
    Id(String),
}

impl From<Frame<'_>> for OwnedFrame {
    fn from(frame: Frame<'_>) -> Self {
        frame.into_owned()
    }
}

impl OwnedFrame {
    /// Borrows the frame.
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
