//! What a subscription hands out.

use core::error::Error;
use core::fmt::{self, Debug, Display};
use core::time::Duration;

use http::response::Parts;
use http_body::Body;

use crate::client::CloseReason;
use crate::stream::UnexpectedResponse;
use crate::{EventTooLarge, OwnedEvent};

/// What happened to a [`Subscription`](super::Subscription), as
/// [`next_update`](super::Subscription::next_update) tells it.
///
/// `E` is the error of a request, `B` the body of a response.
#[non_exhaustive]
pub enum Update<E, B: Body> {
    /// A good response came, with this head: OPEN.
    Opened(Parts),
    /// An event.
    Event(OwnedEvent),
    /// An event was too large and is skipped. The subscription continues.
    TooLarge(EventTooLarge),
    /// The attempt ended: CONNECTING.
    Interrupted {
        /// What ended it.
        cause: Cause<E, B>,
        /// How long the subscription waits before it tries again.
        delay: Duration,
    },
    /// The attempt ended, and was the last: CLOSED. Nothing follows.
    Closed {
        /// Why there is no further attempt.
        reason: CloseReason,
        /// What ended this one.
        cause: Cause<E, B>,
    },
}

/// What ended an attempt of a [`Subscription`](super::Subscription).
#[non_exhaustive]
pub enum Cause<E, B: Body> {
    /// There was no response.
    Request(E),
    /// The response was no event stream. It is whole, so that you can read its body.
    Response(UnexpectedResponse<B>),
    /// The body failed.
    Body(B::Error),
    /// The body ended.
    End,
    /// Nothing came for the [`Policy::idle_timeout`](crate::client::Policy::idle_timeout).
    Idle,
}

/// What a [`Subscription`](super::Subscription) hands out in place of an event.
///
/// Its text is complete in itself: reason and cause.
#[non_exhaustive]
pub enum SubscriptionError<E, B: Body> {
    /// An event was too large and is skipped. The subscription continues.
    TooLarge(EventTooLarge),
    /// The state is CLOSED, not at your wish and not at the server's. Nothing follows.
    Closed {
        /// Why there is no further attempt.
        reason: CloseReason,
        /// What ended the last one.
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
            // The response says all that the reason does.
            SubscriptionError::Closed { reason, cause } => match (reason, cause) {
                (CloseReason::MaxAttempts | CloseReason::MaxRequests, _) => {
                    write!(f, "{reason}: {cause}")
                }
                _ => cause.fmt(f),
            },
        }
    }
}

/// The causes are told in the text already, so the source is what lies behind them.
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
