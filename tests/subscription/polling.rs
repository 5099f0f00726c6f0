//! Behaviour that an executor and a `select!` rely on.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use http::Response;
use sse_proto::client::{Policy, Subscription, SubscriptionBuilder, SubscriptionError, Update};

use super::drive::{Wakes, World, run, seconds, steady, told};
use super::fake::{Answer, Clock, Step, chunk};

/// Answers that make a subscription pending in every way.
fn answers(clock: &Clock) -> Vec<Answer> {
    vec![
        Answer::Fail("refused"),
        Answer::stream([
            chunk("id: 1\nda"),
            Step::Wait,
            chunk("ta: a\n\n"),
            Step::Pause(clock.clone(), seconds(7)),
            chunk("data: b\n\ndata: c\n\n"),
            Step::Fail("reset"),
        ]),
        Answer::Hang,
        Answer::stream([Step::Wait, Step::Wait, chunk("data: d\n\n"), Step::Hang]),
        Answer::status(204),
    ]
}

#[test]
fn dropping_a_pending_next_loses_nothing() {
    let world = || {
        let clock = Clock::default();
        let builder = SubscriptionBuilder::new().policy(steady().idle_timeout(seconds(45)));
        World::with(&clock, builder, answers(&clock))
    };
    let mut whole = world();
    let mut expected = Vec::new();
    while expected.last().is_none_or(|update| update != "end") {
        expected.push(whole.update());
    }
    assert_eq!(expected.len(), 12, "{expected:?}");

    let mut world = world();
    let (mut seen, mut dropped) = (Vec::new(), 0);
    while seen.last().is_none_or(|update| update != "end") {
        // Each future is polled once, then dropped, as `select!` does with the branch that is
        // not ready.
        let clock = world.clock.clone();
        let update = run(
            &clock,
            std::future::poll_fn(|context| {
                let mut next = pin!(world.subscription.next_update());
                let polled = next.as_mut().poll(context);
                dropped += usize::from(polled.is_pending());
                polled
            }),
        );
        seen.push(told(update.unwrap().as_ref()));
    }
    assert_eq!(seen, expected);
    assert!(dropped >= 8, "{dropped}");
    assert_eq!(world.net.times(), whole.net.times());
    assert_eq!(world.net.ids(), whole.net.ids());
}

/// Polls until an item comes, at most so often; returns how often it was pending. Each time it has
/// to ask to be polled again.
fn pending<T>(
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    most: usize,
) -> (usize, Option<T>) {
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = Arc::clone(&wakes).into();
    let mut context = Context::from_waker(&waker);
    for polls in 0..most {
        if let Poll::Ready(ready) = poll(&mut context) {
            return (polls, Some(ready));
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), polls + 1, "it asks to be polled again");
    }
    (most, None)
}

/// A peer that sends comments without a pause must not take the thread for itself.
#[test]
fn a_ready_body_lets_other_tasks_run() {
    let mut body = vec![chunk(": x\n"); 1000];
    body.push(chunk("data: a\n\n"));
    let mut world = World::new(steady(), [Answer::stream(body)]);
    let (polls, event) = pending(|context| world.subscription.poll_next_unpin(context), 2000);
    assert_eq!(event.unwrap().unwrap().unwrap().data(), "a");
    assert!((3..1000).contains(&polls), "{polls} polls for 1000 chunks");

    let mut world = World::new(steady(), [Answer::stream([Step::Endless(": x\n")])]);
    assert_eq!(pending(|context| world.subscription.poll_next_unpin(context), 100).0, 100);
}

#[test]
fn failing_attempts_let_other_tasks_run() {
    let mut requests = 0;
    let mut subscription = Subscription::new(
        |_| {
            requests += 1;
            std::future::ready(Err::<Response<String>, _>("refused"))
        },
        |_: Duration| std::future::ready(()),
    );
    assert_eq!(pending(|context| subscription.poll_next_unpin(context), 100).0, 100);
    drop(subscription);
    assert!((100..10_000).contains(&requests), "{requests} requests in 100 polls");
}

#[test]
fn next_and_next_update_can_be_mixed() {
    let clock = Clock::default();
    let mut world =
        World::with(&clock, SubscriptionBuilder::new().policy(steady()), answers(&clock));
    assert_eq!(world.update(), "interrupted: refused, 3s");
    assert_eq!(world.event(), "a");
    assert_eq!(world.updates(2), ["event: b", "event: c"]);
}

#[test]
fn nothing_is_alive_after_it_is_dropped() {
    let clock = Clock::default();
    let policy = steady().idle_timeout(seconds(45));
    let builder = SubscriptionBuilder::new().policy(policy);
    let mut world = World::with(&clock, builder, [Answer::stream([Step::Hang])]);
    world.update();
    assert!(world.poll().is_pending());
    assert_eq!(clock.alive(), 2, "one for the idle timeout and one for the health");
    drop(world);
    assert_eq!(clock.alive(), 0);
}

/// A busy stream does not set a timer for each chunk.
#[test]
fn the_idle_time_begins_only_if_there_is_nothing_to_read() {
    let body = vec![chunk("data: a\n\n"); 500];
    let policy = Policy::new().idle_timeout(seconds(45));
    let mut world = World::new(policy, [Answer::stream(body)]);
    for _ in 0..500 {
        world.event();
    }
    assert!(world.clock.sleeps() <= 3, "{} sleeps", world.clock.sleeps());
}

#[test]
fn it_can_be_sent_to_another_thread() {
    fn sendable<T: Send + Sync + Unpin>(_: &T) {}
    // The future of an `async` block cannot be moved, and it may borrow.
    let url = String::from("http://localhost");
    let send = |_| async {
        std::future::ready(url.len()).await;
        Ok::<_, std::io::Error>(Response::new(String::new()))
    };
    let subscription = Subscription::new(send, |time: Duration| std::future::ready(time));
    sendable(&subscription);
    assert!(format!("{subscription:?}").starts_with("Subscription { connection: "));
    fn owned<T: Send + Sync + 'static>() {}
    owned::<SubscriptionError<std::io::Error, String>>();
    owned::<Update<std::io::Error, String>>();
}
