//! How a subscription ends, and what it drops then.

use std::error::Error as _;

use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use sse_proto::client::{Cause, CloseReason, Policy, ReadyState, SubscriptionError, Update};
use sse_proto::stream::BodyStream;

use super::drive::{World, seconds, steady};
use super::fake::{Answer, Step, chunk};

/// A response with an explanation in its body.
fn explained(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
    Answer::Head(status, headers.to_vec(), vec![chunk("{\"error\":"), chunk("\"why\"}")])
}

const JSON: (&str, &str) = ("content-type", "application/json");
const STREAM: (&str, &str) = ("content-type", "text/event-stream");

#[test]
fn a_bad_response_is_an_error_with_its_body() {
    for (answer, reason, text) in [
        (
            explained(401, &[JSON]),
            CloseReason::Status(401),
            "the server answered 401 Unauthorized with application/json \
             instead of text/event-stream",
        ),
        (
            explained(200, &[STREAM, ("content-encoding", "gzip")]),
            CloseReason::ContentCoding,
            "the server answered 200 OK with text/event-stream, compressed with gzip",
        ),
    ] {
        let before = Answer::stream([chunk("id: 1\ndata: a\n\n")]);
        let mut world = World::new(steady(), [before, answer]);
        assert_eq!(world.event(), "a");
        let error = world.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), text);
        let SubscriptionError::Closed { reason: got, cause: Cause::Response(response) } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!((got, world.subscription.close_reason()), (reason, Some(reason)));
        let body = BodyStream::new(response.into_response().into_body());
        let body: Vec<_> = body.map(|chunk| chunk.unwrap()).collect().now_or_never().unwrap();
        assert_eq!(body.concat(), b"{\"error\":\"why\"}");
        assert!(world.next().is_none());
        assert_eq!(world.net.times().len(), 2, "and no further request");
    }
}

#[test]
fn an_error_tells_reason_and_cause_once() {
    let mut world = World::new(steady().max_attempts(1), [Answer::Fail("refused")]);
    let error: Box<dyn std::error::Error> = world.next().unwrap().unwrap_err().into();
    assert_eq!(error.to_string(), "too many attempts failed: refused");
    assert!(error.source().is_none(), "the cause is told already");

    // The source is that of the error inside the cause.
    let invalid = "nope".parse::<u8>().unwrap_err();
    let cause = Cause::<_, String>::Request(Refused(invalid.clone()));
    assert_eq!(cause.to_string(), "refused");
    assert_eq!(cause.source().unwrap().to_string(), invalid.to_string());
    let error = SubscriptionError::Closed { reason: CloseReason::MaxAttempts, cause };
    assert_eq!(error.to_string(), "too many attempts failed: refused");
    assert_eq!(error.source().unwrap().to_string(), invalid.to_string());
    assert!(format!("{error:?}").starts_with("Closed { reason: MaxAttempts, cause: Request("));
    let update =
        Update::<Refused, String>::Closed { reason: CloseReason::MaxRequests, cause: Cause::End };
    assert_eq!(format!("{update:?}"), "Closed { reason: MaxRequests, cause: End }");
}

#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused(#[source] std::num::ParseIntError);

#[test]
fn a_body_that_fails_loses_no_complete_event() {
    let mut world = World::new(
        steady(),
        [
            Answer::stream([
                chunk("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n"),
                Step::Fail("reset"),
            ]),
            Answer::status(204),
        ],
    );
    assert_eq!(
        world.updates(4),
        ["opened: 200 OK", "event: a", "event: b", "interrupted: reset, 3s"]
    );
    assert_eq!(
        world.update(),
        "closed: the server asked not to come back (204): the server answered 204 No Content"
    );
    assert_eq!(world.net.ids(), ["", "2"]);
}

#[test]
fn a_request_that_is_paid_for_is_sent_once() {
    let policy = || Policy::new().max_requests(1);
    let mut world = World::new(policy(), [Answer::stream([chunk("data: a\n\n")])]);
    assert_eq!(world.event(), "a");
    let error = world.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "as many requests were sent as are allowed: the stream ended");
    assert!(world.next().is_none());

    let mut world = World::new(policy().retry_statuses([503]), [Answer::status(503)]);
    assert!(world.next().unwrap().is_err());
    assert_eq!(world.subscription.close_reason(), Some(CloseReason::MaxRequests));
    assert_eq!(world.net.times().len(), 1);
}

#[test]
fn after_close_nothing_comes_and_nothing_is_left() {
    let long = [chunk("data: a\n\ndata: b\n\n"), Step::Hang];
    let policy = || steady().idle_timeout(seconds(45));
    // Before the first request, while one is out, with events waiting, while waiting for bytes,
    // and between two attempts.
    let mut states = vec![
        World::new(policy(), []),
        World::new(policy(), [Answer::Hang]),
        World::new(policy(), [Answer::stream(long.clone())]),
        World::new(policy(), [Answer::stream([Step::Hang])]),
        World::new(policy(), [Answer::Fail("refused")]),
    ];
    let _ = states[1].poll();
    assert_eq!(states[2].event(), "a");
    let _ = (states[3].update(), states[3].poll());
    states[4].update();
    for mut world in states {
        world.subscription.close();
        assert_eq!(world.subscription.ready_state(), ReadyState::Closed);
        assert_eq!(world.clock.alive(), 0, "no sleep is left");
        let requests = world.net.times().len();
        assert!(!world.subscription.is_terminated(), "it has not returned `None` yet");
        assert!(world.next().is_none());
        assert!(world.subscription.is_terminated());
        assert!(world.next().is_none());
        assert_eq!(world.net.times().len(), requests);
        assert_eq!(world.subscription.close_reason(), Some(CloseReason::Caller));
        assert!(!world.subscription.reconnect_now(), "for good");
    }
}

#[test]
fn reconnecting_now_skips_the_wait_and_drops_no_event() {
    let mut world = World::new(
        Policy::new(),
        [
            Answer::Fail("refused"),
            Answer::Hang,
            Answer::stream([chunk("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n"), Step::Hang]),
            Answer::status(204),
        ],
    );
    assert!(world.update().starts_with("interrupted: refused"));
    assert!(world.subscription.reconnect_now());
    assert!(world.poll().is_pending(), "the second request is out");
    assert!(world.subscription.reconnect_now());
    assert_eq!(world.event(), "a");
    assert!(world.subscription.reconnect_now());
    assert_eq!(world.event(), "b", "it had come already");
    assert!(world.next().is_none());
    assert_eq!(world.net.ids(), ["", "", "", "2"]);
    assert_eq!(world.clock.now(), seconds(0));
}

#[test]
fn reconnecting_now_keeps_the_last_response() {
    let body = [chunk("data: a\n\n"), Step::Wait, chunk("data: b\n\n")];
    let mut world = World::new(Policy::new().max_requests(1), [Answer::stream(body)]);
    assert_eq!(world.event(), "a");
    assert!(!world.subscription.reconnect_now());
    assert_eq!(world.event(), "b");
}
