//! How long a subscription waits. All times come from the caller's `sleep`.

use std::task::Poll;
use std::time::Duration;

use sse_proto::client::{CloseReason, Policy, SubscriptionBuilder};

use super::drive::{World, millis, seconds, steady};
use super::fake::{Answer, Clock, Step, chunk};

/// A server that accepts each request, says `retry: 0` and closes at once.
fn closes_at_once() -> Answer {
    Answer::stream([chunk("retry: 0\n: hi\n\n")])
}

#[test]
fn a_server_that_closes_at_once_is_not_flooded() {
    let builder = SubscriptionBuilder::new().policy(Policy::new()).seed(7);
    let mut world = World::with(&Clock::default(), builder, (0..1000).map(|_| closes_at_once()));
    while world.clock.now() < seconds(600) {
        world.update();
    }
    let requests = world.net.times().len();
    // Backoffs of 0.5, 1, 2, … 30 s, half of each at random.
    assert!((20..50).contains(&requests), "{requests} requests in ten minutes");
}

#[test]
fn the_backoff_has_a_random_part_that_a_seed_repeats() {
    let times = |seed: Option<u64>| {
        let mut builder = SubscriptionBuilder::new().policy(Policy::new().max_attempts(8));
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        let answers = (0..8).map(|_| Answer::Fail("refused"));
        let mut world = World::with(&Clock::default(), builder, answers);
        assert!(world.next().unwrap().is_err());
        world.net.times()
    };
    assert_eq!(times(Some(1)), times(Some(1)));
    assert_ne!(times(Some(1)), times(Some(2)));
    assert_ne!(times(None), times(None), "without a seed each one has its own numbers");
    for (wait, window) in times(None).windows(2).zip([1, 2, 4, 8, 16, 30, 30]) {
        let backoff = wait[1] - wait[0] - seconds(3);
        assert!(backoff >= seconds(window) / 2 && backoff <= seconds(window), "{backoff:?}");
    }
}

/// The waits after three connections that live so long, each with a keep-alive at its end.
fn waits_after_living(policy: Policy, lived: Duration) -> Vec<Duration> {
    let clock = Clock::default();
    let attempt = || Answer::stream([Step::Pause(clock.clone(), lived), chunk(":\n")]);
    let answers = [attempt(), attempt(), attempt(), Answer::status(204)];
    let builder = SubscriptionBuilder::new().policy(policy).seed(0);
    let mut world = World::with(&clock, builder, answers);
    assert!(world.next().is_none());
    world.net.times().windows(2).map(|pair| pair[1] - pair[0] - lived).collect()
}

#[test]
fn a_byte_after_the_healthy_time_is_enough() {
    let policy = || Policy::new().healthy_after(seconds(10));
    for healthy in [seconds(10), seconds(11)] {
        assert_eq!(waits_after_living(policy(), healthy), [3; 3].map(seconds));
    }
    let [first, second, third] = waits_after_living(policy(), millis(9_999))[..] else { panic!() };
    assert_eq!(first, seconds(3), "after the first failure it waits only the reconnection time");
    assert!(seconds(3) < second && second < third, "{second:?}, {third:?}");
    let always = || policy().healthy_after(Duration::ZERO);
    assert_eq!(waits_after_living(always(), Duration::ZERO), [3; 3].map(seconds));
}

#[test]
fn silence_after_the_first_byte_does_not_count_as_healthy() {
    let clock = Clock::default();
    let body = || Answer::stream([chunk(": hi\n"), Step::Pause(clock.clone(), seconds(60))]);
    let policy = Policy::new().max_attempts(2);
    let builder = SubscriptionBuilder::new().policy(policy);
    let mut world = World::with(&clock, builder, [body(), body()]);
    assert!(world.next().unwrap().is_err());
    assert_eq!(world.subscription.close_reason(), Some(CloseReason::MaxAttempts));
}

#[test]
fn a_silent_body_is_given_up_after_the_idle_timeout() {
    let clock = Clock::default();
    let beat = [Step::Pause(clock.clone(), seconds(40)), chunk(":\n")];
    let body = [beat.clone(), beat.clone(), beat].concat();
    let body = [body, vec![chunk("id: 1\ndata: a\n\n"), Step::Hang]].concat();
    let builder = SubscriptionBuilder::new().policy(steady().idle_timeout(seconds(45)));
    let mut world = World::with(&clock, builder, [Answer::stream(body), Answer::status(204)]);
    assert_eq!(world.updates(2), ["opened: 200 OK", "event: a"]);
    assert_eq!(world.clock.now(), seconds(120));
    assert_eq!(world.update(), "interrupted: the server was silent for too long, 3s");
    assert_eq!(world.clock.now(), seconds(165));
    assert!(world.next().is_none());
    assert_eq!(world.net.ids(), ["", "1"]);
}

#[test]
fn a_request_without_an_answer_is_given_up() {
    let policy = steady().idle_timeout(seconds(45));
    let mut world = World::new(policy, [Answer::Hang, Answer::status(204)]);
    assert_eq!(world.update(), "interrupted: the server was silent for too long, 3s");
    assert!(world.next().is_none());
    assert_eq!(world.net.times(), [0, 48].map(seconds));
}

#[test]
fn a_slow_reader_does_not_run_into_the_idle_timeout() {
    let body = [chunk("data: a\n\n"), Step::Wait, chunk("data: b\n\n"), Step::Hang];
    let mut world = World::new(steady().idle_timeout(seconds(45)), [Answer::stream(body)]);
    assert_eq!(world.event(), "a");
    world.clock.set(seconds(1000));
    assert_eq!(world.event(), "b");
    assert_eq!(world.update(), "interrupted: the server was silent for too long, 3s");
    assert_eq!(world.clock.now(), seconds(1045));
}

#[test]
fn a_body_of_empty_chunks_is_given_up_after_the_idle_timeout() {
    let policy = steady().idle_timeout(seconds(45));
    let mut world = World::new(policy, [Answer::stream([Step::Endless("")])]);
    assert_eq!(world.update(), "opened: 200 OK");
    assert!(world.poll().is_pending(), "it lets others run");
    world.clock.set(seconds(45));
    let told = "interrupted: the server was silent for too long, 3s".to_owned();
    assert_eq!(world.poll(), Poll::Ready(Some(told)));
}

#[test]
fn trailers_and_empty_chunks_do_not_extend_the_idle_timeout() {
    let clock = Clock::default();
    let empty = [Step::Pause(clock.clone(), seconds(40)), Step::Trailers, chunk("")];
    let body = [empty.to_vec(), vec![Step::Hang]].concat();
    let builder = SubscriptionBuilder::new().policy(steady().idle_timeout(seconds(45)));
    let mut world = World::with(&clock, builder, [Answer::stream(body)]);
    assert_eq!(world.update(), "opened: 200 OK");
    assert_eq!(world.update(), "interrupted: the server was silent for too long, 3s");
    assert_eq!(world.clock.now(), seconds(45));
}
