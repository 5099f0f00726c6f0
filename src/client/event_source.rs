//! The machine: states, calls, and what each call answers.

use core::fmt;
use core::time::Duration;

use super::{CloseReason, Decode, Policy, WrongCall};
use crate::header;

/// The states of a connection, with the platform's names and numbers
/// (`ReadyState::Open as u8` is 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReadyState {
    /// CONNECTING: waiting to request the stream, or for its response.
    Connecting = 0,
    /// OPEN: there was a good response, its body is being read.
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

/// What to do once a connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// Wait, then request the stream again.
    Reconnect {
        /// How long to wait.
        after: Duration,
    },
    /// Nothing: the state is CLOSED.
    StayClosed(CloseReason),
}

/// The connection of one client, without the connection: it is told what happens, and
/// says what to do.
///
/// | call | in turn | then |
/// |---|---|---|
/// | [`request`](Self::request) | CONNECTING, no request is out | CONNECTING, a request is out |
/// | [`response`](Self::response) | CONNECTING, a request is out | OPEN; CLOSED; or CONNECTING, the response is to be dropped |
/// | [`received`](Self::received) | OPEN | OPEN |
/// | [`disconnected`](Self::disconnected) | always, but for CONNECTING where no request is out | CONNECTING, no request is out; or CLOSED |
/// | [`close`](Self::close) | always | CLOSED |
///
/// A call out of turn gives [`WrongCall`] and changes nothing.
#[derive(Clone, Debug)]
pub struct EventSource {
    policy: Policy,
    phase: Phase,
    /// In a row, since the last good response.
    failed_attempts: u32,
}

/// The states, with what CONNECTING waits for.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// CONNECTING: the caller waits out the reconnection time.
    Waiting,
    /// CONNECTING: the caller waits for the response.
    Requested,
    /// CONNECTING: a response that is worth a retry; the caller drops it.
    Refused,
    Open {
        last_byte: Duration,
    },
    Closed(CloseReason),
}

impl Default for EventSource {
    fn default() -> Self {
        Self::new(Policy::new())
    }
}

impl EventSource {
    /// A client that has not requested anything yet: CONNECTING.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        EventSource { policy, phase: Phase::Waiting, failed_attempts: 0 }
    }

    /// The state.
    #[must_use]
    pub const fn ready_state(&self) -> ReadyState {
        match self.phase {
            Phase::Waiting | Phase::Requested | Phase::Refused => ReadyState::Connecting,
            Phase::Open { .. } => ReadyState::Open,
            Phase::Closed(_) => ReadyState::Closed,
        }
    }

    /// The stream is requested: gives the headers of the request, names and values, and
    /// tells the decoder that a new stream begins (see [`Decoder::reconnect`]).
    ///
    /// `Last-Event-ID` is among them unless the ID is empty, or no header carries it
    /// unchanged: one with control characters (a tab further in is fine), or with a
    /// space or tab at an end. The server then sends what it sends to a new client.
    ///
    /// An ID may be any text, and travels as UTF-8. Hand the values to an HTTP library as
    /// bytes: as a `str` many take ASCII alone.
    ///
    /// The method is GET, where the platform is followed; redirects belong to the HTTP
    /// client.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless CONNECTING, and while a request is out.
    ///
    /// [`Decoder::reconnect`]: crate::Decoder::reconnect
    pub fn request<'d, D: Decode>(
        &mut self,
        decoder: &'d mut D,
    ) -> Result<impl Iterator<Item = (&'d str, &'d str)> + use<'d, D>, WrongCall> {
        let Phase::Waiting = self.phase else {
            return Err(self.wrong("request"));
        };
        self.phase = Phase::Requested;
        decoder.reconnect();
        let id = Some(decoder.last_event_id()).filter(|id| !id.is_empty() && header::carries(id));
        let always = header::REQUEST_HEADERS.iter().copied();
        Ok(always.chain(id.map(|id| (header::LAST_EVENT_ID, id))))
    }

    /// The response's head is there: gives the state that it leads to, so what to do
    /// with its body.
    ///
    /// - OPEN: read it. The status is 200 and the media type `text/event-stream`,
    ///   parameters and case ignored.
    /// - CLOSED: drop it. The status is 204, or one that is not worth a retry, or the
    ///   media type is another one or none.
    /// - CONNECTING: drop it, and report that by [`disconnected`](Self::disconnected).
    ///   The status is one of [`Policy::retry_statuses`].
    ///
    /// `now` is the caller's clock, as the time since any start that stays the same; it
    /// matters for [`Policy::idle_timeout`] alone.
    ///
    /// A content coding (`gzip`) is the HTTP client's affair: the bytes that the decoder
    /// is given are those of the stream itself. Look at `Content-Encoding` where it does
    /// not undo one: compressed bytes are a stream without events.
    ///
    /// Without a `Content-Type` it is `None::<&str>`.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless CONNECTING with a request out that has no response yet.
    pub fn response<V: AsRef<[u8]>>(
        &mut self,
        status: u16,
        content_type: Option<V>,
        now: Duration,
    ) -> Result<ReadyState, WrongCall> {
        let Phase::Requested = self.phase else {
            return Err(self.wrong("response"));
        };
        let is_event_stream = content_type.is_some_and(header::is_event_stream);
        // #sse-processing-model: anything but 200 with the right type fails the connection,
        // and a failed one is never established again. Listed statuses are the caller's wish.
        self.phase = match status {
            200 if is_event_stream => Phase::Open { last_byte: now },
            200 => Phase::Closed(CloseReason::ContentType),
            204 => Phase::Closed(CloseReason::NoContent),
            _ if self.policy.retry_statuses.contains(&status) => Phase::Refused,
            _ => Phase::Closed(CloseReason::Status(status)),
        };
        if let Phase::Open { .. } = self.phase {
            self.failed_attempts = 0;
        }
        Ok(self.ready_state())
    }

    /// Bytes of the body are there, a comment's included: the connection lives.
    ///
    /// Only [`Policy::idle_timeout`] needs this call. A clock that goes backwards does
    /// not bring the deadline forward.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] unless OPEN.
    pub fn received(&mut self, now: Duration) -> Result<(), WrongCall> {
        let Phase::Open { last_byte } = &mut self.phase else {
            return Err(self.wrong("received"));
        };
        *last_byte = now.max(*last_byte);
        Ok(())
    }

    /// When the connection is to be taken for dead, by the caller's clock, unless bytes
    /// come before: then drop it, and report that by
    /// [`disconnected`](Self::disconnected).
    ///
    /// `None` unless OPEN, and without a [`Policy::idle_timeout`].
    #[must_use]
    pub fn idle_deadline(&self) -> Option<Duration> {
        match self.phase {
            Phase::Open { last_byte } => Some(last_byte.saturating_add(self.policy.idle_timeout?)),
            _ => None,
        }
    }

    /// The connection has ended: the end of the body, a network error before or after
    /// the response, or the caller dropped it. Gives what to do next.
    ///
    /// The wait is the reconnection time, as the decoder has it from a `retry` field, or
    /// else the [`Policy`]; after a failed attempt [`Policy::backoff`] comes on top.
    /// `random` is any number, evenly distributed.
    ///
    /// The server sets the reconnection time, and may set zero or centuries; the standard
    /// knows no bounds, so none are set here. Where the server is not trusted, bound the
    /// wait: `after.clamp(least, most)`. What will not pass (a URL that cannot be requested)
    /// is no network error: call [`close`](Self::close). `Retry-After` is the HTTP client's
    /// affair.
    ///
    /// What the connection left unfinished in the decoder stays there until the next
    /// [`request`](Self::request) discards it. Events it has complete can still be
    /// pulled.
    ///
    /// # Errors
    ///
    /// [`WrongCall`] while CONNECTING without a request out.
    pub fn disconnected<D: Decode>(&mut self, decoder: &D, random: u32) -> Result<Next, WrongCall> {
        match self.phase {
            Phase::Waiting => return Err(self.wrong("disconnected")),
            Phase::Closed(reason) => return Ok(Next::StayClosed(reason)),
            Phase::Open { .. } => {}
            Phase::Requested | Phase::Refused => {
                self.failed_attempts = self.failed_attempts.saturating_add(1);
                if self.policy.max_attempts.is_some_and(|most| self.failed_attempts >= most) {
                    self.phase = Phase::Closed(CloseReason::MaxAttempts);
                    return Ok(Next::StayClosed(CloseReason::MaxAttempts));
                }
            }
        }
        self.phase = Phase::Waiting;
        // #sse-processing-model, reestablishing: "wait a delay equal to the reconnection
        // time", then optionally "wait some more".
        let time = decoder.reconnection_time().unwrap_or(self.policy.reconnection_time);
        let backoff = self.policy.backoff_after(self.failed_attempts, random);
        Ok(Next::Reconnect { after: time.saturating_add(backoff) })
    }

    /// Closes it for good. The caller drops the connection, if there is one, and hands
    /// out no further event.
    pub fn close(&mut self) {
        if !matches!(self.phase, Phase::Closed(_)) {
            self.phase = Phase::Closed(CloseReason::Caller);
        }
    }

    fn wrong(&self, call: &'static str) -> WrongCall {
        let situation = match self.phase {
            Phase::Waiting => "no request is out, `request` is next",
            Phase::Requested => "a request is out, `response` or `disconnected` is next",
            Phase::Refused => "the response is to be dropped, `disconnected` is next",
            Phase::Open { .. } => "a response is being read",
            Phase::Closed(_) => "nothing follows",
        };
        WrongCall { call, state: self.ready_state(), situation }
    }
}
