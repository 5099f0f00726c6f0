//! The error of a call that the state does not allow, and the reasons for CLOSED.

use super::ReadyState;

/// The error of a call that the state of a [`Connection`](super::Connection) does not allow, such
/// as a request while another one is out.
///
/// **Changed:** nothing, neither the connection nor the decoder. The table at
/// [`Connection`](super::Connection) says which calls each state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("`{call}` is out of turn while {state}: {situation}")]
pub struct WrongCall {
    /// The method that was called.
    pub call: &'static str,
    /// The state, before and after the call.
    pub state: ReadyState,
    /// Which call is next, because CONNECTING alone does not say it.
    pub(super) situation: &'static str,
}

/// Why the state is CLOSED: there will be no further request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// Your program called [`close`](super::Connection::close).
    #[error("closed by the caller")]
    Caller,
    /// The status was 204 (No Content), with which a server tells its clients to stop.
    #[error("the server asked not to come back (204)")]
    NoContent,
    /// The status was neither 200 nor one of
    /// [`Policy::retry_statuses`](super::Policy::retry_statuses).
    #[error("the server answered with the status {0}")]
    Status(u16),
    /// The status was 200, with another media type than `text/event-stream` or with none.
    #[error("the response is not an event stream")]
    ContentType,
    /// The response was an event stream, but its body is compressed (`Content-Encoding`). The
    /// decoder would find no event in it.
    #[error("the response is compressed")]
    ContentCoding,
    /// As many attempts in a row have failed as
    /// [`Policy::max_attempts`](super::Policy::max_attempts) allows.
    #[error("too many attempts failed")]
    MaxAttempts,
    /// The client has sent as many requests as
    /// [`Policy::max_requests`](super::Policy::max_requests) allows.
    #[error("as many requests were sent as are allowed")]
    MaxRequests,
}
