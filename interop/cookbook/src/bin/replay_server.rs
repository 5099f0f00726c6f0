//! Events that nobody misses, on axum: kill it and start it again, and clients continue
//! where they were.
//!
//! ```text
//! cargo run -q --bin replay_server -- 127.0.0.1:3000 events.log 1000 100
//! curl -N http://127.0.0.1:3000/events
//! curl -N -H 'Last-Event-ID: …' http://127.0.0.1:3000/events
//! ```
//!
//! It publishes 1000 events, one every 100 ms, and keeps them in `events.log`: started
//! with the same log, it continues after the last one. A fifth argument is the number of
//! events that it keeps for those who come back.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use sse_proto::header::{ACCEPT, LAST_EVENT_ID, RESPONSE_HEADERS, accepts_event_stream};
use sse_proto::server::{Epoch, ReplayBuffer, Since};
use sse_proto::{Chunk, Decoder, EventEncoder, Frame, stream::KeepAlive};
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::time::{interval, sleep};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(log)) = (arguments.next(), arguments.next()) else {
        return Err("usage: replay_server ADDRESS LOG [EVENTS [MILLISECONDS [KEPT]]]".into());
    };
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse::<u32>());
    let (events, every, kept) = (number(1000)?, number(100)?, number(100_000)?);

    // One lock for the buffer and the signal: each client pulls what is new to it.
    let (channel, follow) = watch::channel(Channel::open(&log, kept as usize)?);
    let app = Router::new().route("/events", get(self::events)).with_state(follow);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/events", listener.local_addr()?);
    tokio::spawn(publish(channel, events.into(), Duration::from_millis(every.max(1).into())));
    Ok(axum::serve(listener, app).await?)
}

/// Counts, and says when: an event that was forgotten could not be made again.
async fn publish(channel: Sender<Channel>, events: u64, every: Duration) {
    let mut due = interval(every);
    while channel.borrow().published() < events {
        due.tick().await;
        channel.send_modify(|channel| {
            let number = channel.published() + 1;
            let padding = "x".repeat(number as usize % 50);
            let text = format!("{number} 번째 🦀 {:?}\n{padding}", SystemTime::now());
            if let Err(error) = channel.publish(&text) {
                // With the lock held: nobody may see an event that a restart would forget.
                eprintln!("the log: {error}");
                std::process::exit(1);
            }
        });
    }
    // Without the sender every response would end.
    channel.closed().await;
}

async fn events(State(mut channel): State<Receiver<Channel>>, headers: HeaderMap) -> Response {
    if !accepts_event_stream(headers.get_all(ACCEPT)) {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    let (first, place) = channel.borrow_and_update().join(headers.get(LAST_EVENT_ID));
    let next = stream::unfold((channel, place), async |(mut channel, place)| {
        channel.changed().await.ok()?;
        let (events, place) = channel.borrow_and_update().pull(&place)?;
        Some((events, (channel, place)))
    });
    let events = stream::iter([first]).chain(next).flat_map(stream::iter).map(Ok::<_, io::Error>);
    let body = KeepAlive::new(events, Duration::from_secs(15), sleep);
    // The pages of any site may read these events.
    let public = [("access-control-allow-origin", "*")];
    (AppendHeaders(RESPONSE_HEADERS.iter().copied()), public, Body::from_stream(body))
        .into_response()
}

struct Channel {
    log: File,
    buffer: ReplayBuffer,
}

impl Channel {
    /// Opens a log, or begins one. A log is an event stream that begins with its place. An
    /// event that was cut off has no blank line, so the decoder leaves it out.
    fn open(log: &str, kept: usize) -> Result<Self, Box<dyn Error>> {
        let mut log = OpenOptions::new().read(true).append(true).create(true).open(log)?;
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes)?;
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&bytes));
        let place = decoder.next_frame(&mut chunk)?;
        let is_new = place.is_none();
        let (epoch, published) = match place {
            Some(Frame::Id(id)) => Epoch::of_id(id).ok_or("this is another program's log")?,
            // It is new, or was cut off in its place.
            None if bytes.starts_with(b"id: ") || b"id: ".starts_with(&bytes) => {
                (Epoch::new(u128::from_ne_bytes(random())), 0)
            }
            _ => return Err("this is no log".into()),
        };
        let mut buffer =
            ReplayBuffer::resume(epoch, published).max_events(kept).max_bytes(64 << 20);
        let events = chunk.remaining();
        let whole = bytes.len() - events.len() + buffer.read_log(events)?;
        if is_new {
            log.set_len(0)?;
            log.write_all(&buffer.place())?;
        } else {
            log.set_len(whole as u64)?;
        }
        Ok(Channel { log, buffer })
    }

    /// How many events there were, from the first on. Each has its number in its ID.
    fn published(&self) -> u64 {
        Epoch::of_id(&self.buffer.last_event_id()).map_or(0, |(_, place)| place)
    }

    /// A client is sent this event once it is in the log. The log outlives this program; to
    /// outlive the machine it would take `sync_data`.
    fn publish(&mut self, data: &str) -> io::Result<()> {
        let event = self.buffer.push(EventEncoder::new(), data).map_err(io::Error::other)?;
        self.log.write_all(&event)
    }

    /// The events that a client with this ID gets first, and its place after them.
    fn join(&self, last_event_id: Option<&HeaderValue>) -> (Vec<Bytes>, String) {
        // This server is soon up again, so clients need not wait long.
        let soon = EventEncoder::new().retry(Duration::from_millis(100));
        let mut first = Vec::new();
        soon.encode_fields(&mut first).expect("a time can be written");
        let mut first = vec![Bytes::from(first)];
        let all = self.buffer.events();
        match self.buffer.since(last_event_id) {
            Since::Events(events) => first.extend(events),
            Since::NothingNew => {}
            // The place brings a new client back to here if it is cut off before an event.
            Since::New if all.len() == 0 => first.push(self.buffer.place()),
            Since::New => first.extend(all),
            // The client's events are right, but it misses some that are gone.
            Since::Gone => first.extend([notice("missed")].into_iter().chain(all)),
            // The client's events are those of another log, so it has to begin again.
            Since::Unknown => first.extend([notice("reset")].into_iter().chain(all)),
        }
        (first, self.buffer.last_event_id())
    }

    /// The events after this place. `None` if the client was too slow: its response ends, and
    /// it comes back.
    fn pull(&self, place: &str) -> Option<(Vec<Bytes>, String)> {
        match self.buffer.since(Some(place)) {
            Since::Events(events) => Some((events.collect(), self.buffer.last_event_id())),
            Since::NothingNew => Some((Vec::new(), place.to_owned())),
            _ => None,
        }
    }
}

/// Tells one client something, without an ID: if it is cut off after that, it comes back
/// with the ID that it had, and is told again.
fn notice(event_type: &str) -> Bytes {
    EventEncoder::new().event_type(event_type).to_bytes("").expect("the type is one line")
}

fn random() -> [u8; 16] {
    let random = RandomState::new();
    std::array::from_fn(|byte| random.hash_one(byte) as u8)
}
