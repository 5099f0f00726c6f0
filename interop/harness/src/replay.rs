//! A server and its readers killed again and again, their connections cut: every event
//! once, and in order.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{sleep, timeout};

use crate::cutting::{CuttingProxy, Heads};
use crate::process::{Process, Why};
use crate::random::Random;
use crate::section::Section;
use crate::software::Software;
use crate::{programs, server};

const EVENTS: usize = 20_000;

/// How often the server is killed, and `replay_client` too.
const KILLS: usize = 20;

/// Fewer connections than that, and too little was tested.
const LEAST_CUTS: usize = 20;

/// The longest that all of it may take.
const LIMIT: Duration = Duration::from_secs(120);

/// An event as it was read: last event ID and data.
type Read = (String, String);

/// The events that the browser's page says it read.
#[derive(Deserialize)]
struct Report {
    events: Vec<Read>,
    problems: Vec<String>,
}

pub async fn run(software: &Software) -> std::io::Result<Section> {
    let scratch = software.scratch.join("replay");
    std::fs::create_dir_all(&scratch)?;
    let to_client = CuttingProxy::start(1, Heads::Cut).await?;
    let to_browser = CuttingProxy::start(2, Heads::Spared).await?;
    let kills = Cell::new(0);
    let read = async {
        tokio::join!(replay_client(&scratch, &to_client), chromium(software, &scratch, &to_browser))
    };
    let (client, browser) = tokio::select! {
        read = read => read,
        why = serve(&scratch, [&to_client, &to_browser], &kills) => {
            let why = Why::failed(format!("replay_server: {why}"));
            (Err(why.clone()), Err(why))
        }
    };
    let mut section = Section::new(format!(
        "\n## Killed, cut, and back\n\n\
         The cookbook's `replay_server` publishes {EVENTS} events, one a millisecond. Meanwhile it is killed {KILLS} times (SIGKILL,\n\
         at random moments) and started again, with half an event at the end of its log. Its readers' connections are\n\
         cut, seven of eight, after up to 128 KiB: anywhere in an event, by a reset or an orderly end. `replay_client` is\n\
         killed too, and started again with half a line at the end of its journal; Chromium's `EventSource` is left to\n\
         itself, and spared one cut: without TLS it takes half a head of a response for a whole one, and stays closed.\n\
         Each must have every event once and in order at the end.\n\n\
         | reader | killed | connections cut | every event once and in order |\n|---|---|---|---|\n"
    ));
    let rows = [
        ("`replay_client`", format!("{KILLS} times"), client, &to_client),
        ("Chromium", "no".to_owned(), browser, &to_browser),
    ];
    for (reader, killed, outcome, proxy) in rows {
        let (kills, cuts) = (kills.get(), proxy.cuts());
        let outcome = match outcome {
            Ok(()) if kills < KILLS || cuts < LEAST_CUTS => {
                Err(Why::failed(format!("only {kills} kills, {cuts} cuts")))
            }
            outcome => outcome,
        };
        eprintln!("{reader}, killed and cut: {outcome:?}, {cuts} cuts");
        let cell = match &outcome {
            Ok(()) => "yes".to_owned(),
            Err(why) => {
                section.nothing(reader, why);
                why.to_string()
            }
        };
        section.row(&[reader, &killed, &format!("at least {LEAST_CUTS}"), &cell]);
    }
    Ok(section)
}

/// Life after life of the server, until all is read; ends only if something is wrong.
async fn serve(scratch: &Path, proxies: [&CuttingProxy; 2], kills: &Cell<usize>) -> Why {
    let log = log(scratch);
    let mut random = Random(3);
    loop {
        let most = if kills.get() == KILLS { LIMIT } else { moment(&mut random) };
        match live(&log, proxies, most).await {
            Err(why) => return why,
            Ok(_) if kills.get() == KILLS => return Why::failed("not all of it was read"),
            Ok(published) if published >= EVENTS => {
                return Why::failed(format!(
                    "all was published before it was killed {KILLS} times"
                ));
            }
            Ok(_) => kills.set(kills.get() + 1),
        }
        let next = b"id: 7-99999\ndata: half of an event\ndata: 99999\n";
        if let Err(error) = tear(&log, next, &mut random) {
            return error.into();
        }
    }
}

/// One life of the server; gives how much was published at its end.
async fn live(log: &Path, proxies: [&CuttingProxy; 2], most: Duration) -> Result<usize, Why> {
    let mut command = programs::program("replay_server");
    command.arg("127.0.0.1:0").arg(log).args([&EVENTS.to_string(), "1"]);
    let (mut process, port) = Process::server(&mut command).await.map_err(Why::failed)?;
    for proxy in proxies {
        proxy.lead_to(port);
    }
    if let Ok(status) = timeout(most, process.wait()).await {
        return Err(Why::failed(format!("it ended by itself: {status:?}")));
    }
    process.kill().await?;
    // The first block is the log's place.
    let blocks = std::fs::read(log)?.windows(2).filter(|bytes| bytes == b"\n\n").count();
    Ok(blocks.saturating_sub(1))
}

async fn replay_client(scratch: &Path, proxy: &CuttingProxy) -> Result<(), Why> {
    let (journal, said) = (scratch.join("journal"), scratch.join("stderr"));
    let url = format!("http://127.0.0.1:{}/events", proxy.port);
    let said_last = || {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        said.lines().next_back().unwrap_or_default().to_owned()
    };
    let mut random = Random(4);
    for kills in 0..=KILLS {
        let mut command = programs::program("replay_client");
        command.arg(&url).arg(&journal).arg(EVENTS.to_string());
        command.stdout(Stdio::null()).stderr(File::create(&said)?);
        let mut process = Process::start(&mut command)?;
        let most = if kills == KILLS { LIMIT } else { moment(&mut random) };
        match timeout(most, process.wait()).await {
            Ok(status)
                if kills == KILLS && status.as_ref().is_ok_and(|status| status.success()) =>
            {
                break;
            }
            Err(_) if kills < KILLS => {}
            ended => return Err(Why::failed(format!("{kills} kills, {ended:?}: {}", said_last()))),
        }
        process.kill().await?;
        tear(&journal, "[\"7-99999\",\"half of a 줄".as_bytes(), &mut random)?;
    }
    let journal = std::fs::read_to_string(&journal)?;
    let events: Result<Vec<Read>, _> = journal.lines().map(serde_json::from_str).collect();
    compare(&events.map_err(Why::failed)?, scratch)
}

async fn chromium(software: &Software, scratch: &Path, proxy: &CuttingProxy) -> Result<(), Why> {
    let (sender, mut reports) = channel(1);
    let port = serve_page(software, sender).await?;
    let stream = format!("http://127.0.0.1:{}/events", proxy.port);
    let page = format!("http://127.0.0.1:{port}/?stream={stream}&events={EVENTS}");
    let _browser = Process::start(&mut software.chromium("replay", &page)?)?;
    let report = timeout(LIMIT, reports.recv()).await.ok().flatten();
    let report = report.ok_or_else(|| Why::failed("it never reported"))?;
    if !report.problems.is_empty() {
        return Err(Why::failed(format!("{:?}", report.problems)));
    }
    compare(&report.events, scratch)?;
    half_a_head(software).await
}

/// Why [`Heads::Spared`] is needed.
async fn half_a_head(software: &Software) -> Result<(), Why> {
    let half = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: text/event";
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let stream = format!("http://{}/", listener.local_addr()?);
    let answering = async {
        loop {
            let (mut connection, _) = listener.accept().await?;
            // The request first: what is closed with bytes unread is reset.
            connection.read_buf(&mut Vec::with_capacity(1 << 16)).await?;
            connection.write_all(half.as_bytes()).await?;
        }
    };
    let (sender, mut reports) = channel(1);
    let port = serve_page(software, sender).await?;
    let page = format!("http://127.0.0.1:{port}/?stream={stream}&events=1");
    let _browser = Process::start(&mut software.chromium("half a head", &page)?)?;
    tokio::select! {
        Some(report) = reports.recv() => match &report.problems[..] {
            [problem] if problem == "it is closed for good, after 0 events" => Ok(()),
            problems => Err(Why::failed(format!("half a head: {problems:?}"))),
        },
        Err::<(), std::io::Error>(error) = answering => Err(error.into()),
        () = sleep(Duration::from_secs(20)) => {
            Err(Why::failed("half a head is a network error by now: cut its heads too"))
        }
    }
}

async fn serve_page(software: &Software, reports: Sender<Report>) -> std::io::Result<u16> {
    let page = Html(std::fs::read_to_string(software.readers.join("replay.html"))?);
    let report = async |State(reports): State<Sender<Report>>, Json(report): Json<Report>| {
        let _ = reports.send(report).await;
        StatusCode::NO_CONTENT
    };
    let app = Router::new()
        .route("/", get(async || page))
        .route("/report", post(report))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(reports);
    Ok(server::serve(app).await?.0)
}

/// How long a life lasts: sometimes too short to do anything, mostly long enough.
fn moment(random: &mut Random) -> Duration {
    Duration::from_millis(random.below(1000))
}

/// Leaves a beginning of this at the end of a file, as a kill in the middle of a write
/// might, or the end of the machine.
fn tear(file: &Path, next: &[u8], random: &mut Random) -> std::io::Result<()> {
    let length = random.below(next.len() as u64 + 1) as usize;
    OpenOptions::new().append(true).create(true).open(file)?.write_all(&next[..length])
}

/// Each event once, in order, as it was published.
fn compare(events: &[Read], scratch: &Path) -> Result<(), Why> {
    let log = std::fs::read_to_string(log(scratch))?;
    // The first block is the log's place.
    let published: Vec<_> = log.split_inclusive("\n\n").skip(1).collect();
    for (number, (published, (id, data))) in (1..).zip(published.iter().zip(events)) {
        let lines: String = data.split('\n').map(|line| format!("data: {line}\n")).collect();
        let is_next =
            id.ends_with(&format!("-{number}")) && data.starts_with(&format!("{number} "));
        if !is_next || **published != format!("id: {id}\n{lines}\n") {
            return Err(Why::failed(format!("{id:?} {data:?} came, not {published:?}")));
        }
    }
    match [published.len(), events.len()] {
        [EVENTS, EVENTS] => Ok(()),
        [published, read] => Err(Why::failed(format!("{published} published, {read} came"))),
    }
}

fn log(scratch: &Path) -> PathBuf {
    scratch.join("events.log")
}
