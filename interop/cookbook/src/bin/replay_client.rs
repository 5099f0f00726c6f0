//! Reads every event once, with reqwest: kill it and start it again, cut its
//! connections, restart the server; it continues where it was.
//!
//! ```text
//! cargo run -q --bin replay_client -- http://127.0.0.1:3000/events journal 1000
//! ```
//!
//! What it does with an event is to write a line into `journal`; at 1000 lines it is done.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use reqwest::Client;
use sse_proto::OwnedEvent;
use sse_proto::client::{Policy, SubscriptionBuilder, Update};
use tokio::time::sleep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cookbook::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(journal), Some(lines)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: replay_client URL JOURNAL LINES".into());
    };
    let (mut journal, last_event_id) = Journal::open(&journal, lines.parse()?)?;
    // A restart of the server takes a moment, so the first attempts come soon, also after
    // connections that were cut at once. The server sends a comment every 15 s: a connection
    // that is silent for three times as long is dead.
    let policy = Policy::new()
        .reconnection_time(Duration::from_millis(100))
        .wait_between(Duration::from_millis(100), Duration::from_secs(60))
        .backoff(Duration::from_millis(100), Duration::from_secs(30))
        .healthy_after(Duration::ZERO)
        .retry_statuses([502, 503, 504])
        .idle_timeout(Duration::from_secs(45));

    let client = Client::new();
    let mut updates = SubscriptionBuilder::new()
        .policy(policy)
        .last_event_id(last_event_id)
        .build(|headers| client.get(&url).headers(headers).send(), sleep);
    while !journal.is_full() {
        match updates.next_update().await {
            Some(Update::Event(event)) => journal.handle(&event)?,
            Some(Update::Interrupted { cause, .. }) => eprintln!("{cause}"),
            Some(Update::TooLarge(error)) => return Err(error.into()),
            Some(Update::Closed { cause, .. }) => return Err(cause.into()),
            Some(_) => {}
            None => return Err("the server has no more events".into()),
        }
    }
    Ok(())
}

/// What was done with the events, and which was the last, in one place: were the ID kept
/// in another, a kill between the two would lose an event, or handle it twice.
///
/// Each line is ID and data, as JSON. One without its end was not written whole, so it
/// was not handled.
struct Journal {
    file: File,
    lines: usize,
    most: usize,
}

impl Journal {
    /// The journal and the last event ID in it.
    fn open(path: &str, most: usize) -> Result<(Self, String), Box<dyn Error>> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        let lines: Vec<_> = bytes[..whole].split_inclusive(|&byte| byte == b'\n').collect();
        let last_event_id = match lines.last() {
            None => String::new(),
            Some(line) => serde_json::from_slice::<(String, String)>(line)?.0,
        };
        Ok((Journal { file, lines: lines.len(), most }, last_event_id))
    }

    fn is_full(&self) -> bool {
        self.lines >= self.most
    }

    fn handle(&mut self, event: &OwnedEvent) -> Result<(), Box<dyn Error>> {
        match event.event_type() {
            // What the server says of events that it cannot give: this program is for
            // those who need all of them, so it does not go on.
            "missed" => return Err("the server does not have all that was missed".into()),
            "reset" => return Err("the journal is not of this server's events".into()),
            _ => {}
        }
        let mut line = serde_json::to_string(&(event.last_event_id(), event.data()))?;
        line.push('\n');
        // In one piece, not buffered: this is the moment in which the event is handled.
        self.file.write_all(line.as_bytes())?;
        self.lines += 1;
        Ok(())
    }
}
