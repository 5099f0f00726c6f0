//! Our encoder, read by others.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use crate::cases::{Case, Item};
use crate::compare::{Comparison, Fault};
use crate::nginx::{self, Nginx, Way};
use crate::process::{self, Process, Why};
use crate::server::{self, Session, Shared};
use crate::{Folders, faults};

const WAYS: [Way; 5] = [Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2Tls];

/// The longest that a reader may take.
const LIMIT: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Chromium,
    Polyfill,
    Eventsource,
    /// The version for older Nodes.
    Eventsource4,
    Undici,
    HttpxSse,
}

impl Reader {
    pub const ALL: [Reader; 6] = [
        Reader::Chromium,
        Reader::Polyfill,
        Reader::Eventsource,
        Reader::Eventsource4,
        Reader::Undici,
        Reader::HttpxSse,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Reader::Chromium => "Chromium",
            Reader::Polyfill => "event-source-polyfill",
            Reader::Eventsource => "eventsource",
            Reader::Eventsource4 => "eventsource-4",
            Reader::Undici => "undici",
            Reader::HttpxSse => "httpx-sse",
        }
    }
}

/// One reader, by one way.
pub struct Row {
    pub reader: Reader,
    pub way: Way,
    pub outcome: Result<Outcome, Why>,
}

pub struct Outcome {
    pub comparison: Comparison,
    pub session: Session,
}

impl Outcome {
    /// What is wrong, beside events that differ.
    pub fn problems(&self, reader: Reader, way: Way) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, problem: String| {
            if !holds {
                problems.push(problem);
            }
        };
        let Some(report) = &self.session.report else { return vec!["it never reported".into()] };
        expect(report.problems.is_empty(), format!("{:?}", report.problems));
        let protocol = self.session.protocol.as_deref();
        let expected = match way {
            Way::Direct | Way::DirectHttp2 => None,
            Way::Defaults | Way::Buffered | Way::Unbuffered => Some("HTTP/1.1"),
            Way::Http2 | Way::Http2Tls => Some("HTTP/2.0"),
        };
        expect(protocol == expected, format!("it spoke {protocol:?}"));
        // By its defaults nginx holds a lone event back, unless it is told not to.
        let expected = [Some(way != Way::Defaults), Some(true)];
        expect(self.session.at_once == expected, format!("at once: {:?}", self.session.at_once));
        let probes_sent =
            self.session.probes.iter().all(|probe| probe.as_deref() == Some("a header"));
        expect(reader != Reader::Polyfill || probes_sent, "its header did not come".into());
        for number in 0..2 {
            if faults::never_reconnects(reader) == Some(number) {
                expect(
                    self.reconnection(number).is_err(),
                    "it reconnects by now: delete the fault".into(),
                );
            } else if let Err(problem) = self.reconnection(number) {
                expect(false, problem);
            }
        }
        let ids = |number: usize| report.reconnect[number].iter().map(|(_, id)| id.as_str());
        if reader != Reader::HttpxSse && faults::never_reconnects(reader).is_none() {
            let kept = (0..2).all(|number| ids(number).eq([server::IDS[number]; 2]));
            expect(kept, format!("events around a reconnection: {:?}", report.reconnect));
        }
        problems
    }

    /// Whether it came back with this ID, when `retry` said, and stopped at 204.
    pub fn reconnection(&self, number: usize) -> Result<(), String> {
        let broken = &self.session.broken[number];
        let ids: Vec<_> = broken.connections.iter().map(|(_, id)| id.as_deref()).collect();
        let id = Some(server::IDS[number].as_bytes());
        if ids != [None, id, id] {
            return Err(format!("it came with the IDs {ids:?}"));
        }
        // Clocks of browsers are coarse; the upper bound is below their default of 3 s.
        let least = server::RETRY - Duration::from_millis(10);
        let waited =
            broken.connections[1].0.saturating_duration_since(broken.ended.ok_or("not ended")?);
        if !(least..Duration::from_millis(2900)).contains(&waited) {
            return Err(format!("it came back after {waited:?}"));
        }
        if !self.session.report.as_ref().is_some_and(|report| report.stopped[number]) {
            return Err("204 did not stop it".into());
        }
        Ok(())
    }
}

/// What readers need.
pub struct Bench<'a> {
    pub shared: &'a Arc<Shared>,
    pub port: u16,
    pub nginx: &'a Result<Nginx, Why>,
    pub folders: &'a Folders,
    pub streams: &'a [Vec<Case>],
}

pub async fn run(bench: &Bench<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for reader in Reader::ALL {
        for way in WAYS {
            let outcome = match nginx::base(bench.nginx, bench.port, way) {
                Ok(base) => read(bench, reader, way, &base).await,
                Err(why) => Err(why),
            };
            eprintln!(
                "{} ({}): {}",
                reader.name(),
                way.name(),
                match &outcome {
                    Ok(outcome) => format!(
                        "{} of {} cases the same",
                        outcome.comparison.same, outcome.comparison.cases
                    ),
                    Err(why) => why.to_string(),
                }
            );
            rows.push(Row { reader, way, outcome });
        }
    }
    rows
}

async fn read(bench: &Bench<'_>, reader: Reader, way: Way, base: &str) -> Result<Outcome, Why> {
    let key = format!("{}, {}", reader.name(), way.name());
    let folders = bench.folders;
    let mut process = match reader {
        Reader::Chromium => page(folders, base, "EventSource", &key)?,
        Reader::Polyfill => {
            installed(folders.modules.join("event-source-polyfill"))?;
            page(folders, base, "event-source-polyfill", &key)?
        }
        Reader::Eventsource | Reader::Eventsource4 | Reader::Undici => {
            installed(folders.modules.join(reader.name()))?;
            let mut command = Command::new(node().await?);
            command.arg(folders.readers.join("node.mjs")).arg(&folders.modules).args([
                reader.name(),
                base,
                &key,
            ]);
            Process::start(command.env("NODE_NO_WARNINGS", "1"))?
        }
        Reader::HttpxSse => {
            let mut command = Command::new(python(folders, "httpx_sse").await?);
            command.arg(folders.readers.join("httpx_reader.py")).args([base, &key]);
            Process::start(&mut command)?
        }
    };
    let session = tokio::select! {
        session = bench.shared.finished(&key, LIMIT) => session,
        // It may end just before its report is looked at.
        _ = process.wait() => bench.shared.finished(&key, Duration::from_secs(1)).await,
    };
    drop(process);
    let comparison = compare(bench.streams, &session, faults::of_reader(reader));
    Ok(Outcome { comparison, session })
}

fn compare(streams: &[Vec<Case>], session: &Session, faults: &[Fault]) -> Comparison {
    let mut comparison = Comparison::default();
    let read = session.report.as_ref().map(|report| &report.streams[..]).unwrap_or_default();
    for (number, stream) in streams.iter().enumerate() {
        let read = read.get(number).map(Vec::as_slice).unwrap_or_default();
        let items: Vec<_> = read.iter().cloned().map(Item::Event).collect();
        comparison.add(stream, &items, true, faults);
    }
    comparison
}

fn installed(module: PathBuf) -> Result<(), Why> {
    let name = module.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if module.is_dir() {
        Ok(())
    } else {
        Err(Why::Missing(format!("npm's {name} is not installed")))
    }
}

/// Node, if it is one that the readers run on.
async fn node() -> Result<PathBuf, Why> {
    let node = process::find("node")?;
    let version = process::output(&node, &["--version"]).await.unwrap_or_default();
    let major =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major >= Some(20) {
        Ok(node)
    } else {
        Err(Why::Missing(format!("Node 20; {version} is older")))
    }
}

/// The interpreter, if it has this module.
pub async fn python(folders: &Folders, module: &str) -> Result<PathBuf, Why> {
    let found =
        process::output(&folders.python, &["-c", &format!("import {module}; print(1)")]).await;
    let missing = || Why::Missing(format!("PyPI's {module} is not installed"));
    found.map(|_| folders.python.clone()).ok_or_else(missing)
}

fn page(folders: &Folders, base: &str, reader: &str, key: &str) -> Result<Process, Why> {
    let key_in_url = key.replace(' ', "%20");
    let url = format!("{base}/files/browser.html?reader={reader}&key={key_in_url}");
    chromium(folders, key, &url)
}

/// The browser, headless, with this page and a profile of its own.
pub fn chromium(folders: &Folders, key: &str, url: &str) -> Result<Process, Why> {
    let program = process::find("chromium")?;
    let profile = folders.scratch.join(format!("chromium {key}"));
    let mut command = Command::new(program);
    command
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--no-first-run", "--ignore-certificate-errors"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(user_data(&profile))
        .arg(url)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    Ok(Process::start(&mut command)?)
}

fn user_data(profile: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from("--user-data-dir=");
    argument.push(profile);
    argument
}
