//! The choices that the standard leaves to the client, as data.

use alloc::vec::Vec;
use core::time::Duration;

/// The choices of a client: how long it waits, and when it gives up.
///
/// The defaults keep a server that misbehaves from causing a storm of requests or an
/// endless wait. [`platform`](Self::platform) gives what browsers do instead.
///
/// ```
/// use sse_proto::client::{Connection, Policy};
/// use std::time::Duration;
///
/// // For a server behind a gateway that restarts now and then.
/// let policy = Policy::new()
///     .retry_statuses([502, 503, 504])
///     .max_attempts(10)
///     .idle_timeout(Duration::from_secs(45));
/// let connection = Connection::new(policy);
/// # let _ = connection;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Policy {
    reconnection_time: Duration,
    least_wait: Duration,
    most_wait: Duration,
    backoff_first: Duration,
    backoff_cap: Duration,
    pub(super) healthy_after: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_attempts: Option<u32>,
    pub(super) max_requests: Option<u32>,
    pub(super) retry_statuses: Vec<u16>,
    pub(super) missing_content_type: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// Makes the default policy; each method names its default.
    pub const fn new() -> Self {
        Policy {
            reconnection_time: Duration::from_secs(3),
            least_wait: Duration::from_millis(500),
            most_wait: Duration::from_secs(300),
            backoff_first: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(30),
            healthy_after: Duration::from_secs(5),
            idle_timeout: None,
            max_attempts: None,
            max_requests: None,
            retry_statuses: Vec::new(),
            missing_content_type: false,
        }
    }

    /// Makes the policy of browsers.
    ///
    /// Before each reconnect the client waits exactly the reconnection time, which is 3 s or
    /// what the server's last `retry` field says.
    ///
    /// A server can make such a client send requests without a pause, or wait for
    /// centuries. Choose it for a server that you trust.
    pub const fn platform() -> Self {
        Self::new()
            .backoff(Duration::ZERO, Duration::ZERO)
            .wait_between(Duration::ZERO, Duration::MAX)
            .healthy_after(Duration::ZERO)
    }

    /// Sets the reconnection time until a `retry` field sets one; 3 s by default.
    ///
    /// [`wait_between`](Self::wait_between) bounds it too.
    pub const fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// Sets the shortest and the longest wait before a request; 500 ms and 5 min by default.
    ///
    /// They bound the sum of reconnection time and backoff, because a server may send
    /// `retry: 0`, or a `retry` of millions of years. If `least` is the greater of the
    /// two, each wait is `least`.
    pub const fn wait_between(mut self, least: Duration, most: Duration) -> Self {
        self.least_wait = least;
        self.most_wait = most;
        self
    }

    /// Sets how much longer to wait after failed attempts; from 1 s to 30 s by default.
    ///
    /// The first backoff in a row is up to `first`, each further one up to twice the
    /// one before, but never longer than `cap`. Half of it is certain, and the random
    /// number decides about the other half. The reconnection time is added to it. If
    /// both times are zero there is no backoff.
    pub const fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.backoff_first = first;
        self.backoff_cap = cap;
        self
    }

    /// Sets how long a connection has to live to count as healthy; 5 s by default.
    ///
    /// A connection lives from its first byte to its last. Comments are bytes, so a
    /// server's keep-alives count. If it ends earlier, it is a failed attempt, although
    /// its response was good: a server that accepts each request and closes at once
    /// meets [`backoff`](Self::backoff) and [`max_attempts`](Self::max_attempts). The
    /// first reconnect in such a row still comes after the reconnection time alone.
    ///
    /// Zero makes each good response healthy, as on the platform. Set that for a server
    /// that ends each response after one event and expects you back ("long polling"),
    /// and for a [`Connection`](super::Connection) without a clock.
    pub const fn healthy_after(mut self, time: Duration) -> Self {
        self.healthy_after = time;
        self
    }

    /// Sets after how long without a byte a request or a response is given up; by default it
    /// never is.
    ///
    /// The server's keep-alives are bytes. So set it well above the time between them,
    /// for which 15 s is usual.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets how many attempts in a row may fail before the client closes; any number by default.
    ///
    /// An attempt is one request with its response. It fails if there is no response, if
    /// the status is one of [`retry_statuses`](Self::retry_statuses), and if the
    /// connection ends before it is [healthy](Self::healthy_after). A healthy connection
    /// ends the row. With 1, or 0, the first failure is the last.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Sets how many requests the client sends in all, good ones included; any number by
    /// default.
    ///
    /// A good response does not start this count again. Set it to 1 for a request that
    /// must not be repeated, such as a POST to a language model: each one is paid for.
    /// 0 is taken as 1.
    pub const fn max_requests(mut self, requests: u32) -> Self {
        self.max_requests = Some(requests);
        self
    }

    /// Sets the statuses that are a failed attempt rather than the end; none by default.
    ///
    /// Some gateways answer 502, 503 or 504 for a while. 200 and 204 keep their meaning
    /// if you list them.
    pub fn retry_statuses(mut self, statuses: impl Into<Vec<u16>>) -> Self {
        self.retry_statuses = statuses.into();
        self
    }

    /// Takes a response without a `Content-Type` for an event stream.
    ///
    /// By default such a response closes the client, as the standard asks. Some gateways leave
    /// the header out. A wrong one still closes the client.
    pub const fn accept_missing_content_type(mut self) -> Self {
        self.missing_content_type = true;
        self
    }

    /// How long to wait before the next request, if the server's last `retry` was this
    /// and the `backoff`th backoff in a row is due (0 for none).
    pub(super) fn wait(&self, retry: Option<Duration>, backoff: u32, random: u32) -> Duration {
        // #sse-processing-model, reestablishing: "wait a delay equal to the reconnection
        // time", then optionally "wait some more".
        retry
            .unwrap_or(self.reconnection_time)
            .saturating_add(self.backoff_of(backoff, random))
            .min(self.most_wait)
            .max(self.least_wait)
    }

    fn backoff_of(&self, backoff: u32, random: u32) -> Duration {
        // After so many doublings 1 ns exceeds every `Duration`.
        const MOST_DOUBLINGS: u32 = 94;
        let Some(doublings) = backoff.checked_sub(1) else {
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
