//! `client::Subscription` on such a network.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, Response};
use sse_proto::client::{CloseReason, Policy, SubscriptionBuilder};
use sse_proto::header::{LAST_EVENT_ID, RESPONSE_HEADERS};

use super::fake::{FakeBody, NetError, Step};
use super::server::{DIALECTS, Dialect, Seen, Server, expected};
use super::{Cuts, HISTORIES, cuts_wanted};

/// The server, and the network that cuts each of its responses.
struct Lossy {
    server: Server,
    cuts: Cuts,
    cut: usize,
    wanted: usize,
    length: usize,
    /// The newest event when the last response began: where a new client starts.
    newest: usize,
    /// The number of the last event that the client saw, or that its place names.
    place: Option<usize>,
    place_before: Option<usize>,
}

impl Lossy {
    fn answer(&mut self, headers: &HeaderMap) -> Result<Response<FakeBody>, NetError> {
        let id = headers.get(LAST_EVENT_ID).map_or(&b""[..], |id| id.as_bytes());
        let id = std::str::from_utf8(id).unwrap();
        if self.place.is_none() && !id.is_empty() {
            self.place = Some(self.newest);
        }
        self.cut += 1;
        let cut = self.cut;
        // Some attempts do not get a stream. In the end the server asks the client to stop.
        if cut % 17 == 0 {
            return Err(NetError("refused"));
        }
        if cut % 23 == 0 || cut > self.wanted && self.place == Some(self.server.pushed) {
            let status = if cut % 23 == 0 { 503 } else { 204 };
            return Ok(Response::builder().status(status).body(FakeBody::new([])).unwrap());
        }
        self.newest = self.server.pushed;
        let mut body = self.server.connect(id);
        if cut <= self.wanted {
            if self.place.is_none_or(|place| self.server.pushed - place < 6) {
                let encoded = self.server.push();
                if cut % 3 != 0 {
                    body.extend_from_slice(&encoded);
                }
            }
            self.length = self.cuts.next(self.length, self.place != self.place_before);
            self.place_before = self.place;
            body.truncate(self.length);
        }
        let mut response = Response::builder();
        for (name, value) in RESPONSE_HEADERS.iter() {
            response = response.header(*name, *value);
        }
        Ok(response.body(cut_body(&body, cut)).unwrap())
    }
}

/// In chunks of several sizes, with pauses, and with either end.
fn cut_body(bytes: &[u8], cut: usize) -> FakeBody {
    let mut steps = Vec::new();
    for bytes in bytes.chunks([1, 5, usize::MAX][cut % 3]) {
        steps.push(Step::Chunk(Bytes::copy_from_slice(bytes)));
        if cut % 7 == 0 {
            steps.push(Step::Wait);
        }
    }
    if cut % 2 == 0 {
        steps.push(Step::Fail("reset"));
    }
    FakeBody::new(steps)
}

/// Runs until so many connections were cut; returns the number of events that arrived.
fn simulate(dialect: Dialect, history: usize, cuts: Cuts, wanted: usize) -> usize {
    let network = Rc::new(RefCell::new(Lossy {
        server: Server::new(dialect, history),
        cuts,
        cut: 0,
        wanted,
        length: 0,
        newest: 0,
        place: None,
        place_before: None,
    }));
    let send = |headers| std::future::ready(network.borrow_mut().answer(&headers));
    // No sleep takes time here, so no connection is healthy. That changes only the waits.
    let sleep = |_| std::future::ready(Ok::<_, Infallible>(()));
    let policy = Policy::new().retry_statuses([503]);
    let mut events = SubscriptionBuilder::new().policy(policy).build(send, sleep);
    let mut received = 0;
    loop {
        // The future is dropped whenever it is pending, as `select!` may do.
        let Some(event) = events.next().now_or_never() else { continue };
        let Some(event) = event else { break };
        let event = event.unwrap();
        let mut network = network.borrow_mut();
        let n = network.place.unwrap_or(network.newest) + 1;
        assert_eq!(Seen::from(event.as_event()), expected(n), "event {n}");
        network.place = Some(n);
        received += 1;
    }
    assert_eq!(events.close_reason(), Some(CloseReason::NoContent));
    let network = network.borrow();
    assert_eq!(network.place, Some(network.server.pushed));
    received
}

#[test]
fn a_subscription_gives_each_event_once() {
    let runs = DIALECTS.len() * HISTORIES.len() * 2;
    let wanted = cuts_wanted().div_ceil(runs);
    for cuts in [Cuts::Creeping, Cuts::Sawtooth] {
        let mut events = 0;
        for dialect in DIALECTS {
            for history in HISTORIES {
                events += simulate(dialect, history, cuts, wanted);
            }
        }
        let total = wanted * runs / 2;
        println!("{cuts:?}: {total} cuts, {events} events arrived once and in order");
        assert!(events > total / 1000, "hardly anything arrived");
    }
}
