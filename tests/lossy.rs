//! A network that cuts every connection, between a server that can replay and a client
//! that keeps its place: every event arrives once, and in order.
//!
//! `SSE_LOSSY_CUTS` is the least number of cuts, 60 000 unless set. A million:
//!
//! ```text
//! SSE_LOSSY_CUTS=1000000 cargo test --release --test lossy -- --nocapture
//! ```

use std::time::Duration;

use bytes::Bytes;
use sse_proto::client::{CloseReason, Decode, EventSource, Next, Policy, ReadyState};
use sse_proto::header::accepts_event_stream;
use sse_proto::header::{ACCEPT, CONTENT_TYPE, LAST_EVENT_ID, RESPONSE_HEADERS};
use sse_proto::server::{Epoch, ReplayBuffer, Since};
use sse_proto::{BytesDecoder, Chunk, Decoder, EventEncoder};

const DEFAULT_CUTS: usize = 60_000;

fn cuts_wanted() -> usize {
    std::env::var("SSE_LOSSY_CUTS")
        .map_or(DEFAULT_CUTS, |cuts| cuts.parse().expect("SSE_LOSSY_CUTS is a number"))
}

/// What the application sees: type, data, last event ID.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    event_type: String,
    data: String,
    last_event_id: String,
}

/// A decoder of either layer.
trait Layer: Decode + Default {
    fn feed(&mut self, bytes: &[u8], handle: impl FnMut(Seen));
    fn retry(&self) -> Option<Duration>;
}

impl Layer for Decoder {
    fn feed(&mut self, bytes: &[u8], mut handle: impl FnMut(Seen)) {
        let mut chunk = Chunk::new(bytes);
        while let Some(event) = self.next_event(&mut chunk).unwrap() {
            handle(Seen {
                event_type: event.event_type().to_owned(),
                data: event.data().to_owned(),
                last_event_id: event.last_event_id().to_owned(),
            });
        }
    }

    fn retry(&self) -> Option<Duration> {
        Decoder::reconnection_time(self)
    }
}

impl Layer for BytesDecoder {
    fn feed(&mut self, bytes: &[u8], mut handle: impl FnMut(Seen)) {
        self.push(Bytes::copy_from_slice(bytes));
        while let Some(event) = self.next_event().unwrap() {
            handle(Seen {
                event_type: event.event_type().to_owned(),
                data: event.data().to_owned(),
                last_event_id: event.last_event_id().to_owned(),
            });
        }
    }

    fn retry(&self) -> Option<Duration> {
        BytesDecoder::reconnection_time(self)
    }
}

/// The events of the server: the *n*th, from 1 on.
struct Event {
    brought: Option<String>,
    event_type: Option<&'static str>,
    retry: Option<Duration>,
    comment: Option<&'static str>,
    data: String,
}

fn event(n: usize) -> Event {
    let data = match n % 7 {
        0 => String::new(),
        1 => format!("{n}"),
        2 => format!("{{\"n\": {n}}}\nid: no\n\nretry: 1"),
        3 => format!("한국어 🦀 {n}"),
        4 => format!("\n{n}\n"),
        5 => format!(" {n}: {}", "x".repeat(90)),
        _ => format!(":{n}"),
    };
    Event {
        brought: match n % 5 {
            0 => Some(format!("[{{\"offset\":{n}}}]")),
            1 => Some(format!("{n}")),
            2 => Some(format!("한\t{n}")),
            _ => None,
        },
        event_type: [None, Some("token"), Some(""), None][n % 4],
        retry: (n % 11 == 0).then(|| Duration::from_millis(n as u64)),
        comment: (n % 3 == 0).then_some("of the event"),
        data,
    }
}

impl Event {
    fn encoder(&self) -> EventEncoder<'_> {
        let mut encoder = EventEncoder::new();
        if let Some(id) = &self.brought {
            encoder = encoder.id(id);
        }
        if let Some(event_type) = self.event_type {
            encoder = encoder.event_type(event_type);
        }
        if let Some(time) = self.retry {
            encoder = encoder.retry(time);
        }
        if let Some(text) = self.comment {
            encoder = encoder.comment(text);
        }
        encoder
    }
}

/// What the application is to see of the *n*th event.
fn expected(n: usize) -> Seen {
    let event = event(n);
    Seen {
        event_type: event.event_type.filter(|name| !name.is_empty()).unwrap_or("message").into(),
        last_event_id: event.brought.unwrap_or_else(|| format!("{EPOCH:x}-{n}")),
        data: event.data,
    }
}

const EPOCH: u128 = 0x2026_1121;

/// How a connection is cut.
#[derive(Clone, Copy, Debug)]
enum Cuts {
    /// After one byte more than the last time, until an event came: so at every byte of
    /// every event.
    Creeping,
    /// After 0, 1, 2, … bytes up to several events: so with any number of events before
    /// the one that is cut.
    Sawtooth,
}

const LONGEST_SAWTOOTH: usize = 700;

/// What the network and the server in front of the codec make of the bytes.
#[derive(Clone, Copy, Debug)]
struct Dialect {
    line_end: &'static str,
    /// What each response begins with.
    greeting: &'static str,
}

const DIALECTS: [Dialect; 4] = [
    Dialect { line_end: "\n", greeting: "" },
    Dialect { line_end: "\r\n", greeting: "\u{FEFF}" },
    Dialect { line_end: "\r", greeting: "\u{FEFF}: hello\r\r" },
    Dialect { line_end: "\r\n", greeting: "retry: 5\n: hello\n\n" },
];

impl Dialect {
    fn write(self, encoded: &[u8], body: &mut Vec<u8>) {
        for line in encoded.split_inclusive(|&byte| byte == b'\n') {
            body.extend_from_slice(line.strip_suffix(b"\n").unwrap());
            body.extend_from_slice(self.line_end.as_bytes());
        }
    }
}

struct Server {
    buffer: ReplayBuffer,
    /// Whether new clients begin with the oldest event, and not with the next one.
    history: bool,
    pushed: usize,
    dialect: Dialect,
}

impl Server {
    fn new(dialect: Dialect, history: bool) -> Self {
        let buffer = ReplayBuffer::new(Epoch::new(EPOCH)).max_events(8);
        Server { buffer, history, pushed: 0, dialect }
    }

    fn push(&mut self) -> Bytes {
        self.pushed += 1;
        let event = event(self.pushed);
        self.buffer.push(event.encoder(), &event.data).unwrap()
    }

    /// The body of a response, as far as it is known when it begins.
    fn connect(&self, last_event_id: &str) -> Vec<u8> {
        let mut body = self.dialect.greeting.as_bytes().to_vec();
        match self.buffer.since(Some(last_event_id)) {
            Since::New if self.history => {
                assert_eq!(self.buffer.events().len(), self.pushed, "the first is gone");
                self.buffer.events().for_each(|event| self.dialect.write(&event, &mut body));
            }
            Since::New => self.dialect.write(&self.buffer.place(), &mut body),
            Since::Events(events) => {
                events.for_each(|event| self.dialect.write(&event, &mut body));
            }
            Since::NothingNew => {}
            other => panic!("{other:?} for {last_event_id:?}, after {} events", self.pushed),
        }
        body
    }
}

struct Client<D> {
    source: EventSource,
    decoder: D,
    received: usize,
}

impl<D: Layer> Client<D> {
    fn new() -> Self {
        let policy = Policy::new().retry_statuses([503]);
        Client { source: EventSource::new(policy), decoder: D::default(), received: 0 }
    }

    /// Requests the stream; gives the last event ID that the server reads.
    fn request(&mut self) -> String {
        let headers = self.source.request(&mut self.decoder).unwrap();
        let headers: Vec<(&str, &str)> = headers.collect();
        let values =
            |name| headers.iter().filter(move |header| header.0 == name).map(|header| header.1);
        assert!(accepts_event_stream(values(ACCEPT)));
        values(LAST_EVENT_ID).next().unwrap_or("").to_owned()
    }

    fn response(&mut self, status: u16) -> ReadyState {
        let content_type = RESPONSE_HEADERS.iter().find(|header| header.0 == CONTENT_TYPE);
        let content_type = content_type.map(|(_, value)| value);
        self.source.response(status, content_type, Duration::ZERO).unwrap()
    }

    fn read(&mut self, bytes: &[u8], chunk: usize) {
        for bytes in bytes.chunks(chunk) {
            self.decoder.feed(bytes, |seen| {
                self.received += 1;
                assert_eq!(seen, expected(self.received), "event {}", self.received);
            });
        }
    }

    fn disconnected(&mut self, random: u32) -> Next {
        let next = self.source.disconnected(&self.decoder, random).unwrap();
        if let Next::Reconnect { after } = next {
            assert!(after >= self.decoder.retry().unwrap_or(Duration::from_secs(3)));
        }
        next
    }
}

/// Runs until so many connections were cut; gives the number of events that arrived.
fn simulate<D: Layer>(dialect: Dialect, cuts: Cuts, wanted: usize) -> usize {
    let mut server = Server::new(dialect, true);
    let mut client = Client::<D>::new();
    let mut length = 0;
    for cut in 0..wanted {
        let last_event_id = client.request();
        // Some do not get as far as a stream: a network error, and a busy gateway.
        if cut % 17 == 0 || cut % 23 == 0 && client.response(503) != ReadyState::Open {
            assert!(matches!(client.disconnected(cut as u32), Next::Reconnect { .. }));
            continue;
        }
        assert_eq!(client.response(200), ReadyState::Open);
        let mut body = server.connect(&last_event_id);
        // The server goes on, sometimes with this connection open, sometimes before the next.
        if server.pushed - client.received < 6 {
            let encoded = server.push();
            if cut % 3 != 0 {
                dialect.write(&encoded, &mut body);
            }
        }
        let received_before = client.received;
        client.read(&body[..length.min(body.len())], [1, 5, usize::MAX][cut % 3]);
        length = match cuts {
            Cuts::Creeping if client.received > received_before => 0,
            Cuts::Sawtooth if length == LONGEST_SAWTOOTH => 0,
            Cuts::Creeping | Cuts::Sawtooth => length + 1,
        };
        assert!(matches!(client.disconnected(cut as u32), Next::Reconnect { .. }));
    }

    // A connection that holds brings the rest; then the server says that this was all.
    let last_event_id = client.request();
    client.response(200);
    client.read(&server.connect(&last_event_id), usize::MAX);
    client.disconnected(0);
    assert_eq!(client.received, server.pushed);
    client.request();
    client.response(204);
    assert_eq!(client.disconnected(0), Next::StayClosed(CloseReason::NoContent));
    client.received
}

#[test]
fn every_event_arrives_once_and_in_order_wherever_connections_are_cut() {
    let runs = DIALECTS.len() * 2 * 2;
    let wanted = cuts_wanted().div_ceil(runs);
    for cuts in [Cuts::Creeping, Cuts::Sawtooth] {
        let mut events = 0;
        for dialect in DIALECTS {
            events += simulate::<Decoder>(dialect, cuts, wanted);
            events += simulate::<BytesDecoder>(dialect, cuts, wanted);
        }
        let total = wanted * runs / 2;
        println!("{cuts:?}: {total} cuts, {events} events arrived once and in order");
        assert!(events > total / 1000, "hardly anything arrived");
    }
}

/// A new client begins with the next event. It is cut off again and again after `length`
/// bytes, often before its first event, and other events are pushed while it is away.
fn cut_before_the_first_event<D: Layer>(dialect: Dialect, length: usize) {
    let mut server = Server::new(dialect, false);
    let mut client = Client::<D>::new();
    let mut place_length = None;
    for _ in 0..4 {
        let last_event_id = client.request();
        assert_eq!(client.response(200), ReadyState::Open);
        let mut body = server.connect(&last_event_id);
        if last_event_id.is_empty() {
            let got_its_place = place_length.replace(body.len()).is_some_and(|at| at <= length);
            assert!(!got_its_place, "it was sent its place, and came back without it");
            client.received = server.pushed;
        }
        let encoded = server.push();
        dialect.write(&encoded, &mut body);
        client.read(&body[..length.min(body.len())], 5);
        client.disconnected(0);
        server.push();
    }
    let last_event_id = client.request();
    client.response(200);
    if last_event_id.is_empty() {
        client.received = server.pushed;
    }
    client.read(&server.connect(&last_event_id), usize::MAX);
    assert_eq!(client.received, server.pushed, "{dialect:?}, cut after {length} bytes");
}

#[test]
fn a_client_misses_no_event_even_if_it_is_cut_before_its_first_one() {
    for dialect in DIALECTS {
        for length in 0..400 {
            cut_before_the_first_event::<Decoder>(dialect, length);
            cut_before_the_first_event::<BytesDecoder>(dialect, length);
        }
    }
}

/// A server whose buffer is too small and that is restarted now and then. Where it
/// cannot replay it says so, with a `snapshot` that names the newest event.
#[test]
fn nothing_is_lost_unsaid_nor_comes_twice_where_the_buffer_is_too_small() {
    let mut decoder = Decoder::new();
    let mut source = EventSource::new(Policy::new());
    let mut buffer = ReplayBuffer::new(Epoch::new(0)).max_events(3);
    let (mut pushed, mut newest_seen) = (0_usize, 0_usize);
    let (mut in_order, mut snapshots) = (0, [0; 2]);
    for cut in 0..cuts_wanted() / 10 {
        let headers = source.request(&mut decoder).unwrap();
        let last_event_id = headers
            .filter(|(name, _)| *name == LAST_EVENT_ID)
            .map(|(_, id)| id.to_owned())
            .next()
            .unwrap_or_default();
        source.response(200, Some("text/event-stream"), Duration::ZERO).unwrap();
        let mut body = Vec::new();
        let since = buffer.since(Some(&last_event_id));
        match since {
            Since::Events(events) => events.for_each(|event| body.extend_from_slice(&event)),
            Since::NothingNew => {}
            ref other => {
                snapshots[usize::from(matches!(other, Since::Gone))] += 1;
                let id = buffer.last_event_id();
                let snapshot = EventEncoder::new().event_type("snapshot").id(&id);
                snapshot.encode(&pushed.to_string(), &mut body).unwrap();
            }
        }
        // Whether an event is on the way that has not been seen: 0 to 4 more for the next time.
        let missed = cut / 7 % 5;
        for _ in 0..missed {
            pushed += 1;
            let encoded = buffer.push(EventEncoder::new(), &pushed.to_string()).unwrap();
            body.extend_from_slice(&encoded);
        }
        let mut chunk = Chunk::new(&body[..(cut % 97).min(body.len())]);
        while let Some(event) = decoder.next_event(&mut chunk).unwrap() {
            let n: usize = event.data().parse().unwrap();
            if event.event_type() == "snapshot" {
                assert!(n >= newest_seen, "a snapshot of {n} behind event {newest_seen}");
            } else {
                assert_eq!(n, newest_seen + 1, "events are missing or twice, unsaid");
                in_order += 1;
            }
            newest_seen = n;
        }
        source.disconnected(&decoder, 0).unwrap();
        if cut % 501 == 500 {
            buffer = ReplayBuffer::new(Epoch::new(cut as u128)).max_events(3);
        }
    }
    println!(
        "{in_order} events in order, {snapshots:?} snapshots for no or unknown IDs, and for gone ones"
    );
    assert!(in_order > 100 && snapshots.into_iter().all(|count| count > 5));
}
