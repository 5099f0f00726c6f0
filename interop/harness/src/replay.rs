//! A server and its readers killed again and again, their connections cut: every event
//! once, and in order.

use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::cutting::CuttingProxy;
use crate::lines::{self, Reading};
use crate::outcome::{Error, Result, ensure, expect, in_words};
use crate::process::{Process, program};
use crate::random::Random;
use crate::section::Section;
use crate::server::Server;
use crate::software::Software;

const EVENTS: usize = 20_000;

/// The server's log, among the files of this run.
const LOG: &str = "events.log";

/// How often the server is killed, and `replay_client` too.
const KILLS: usize = 20;

/// Fewer connections than that, and too little was tested.
const LEAST_CUTS: usize = 20;

/// The longest that all of it may take.
const LIMIT: Duration = Duration::from_secs(120);

pub async fn run(software: &Software) -> Result<Section> {
    let scratch = software.scratch.join("replay");
    std::fs::create_dir_all(&scratch)?;
    let to_client = CuttingProxy::start(1).await?;
    let to_browser = CuttingProxy::start(2).await?;
    let kills = Cell::new(0);
    let read = async {
        tokio::join!(replay_client(&scratch, &to_client), chromium(software, &scratch, &to_browser))
    };
    let (client, browser) = tokio::select! {
        read = read => read,
        error = serve(&scratch, [&to_client, &to_browser], &kills) => {
            let why = format!("replay_server: {}", in_words(&error));
            (Err(why.clone().into()), Err(why.into()))
        }
    };
    let mut section = Section::new(
        "| reader | events | server killed | reader killed | connections cut | every event once and in order |\n\
         |---|--:|---|---|---|---|\n",
    );
    let times = format!("{KILLS} times");
    let rows = [
        ("`replay_client`", &times[..], client, &to_client),
        ("Chromium", "no", browser, &to_browser),
    ];
    for (reader, killed, outcome, proxy) in rows {
        let (kills, cuts) = (kills.get(), proxy.cuts());
        let outcome = outcome.and_then(|()| {
            let enough = kills >= KILLS && cuts >= LEAST_CUTS;
            ensure(enough, || format!("only {kills} kills, {cuts} cuts"))
        });
        eprintln!("{reader}, killed and cut: {outcome:?}, {cuts} cuts");
        let cell = section.yes(reader, outcome);
        let least_cuts = format!("at least {LEAST_CUTS}");
        section.row(&[reader, &EVENTS.to_string(), &times, killed, &least_cuts, &cell]);
    }
    Ok(section)
}

/// Life after life of the server, until all is read; ends only if something is wrong.
async fn serve(scratch: &Path, proxies: [&CuttingProxy; 2], kills: &Cell<usize>) -> Error {
    let lives = async {
        let log = scratch.join(LOG);
        let mut random = Random(3);
        while kills.get() < KILLS {
            let published = live(&log, proxies, moment(&mut random)).await?;
            ensure(
                published < EVENTS,
                || "all was published too early: it was to be killed more often",
            )?;
            kills.set(kills.get() + 1);
            tear(&log, b"id: 7-99999\ndata: half of an event\ndata: 99999\n", &mut random)?;
        }
        live(&log, proxies, LIMIT).await
    };
    lives.await.map_or_else(|error| error, |_| "not all of it was read".into())
}

/// One life of the server; gives how much was published at its end.
async fn live(log: &Path, proxies: [&CuttingProxy; 2], most: Duration) -> Result<usize> {
    let mut command = program("replay_server");
    command.arg("127.0.0.1:0").arg(log).args([&EVENTS.to_string(), "1"]);
    let (mut process, port) = Process::server(&mut command).await?;
    for proxy in proxies {
        proxy.lead_to(port);
    }
    if let Ok(status) = timeout(most, process.child.wait()).await {
        return Err(format!("it ended by itself: {status:?}").into());
    }
    process.child.kill().await?;
    // The first block is the log's place.
    let blocks = std::fs::read(log)?.windows(2).filter(|bytes| bytes == b"\n\n").count();
    Ok(blocks.saturating_sub(1))
}

async fn replay_client(scratch: &Path, proxy: &CuttingProxy) -> Result {
    let journal = scratch.join("journal");
    let url = format!("http://127.0.0.1:{}/events", proxy.port);
    let mut random = Random(4);
    for kills in 0..=KILLS {
        let mut command = program("replay_client");
        command.arg(&url).arg(&journal).arg(EVENTS.to_string());
        let mut process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let most = if kills == KILLS { LIMIT } else { moment(&mut random) };
        match timeout(most, process.child.wait()).await {
            Ok(Ok(status)) if kills == KILLS && status.success() => break,
            Err(_) if kills < KILLS => {}
            ended => return Err(format!("after {kills} kills: {ended:?}").into()),
        }
        process.child.kill().await?;
        tear(&journal, "[\"7-99999\",\"half of a 줄".as_bytes(), &mut random)?;
    }
    let journal = std::fs::read_to_string(&journal)?;
    let events = journal.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>();
    compare(&events?, scratch)
}

/// Chromium's `EventSource`, left to itself.
async fn chromium(software: &Software, scratch: &Path, proxy: &CuttingProxy) -> Result {
    let (sender, mut lines) = unbounded_channel();
    let (_, port) = Server::start(Vec::new(), vec![software.readers.clone()], sender).await?;
    let page = format!("http://127.0.0.1:{port}/files/replay.html");
    let stream = format!("http://127.0.0.1:{}/events", proxy.port);
    let page = format!("{page}?stream={stream}&events={EVENTS}");
    let _browser = Process::start(&mut software.chromium(&page))?;
    let readings = timeout(LIMIT, lines::gather(&mut lines, 1, |_| {})).await;
    let mut readings = readings.map_err(|_| "it never reported")??;
    let Reading { items, end } = readings.remove(&stream).unwrap_or_default();
    expect("its end", end.as_deref(), Some("end"))?;
    compare(&items, scratch)
}

/// How long a life lasts: sometimes too short to do anything, mostly long enough.
fn moment(random: &mut Random) -> Duration {
    Duration::from_millis(random.below(1000))
}

/// Leaves a beginning of this at the end of a file, as a kill in the middle of a write
/// might, or the end of the machine.
fn tear(file: &Path, next: &[u8], random: &mut Random) -> Result {
    let length = random.below(next.len() as u64 + 1) as usize;
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    Ok(file.write_all(&next[..length])?)
}

/// Each event once, in order, as it was published: last event ID and data.
fn compare(events: &[Vec<String>], scratch: &Path) -> Result {
    let log = std::fs::read_to_string(scratch.join(LOG))?;
    // The first block is the log's place.
    let published: Vec<_> = log.split_inclusive("\n\n").skip(1).collect();
    for (number, (published, read)) in (1..).zip(published.iter().zip(events)) {
        let [id, data] = &read[..] else { return Err(format!("{read:?} came").into()) };
        let lines: String = data.split('\n').map(|line| format!("data: {line}\n")).collect();
        let is_next =
            id.ends_with(&format!("-{number}")) && data.starts_with(&format!("{number} "));
        let is_same = **published == format!("id: {id}\n{lines}\n");
        ensure(is_next && is_same, || format!("{id:?} {data:?} came, not {published:?}"))?;
    }
    expect("how many were published, and came", [published.len(), events.len()], [EVENTS; 2])
}
