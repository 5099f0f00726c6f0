//! Reads every event once, with reqwest: kill it and start it again, cut its
//! connections, restart the server; it continues where it was.
//!
//! ```text
//! cargo run -q --bin replay_client -- http://127.0.0.1:3000/events journal 1000
//! ```
//!
//! It handles an event by writing a line into `journal`. At 1000 lines it is done.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use futures_util::TryStreamExt;
use sse_proto::client::{Policy, SubscriptionBuilder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, journal, lines] = &arguments[..] else {
        return Err("usage: replay_client URL JOURNAL LINES".into());
    };
    let lines: usize = lines.parse()?;

    // The journal says in one place which events were handled and which was the last. If the
    // ID were kept in another, a kill between the two would lose an event, or handle it twice.
    // Each line is ID and data as JSON. A line without its end is of an event that was not
    // handled.
    let mut journal = OpenOptions::new().read(true).append(true).create(true).open(journal)?;
    let mut written = Vec::new();
    journal.read_to_end(&mut written)?;
    let whole = written.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let begun = written.split_off(whole);
    let mut handled = written.iter().filter(|&&byte| byte == b'\n').count();
    let last_event_id = match written.split(|&byte| byte == b'\n').nth_back(1) {
        Some(last) => serde_json::from_slice::<(String, String)>(last)?.0,
        None => String::new(),
    };
    // Nothing is cut off a file that is not a journal.
    if !begun.starts_with(b"[\"") && !b"[\"".starts_with(&begun) {
        return Err("this is no journal".into());
    }
    journal.set_len(whole as u64)?;

    // A restart of the server takes a moment, so the first attempts come soon, also after
    // connections that were cut at once. The server sends a comment every 15 s: a connection
    // that is silent for three times as long is dead.
    let policy = Policy::new()
        .wait_between(Duration::from_millis(100), Duration::from_secs(60))
        .backoff(Duration::from_millis(100), Duration::from_secs(30))
        .reconnection_time(Duration::from_millis(100))
        .healthy_after(Duration::ZERO)
        .retry_statuses([502, 503, 504])
        .idle_timeout(Duration::from_secs(45));
    let client = reqwest::Client::new();
    let mut events = SubscriptionBuilder::new()
        .policy(policy)
        .last_event_id(last_event_id)
        .build(|headers| client.get(url).headers(headers).send(), tokio::time::sleep);
    while handled < lines {
        let Some(event) = events.try_next().await? else {
            return Err("the server asked not to come back (204)".into());
        };
        match event.event_type() {
            // This program is for those who need all events, so it ends here.
            "missed" => return Err("the server does not have all that was missed".into()),
            "reset" => return Err("the journal is not of this server's events".into()),
            _ => {}
        }
        let line = serde_json::to_string(&(event.last_event_id(), event.data()))? + "\n";
        // In one piece, not buffered: in this moment the event is handled.
        journal.write_all(line.as_bytes())?;
        handled += 1;
    }
    Ok(())
}
