//! The requests that a subscription sends, and the items that it gives.

use http::HeaderValue;
use sse_proto::client::{CloseReason, ReadyState, SubscriptionBuilder};

use super::drive::{World, millis, seconds, steady};
use super::fake::{Answer, Clock, Step, chunk};

#[test]
fn the_simplest_loop_sees_each_event_once() {
    let mut world = World::new(
        steady(),
        [
            Answer::stream([
                chunk("id: 1\ndata: a\n\nid: 2\nda"),
                Step::Wait,
                chunk("ta: b\n\nid: 3\ndata: c\n"),
            ]),
            Answer::Fail("refused"),
            Answer::stream([Step::Fail("reset")]),
            Answer::stream([chunk("id: 3\ndata: c\n\n")]),
            Answer::status(204),
        ],
    );
    assert_eq!([world.event(), world.event(), world.event()], ["a", "b", "c"]);
    assert!(world.next().is_none(), "the server asked to stop, which is no error");
    assert_eq!(world.net.ids(), ["", "2", "2", "2", "3"]);
    assert_eq!(world.subscription.close_reason(), Some(CloseReason::NoContent));
}

#[test]
fn updates_tell_what_happened_and_how_long_the_wait_is() {
    let mut world = World::new(
        steady().retry_statuses([503]).max_attempts(3),
        [
            Answer::stream([chunk("retry: 700\n\ndata: a\n\n"), Step::Fail("reset")]),
            Answer::Head(503, vec![("content-type", "text/html")], vec![]),
            Answer::Fail("refused"),
        ],
    );
    assert_eq!(
        world.updates(7),
        [
            "opened: 200 OK",
            "event: a",
            "interrupted: reset, 700ms",
            "interrupted: the server answered 503 Service Unavailable with text/html instead of \
             text/event-stream, 700ms",
            "closed: too many attempts failed: refused",
            "end",
            "end",
        ]
    );
    assert_eq!(world.net.times(), [0, 700, 1400].map(millis));
    assert_eq!(world.subscription.reconnection_time(), Some(millis(700)));
}

#[test]
fn the_states_are_those_of_the_platform() {
    let mut world = World::new(
        steady(),
        [Answer::stream([Step::Wait, chunk("data: a\n\n")]), Answer::status(404)],
    );
    assert_eq!(world.subscription.ready_state(), ReadyState::Connecting);
    assert!(world.net.times().is_empty(), "nothing is sent before it is polled");
    world.update();
    assert_eq!(world.subscription.ready_state(), ReadyState::Open);
    assert_eq!(world.updates(2), ["event: a", "interrupted: the stream ended, 3s"]);
    assert_eq!(world.subscription.ready_state(), ReadyState::Connecting);
    assert_eq!(world.subscription.close_reason(), None);
    world.update();
    assert_eq!(world.subscription.ready_state(), ReadyState::Closed);
    assert_eq!(world.subscription.close_reason(), Some(CloseReason::Status(404)));
}

#[test]
fn the_head_of_the_response_is_in_the_update() {
    let session = vec![("content-type", "text/event-stream"), ("mcp-session-id", "7")];
    let mut world = World::new(steady(), [Answer::Head(200, session, vec![])]);
    let update = super::drive::run(&world.clock, world.subscription.next_update());
    let Some(Some(super::drive::Update::Opened(head))) = update else { panic!("{update:?}") };
    assert_eq!(head.headers["mcp-session-id"], "7");
}

#[test]
fn a_request_carries_the_headers_of_the_standard() {
    let mut world = World::new(
        steady(),
        [
            Answer::stream([chunk("id: 쓰기\t7\ndata: a\n\n")]),
            Answer::stream([chunk("id: \u{1}\ndata: b\n\n")]),
            Answer::status(204),
        ],
    );
    assert_eq!([world.event(), world.event()], ["a", "b"]);
    assert!(world.next().is_none());
    let requests = world.net.requests();
    for headers in &requests {
        for (name, value) in sse_proto::header::REQUEST_HEADERS.iter() {
            assert_eq!(headers[*name], *value);
        }
    }
    assert_eq!(requests[1]["last-event-id"].as_bytes(), "쓰기\t7".as_bytes());
    assert_eq!(requests[2].get("last-event-id"), None, "no header carries a control");
    assert_eq!(world.subscription.last_event_id(), "\u{1}");
}

#[test]
fn it_starts_from_an_id_and_with_other_headers() {
    let accept = HeaderValue::from_static("application/json, text/event-stream");
    let builder = SubscriptionBuilder::new().last_event_id("41").accept(accept.clone());
    let mut world = World::with(&Clock::default(), builder, [Answer::status(204)]);
    assert_eq!(world.subscription.last_event_id(), "41");
    assert!(world.next().is_none());
    assert_eq!(world.net.ids(), ["41"]);
    let requests = world.net.requests();
    assert_eq!(requests[0].get_all("accept").iter().collect::<Vec<_>>(), [&accept]);
}

#[test]
fn an_event_too_large_does_not_end_a_subscription() {
    let builder = SubscriptionBuilder::new().policy(steady()).max_event_size(10);
    let body = [chunk("id: 1\n\ndata: too large\n\ndata: b\n\n")];
    let mut world = World::with(
        &Clock::default(),
        builder,
        [Answer::stream(body.clone()), Answer::stream(body)],
    );
    assert_eq!(world.updates(3), ["opened: 200 OK", "too large", "event: b"]);
    let error = world.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "event is larger than the limit of 10 bytes");
    assert_eq!(world.event(), "b");
    assert_eq!(world.net.ids(), ["", "1"]);
}

#[test]
fn an_event_comes_before_the_next_chunk_is_read() {
    let mut world =
        World::new(steady(), [Answer::stream([chunk("data: a\n\ndata: b\n\n"), Step::Hang])]);
    assert_eq!(world.updates(3), ["opened: 200 OK", "event: a", "event: b"]);
    assert_eq!(world.clock.now(), seconds(0));
    assert_eq!(world.update(), "stuck", "there is no timeout unless the policy has one");
}
