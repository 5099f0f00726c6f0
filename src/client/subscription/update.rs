//! The items that a subscription hands out.

use core::error::Error;
use core::fmt::{self, Debug, Display};
use core::time::Duration;

use http::response::Parts;
use http_body::Body;

use crate::client::CloseReason;
use crate::stream::UnexpectedResponse;
use crate::{EventTooLarge, OwnedEvent};

/// An event of a [`Subscription`](super::Subscription), or a change of its state.
///
/// [`next_update`](super::Subscription::next_update) returns it.
///
/// `E` is the error of a request, `B` the body of a response.
#[non_exhaustive]
pub enum Update<E, B: Body> {
    /// A response that is an event stream has come, with this head. The state is OPEN.
    Opened(Parts),
    /// An event.
    Event(OwnedEvent),
    /// An event was larger than the limit, and is skipped. The subscription continues.
    TooLarge(EventTooLarge),
    /// The attempt has ended, and another one will follow. The state is CONNECTING.
    Interrupted {
        /// The cause that ended the attempt.
        cause: Cause<E, B>,
        /// How long the subscription waits before it tries again.
        delay: Duration,
    },
    /// The attempt has ended, and it was the last one. The state is CLOSED, and nothing follows.
    Closed {
        /// Why there is no further attempt.
        reason: CloseReason,
        /// The cause that ended the attempt.
        cause: Cause<E, B>,
    },
}

/// The cause that ended an attempt of a [`Subscription`](super::Subscription).
///
/// `E` is the error of a request, `B` the body of a response.
#[non_exhaustive]
pub enum Cause<E, B: Body> {
    /// The request failed, so there was no response.
    Request(E),
    /// The response was not an event stream. You can still read its body.
    Response(UnexpectedResponse<B>),
    /// Reading the body failed.
    Body(B::Error),
    /// The body ended.
    End,
    /// No byte came for as long as [`Policy::idle_timeout`](crate::client::Policy::idle_timeout)
    /// says.
    Idle,
}

/// The error that a [`Subscription`](super::Subscription) gives in place of an event.
///
/// Its text says why the subscription is closed and what ended the last attempt.
#[non_exhaustive]
pub enum SubscriptionError<E, B: Body> {
    /// An event was larger than the limit, and is skipped. The subscription continues.
    TooLarge(EventTooLarge),
    /// The state is CLOSED, although neither you nor the server asked for that. Nothing follows.
    Closed {
        /// Why there is no further attempt.
        reason: CloseReason,
        /// The cause that ended the last attempt.
        cause: Cause<E, B>,
    },
}

impl<E: Display, B: Body> Display for Cause<E, B>
where
    B::Error: Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Request(error) => error.fmt(f),
            Cause::Response(response) => Display::fmt(response, f),
            Cause::Body(error) => error.fmt(f),
            Cause::End => f.write_str("the stream ended"),
            Cause::Idle => f.write_str("the server was silent for too long"),
        }
    }
}

impl<E: Display, B: Body> Display for SubscriptionError<E, B>
where
    B::Error: Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubscriptionError::TooLarge(error) => Display::fmt(error, f),
            // For any other reason the text of the cause says it all.
            SubscriptionError::Closed { reason, cause } => match (reason, cause) {
                (CloseReason::MaxAttempts | CloseReason::MaxRequests, _) => {
                    write!(f, "{reason}: {cause}")
                }
                _ => cause.fmt(f),
            },
        }
    }
}

/// The text of a cause is that of its error, so `source` returns the source of that error.
impl<E: Error, B: Body> Error for Cause<E, B>
where
    B::Error: Error,
{
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Cause::Request(error) => error.source(),
            Cause::Body(error) => error.source(),
            Cause::Response(_) | Cause::End | Cause::Idle => None,
        }
    }
}

impl<E: Error, B: Body> Error for SubscriptionError<E, B>
where
    B::Error: Error,
{
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            SubscriptionError::TooLarge(_) => None,
            SubscriptionError::Closed { cause, .. } => cause.source(),
        }
    }
}

// Not derived: the body need not be `Debug`.

impl<E: Debug, B: Body> Debug for Cause<E, B>
where
    B::Error: Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Request(error) => f.debug_tuple("Request").field(error).finish(),
            Cause::Response(response) => f.debug_tuple("Response").field(response).finish(),
            Cause::Body(error) => f.debug_tuple("Body").field(error).finish(),
            Cause::End => f.write_str("End"),
            Cause::Idle => f.write_str("Idle"),
        }
    }
}

impl<E: Debug, B: Body> Debug for SubscriptionError<E, B>
where
    B::Error: Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubscriptionError::TooLarge(error) => f.debug_tuple("TooLarge").field(error).finish(),
            SubscriptionError::Closed { reason, cause } => {
                f.debug_struct("Closed").field("reason", reason).field("cause", cause).finish()
            }
        }
    }
}

impl<E: Debug, B: Body> Debug for Update<E, B>
where
    B::Error: Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Update::Opened(head) => f.debug_tuple("Opened").field(head).finish(),
            Update::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Update::TooLarge(error) => f.debug_tuple("TooLarge").field(error).finish(),
            Update::Interrupted { cause, delay } => {
                f.debug_struct("Interrupted").field("cause", cause).field("delay", delay).finish()
            }
            Update::Closed { reason, cause } => {
                f.debug_struct("Closed").field("reason", reason).field("cause", cause).finish()
            }
        }
    }
}
