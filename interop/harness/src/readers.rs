//! Our encoder, read by others: the table of readers of plain event streams, and what is asked of each.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::cases::{self, Case, Item, Read};
use crate::compare::{self, Comparison, Fault};
use crate::faults::{EMPTY_EVENT, FORGOTTEN_ID};
use crate::lines::{self, Plan, Reading, Readings};
use crate::nginx::{self, Nginx, Way};
use crate::process::{Process, Why};
use crate::section::{Section, code};
use crate::server::{self, IDS, Seen, Server};
use crate::software::Runtime::{self, Node, Page, Python, Rust};
use crate::software::{Program, Software};

struct Reader {
    name: &'static str,
    program: Program,
    comes_back: ComesBack,
    faults: &'static [Fault],
}

/// Whether it comes back by itself when its stream breaks off.
#[derive(Clone, Copy, PartialEq)]
enum ComesBack {
    Always,
    /// It cannot send an ID beyond Latin-1.
    Latin1,
    /// It leaves that to its caller.
    Never,
}

#[rustfmt::skip]
const READERS: &[Reader] = &[
    reader("Chromium", Page, "browser.html", "chromium", ComesBack::Always, &[]),
    reader("event-source-polyfill", Page, "browser.html", "event-source-polyfill", ComesBack::Always, &[]),
    reader("eventsource", Node, "eventsource.mjs", "eventsource", ComesBack::Latin1, &[FORGOTTEN_ID]),
    reader("undici", Node, "eventsource.mjs", "undici", ComesBack::Latin1, &[]),
    reader("httpx-sse", Python, "httpx_sse_reader.py", "httpx-sse", ComesBack::Never, &[EMPTY_EVENT]),
    reader("eventsource-stream", Rust, "eventsource_stream_reader", "eventsource-stream", ComesBack::Never, &[]),
    reader("sse-stream", Rust, "sse_stream_reader", "sse-stream", ComesBack::Never, &[]),
];

const fn reader(
    name: &'static str,
    runtime: Runtime,
    file: &'static str,
    package: &'static str,
    comes_back: ComesBack,
    faults: &'static [Fault],
) -> Reader {
    Reader { name, program: Program { runtime, file, package }, comes_back, faults }
}

const WAYS: [Way; 5] = [Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2Tls];

/// The longest that a reader may take.
const LIMIT: Duration = Duration::from_secs(90);

pub async fn run(
    software: &Software,
    nginx: &Result<Nginx, Why>,
    streams: &[Vec<Case>],
) -> Section {
    let mut section = Section::new(format!(
        "\n## Our encoder, read by others\n\n\
         Type, data and last event ID of every event. Then: whether a lone event was seen while the stream stood\n\
         still, without and with `X-Accel-Buffering: no`; whether a reader whose stream broke off came back with the\n\
         last event ID (`{}`, and `{}` as UTF-8), not before the time that `retry` asked for and before its own\n\
         default, and stayed away after 204. event-source-polyfill runs in the same browser, with a request header\n\
         set, and sends the ID in the query. nginx is used by its defaults (buffering, HTTP/1.0 upstream), with\n\
         HTTP/1.1 upstream and buffering on and off, and with HTTP/2 over TLS.\n\n\
         | reader | by way of | events | blocks | as sent | explained | unexplained | at once | ID | non-ASCII ID |\n\
         |---|---|--:|--:|--:|--:|--:|---|---|---|\n",
        IDS[0], IDS[1]
    ));
    let mut otherwise = String::new();
    for reader in READERS {
        match software.version(&reader.program).await {
            Ok(version) => section.versions.push((reader.name.to_owned(), version)),
            Err(why) => {
                section.nothing(reader.name, &why);
                continue;
            }
        }
        // The readers that are Rust are built without TLS.
        let ways = if reader.program.runtime == Rust { &WAYS[..4] } else { &WAYS[..] };
        for &way in ways {
            let who = format!("{} ({})", reader.name, way.name());
            match read(software, nginx, streams, reader, way).await {
                Ok(outcome) => {
                    outcome.report(&mut section, reader, way, &who);
                    if way == Way::Direct {
                        otherwise += &outcome.otherwise(reader);
                    }
                }
                Err(why) => {
                    section.nothing(&who, &why);
                    section.row(&[reader.name, way.name(), &why.to_string()]);
                }
            }
        }
    }
    section.text += &compare::otherwise("readers", &otherwise);
    section
}

struct Outcome {
    comparison: Comparison,
    seen: Seen,
    /// The items that were read of the streams that break off.
    broken: [Reading; 2],
    problems: Vec<String>,
}

async fn read(
    software: &Software,
    nginx: &Result<Nginx, Why>,
    streams: &[Vec<Case>],
    reader: &Reader,
    way: Way,
) -> Result<Outcome, Why> {
    let (sender, mut lines) = unbounded_channel();
    let folders =
        vec![software.readers.clone(), software.modules().join("event-source-polyfill/src")];
    let server = Server::start(streams.to_vec(), folders, sender.clone()).await?;
    let base = nginx::base(nginx, server.port, way)?;

    let numbered = |what: &str, count| -> Vec<String> {
        (0..count).map(|number| format!("{base}/{what}/{number}")).collect()
    };
    let mut urls = vec![[numbered("stream", streams.len()), numbered("live", 2)].concat()];
    if reader.comes_back != ComesBack::Never {
        urls.extend(numbered("broken", 2).into_iter().map(|url| vec![url]));
    }
    let plan = Plan { types: cases::types(streams), urls };
    let program = &reader.program;
    let argument = serde_json::to_string(&plan).expect("texts are JSON");
    let mut process = if program.runtime == Page {
        software.version(program).await?;
        let plan = percent_encoded(&argument);
        let page = format!("{base}/files/{}?reader={}#{plan}", program.file, program.package);
        let profile = format!("{} {}", reader.name, way.name());
        Process::start(&mut software.chromium(&profile, &page)?)?
    } else {
        let mut command = software.command("readers", program, &argument).await?;
        let mut process = Process::start(command.stdout(std::process::Stdio::piped()))?;
        lines::forward(process.stdout(), sender);
        process
    };

    let on_item = |url: &str| {
        if let Some((_, number)) = url.rsplit_once("/live/") {
            server.live_was_seen(usize::from(number == "1"));
        }
    };
    let gathered = lines::gather(&mut lines, &plan, LIMIT, on_item).await;
    let ended = process.ended();
    drop(process);
    let (mut readings, problem) = match gathered {
        Ok(readings) => (readings, None),
        Err(problem) => (Readings::new(), Some(format!("{problem}; its exit: {ended:?}"))),
    };
    let mut problems: Vec<_> = problem.into_iter().collect();
    let mut take = |what: String| readings.remove(&format!("{base}/{what}")).unwrap_or_default();
    let mut comparison = Comparison::default();
    for (number, stream) in streams.iter().enumerate() {
        let reading = take(format!("stream/{number}"));
        if reading.end.as_deref() != Some("end") {
            problems.push(format!("stream {number} ended by {:?}", reading.end));
        }
        comparison.add(stream, &items(reading), true, reader.faults);
    }
    let broken = [0, 1].map(|number| take(format!("broken/{number}")));
    Ok(Outcome { comparison, seen: server.into_seen(), broken, problems })
}

fn items(reading: Reading) -> Vec<Item> {
    let event = |item: Vec<String>| {
        let [event_type, data, last_event_id] = item.try_into().ok()?;
        Some(Item::Event(Read(event_type, data, last_event_id)))
    };
    reading.items.into_iter().filter_map(event).collect()
}

impl Outcome {
    fn report(&self, section: &mut Section, reader: &Reader, way: Way, who: &str) {
        eprintln!("{who}: {} of {} as sent", self.comparison.same, self.comparison.cases);
        let problems = self.problems.iter().cloned().chain(self.wrong(reader, way));
        for problem in problems.chain(self.comparison.problems()) {
            section.problem(who, problem);
        }
        let yes = |seen: Option<bool>| if seen == Some(true) { "yes" } else { "no" };
        let [without, with] = self.seen.at_once.map(yes);
        let [first, second] = [0, 1].map(|number| match reader.comes_back {
            ComesBack::Never => "its caller's",
            ComesBack::Latin1 if number == 1 => "no, see below",
            _ if self.came_back(reader, number).is_ok() => "yes",
            _ => "**no**",
        });
        let counts = self.comparison.counts();
        let at_once = format!("{without}, {with}");
        section.row(&[reader.name, way.name(), &counts, &at_once, first, second]);
    }

    /// The rows for what this reader does otherwise.
    fn otherwise(&self, reader: &Reader) -> String {
        let mut rows = self.comparison.otherwise(reader.name, reader.faults, |difference| {
            let context = match difference.last_event_id.as_str() {
                "" => String::new(),
                id => format!(", after the ID {}", code(id)),
            };
            code(&String::from_utf8_lossy(&difference.case.encoded())) + &context
        });
        if reader.comes_back == ComesBack::Latin1 {
            rows += &format!(
                "| {} | cannot send an ID beyond Latin-1, so it never comes back | | {} | \
                 `Last-Event-ID`, as UTF-8 | nothing |\n",
                reader.name,
                code(&format!("id: {}\n", IDS[1]))
            );
        }
        rows
    }

    /// The faults other than events that differ.
    fn wrong(&self, reader: &Reader, way: Way) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, problem: String| {
            if !holds {
                problems.push(problem);
            }
        };
        let protocol = self.seen.protocol.as_deref();
        let expected = match way {
            Way::Direct | Way::DirectHttp2 => None,
            Way::Defaults | Way::Buffered | Way::Unbuffered => Some("HTTP/1.1"),
            Way::Http2 | Way::Http2Tls => Some("HTTP/2.0"),
        };
        expect(protocol == expected, format!("it spoke {protocol:?}"));
        // By its defaults nginx holds a lone event back, unless it is told not to.
        let expected = [Some(way != Way::Defaults), Some(true)];
        expect(self.seen.at_once == expected, format!("at once: {:?}", self.seen.at_once));
        let sent = self.seen.probes.iter().all(|probe| probe.as_deref() == Some("a header"));
        let sets_header = reader.program.package == "event-source-polyfill";
        expect(!sets_header || sent, "its header did not come".into());
        for number in 0..2 {
            match (reader.comes_back, self.came_back(reader, number)) {
                (ComesBack::Never, _) => {}
                (ComesBack::Latin1, back) if number == 1 => {
                    expect(back.is_err(), "it comes back by now: `ComesBack::Always`".into());
                }
                (_, Ok(())) => {}
                (_, Err(problem)) => expect(false, problem),
            }
        }
        problems
    }

    /// Whether it came back with this ID, when `retry` said, and stopped at 204.
    fn came_back(&self, reader: &Reader, number: usize) -> Result<(), String> {
        let broken = &self.seen.broken[number];
        let ids: Vec<_> = broken.connections.iter().map(|(_, id)| id.as_deref()).collect();
        let id = Some(IDS[number].as_bytes());
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
        let reading = &self.broken[number];
        if reading.end.as_deref() != Some("closed") {
            return Err(format!("204 did not stop it, but {:?}", reading.end));
        }
        let event = |item: &Vec<String>| item.get(1..).map(<[_]>::to_vec);
        let read: Vec<_> = reading.items.iter().filter_map(event).collect();
        // It keeps the ID while it reconnects, if it keeps it at all.
        let second = if reader.faults.is_empty() { IDS[number] } else { "" };
        let expected = [["first", IDS[number]], ["second", second]];
        if read == expected { Ok(()) } else { Err(format!("it read {read:?}")) }
    }
}

/// For the fragment of a URL.
fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
