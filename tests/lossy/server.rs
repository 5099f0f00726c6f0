//! The server of these tests: events of every kind, in every dialect, from a replay buffer.

use std::time::Duration;

use sse_proto::EventEncoder;
use sse_proto::server::{Epoch, ReplayBuffer, Since};

/// An event as the application sees it: type, data, last event ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub event_type: String,
    pub data: String,
    pub last_event_id: String,
}

impl From<sse_proto::Event<'_>> for Seen {
    fn from(event: sse_proto::Event<'_>) -> Self {
        Seen {
            event_type: event.event_type().to_owned(),
            data: event.data().to_owned(),
            last_event_id: event.last_event_id().to_owned(),
        }
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

/// The *n*th event, as the application has to see it.
pub fn expected(n: usize) -> Seen {
    let event = event(n);
    Seen {
        event_type: event.event_type.filter(|name| !name.is_empty()).unwrap_or("message").into(),
        last_event_id: event.brought.unwrap_or_else(|| format!("{EPOCH:x}-{n}")),
        data: event.data,
    }
}

const EPOCH: u128 = 0x2026_1121;

/// The form that a server or a gateway gives the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    line_end: &'static str,
    /// The beginning of each response.
    greeting: &'static str,
}

pub const DIALECTS: [Dialect; 4] = [
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

pub struct Server {
    buffer: ReplayBuffer,
    pub pushed: usize,
    dialect: Dialect,
}

impl Server {
    /// A server with this many events before the client ever came.
    pub fn new(dialect: Dialect, history: usize) -> Self {
        let buffer = ReplayBuffer::new(Epoch::new(EPOCH)).max_events(8);
        let mut server = Server { buffer, pushed: 0, dialect };
        for _ in 0..history {
            server.push();
        }
        server
    }

    /// Pushes one more event, and returns it in the server's dialect.
    pub fn push(&mut self) -> Vec<u8> {
        self.pushed += 1;
        let event = event(self.pushed);
        let encoded = self.buffer.push(event.encoder(), &event.data).unwrap();
        let mut written = Vec::new();
        self.dialect.write(&encoded, &mut written);
        written
    }

    /// The part of a response's body that is known when the response begins.
    ///
    /// A new client gets its place first, in a block without data. So it misses nothing from here
    /// on, even if it is cut off before its first event.
    pub fn connect(&self, last_event_id: &str) -> Vec<u8> {
        let mut body = self.dialect.greeting.as_bytes().to_vec();
        match self.buffer.since(Some(last_event_id)) {
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
