//! How long a client waits, and when it gives up.

use std::time::Duration;

use sse_proto::client::{CloseReason, Policy, ReadyState};

use super::client::{Client, STREAM, seconds};

#[test]
fn the_wait_is_the_reconnection_time() {
    let mut client = Client::new(Policy::new());
    assert_eq!(client.wait_after_living(5, u32::MAX), seconds(3));
    assert_eq!(client.connection.ready_state(), ReadyState::Connecting);
    client.feed(b"retry: 750\n");
    assert_eq!(client.wait_after_living(5, u32::MAX), Duration::from_millis(750));

    let mut client = Client::new(Policy::new().reconnection_time(seconds(1)));
    assert_eq!(client.wait_after_living(5, 0), seconds(1));
}

#[test]
fn tiny_and_huge_retry_values_are_bounded() {
    for (retry, wait) in [
        ("0", Duration::from_millis(500)),
        ("18446744073709551615", seconds(300)),
        ("99999999999999999999999", seconds(300)),
    ] {
        let mut client = Client::new(Policy::new());
        client.feed(format!("retry: {retry}\n").as_bytes());
        assert_eq!(client.wait_after_living(5, u32::MAX), wait);
        // The backoff is within the bounds as well.
        client.request();
        assert!(client.wait(u32::MAX) <= seconds(300));
    }
    let crossed = Policy::new().wait_between(seconds(9), seconds(1));
    assert_eq!(Client::new(crossed).wait_after_living(5, 0), seconds(9));
}

#[test]
fn the_policy_of_browsers_waits_as_long_as_the_server_says() {
    let mut client = Client::new(Policy::platform());
    for _ in 0..100 {
        assert_eq!(client.wait_after_living(0, u32::MAX), seconds(3));
        client.request();
        assert_eq!(client.wait(u32::MAX), seconds(3), "a failed attempt has no backoff either");
    }
    for retry in [0, u64::MAX] {
        client.feed(format!("retry: {retry}\n").as_bytes());
        assert_eq!(client.wait_after_living(0, 0), Duration::from_millis(retry));
    }
}

/// Without a backoff, such a server with `retry: 0` would get hundreds of requests a second.
#[test]
fn a_server_that_closes_at_once_meets_the_backoff() {
    let mut client = Client::new(Policy::new().max_attempts(9));
    client.feed(b"retry: 0\n");
    let waits: Vec<_> = (1..9).map(|_| client.wait_after_living(0, u32::MAX)).collect();
    assert_eq!(waits[0], Duration::from_millis(500));
    assert_eq!(waits[1..], [1, 2, 4, 8, 16, 30, 30].map(seconds));
    client.open();
    assert_eq!(client.disconnected(0), Err(CloseReason::MaxAttempts));
}

#[test]
fn a_connection_is_healthy_if_it_lived_long_enough() {
    let mut client = Client::new(Policy::new().healthy_after(seconds(10)));
    // After the first failure in a row it waits only the reconnection time.
    assert_eq!(client.wait_after_living(9, u32::MAX), seconds(3));
    assert_eq!(client.wait_after_living(9, u32::MAX), seconds(3 + 1));
    client.request();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 4), "all that fails is one row");
    assert_eq!(client.wait_after_living(9, u32::MAX), seconds(3 + 4));
    assert_eq!(client.wait_after_living(10, u32::MAX), seconds(3), "a healthy one ends the row");
    assert_eq!(client.wait_after_living(0, u32::MAX), seconds(3));

    // Without bytes, or with one chunk, it lived no time at all, however long it was open.
    client.open();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
    client.open();
    client.connection.received(seconds(50)).unwrap();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 2));
    // A clock that goes back does no harm.
    client.open();
    for now in [50, 40, 60, 0] {
        client.connection.received(seconds(now)).unwrap();
    }
    assert_eq!(client.wait(u32::MAX), seconds(3));
}

#[test]
fn without_a_healthy_time_each_good_response_is_enough() {
    let mut client = Client::new(Policy::new().healthy_after(Duration::ZERO));
    client.request();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
    client.open();
    assert_eq!(client.wait(u32::MAX), seconds(3));
    client.open();
    assert_eq!(client.wait(u32::MAX), seconds(3));
}

#[test]
fn failed_attempts_back_off_up_to_the_cap() {
    let mut client = Client::new(Policy::new());
    for backoff in [1, 2, 4, 8, 16, 30, 30] {
        client.request();
        assert_eq!(client.wait(u32::MAX), seconds(3 + backoff));
    }
    // With the number 0 it is half, so a caller without random numbers backs off too.
    client.request();
    assert_eq!(client.wait(0), seconds(3 + 15));
    client.request();
    let between = client.wait(u32::MAX / 2);
    assert!(between > seconds(3 + 22) && between < seconds(3 + 23), "{between:?}");

    assert_eq!(client.wait_after_living(5, u32::MAX), seconds(3));
    client.request();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
}

#[test]
fn no_backoff_overflows_or_shortens_the_wait() {
    let unbounded = || Policy::new().wait_between(Duration::ZERO, Duration::MAX);
    let policy = unbounded().backoff(Duration::from_nanos(1), Duration::MAX);
    let mut client = Client::new(policy.reconnection_time(Duration::MAX / 3));
    let mut before = Duration::MAX / 3;
    for _ in 0..200 {
        client.request();
        let wait = client.wait(u32::MAX);
        assert!(wait > before || wait == Duration::MAX, "{wait:?} after {before:?}");
        before = wait;
    }
    assert_eq!(before, Duration::MAX);

    let mut client = Client::new(unbounded().backoff(Duration::ZERO, Duration::ZERO));
    for _ in 0..200 {
        client.request();
        assert_eq!(client.wait(u32::MAX), seconds(3));
    }
}

#[test]
fn the_longest_backoff_is_the_longest_time_there_is() {
    let policy = Policy::platform().backoff(Duration::MAX, Duration::MAX);
    let mut client = Client::new(policy.reconnection_time(Duration::ZERO));
    for _ in 0..2 {
        client.request();
        assert_eq!(client.wait(u32::MAX), Duration::MAX);
        client.request();
        assert_eq!(client.wait(0), Duration::MAX / 2);
    }
}

#[test]
fn a_healthy_connection_resets_the_limit_of_attempts() {
    for (allowed, failures) in [(0, 1), (1, 1), (3, 3)] {
        let mut client = Client::new(Policy::new().max_attempts(allowed));
        for _ in 0..2 {
            for _ in 1..failures {
                client.request();
                client.wait(0);
            }
            client.wait_after_living(5, 0);
        }
        for _ in 1..failures {
            client.request();
            client.wait(0);
        }
        client.request();
        assert_eq!(client.disconnected(0), Err(CloseReason::MaxAttempts));
        assert_eq!(client.connection.ready_state(), ReadyState::Closed);
    }
}

/// A paid request is not repeated, although each of its responses is good.
#[test]
fn good_responses_do_not_reset_the_limit_of_requests() {
    for (allowed, requests) in [(0, 1), (1, 1), (3, 3)] {
        let mut client = Client::new(Policy::new().max_requests(allowed));
        for _ in 1..requests {
            client.wait_after_living(60, 0);
        }
        client.open();
        client.connection.reconnect_now();
        assert_eq!(client.connection.ready_state(), ReadyState::Open, "it is the last one");
        assert_eq!(client.disconnected(0), Err(CloseReason::MaxRequests));
        assert_eq!(client.connection.close_reason(), Some(CloseReason::MaxRequests));
    }
}

#[test]
fn there_is_an_idle_timeout_while_bytes_may_come() {
    let mut client = Client::new(Policy::new().idle_timeout(seconds(45)));
    assert_eq!(client.connection.idle_timeout(), None);
    client.request();
    assert_eq!(client.connection.idle_timeout(), Some(seconds(45)), "for the response");
    client.connection.response(200, STREAM).unwrap();
    assert_eq!(client.connection.idle_timeout(), Some(seconds(45)), "for its body");
    client.wait(0);
    assert_eq!(client.connection.idle_timeout(), None);

    let mut client = Client::new(Policy::new());
    client.open();
    assert_eq!(client.connection.idle_timeout(), None);
}

#[test]
fn reconnecting_now_forgets_the_failures() {
    let mut client = Client::new(Policy::new());
    for _ in 0..5 {
        client.request();
        client.wait(0);
    }
    client.connection.reconnect_now();
    assert_eq!(client.wait(0), Duration::ZERO, "there is nothing to wait for");
    client.open();
    client.feed(b"id: 1\ndata: a\n\nid: 2\ndata: cut\n");
    client.connection.reconnect_now();
    assert_eq!(client.connection.ready_state(), ReadyState::Connecting);
    assert_eq!(client.last_event_id_header().as_deref(), Some("1"));
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1), "this one failed");

    client.connection.close();
    client.connection.reconnect_now();
    assert_eq!(client.connection.close_reason(), Some(CloseReason::Caller));
}
