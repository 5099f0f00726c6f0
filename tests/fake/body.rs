//! A body that follows a script.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::buf::Chain;
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame};

use super::{Clock, Sleep};

/// A body does one of these at each poll; then it is over.
#[derive(Clone, Debug)]
pub enum Step {
    Chunk(Bytes),
    Trailers,
    Fail(&'static str),
    /// Is pending once, and asks to be polled again.
    Wait,
    /// Is pending for this time.
    Pause(Clock, Duration),
    /// Is always pending.
    Hang,
    /// Gives this chunk again and again.
    Endless(&'static str),
}

pub fn chunk(text: &'static str) -> Step {
    Step::Chunk(Bytes::from(text))
}

/// A body whose chunks lie in two pieces each, as a `Buf` may.
#[derive(Debug)]
pub struct FakeBody {
    steps: VecDeque<Step>,
    pause: Option<Sleep>,
    ended: bool,
}

impl FakeBody {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        FakeBody { steps: steps.into_iter().collect(), pause: None, ended: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyError(pub &'static str);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BodyError {}

impl Body for FakeBody {
    type Data = Chain<Bytes, Bytes>;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, BodyError>>> {
        assert!(!self.ended, "polled past its end");
        if let Some(pause) = &mut self.pause {
            if Pin::new(pause).poll(context).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        let data = |mut rest: Bytes| {
            let start = rest.split_to(rest.len() / 2);
            Poll::Ready(Some(Ok(Frame::data(start.chain(rest)))))
        };
        match self.steps.pop_front() {
            Some(Step::Chunk(bytes)) => data(bytes),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            Some(Step::Fail(error)) => {
                self.ended = true;
                Poll::Ready(Some(Err(BodyError(error))))
            }
            Some(Step::Wait) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Pause(clock, time)) => {
                self.pause = Some(clock.sleep(time));
                self.poll_frame(context)
            }
            Some(Step::Hang) => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
            Some(Step::Endless(text)) => {
                self.steps.push_front(Step::Endless(text));
                data(Bytes::from(text))
            }
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}
