//! A body that follows a script.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, buf::Chain};
use http::HeaderMap;
use http_body::{Body, Frame};

/// What a body does at each poll; then it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Chunk(Bytes),
    Trailers,
    Fail(&'static str),
    /// Pending once.
    Wait,
    /// Pending for ever.
    Hang,
}

/// A body whose chunks lie in two pieces each, as a `Buf` may.
#[derive(Debug, Default)]
pub struct FakeBody {
    steps: VecDeque<Step>,
    ended: bool,
}

impl FakeBody {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        FakeBody { steps: steps.into_iter().collect(), ended: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyError(pub &'static str);

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
        match self.steps.pop_front() {
            Some(Step::Chunk(mut rest)) => {
                let start = rest.split_to(rest.len() / 2);
                Poll::Ready(Some(Ok(Frame::data(start.chain(rest)))))
            }
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            Some(Step::Fail(error)) => {
                self.ended = true;
                Poll::Ready(Some(Err(BodyError(error))))
            }
            Some(Step::Wait) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Hang) => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}
