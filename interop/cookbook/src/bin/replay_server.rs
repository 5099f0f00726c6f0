//! Events that nobody misses, on axum: kill it and start it again, and clients go on
//! where they were.
//!
//! ```text
//! cargo run -q --bin replay_server -- 127.0.0.1:3000 events.log 1000 100
//! curl -N http://127.0.0.1:3000/events
//! curl -N -H 'Last-Event-ID: …' http://127.0.0.1:3000/events
//! ```
//!
//! It publishes 1000 events, one every 100 ms, and keeps them in `events.log`: started
//! with the same log, it goes on behind the last one. A fifth argument is the number of
//! events that it keeps for those who come back.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, RESPONSE_HEADERS, accepts_event_stream};
use sse_proto::server::{Epoch, PushError, ReplayBuffer, Since};
use sse_proto::{Chunk, Decoder, EventEncoder, encode};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};
use tokio::time::{interval, timeout};

/// After a silence of this length a comment keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long clients wait before they come back: this server is soon up again.
const RECONNECTION_TIME: Duration = Duration::from_millis(100);

/// How far a client may fall behind the live events.
const LIVE: usize = 1024;

#[tokio::main]
async fn main() -> ExitCode {
    cookbook::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(log)) = (arguments.next(), arguments.next()) else {
        return Err("usage: replay_server ADDRESS LOG [EVENTS [MILLISECONDS [KEPT]]]".into());
    };
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse::<u32>());
    let (events, every, kept) = (number(1000)?, number(100)?, number(100_000)?);

    let channel = Arc::new(Mutex::new(Channel::open(&log, kept as usize)?));
    let app = Router::new().route("/events", get(self::events)).with_state(channel.clone());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}/events", listener.local_addr()?);
    tokio::spawn(publish(channel, events, Duration::from_millis(every.max(1).into())));
    Ok(axum::serve(listener, app).await?)
}

/// Counts, and says when: an event that was forgotten could not be made again.
async fn publish(channel: Arc<Mutex<Channel>>, events: u32, every: Duration) {
    let mut due = interval(every);
    loop {
        due.tick().await;
        let mut channel = channel.lock().expect("nobody panics inside");
        let number = channel.published + 1;
        if number > events {
            return;
        }
        let padding = "x".repeat(number as usize % 50);
        if let Err(error) =
            channel.publish(&format!("{number} 번째 🦀 {:?}\n{padding}", since_1970()))
        {
            // With the lock held: nobody may see an event that a restart would forget.
            eprintln!("the log: {error}");
            std::process::exit(1);
        }
    }
}

async fn events(State(channel): State<Arc<Mutex<Channel>>>, headers: HeaderMap) -> Response {
    if !accepts_event_stream(headers.get_all(ACCEPT)) {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    let (first, live) =
        channel.lock().expect("nobody panics inside").join(headers.get(LAST_EVENT_ID));
    let body = stream::iter(first).chain(listen(live)).map(Ok::<_, io::Error>);
    // What is here may be read by the pages of any site.
    let public = [("access-control-allow-origin", "*")];
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), public, Body::from_stream(body)).into_response()
}

fn listen(live: Receiver<Bytes>) -> impl Stream<Item = Bytes> {
    stream::unfold(live, async |mut live| {
        let bytes = match timeout(KEEP_ALIVE, live.recv()).await {
            Ok(Ok(event)) => event,
            // Too slow: at the end of the body it comes back, and gets what it missed.
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return None,
            Err(_) => {
                let mut out = Vec::new();
                encode::comment("keep-alive", &mut out);
                out.into()
            }
        };
        Some((bytes, live))
    })
}

/// All behind one lock: so nothing is published between a client's look at the buffer
/// and the start of its subscription, and each event is in exactly one of the two.
struct Channel {
    log: File,
    buffer: ReplayBuffer,
    live: Sender<Bytes>,
    published: u32,
}

impl Channel {
    /// Goes on with a log, or begins one. A log is an event stream itself: an event that
    /// was cut off has no blank line, so the decoder leaves it out, and so do we.
    fn open(log: &str, kept: usize) -> Result<Self, Box<dyn Error>> {
        let mut log = OpenOptions::new().read(true).append(true).create(true).open(log)?;
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes)?;
        let mut channel = Channel {
            log,
            buffer: ReplayBuffer::new(epoch(&bytes)?).max_events(kept).max_bytes(64 << 20),
            live: broadcast::channel(LIVE).0,
            published: 0,
        };
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&bytes));
        let mut whole = 0;
        while let Some(event) = decoder.next_event(&mut chunk)? {
            let encoded = channel.keep(event.data())?;
            if !bytes[whole..].starts_with(&encoded) {
                return Err("the log was not written by this program".into());
            }
            whole += encoded.len();
        }
        channel.log.set_len(whole as u64)?;
        Ok(channel)
    }

    /// Every event is pushed, from the first on, so each gets the ID that it had.
    fn keep(&mut self, data: &str) -> Result<Bytes, PushError> {
        let encoded = self.buffer.push(EventEncoder::new(), data)?;
        self.published += 1;
        Ok(encoded)
    }

    /// Into the log first: what a client has seen must be there after a restart. What is
    /// written outlives this program; to outlive the machine it would take `sync_data`.
    fn publish(&mut self, data: &str) -> io::Result<()> {
        let encoded = self.keep(data).expect("an event without fields can be written");
        self.log.write_all(&encoded)?;
        // An error only says that nobody listens.
        let _ = self.live.send(encoded);
        Ok(())
    }

    /// What a client gets that has seen all up to this ID: what it missed, then the rest
    /// as it comes.
    fn join(&self, last_event_id: Option<&HeaderValue>) -> (Vec<Bytes>, Receiver<Bytes>) {
        let mut first = Vec::new();
        EventEncoder::new()
            .retry(RECONNECTION_TIME)
            .encode_fields(&mut first)
            .expect("a time can be written");
        let mut first = vec![first.into()];
        match self.buffer.since(last_event_id) {
            Since::Events(events) => first.extend(events),
            // New: it begins with what is here. If nothing is, the place brings it back to here.
            Since::New if self.buffer.events().len() == 0 => first.push(self.buffer.place()),
            Since::New => first.extend(self.buffer.events()),
            Since::NothingNew => {}
            // Away for too long: what it has is right, but there is a hole behind it, and
            // it is told so.
            Since::Gone => {
                first.push(notice("missed"));
                first.extend(self.buffer.events());
            }
            // The ID of another log, or nobody's: what it has is not from here, so it is
            // told to begin again. To call that a hole would leave old and new mixed.
            Since::Unknown => {
                first.push(notice("reset"));
                first.extend(self.buffer.events());
            }
        }
        (first, self.live.subscribe())
    }
}

/// Tells one client something, without an ID: cut off behind it, the client comes back
/// with the ID that it had, and is told again.
fn notice(event_type: &str) -> Bytes {
    EventEncoder::new().event_type(event_type).to_bytes("").expect("the type is one line")
}

/// What tells the IDs of this log from those of any other: random bits, which are in its IDs.
fn epoch(log: &[u8]) -> Result<Epoch, Box<dyn Error>> {
    if let Some(event) = Decoder::new().next_event(&mut Chunk::new(log))? {
        let (epoch, _) = Epoch::of_id(event.last_event_id()).ok_or("the log has other IDs")?;
        return Ok(epoch);
    }
    let random = RandomState::new();
    let [high, low] = [0, 1].map(|half| u128::from(random.hash_one(half)));
    Ok(Epoch::new(high << 64 | low))
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
