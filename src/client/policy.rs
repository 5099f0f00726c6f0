//! What the standard leaves to the client, as data.

use alloc::vec::Vec;
use core::time::Duration;

/// What a client decides for itself; by default, what browsers do.
///
/// ```
/// use sse_proto::client::{EventSource, Policy};
/// use std::time::Duration;
///
/// // For a server behind a gateway that restarts now and then.
/// let policy = Policy::new()
///     .retry_statuses([502, 503, 504])
///     .max_attempts(10)
///     .idle_timeout(Duration::from_secs(45));
/// let source = EventSource::new(policy);
/// # let _ = source;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Policy {
    pub(super) reconnection_time: Duration,
    backoff_first: Duration,
    backoff_cap: Duration,
    pub(super) max_attempts: Option<u32>,
    pub(super) retry_statuses: Vec<u16>,
    pub(super) idle_timeout: Option<Duration>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// The defaults, which stand at each method.
    pub const fn new() -> Self {
        Policy {
            reconnection_time: Duration::from_secs(3),
            backoff_first: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(30),
            max_attempts: None,
            retry_statuses: Vec::new(),
            idle_timeout: None,
        }
    }

    /// The reconnection time until a `retry` field sets one; 3 s unless set.
    pub const fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// How much longer to wait after failed attempts; from 1 s to 30 s unless set.
    ///
    /// After the first failure in a row that is up to `first`, after each further one
    /// up to twice as long, but never longer than `cap`: half of it for certain, of
    /// the other half as much as the random number says. The reconnection time comes
    /// on top of it. Two times zero is no backoff.
    pub const fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.backoff_first = first;
        self.backoff_cap = cap;
        self
    }

    /// How many attempts in a row may fail before the client stays closed; without end
    /// unless set.
    ///
    /// An attempt fails by a network error before the response or a status that is
    /// worth a retry. A good response ends the row. 0 counts as 1: the first failure
    /// is the last.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Which statuses are a failed attempt rather than the end; none unless set.
    ///
    /// Worth it for gateways that answer 502, 503 or 504 for a while. 200 and 204 mean
    /// what they mean, also when they are listed.
    pub fn retry_statuses(mut self, statuses: impl Into<Vec<u16>>) -> Self {
        self.retry_statuses = statuses.into();
        self
    }

    /// After how long without a byte an open connection is taken for dead; never unless
    /// set. Comments are bytes too, so it should be well above the time between the
    /// server's keep-alives (15 s is usual).
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How much longer to wait after so many failed attempts in a row.
    pub(super) fn backoff_after(&self, failed_attempts: u32, random: u32) -> Duration {
        // From 1 ns, so many doublings exceed every `Duration`.
        const MOST_DOUBLINGS: u32 = 94;
        let Some(doublings) = failed_attempts.checked_sub(1) else {
            return Duration::ZERO;
        };
        let mut window = self.backoff_first;
        for _ in 0..doublings.min(MOST_DOUBLINGS) {
            window = window.saturating_mul(2);
        }
        let window = window.min(self.backoff_cap);
        let certain = window / 2;
        certain + fraction(window - certain, random)
    }
}

/// `whole` × `numerator` / `u32::MAX`.
fn fraction(whole: Duration, numerator: u32) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let nanos = whole.as_nanos() * u128::from(numerator) / u128::from(u32::MAX);
    Duration::new((nanos / SECOND) as u64, (nanos % SECOND) as u32)
}
