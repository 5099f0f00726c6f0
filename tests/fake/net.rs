//! A server that answers by a script, and remembers what it was asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use http::{HeaderMap, Response};

use super::{Clock, FakeBody, Step};

/// The answer to one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The network fails.
    Fail(&'static str),
    /// There is none, ever.
    Hang,
    /// A response with this status, these headers and this body.
    Head(u16, Vec<(&'static str, &'static str)>, Vec<Step>),
}

impl Answer {
    /// A good response.
    pub fn stream(steps: impl Into<Vec<Step>>) -> Self {
        Answer::Head(200, vec![("content-type", "text/event-stream")], steps.into())
    }

    pub fn status(status: u16) -> Self {
        Answer::Head(status, vec![], vec![])
    }
}

/// The future of a response.
pub type Reply = Pin<Box<dyn Future<Output = Result<Response<FakeBody>, NetError>>>>;

#[derive(Clone, Debug)]
pub struct Net(Rc<RefCell<Script>>);

#[derive(Debug)]
struct Script {
    clock: Clock,
    answers: VecDeque<Answer>,
    requests: Vec<(Duration, HeaderMap)>,
}

impl Net {
    pub fn new(clock: &Clock, answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = answers.into_iter().collect();
        Net(Rc::new(RefCell::new(Script { clock: clock.clone(), answers, requests: vec![] })))
    }

    pub fn send(&self, headers: HeaderMap) -> Reply {
        let mut script = self.0.borrow_mut();
        let now = script.clock.now();
        script.requests.push((now, headers));
        let answer = script.answers.pop_front().expect("the script has no answer to this request");
        Box::pin(async move {
            match answer {
                Answer::Fail(error) => Err(NetError(error)),
                Answer::Hang => std::future::pending().await,
                Answer::Head(status, headers, steps) => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(FakeBody::new(steps)).unwrap())
                }
            }
        })
    }

    /// When each request came.
    pub fn times(&self) -> Vec<Duration> {
        self.0.borrow().requests.iter().map(|request| request.0).collect()
    }

    /// The headers of each request.
    pub fn requests(&self) -> Vec<HeaderMap> {
        self.0.borrow().requests.iter().map(|request| request.1.clone()).collect()
    }

    /// The last event ID of each request; empty if it had none.
    pub fn ids(&self) -> Vec<String> {
        let id = |headers: &HeaderMap| {
            let id = headers.get("last-event-id").map_or(&b""[..], |id| id.as_bytes());
            String::from_utf8(id.to_vec()).unwrap()
        };
        self.requests().iter().map(id).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetError(pub &'static str);

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NetError {}
