//! The choices that the standard leaves to the client, as data.

use alloc::vec::Vec;
use core::time::Duration;

/// Says how long a client waits, and when it gives up.
///
/// With the defaults, a server that misbehaves can cause neither a storm of requests nor an endless
/// wait. [`platform`](Self::platform) is what browsers do instead.
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
    /// Makes the default policy. Each method below names its default.
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
    /// Before it reconnects, the client waits exactly the reconnection time: 3 s, unless a `retry`
    /// field sets another.
    ///
    /// A server can make such a client send requests without a pause, or wait for centuries.
    /// Choose it only for a server that you trust.
    pub const fn platform() -> Self {
        Self::new()
            .backoff(Duration::ZERO, Duration::ZERO)
            .wait_between(Duration::ZERO, Duration::MAX)
            .healthy_after(Duration::ZERO)
    }

    /// Sets the reconnection time that counts until a `retry` field sets another; 3 s by default.
    ///
    /// [`wait_between`](Self::wait_between) bounds it too.
    pub const fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection_time = time;
        self
    }

    /// Sets the shortest and the longest wait before a request; 500 ms and 5 min by default.
    ///
    /// They bound the sum of the reconnection time and the backoff, because a server may send
    /// `retry: 0` or a `retry` of millions of years. If `least` is greater than `most`, each wait
    /// is `least`.
    pub const fn wait_between(mut self, least: Duration, most: Duration) -> Self {
        self.least_wait = least;
        self.most_wait = most;
        self
    }

    /// Sets how much longer to wait after failed attempts; 1 s at first and 30 s at most by
    /// default.
    ///
    /// After the first failure the window is `first`. It doubles with each further failure in a
    /// row, but never exceeds `cap`. The backoff is between half of the window and all of it, as
    /// the random number decides, and the client adds it to the reconnection time. If one of
    /// the two is zero, there is no backoff.
    pub const fn backoff(mut self, first: Duration, cap: Duration) -> Self {
        self.backoff_first = first;
        self.backoff_cap = cap;
        self
    }

    /// Sets how long a connection has to live before it counts as healthy; 5 s by default.
    ///
    /// A connection lives from its first byte to its last, and the bytes of keep-alives count too.
    /// If it ends earlier, the attempt has failed, even if the response was good. So
    /// [`backoff`](Self::backoff) and [`max_attempts`](Self::max_attempts) also work against a
    /// server that accepts each request and closes it at once. Such a failure does not count for
    /// the wait that follows it: if it is the first in a row, the client waits only the
    /// reconnection time, and after the second one the backoff is that of one failure.
    ///
    /// If the time is zero, each good response is healthy, as in browsers. Set zero if the server
    /// ends each response after one event and expects you to come back ("long polling"), and if
    /// your [`Connection`](super::Connection) has no clock.
    pub const fn healthy_after(mut self, time: Duration) -> Self {
        self.healthy_after = time;
        self
    }

    /// Sets how long the client waits for the next byte before it gives up the request or the
    /// response. Unless you set it, the client never gives up.
    ///
    /// Choose a time that is well above the time between two keep-alives of the server, which is
    /// often 15 s.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets after how many failed attempts in a row the client closes; never by default.
    ///
    /// An attempt is one request with its response. It fails if there is no response, if the status
    /// is one of [`retry_statuses`](Self::retry_statuses), or if the connection ends before it is
    /// [healthy](Self::healthy_after). After a healthy connection the count starts again. With 1 or
    /// 0, the client closes after the first failure.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Sets how many requests the client sends in all, whatever their responses are; any number by
    /// default.
    ///
    /// Set it to 1 for a request that must not be repeated, for example because each POST to a
    /// language model costs money. 0 means 1.
    pub const fn max_requests(mut self, requests: u32) -> Self {
        self.max_requests = Some(requests);
        self
    }

    /// Sets the statuses after which the client tries again instead of closing; none by default.
    ///
    /// Such a response is a failed attempt. Some gateways answer 502, 503 or 504 for a while. If
    /// you list 200 or 204, they keep their meaning.
    pub fn retry_statuses(mut self, statuses: impl Into<Vec<u16>>) -> Self {
        self.retry_statuses = statuses.into();
        self
    }

    /// Accepts a response without a `Content-Type` as an event stream.
    ///
    /// Some gateways leave the header out. By default such a response closes the client, as the
    /// standard asks. A response with a wrong `Content-Type` always closes it.
    pub const fn accept_missing_content_type(mut self) -> Self {
        self.missing_content_type = true;
        self
    }

    /// How long to wait before the next request. `retry` is the time that the server set, and
    /// `backoff` counts the backoffs in a row, this one included; 0 is none.
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
