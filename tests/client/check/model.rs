//! The client, modelled by its history: it remembers every call that counted, and
//! answers each question by reading all of it. Slow and obvious, on purpose.

use std::time::Duration;

/// The platform's names and numbers (`#sse-processing-model`).
pub const CONNECTING: u8 = 0;
pub const OPEN: u8 = 1;
pub const CLOSED: u8 = 2;

/// Why there will be no further request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Caller,
    NoContent,
    Status(u16),
    ContentType,
    ContentCoding,
    Attempts,
    Requests,
}

/// A call that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Requested,
    Opened,
    Refused,
    Received {
        now: Duration,
    },
    /// A wait between these two was given.
    Disconnected {
        least: Duration,
        most: Duration,
    },
    ReconnectNow,
    Closed(Why),
}

/// The answer to a call; `Wrong` is a call out of turn, which leaves no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Wrong {
        state: u8,
    },
    Headers(Vec<(String, String)>),
    State(u8),
    /// A wait between these two, both included.
    Reconnect {
        least: Duration,
        most: Duration,
    },
    StayClosed(Why),
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub reconnection_time: Duration,
    pub least_wait: Duration,
    pub most_wait: Duration,
    pub backoff_first: Duration,
    pub backoff_cap: Duration,
    pub healthy_after: Duration,
    pub idle_timeout: Option<Duration>,
    pub max_attempts: Option<u32>,
    pub max_requests: Option<u32>,
    pub retried: Vec<u16>,
    pub missing_content_type: bool,
}

#[derive(Clone, Debug)]
pub struct Model {
    policy: Policy,
    history: Vec<Done>,
}

impl Model {
    pub fn new(policy: &Policy) -> Self {
        Model { policy: policy.clone(), history: Vec::new() }
    }

    /// Everything that happened, in pieces that each end with the end of an attempt.
    fn attempts(&self) -> impl DoubleEndedIterator<Item = &[Done]> {
        let is_end = |done: &Done| matches!(done, Done::Disconnected { .. } | Done::ReconnectNow);
        self.history.split_inclusive(is_end)
    }

    /// The calls since the attempt before ended, or since ever.
    fn this_attempt(&self) -> &[Done] {
        let last = self.attempts().next_back().unwrap_or_default();
        match last.last() {
            Some(Done::Disconnected { .. } | Done::ReconnectNow) => &[],
            _ => last,
        }
    }

    fn why_closed(&self) -> Option<Why> {
        self.history.iter().find_map(|done| match done {
            Done::Closed(why) => Some(*why),
            _ => None,
        })
    }

    fn is_requested(&self) -> bool {
        self.this_attempt().contains(&Done::Requested)
    }

    fn is_answered(&self) -> bool {
        self.this_attempt().iter().any(|done| !matches!(done, Done::Requested))
    }

    fn is_open(&self) -> bool {
        self.why_closed().is_none() && self.this_attempt().contains(&Done::Opened)
    }

    fn requests(&self) -> usize {
        self.history.iter().filter(|done| **done == Done::Requested).count()
    }

    fn may_request_again(&self) -> bool {
        self.policy.max_requests.is_none_or(|most| self.requests() < most.max(1) as usize)
    }

    pub fn state(&self) -> u8 {
        match (self.why_closed(), self.is_open()) {
            (Some(_), _) => CLOSED,
            (None, true) => OPEN,
            (None, false) => CONNECTING,
        }
    }

    pub fn why(&self) -> Option<Why> {
        self.why_closed()
    }

    /// How long to wait for bytes, while any may come.
    pub fn idle_timeout(&self) -> Option<Duration> {
        let waits = self.is_open() || self.is_requested() && !self.is_answered();
        self.policy.idle_timeout.filter(|_| waits && self.why_closed().is_none())
    }

    fn wrong(&self) -> Answer {
        Answer::Wrong { state: self.state() }
    }

    // The calls.

    pub fn request(&mut self, last_event_id: &str) -> Answer {
        if self.state() != CONNECTING || self.is_requested() {
            return self.wrong();
        }
        self.history.push(Done::Requested);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers =
            vec![pair("accept", "text/event-stream"), pair("cache-control", "no-cache")];
        let is_blank = |character| matches!(character, ' ' | '\t');
        let survives = !last_event_id.chars().any(|c| c != '\t' && (c < ' ' || c == '\x7F'))
            && last_event_id.trim_matches(is_blank) == last_event_id;
        if !last_event_id.is_empty() && survives {
            headers.push(pair("last-event-id", last_event_id));
        }
        Answer::Headers(headers)
    }

    pub fn response(&mut self, status: u16, content_type: Option<&[u8]>) -> Answer {
        if self.state() != CONNECTING || !self.is_requested() || self.is_answered() {
            return self.wrong();
        }
        let content_type = content_type.map(|value| {
            let essence = value.split(|byte| *byte == b';').next().unwrap();
            String::from_utf8_lossy(essence).trim_matches([' ', '\t']).to_ascii_lowercase()
        });
        self.history.push(match (status, content_type.as_deref()) {
            (204, _) => Done::Closed(Why::NoContent),
            (200, Some("text/event-stream")) => Done::Opened,
            (200, None) if self.policy.missing_content_type => Done::Opened,
            (200, _) => Done::Closed(Why::ContentType),
            _ if self.policy.retried.contains(&status) => Done::Refused,
            _ => Done::Closed(Why::Status(status)),
        });
        Answer::State(self.state())
    }

    pub fn received(&mut self, now: Duration) -> Answer {
        if self.state() != OPEN {
            return self.wrong();
        }
        self.history.push(Done::Received { now });
        Answer::Nothing
    }

    pub fn disconnected(&mut self, retry: Option<Duration>, random: u32) -> Answer {
        if let Some(why) = self.why_closed() {
            return Answer::StayClosed(why);
        }
        if !self.is_requested() {
            return self.wait_given_last();
        }
        let waits_alone = self.is_open();
        let failed = self.failed_attempts();
        if failed > 0 && self.policy.max_attempts.is_some_and(|most| failed >= most) {
            return self.stay_closed(Why::Attempts);
        }
        if !self.may_request_again() {
            return self.stay_closed(Why::Requests);
        }
        // The server was there, so the first reconnect comes after its time alone.
        let doubled = if waits_alone { failed.saturating_sub(1) } else { failed };
        let mut window = if doubled == 0 { 0 } else { self.policy.backoff_first.as_nanos() };
        for _ in 1..doubled {
            window = (window * 2).min(u128::MAX / 8);
        }
        let window = window.min(self.policy.backoff_cap.as_nanos());
        // Half of the window is certain, of the other half the random part.
        let most = u128::from(u32::MAX);
        let backoff = window / 2
            + (window / 2) / most * u128::from(random)
            + (window / 2) % most * u128::from(random) / most;
        let time = retry.unwrap_or(self.policy.reconnection_time);
        let bounded = |backoff| {
            let wait = time.saturating_add(nanos(backoff)).min(self.policy.most_wait);
            wait.max(self.policy.least_wait)
        };
        let (least, most) = (bounded(backoff.saturating_sub(2)), bounded(backoff + 2));
        self.history.push(Done::Disconnected { least, most });
        Answer::Reconnect { least, most }
    }

    fn wait_given_last(&self) -> Answer {
        match self.history.last() {
            Some(&Done::Disconnected { least, most }) => Answer::Reconnect { least, most },
            _ => Answer::Reconnect { least: Duration::ZERO, most: Duration::ZERO },
        }
    }

    fn stay_closed(&mut self, why: Why) -> Answer {
        self.history.push(Done::Closed(why));
        Answer::StayClosed(why)
    }

    /// Attempts that failed since the last healthy one, this one included.
    fn failed_attempts(&self) -> u32 {
        let is_failure = |attempt: &&[Done]| match attempt {
            [] | [.., Done::ReconnectNow] => false,
            attempt => !self.is_healthy(attempt),
        };
        self.attempts().rev().take_while(is_failure).count() as u32
    }

    fn is_healthy(&self, attempt: &[Done]) -> bool {
        let bytes = || {
            attempt.iter().filter_map(|done| match done {
                Done::Received { now } => Some(*now),
                _ => None,
            })
        };
        let first = bytes().next().unwrap_or_default();
        let lived = bytes().max().unwrap_or_default() - first;
        attempt.contains(&Done::Opened) && lived >= self.policy.healthy_after
    }

    pub fn reconnect_now(&mut self) -> bool {
        let may = self.why_closed().is_none() && self.may_request_again();
        if may {
            self.history.push(Done::ReconnectNow);
        }
        may
    }

    pub fn close(&mut self) {
        self.fail(Why::Caller);
    }

    pub fn fail(&mut self, why: Why) {
        if self.why_closed().is_none() {
            self.history.push(Done::Closed(why));
        }
    }
}

/// So many nanoseconds, or the longest time there is.
fn nanos(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    match u64::try_from(nanos / SECOND) {
        Ok(seconds) => Duration::new(seconds, (nanos % SECOND) as u32),
        Err(_) => Duration::MAX,
    }
}
