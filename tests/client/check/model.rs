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
    Attempts,
}

/// A call that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Requested,
    Opened { now: Duration },
    Refused,
    Received { now: Duration },
    Disconnected,
    Closed(Why),
}

/// What a call answers; `Wrong` is a call out of turn, which leaves no trace.
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
    pub backoff_first: Duration,
    pub backoff_cap: Duration,
    pub max_attempts: Option<u32>,
    pub retried: Vec<u16>,
    pub idle_timeout: Option<Duration>,
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

    /// What happened since the connection before ended, or since ever.
    fn this_connection(&self) -> &[Done] {
        let ended = self.history.iter().rposition(|done| *done == Done::Disconnected);
        &self.history[ended.map_or(0, |at| at + 1)..]
    }

    fn why_closed(&self) -> Option<Why> {
        self.history.iter().find_map(|done| match done {
            Done::Closed(why) => Some(*why),
            _ => None,
        })
    }

    fn is_requested(&self) -> bool {
        self.this_connection().contains(&Done::Requested)
    }

    fn is_answered(&self) -> bool {
        self.this_connection().iter().any(|done| !matches!(done, Done::Requested))
    }

    fn is_open(&self) -> bool {
        let opened = |done: &Done| matches!(done, Done::Opened { .. });
        self.why_closed().is_none() && self.this_connection().iter().any(opened)
    }

    pub fn state(&self) -> u8 {
        match (self.why_closed(), self.is_open()) {
            (Some(_), _) => CLOSED,
            (None, true) => OPEN,
            (None, false) => CONNECTING,
        }
    }

    pub fn idle_deadline(&self) -> Option<Duration> {
        let timeout = self.policy.idle_timeout.filter(|_| self.is_open())?;
        let bytes = self.this_connection().iter().filter_map(|done| match done {
            Done::Opened { now } | Done::Received { now } => Some(*now),
            _ => None,
        });
        Some(bytes.max()?.saturating_add(timeout))
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

    pub fn response(&mut self, status: u16, content_type: Option<&[u8]>, now: Duration) -> Answer {
        if self.state() != CONNECTING || !self.is_requested() || self.is_answered() {
            return self.wrong();
        }
        let content_type = content_type.map(|value| {
            let essence = value.split(|byte| *byte == b';').next().unwrap();
            String::from_utf8_lossy(essence).trim_matches([' ', '\t']).to_ascii_lowercase()
        });
        self.history.push(match (status, content_type.as_deref()) {
            (204, _) => Done::Closed(Why::NoContent),
            (200, Some("text/event-stream")) => Done::Opened { now },
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
            return self.wrong();
        }
        self.history.push(Done::Disconnected);
        let failed = self.failed_attempts();
        if failed > 0 && self.policy.max_attempts.is_some_and(|most| failed >= most) {
            self.history.push(Done::Closed(Why::Attempts));
            return Answer::StayClosed(Why::Attempts);
        }
        let wait = retry.unwrap_or(self.policy.reconnection_time);
        let mut window = if failed == 0 { 0 } else { self.policy.backoff_first.as_nanos() };
        for _ in 1..failed {
            window = (window * 2).min(u128::MAX / 8);
        }
        let window = window.min(self.policy.backoff_cap.as_nanos());
        // Half of the window is certain, of the other half the random part.
        let most = u128::from(u32::MAX);
        let backoff = window / 2
            + (window / 2) / most * u128::from(random)
            + (window / 2) % most * u128::from(random) / most;
        Answer::Reconnect {
            least: wait.saturating_add(nanos(backoff.saturating_sub(2))),
            most: wait.saturating_add(nanos(backoff + 2)),
        }
    }

    /// Attempts that failed since the last good response.
    fn failed_attempts(&self) -> u32 {
        let opened = self.history.iter().rposition(|done| matches!(done, Done::Opened { .. }));
        let since = &self.history[opened.map_or(0, |at| at + 1)..];
        since.iter().filter(|done| **done == Done::Requested).count() as u32
    }

    pub fn close(&mut self) -> Answer {
        if self.why_closed().is_none() {
            self.history.push(Done::Closed(Why::Caller));
        }
        Answer::Nothing
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
