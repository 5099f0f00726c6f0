//! A clock that moves only if it is told to go to the next deadline.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    now: Duration,
    /// Of each sleep that is alive.
    deadlines: BTreeMap<u64, Duration>,
    sleeps: u64,
}

impl Clock {
    pub fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    pub fn sleep(&self, time: Duration) -> Sleep {
        let mut times = self.0.lock().unwrap();
        let (id, deadline) = (times.sleeps, times.now.saturating_add(time));
        times.sleeps += 1;
        times.deadlines.insert(id, deadline);
        Sleep { clock: self.clone(), id, deadline, done: false }
    }

    /// Goes to the next deadline; gives whether there is one.
    pub fn advance(&self) -> bool {
        let mut times = self.0.lock().unwrap();
        let now = times.now;
        let next = times.deadlines.values().copied().filter(|deadline| *deadline > now).min();
        times.now = next.unwrap_or(now);
        next.is_some()
    }

    pub fn set(&self, now: Duration) {
        self.0.lock().unwrap().now = now;
    }

    /// How many sleeps were ever begun.
    pub fn sleeps(&self) -> u64 {
        self.0.lock().unwrap().sleeps
    }

    /// How many sleeps are alive.
    pub fn alive(&self) -> usize {
        self.0.lock().unwrap().deadlines.len()
    }
}

#[derive(Debug)]
pub struct Sleep {
    clock: Clock,
    id: u64,
    deadline: Duration,
    done: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        assert!(!self.done, "polled after its end");
        self.done = self.clock.now() >= self.deadline;
        if self.done { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.0.lock().unwrap().deadlines.remove(&self.id);
    }
}
