//! An executor for one subscription: it polls, and moves the clock if nothing else can happen.

use std::fmt::Write;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use http::HeaderMap;
use sse_proto::OwnedEvent;
use sse_proto::client::{self, Policy, Subscription, SubscriptionBuilder};

use super::fake::{Answer, Clock, FakeBody, Net, NetError, Reply, Sleep};

type Connect = Box<dyn FnMut(HeaderMap) -> Reply>;
type Sleeper = Box<dyn FnMut(Duration) -> Sleep>;
pub type Fake = Subscription<Connect, Reply, FakeBody, Sleeper, Sleep>;
pub type Update = client::Update<NetError, FakeBody>;
pub type Error = client::SubscriptionError<NetError, FakeBody>;

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A policy without a backoff, so that its waits have no random part.
pub fn steady() -> Policy {
    Policy::new().backoff(Duration::ZERO, Duration::ZERO)
}

/// A subscription, with its clock and its network.
pub struct World {
    pub clock: Clock,
    pub net: Net,
    pub subscription: Fake,
}

impl World {
    pub fn new(policy: Policy, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with(&Clock::default(), SubscriptionBuilder::new().policy(policy), answers)
    }

    /// On a clock that the script's bodies use too.
    pub fn with(
        clock: &Clock,
        builder: SubscriptionBuilder,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Self {
        let (clock, net) = (clock.clone(), Net::new(clock, answers));
        let (client, timer) = (net.clone(), clock.clone());
        let connect: Connect = Box::new(move |headers| client.send(headers));
        let sleep: Sleeper = Box::new(move |time| timer.sleep(time));
        World { clock, net, subscription: builder.build(connect, sleep) }
    }

    /// The next item of the stream. The clock moves as far as it has to.
    pub fn next(&mut self) -> Option<Result<OwnedEvent, Error>> {
        run(&self.clock, self.subscription.next()).expect("it waits without end")
    }

    /// The data of the next event.
    #[track_caller]
    pub fn event(&mut self) -> String {
        self.next().expect("the stream continues").expect("it is an event").data().to_owned()
    }

    /// The next update, in words.
    pub fn update(&mut self) -> String {
        let update = run(&self.clock, self.subscription.next_update());
        update.map_or_else(|| "stuck".to_owned(), |update| told(update.as_ref()))
    }

    /// The next updates, in words.
    pub fn updates(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.update()).collect()
    }

    /// Polls once. The clock does not move.
    pub fn poll(&mut self) -> Poll<Option<String>> {
        let polled = self.subscription.poll_update(&mut Context::from_waker(Waker::noop()));
        polled.map(|update| update.map(|update| told(Some(&update))))
    }
}

/// An update in words.
pub fn told(update: Option<&Update>) -> String {
    match update {
        None => "end".to_owned(),
        Some(Update::Opened(head)) => format!("opened: {}", head.status),
        Some(Update::Event(event)) => format!("event: {}", event.data()),
        Some(Update::TooLarge(_)) => "too large".to_owned(),
        Some(Update::Interrupted { cause, delay }) => format!("interrupted: {cause}, {delay:?}"),
        Some(Update::Closed { reason, cause }) => {
            let mut told = format!("closed: {reason}");
            write!(told, ": {cause}").unwrap();
            told
        }
        Some(other) => panic!("an update this test does not know: {other:?}"),
    }
}

pub struct Wakes(pub AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs a future to its result. Returns `None` if the future waits for something that never comes.
pub fn run<T>(clock: &Clock, future: impl Future<Output = T>) -> Option<T> {
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = Arc::clone(&wakes).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return Some(result);
        }
        let woken = wakes.0.swap(0, Ordering::Relaxed) > 0;
        if !woken && !clock.advance() {
            return None;
        }
    }
}
