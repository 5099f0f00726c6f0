//! A frame: an event, a comment, a retry or an ID.

use alloc::string::String;
use core::time::Duration;

use crate::{Event, OwnedEvent};

/// An event, a comment, a retry, or the ID of a block without data.
///
/// Use frames if your program passes a stream on or watches it. They come in the order of the
/// stream. A comment or a retry comes when its line ends, which is before the event of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// An event. It comes with the blank line of its block.
    Event(Event<'a>),
    /// The text of a comment line, without the colon and without one leading space. A keep-alive is
    /// a comment.
    Comment(&'a str),
    /// The reconnection time that a valid `retry` field sets, in whole milliseconds. It counts at
    /// once.
    Retry(Duration),
    /// The last event ID that a block without data sets. It comes with the blank line of its block.
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

/// A [`Frame`] that owns its text, to keep and to send elsewhere.
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
