//! The state machine: its states, its calls, and what each call returns.

use core::fmt;
use core::time::Duration;

use super::{CloseReason, Decode, Policy, RequestHeaders, WrongCall, response};

/// The state of a connection.
///
/// The names and the numbers are those of a browser's `EventSource`: `ReadyState::Open as u8` is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReadyState {
    /// CONNECTING: the client waits before its next request, or waits for the response.
    Connecting = 0,
    /// OPEN: the response is an event stream, and the client reads its body.
    Open = 1,
    /// CLOSED: the client has stopped, and sends no further request.
    Closed = 2,
}

/// Writes the name that browsers use: `CONNECTING`, `OPEN` or `CLOSED`.
impl fmt::Display for ReadyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReadyState::Connecting => "CONNECTING",
            ReadyState::Open => "OPEN",
            ReadyState::Closed => "CLOSED",
        })
    }
}

/// Decides for one client when to request a stream, when to wait, and when to stop.
///
/// You tell it what has happened, and it tells you what to do. It does no I/O. The
/// [module](super) shows the loop.
///
/// | call | allowed in | state after it |
/// |---|---|---|
/// | [`request`] | CONNECTING, if no request is out | CONNECTING, a request is out |
/// | [`response`] | CONNECTING, if a request is out | OPEN, CLOSED, or CONNECTING |
/// | [`received`] | OPEN | OPEN |
/// | [`disconnected`] | every state | CONNECTING, no request is out; or CLOSED |
/// | [`reconnect_now`] | every state | CONNECTING, no request is out; CLOSED stays CLOSED |
/// | [`close`], [`fail`] | every state | CLOSED |
///
/// Any other call returns [`WrongCall`] and changes nothing.
///
/// **It repeats requests**, even if the response was good, because a stream that ends is requested
/// again. Do not use it for a request that costs money or changes something, such as a POST to a
/// language model, unless you set [`Policy::max_requests`] to 1.
///
/// [`request`]: Self::request
/// [`response`]: Self::response
/// [`received`]: Self::received
/// [`disconnected`]: Self::disconnected
/// [`reconnect_now`]: Self::reconnect_now
/// [`close`]: Self::close
/// [`fail`]: Self::fail
#[derive(Clone, Debug)]
pub struct Connection {
    policy: Policy,
    phase: Phase,
    /// How many attempts in a row have failed since the last healthy connection.
    failed_attempts: u32,
    /// How many requests were begun in all.
    requests: u32,
}

/// The state in detail: CONNECTING has three phases.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// CONNECTING: the caller waits this long, then requests the stream.
    Waiting(Duration),
    /// CONNECTING: the caller waits for the response.
    Requested,
    /// CONNECTING: the response had one of the statuses that are tried again. The caller drops it.
    Refused,
    /// OPEN, with the times of the first and the last byte, if the caller called `received`.
    Open(Option<[Duration; 2]>),
    /// CLOSED, for this reason.
    Closed(CloseReason),
}

impl Default for Connection {
    fn default() -> Self {
        Self::new(Policy::new())
    }
}

impl Connection {
    /// Makes a connection. Its state is CONNECTING, and no request is out.
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

    /// Returns why the state is CLOSED, or `None` in any other state.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        match self.phase {
            Phase::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns how long to wait for the response, and then for each chunk of its body.
    ///
    /// If nothing comes for that long, drop the request or the response, and call
    /// [`disconnected`](Self::disconnected). The value is [`Policy::idle_timeout`] while a request
    /// is out or a body is read, otherwise `None`.
    #[must_use]
    pub const fn idle_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Requested | Phase::Open(_) => self.policy.idle_timeout,
            Phase::Waiting(_) | Phase::Refused | Phase::Closed(_) => None,
        }
    }

    /// Begins a request, and returns its headers.
    ///
    /// It also tells the decoder that a new stream begins (see [`Decoder::reconnect`]). Send a GET,
    /// as browsers do, and let your HTTP client follow redirects.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] if the state is not CONNECTING, or if a request is out already.
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

    /// Checks the status and the `Content-Type` of a response, and returns the new state.
    ///
    /// - OPEN: read the body. The status is 200, and the media type is `text/event-stream`. Case
    ///   and parameters do not count.
    /// - CLOSED: drop the response. [`close_reason`](Self::close_reason) says why.
    /// - CONNECTING: drop the response, and call [`disconnected`](Self::disconnected). The status
    ///   is one of [`Policy::retry_statuses`].
    ///
    /// If the response has no `Content-Type`, pass `None::<&str>`.
    ///
    /// If your HTTP client does not decompress bodies, check the header `Content-Encoding` too. If
    /// the body is compressed, call [`fail`](Self::fail) with [`CloseReason::ContentCoding`],
    /// because the decoder would find no events in the bytes.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] if no request is out, or if its response has come already.
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

    /// Tells the connection when bytes came.
    ///
    /// Call it when the head of a good response has come, and for each chunk of its body. `now` is
    /// the time since some fixed moment, for example since your program started. The connection
    /// compares how long it lived with [`Policy::healthy_after`]. If that is zero, you need neither
    /// a clock nor this call.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] if the state is not OPEN.
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
    /// Call it when the body has ended, when the network has failed before or after the response,
    /// and when you have dropped the response.
    ///
    /// The wait is the reconnection time, which a `retry` field or the [`Policy`] sets. After
    /// failed attempts, [`Policy::backoff`] is added to it. [`Policy::wait_between`] bounds the
    /// sum. `random` has to be a new random number each time: 0 gives the shortest backoff,
    /// `u32::MAX` the longest.
    ///
    /// If the connection waits for its next request already, nothing changes, and you get the same
    /// wait again. If no request can ever succeed, for example because the URL is malformed, call
    /// [`close`](Self::close) instead. If the server sent a `Retry-After`, wait for the longer of
    /// the two times.
    ///
    /// You can still pull the complete events from the decoder. The next
    /// [`request`](Self::request) discards the others.
    ///
    /// # Errors
    ///
    /// The [`CloseReason`] if the state is CLOSED, since this call or an earlier one. Send no
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

    /// Makes the connection ready for the next [`request`](Self::request) at once, for example
    /// because the network is back.
    ///
    /// If it returns `true`, drop the request or the response that you have, and do not wait. The
    /// count of failed attempts starts again at zero.
    ///
    /// It returns `false` and changes nothing if the state is CLOSED, or if
    /// [`Policy::max_requests`] allows no further request. Then keep the request or the response.
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
    /// Drop the request or the response, if there is one, and pull no further event.
    pub fn close(&mut self) {
        self.fail(CloseReason::Caller);
    }

    /// Closes the connection for good, for this reason.
    ///
    /// Call it, for example, if the body is compressed and your HTTP client cannot decompress it.
    /// If the state is CLOSED already, the first reason stays.
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
