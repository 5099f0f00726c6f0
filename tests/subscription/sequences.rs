//! Every short sequence of attempts gives the updates of the client's model, also if the caller
//! closes or reconnects after any of them.

use std::time::Duration;

use sse_proto::client::SubscriptionBuilder;
use sse_proto::{Chunk, Decoder};

use super::check::{self, model};
use super::drive::{Update, World, run, seconds};
use super::fake::{Answer, Clock, Step, chunk};

/// One attempt: the things that the network and the server do.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    head: Head,
    /// The chunks, each after so many seconds.
    chunks: &'static [(u64, &'static str)],
    end: End,
}

#[derive(Clone, Copy, Debug)]
enum Head {
    Fails,
    Hangs,
    Comes { status: u16, content_type: Option<&'static str>, gzip: bool },
}

#[derive(Clone, Copy, Debug)]
enum End {
    Clean,
    Fails,
    Hangs,
}

const fn bad(head: Head) -> Attempt {
    Attempt { head, chunks: &[], end: End::Clean }
}

const fn head(status: u16, content_type: Option<&'static str>) -> Head {
    Head::Comes { status, content_type, gzip: false }
}

const fn stream(chunks: &'static [(u64, &'static str)], end: End) -> Attempt {
    Attempt { head: head(200, Some("text/event-stream")), chunks, end }
}

const ATTEMPTS: [Attempt; 13] = [
    bad(Head::Fails),
    bad(Head::Hangs),
    bad(head(503, Some("text/html"))),
    bad(head(404, Some("text/event-stream"))),
    bad(head(204, None)),
    bad(head(200, Some("text/html"))),
    bad(head(200, None)),
    bad(Head::Comes { status: 200, content_type: Some("text/event-stream"), gzip: true }),
    stream(&[], End::Clean),
    stream(&[(0, "id: 1\ndata: a\n\ndata: b\n\nid: 2\n")], End::Clean),
    stream(&[(1, "data: c\n\n"), (9, ":\n")], End::Clean),
    stream(&[(0, "retry: 0\n\ndata: d\n\n"), (0, "id: 3\n\ndata: cut\n")], End::Fails),
    stream(&[(3, "data: e\n\n")], End::Hangs),
];

impl Attempt {
    fn answer(self, clock: &Clock) -> Answer {
        let (status, content_type, gzip) = match self.head {
            Head::Fails => return Answer::Fail("refused"),
            Head::Hangs => return Answer::Hang,
            Head::Comes { status, content_type, gzip } => (status, content_type, gzip),
        };
        let mut headers: Vec<_> =
            content_type.map(|value| ("content-type", value)).into_iter().collect();
        if gzip {
            headers.push(("content-encoding", "gzip"));
        }
        let mut steps = Vec::new();
        for (after, text) in self.chunks {
            if *after > 0 {
                steps.push(Step::Pause(clock.clone(), seconds(*after)));
            }
            steps.push(chunk(text));
        }
        match self.end {
            End::Clean => {}
            End::Fails => steps.push(Step::Fail("reset")),
            End::Hangs => steps.push(Step::Hang),
        }
        Answer::Head(status, headers, steps)
    }
}

/// A call that the caller makes after so many updates.
#[derive(Clone, Copy, Debug)]
enum Act {
    Close,
    ReconnectNow,
}

#[derive(Clone, Debug, PartialEq)]
enum Told {
    Opened,
    Event(String),
    /// After a wait between these two.
    Interrupted {
        least: Duration,
        most: Duration,
    },
    Closed(model::Why),
    End,
}

/// Works out with the model what a sequence of attempts gives.
struct Oracle {
    model: model::Model,
    decoder: Decoder,
    act: Option<(usize, Act)>,
    told: Vec<Told>,
    /// The last event ID in each request.
    ids: Vec<String>,
    /// The caller has reconnected, so the response is dropped.
    dropped: bool,
}

impl Oracle {
    fn new(policy: &model::Policy, act: Option<(usize, Act)>) -> Self {
        let mut oracle = Oracle {
            model: model::Model::new(policy),
            decoder: Decoder::new(),
            act,
            told: vec![],
            ids: vec![],
            dropped: false,
        };
        oracle.act();
        oracle
    }

    fn tell(&mut self, told: Told) {
        self.told.push(told);
        self.act();
    }

    fn act(&mut self) {
        match self.act {
            Some((after, Act::Close)) if after == self.told.len() => self.model.close(),
            Some((after, Act::ReconnectNow)) if after == self.told.len() => {
                self.dropped |= self.model.reconnect_now();
            }
            _ => {}
        }
    }

    fn is_closed(&self) -> bool {
        self.model.state() == model::CLOSED
    }

    fn attempt(&mut self, attempt: &Attempt) {
        self.dropped = false;
        let model::Answer::Headers(headers) = self.model.request(self.decoder.last_event_id())
        else {
            panic!("a request is in turn");
        };
        let id = headers.into_iter().find(|(name, _)| name == "last-event-id");
        self.ids.push(id.map(|(_, id)| id).unwrap_or_default());
        self.decoder.reconnect();
        if let Head::Comes { status, content_type, gzip } = attempt.head {
            self.model.response(status, content_type.map(str::as_bytes));
            if gzip && self.model.state() == model::OPEN {
                self.model.fail(model::Why::ContentCoding);
            }
            if self.model.state() == model::OPEN {
                self.model.received(Duration::ZERO);
                self.tell(Told::Opened);
                self.read(attempt.chunks);
                if self.dropped || self.is_closed() {
                    return;
                }
            }
        }
        // The subscription has its own random numbers, so any wait between these two is right.
        let retry = self.decoder.reconnection_time();
        let luckiest = self.model.clone().disconnected(retry, 0);
        let told = match (luckiest, self.model.disconnected(retry, u32::MAX)) {
            (model::Answer::Reconnect { least, .. }, model::Answer::Reconnect { most, .. }) => {
                Told::Interrupted { least, most }
            }
            (_, model::Answer::StayClosed(why)) => Told::Closed(why),
            (_, answer) => panic!("{answer:?}"),
        };
        self.tell(told);
    }

    fn read(&mut self, chunks: &[(u64, &str)]) {
        let mut now = 0;
        for (after, text) in chunks {
            if self.dropped || self.is_closed() {
                return;
            }
            now += after;
            self.model.received(seconds(now));
            let mut chunk = Chunk::new(text.as_bytes());
            // After a reconnect these events still come. After a close they do not.
            while let Some(event) = self.decoder.next_event(&mut chunk).unwrap() {
                let event = Told::Event(event.data().to_owned());
                self.tell(event);
                if self.is_closed() {
                    return;
                }
            }
        }
    }
}

/// Runs these attempts, and compares each update with the model's.
fn compare(policy: &model::Policy, attempts: &[Attempt], act: Option<(usize, Act)>) {
    let mut oracle = Oracle::new(policy, act);
    for attempt in attempts {
        if !oracle.is_closed() {
            oracle.attempt(attempt);
        }
    }
    if oracle.is_closed() {
        oracle.told.push(Told::End);
    }

    let clock = Clock::default();
    let builder = SubscriptionBuilder::new().policy(check::real(policy));
    let answers = attempts.iter().map(|attempt| attempt.answer(&clock));
    let mut world = World::with(&clock, builder, answers);
    let mut request_due = Duration::ZERO;
    for index in 0..=oracle.told.len() {
        match act.filter(|(after, _)| *after == index) {
            Some((_, Act::Close)) => world.subscription.close(),
            Some((_, Act::ReconnectNow)) if world.subscription.reconnect_now() => {
                request_due = clock.now();
            }
            Some((_, Act::ReconnectNow)) | None => {}
        }
        let Some(expected) = oracle.told.get(index) else { break };
        let requests_before = world.net.times().len();
        let update = run(&clock, world.subscription.next_update());
        let update = update.unwrap_or_else(|| panic!("it is stuck, where it is {expected:?}"));
        for time in &world.net.times()[requests_before..] {
            assert_eq!(*time, request_due, "{attempts:?} {act:?}");
        }
        let told = match update {
            None => Told::End,
            Some(Update::Opened(_)) => Told::Opened,
            Some(Update::Event(event)) => Told::Event(event.data().to_owned()),
            Some(Update::Interrupted { delay, .. }) => {
                request_due = clock.now() + delay;
                match expected {
                    Told::Interrupted { least, most } if (*least..=*most).contains(&delay) => {
                        expected.clone()
                    }
                    _ => Told::Interrupted { least: delay, most: delay },
                }
            }
            Some(Update::Closed { reason, .. }) => Told::Closed(check::why(reason)),
            Some(other) => panic!("{other:?}"),
        };
        assert_eq!(told, *expected, "update {index} of {attempts:?} {act:?}");
    }
    assert_eq!(world.net.ids(), oracle.ids, "{attempts:?} {act:?}");
    assert_eq!(world.subscription.close_reason().map(check::why), oracle.model.why());
    assert_eq!(world.subscription.ready_state() as u8, oracle.model.state());
}

/// The policy of browsers with an idle timeout, and one that sets every option.
fn policies() -> [model::Policy; 2] {
    let platform = model::Policy {
        reconnection_time: seconds(3),
        least_wait: Duration::ZERO,
        most_wait: Duration::MAX,
        backoff_first: Duration::ZERO,
        backoff_cap: Duration::ZERO,
        healthy_after: Duration::ZERO,
        idle_timeout: Some(seconds(45)),
        max_attempts: None,
        max_requests: None,
        retried: vec![],
        missing_content_type: false,
    };
    let own = model::Policy {
        reconnection_time: seconds(2),
        least_wait: seconds(1),
        most_wait: seconds(4),
        backoff_first: seconds(1),
        backoff_cap: seconds(4),
        healthy_after: seconds(10),
        idle_timeout: Some(seconds(20)),
        max_attempts: Some(2),
        max_requests: Some(3),
        retried: vec![503],
        missing_content_type: true,
    };
    [platform, own]
}

#[test]
fn every_short_sequence_of_attempts() {
    let mut sequences = 0;
    for policy in policies() {
        for first in ATTEMPTS {
            for second in ATTEMPTS {
                for third in ATTEMPTS {
                    let attempts = [first, second, third];
                    compare(&policy, &attempts, None);
                    sequences += 1;
                }
                for after in 0..8 {
                    for act in [Act::Close, Act::ReconnectNow] {
                        // One attempt more, in case the caller reconnects.
                        let attempts = [first, second, ATTEMPTS[9]];
                        compare(&policy, &attempts, Some((after, act)));
                        sequences += 1;
                    }
                }
            }
        }
    }
    println!("{sequences} sequences");
}
