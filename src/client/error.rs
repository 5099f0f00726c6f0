//! A call out of turn, and why there will be no further request.

use super::ReadyState;

/// A call that is out of turn: a response while OPEN, a request while one is out.
///
/// **Changed:** nothing, neither the client nor the decoder. Which calls are in turn
/// says the table of [`EventSource`](super::EventSource).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[error("`{call}` is out of turn while {state}: {situation}")]
pub struct WrongCall {
    /// The method that was called.
    pub call: &'static str,
    /// The state, then and now.
    pub state: ReadyState,
    /// What is the case instead, as CONNECTING alone does not say it.
    pub(super) situation: &'static str,
}

/// Why the state is CLOSED: there will be no further request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The caller called [`close`](super::EventSource::close).
    #[error("closed by the caller")]
    Caller,
    /// The status 204 (No Content), with which a server tells its clients to stop.
    #[error("the server asked not to come back (204)")]
    NoContent,
    /// A status that is neither 200 nor, by the [`Policy`](super::Policy), worth a retry.
    #[error("the server answered with the status {0}")]
    Status(u16),
    /// The status 200 with another media type than `text/event-stream`, or with none.
    #[error("the response is not an event stream")]
    ContentType,
    /// As many attempts in a row failed as the [`Policy`](super::Policy) allows.
    #[error("too many attempts failed")]
    MaxAttempts,
}
