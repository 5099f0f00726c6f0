//! The machine: states, calls, and what each call answers.

use core::fmt;
use core::time::Duration;

use super::{CloseReason, Decode, Policy, RequestHeaders, WrongCall, response};

/// The states of a connection, with the platform's names and numbers
/// (`ReadyState::Open as u8` is 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReadyState {
    /// CONNECTING: the client waits to request the stream, or for its response.
    Connecting = 0,
    /// OPEN: there was a good response, and its body is being read.
    Open = 1,
    /// CLOSED: there is no connection, and there will be none.
    Closed = 2,
}

/// The platform's name: `CONNECTING`, `OPEN`, `CLOSED`.
impl fmt::Display for ReadyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReadyState::Connecting => "CONNECTING",
            ReadyState::Open => "OPEN",
            ReadyState::Closed => "CLOSED",
        })
    }
}

/// Decides for one client when to request a stream, when to wait and when to stop, without any
/// I/O.
///
/// You tell it what has happened, and it says what to do. The [module](super) shows the loop.
///
/// | call | in turn | afterwards |
/// |---|---|---|
/// | [`request`](Self::request) | CONNECTING, no request is out | CONNECTING, a request is out |
/// | [`response`](Self::response) | CONNECTING, a request is out | OPEN; CLOSED; or CONNECTING, and you drop the response |
/// | [`received`](Self::received) | OPEN | OPEN |
/// | [`disconnected`](Self::disconnected) | always | CONNECTING, no request is out; or CLOSED |
/// | [`reconnect_now`](Self::reconnect_now) | always | CONNECTING, no request is out; CLOSED stays |
/// | [`close`](Self::close), [`fail`](Self::fail) | always | CLOSED |
///
/// A call out of turn gives [`WrongCall`] and changes nothing.
///
/// **It repeats requests**, good ones included, since a stream that ends is requested
/// again. Do not use it for requests that cost money or change something, such as a
/// POST to a language model, or set [`Policy::max_requests`].
#[derive(Clone, Debug)]
pub struct Connection {
    policy: Policy,
    phase: Phase,
    /// In a row, since the last healthy connection.
    failed_attempts: u32,
    /// In all.
    requests: u32,
}

/// The states, with what CONNECTING waits for.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// CONNECTING: the caller waits this long, then requests the stream.
    Waiting(Duration),
    /// CONNECTING: the caller waits for the response.
    Requested,
    /// CONNECTING: the response was worth a retry, and the caller drops it.
    Refused,
    /// OPEN, with the times of the first and the last byte, if the caller told any.
    Open(Option<[Duration; 2]>),
    Closed(CloseReason),
}

impl Default for Connection {
    fn default() -> Self {
        Self::new(Policy::new())
    }
}

impl Connection {
    /// Makes a connection that nobody has requested yet: CONNECTING.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        let phase = Phase::Waiting(Duration::ZERO);
        Connection { policy, phase, failed_attempts: 0, requests: 0 }
    }

    #[cfg(feature = "http")]
    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the state.
    #[must_use]
    pub const fn ready_state(&self) -> ReadyState {
        match self.phase {
            Phase::Waiting(_) | Phase::Requested | Phase::Refused => ReadyState::Connecting,
            Phase::Open(_) => ReadyState::Open,
            Phase::Closed(_) => ReadyState::Closed,
        }
    }

    /// Returns why the state is CLOSED, if it is.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        match self.phase {
            Phase::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns how long to wait for the response, and then for each chunk of its body.
    ///
    /// If nothing comes for so long, give up and call [`disconnected`](Self::disconnected). It
    /// is [`Policy::idle_timeout`] while there is something to wait for, otherwise `None`.
    #[must_use]
    pub const fn idle_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Requested | Phase::Open(_) => self.policy.idle_timeout,
            Phase::Waiting(_) | Phase::Refused | Phase::Closed(_) => None,
        }
    }

    /// Begins a request: returns its headers, and tells the decoder that a new stream begins
    /// (see [`Decoder::reconnect`]).
    ///
    /// The method is GET, if you follow the platform. Redirects are up to your HTTP
    /// client.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless CONNECTING, and while a request is out.
    ///
    /// [`Decoder::reconnect`]: crate::Decoder::reconnect
    pub fn request<'d, D: Decode + ?Sized>(
        &mut self,
        decoder: &'d mut D,
    ) -> Result<RequestHeaders<'d>, WrongCall> {
        let Phase::Waiting(_) = self.phase else {
            return Err(self.wrong("request"));
        };
        self.phase = Phase::Requested;
        self.requests = self.requests.saturating_add(1);
        decoder.reconnect();
        Ok(RequestHeaders::new(decoder.last_event_id()))
    }

    /// Judges the head of a response, and returns the state that it leads to.
    ///
    /// - OPEN: read the body. The status is 200 and the media type `text/event-stream`;
    ///   parameters and case are ignored.
    /// - CLOSED: drop it. [`close_reason`](Self::close_reason) says why.
    /// - CONNECTING: drop it, and call [`disconnected`](Self::disconnected). The status
    ///   is one of [`Policy::retry_statuses`].
    ///
    /// If the response has no `Content-Type`, give `None::<&str>`.
    ///
    /// Your HTTP client undoes a content coding (`gzip`), if it has the feature. If it
    /// has not, look at `Content-Encoding`, and [`fail`](Self::fail) a response that has
    /// one: compressed bytes are a stream without events.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless a request is out that has no response yet.
    pub fn response<V: AsRef<[u8]>>(
        &mut self,
        status: u16,
        content_type: Option<V>,
    ) -> Result<ReadyState, WrongCall> {
        let Phase::Requested = self.phase else {
            return Err(self.wrong("response"));
        };
        let content_type = content_type.as_ref().map(AsRef::as_ref);
        self.phase = match response::check(status, content_type, self.policy.missing_content_type) {
            Ok(()) => Phase::Open(None),
            Err(CloseReason::Status(status)) if self.policy.retry_statuses.contains(&status) => {
                Phase::Refused
            }
            Err(reason) => Phase::Closed(reason),
        };
        Ok(self.ready_state())
    }

    /// Notes the time at which bytes came.
    ///
    /// Call it when the head of a good response has come, and for each chunk of its body. `now`
    /// is the time since any moment that stays the same, by your clock. From it the connection
    /// knows how long it lived, which [`Policy::healthy_after`] asks for. If that is zero you
    /// need neither the clock nor this call.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless OPEN.
    pub fn received(&mut self, now: Duration) -> Result<(), WrongCall> {
        let Phase::Open(times) = &mut self.phase else {
            return Err(self.wrong("received"));
        };
        let [first, last] = times.unwrap_or([now; 2]);
        *times = Some([first, last.max(now)]);
        Ok(())
    }

    /// Ends an attempt, and returns how long to wait before the next
    /// [`request`](Self::request).
    ///
    /// An attempt has ended if the body came to its end, if the network failed before or after
    /// the response, or if you dropped it.
    ///
    /// The wait is the reconnection time, which a `retry` field or the [`Policy`] sets.
    /// After failed attempts [`Policy::backoff`] is added, and
    /// [`Policy::wait_between`] bounds the sum. `random` is any number, evenly
    /// distributed; 0 gives the shortest backoff.
    ///
    /// If no request is out, nothing changes, and you get the wait that you were given
    /// last.
    ///
    /// If requests will fail for good (the URL cannot be requested), call
    /// [`close`](Self::close) instead. If the server sent a `Retry-After`, wait for the
    /// longer of the two.
    ///
    /// The decoder keeps what the connection left unfinished until the next
    /// [`request`](Self::request) discards it. You can still pull the events that are
    /// complete.
    ///
    /// # Errors
    ///
    /// The [`CloseReason`] if the state is CLOSED, now or since before: there will be no
    /// further request.
    pub fn disconnected<D: Decode + ?Sized>(
        &mut self,
        decoder: &D,
        random: u32,
    ) -> Result<Duration, CloseReason> {
        let failed_before = self.failed_attempts;
        let failed = failed_before.saturating_add(1);
        let backoff;
        (self.failed_attempts, backoff) = match self.phase {
            Phase::Waiting(wait) => return Ok(wait),
            Phase::Closed(reason) => return Err(reason),
            Phase::Open(times) if lived(times) >= self.policy.healthy_after => (0, 0),
            // The server was there, so its reconnection time alone comes first.
            Phase::Open(_) => (failed, failed_before),
            Phase::Requested | Phase::Refused => (failed, failed),
        };
        let is_reached = |count: u32, most: Option<u32>| most.is_some_and(|most| count >= most);
        let next = if self.failed_attempts > 0
            && is_reached(self.failed_attempts, self.policy.max_attempts)
        {
            Err(CloseReason::MaxAttempts)
        } else if is_reached(self.requests, self.policy.max_requests) {
            Err(CloseReason::MaxRequests)
        } else {
            Ok(self.policy.wait(decoder.reconnection_time(), backoff, random))
        };
        self.phase = next.map_or_else(Phase::Closed, Phase::Waiting);
        next
    }

    /// Reconnects at once, for example because the network is back.
    ///
    /// Drop the request or the response, if there is one, and do not wait.
    /// [`request`](Self::request) is next, and the row of failed attempts ends.
    ///
    /// Returns `false`, and changes nothing, if the state is CLOSED or if
    /// [`Policy::max_requests`] allows no further request: then keep the response.
    pub fn reconnect_now(&mut self) -> bool {
        let is_last = self.policy.max_requests.is_some_and(|most| self.requests >= most.max(1));
        if self.close_reason().is_some() || is_last {
            return false;
        }
        self.phase = Phase::Waiting(Duration::ZERO);
        self.failed_attempts = 0;
        true
    }

    /// Closes the connection for good.
    ///
    /// Drop the request or the response, if there is one, and hand out no further event.
    pub fn close(&mut self) {
        self.fail(CloseReason::Caller);
    }

    /// Closes the connection for good, for this reason.
    ///
    /// One use is a compressed response that nobody decompressed. If the state is CLOSED
    /// already, the first reason stays.
    pub fn fail(&mut self, reason: CloseReason) {
        if self.close_reason().is_none() {
            self.phase = Phase::Closed(reason);
        }
    }

    fn wrong(&self, call: &'static str) -> WrongCall {
        let situation = match self.phase {
            Phase::Waiting(_) => "no request is out, `request` is next",
            Phase::Requested => "a request is out, `response` or `disconnected` is next",
            Phase::Refused => "the response is to be dropped, `disconnected` is next",
            Phase::Open(_) => "a response is being read",
            Phase::Closed(_) => "nothing follows",
        };
        WrongCall { call, state: self.ready_state(), situation }
    }
}

/// How long it was from the first byte to the last.
fn lived(times: Option<[Duration; 2]>) -> Duration {
    times.map_or(Duration::ZERO, |[first, last]| last.saturating_sub(first))
}
