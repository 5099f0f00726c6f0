//! Our encoder, read by others: the table of readers of plain event streams, and what is asked of each.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::cases::{self, Case, Item, Read};
use crate::compare::{self, Comparison, Fault};
use crate::faults::{EMPTY_EVENT, FORGOTTEN_ID};
use crate::lines::{self, Plan, Reading};
use crate::nginx::{self, Nginx, Way};
use crate::outcome::{Result, ensure, expect};
use crate::section::{Section, code};
use crate::server::{self, IDS, Seen, Server};
use crate::software::Runtime::{Node, Page, Python, Rust};
use crate::software::{Program, Software};

struct Reader {
    name: &'static str,
    program: Program,
    comes_back: ComesBack,
    faults: &'static [Fault],
}

use ComesBack::{Always, Latin1, Never};

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
    Reader { name: "Chromium", program: Program(Page, "browser.html", "chromium"), comes_back: Always, faults: &[] },
    Reader { name: "event-source-polyfill", program: Program(Page, "browser.html", "event-source-polyfill"), comes_back: Always, faults: &[] },
    Reader { name: "eventsource", program: Program(Node, "eventsource.mjs", "eventsource"), comes_back: Latin1, faults: &[FORGOTTEN_ID] },
    Reader { name: "undici", program: Program(Node, "eventsource.mjs", "undici"), comes_back: Latin1, faults: &[] },
    Reader { name: "httpx-sse", program: Program(Python, "httpx_sse_reader.py", "httpx-sse"), comes_back: Never, faults: &[EMPTY_EVENT] },
    Reader { name: "eventsource-stream", program: Program(Rust, "eventsource_stream_reader", "eventsource-stream"), comes_back: Never, faults: &[] },
    Reader { name: "sse-stream", program: Program(Rust, "sse_stream_reader", "sse-stream"), comes_back: Never, faults: &[] },
];

const WAYS: [Way; 5] = [Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2Tls];

pub async fn run(software: &Software, nginx: &Result<Nginx>, streams: &[Vec<Case>]) -> Section {
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
        if !section.tests(reader.name, software, &reader.program).await {
            continue;
        }
        // The readers that are Rust are built without TLS.
        let ways = if reader.program.0 == Rust { &WAYS[..4] } else { &WAYS[..] };
        for &way in ways {
            let who = format!("{} ({})", reader.name, way.name());
            let outcome = read(software, nginx, streams, reader, way).await;
            match section.take(&who, outcome) {
                Ok(outcome) => {
                    outcome.report(&mut section, reader, way, &who);
                    if way == Way::Direct {
                        otherwise += &outcome.otherwise(reader);
                    }
                }
                Err(cell) => section.row(&[reader.name, way.name(), &cell]),
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
    nginx: &Result<Nginx>,
    streams: &[Vec<Case>],
    reader: &Reader,
    way: Way,
) -> Result<Outcome> {
    let lines = unbounded_channel();
    let folders =
        vec![software.readers.clone(), software.modules().join("event-source-polyfill/src")];
    let server = Server::start(streams.to_vec(), folders, lines.0.clone()).await?;
    let base = nginx::base(nginx, server.port, way)?;

    let numbered = |what: &str, count| -> Vec<String> {
        (0..count).map(|number| format!("{base}/{what}/{number}")).collect()
    };
    let mut urls = vec![[numbered("stream", streams.len()), numbered("live", 2)].concat()];
    if reader.comes_back != Never {
        urls.extend(numbered("broken", 2).into_iter().map(|url| vec![url]));
    }
    let plan = Plan { types: cases::types(streams), urls };
    let Program(runtime, file, package) = reader.program;
    let mut argument = plan.json();
    if runtime == Page {
        let plan: String = argument.bytes().map(|byte| format!("%{byte:02X}")).collect();
        argument = format!("{base}/files/{file}?reader={package}#{plan}");
    }
    let on_item = |url: &str| {
        if let Some((_, number)) = url.rsplit_once("/live/") {
            server.live_was_seen(usize::from(number == "1"));
        }
    };
    let program = &reader.program;
    let mut readings = lines::read(software, program, &argument, &plan, lines, on_item).await?;

    let mut problems = Vec::new();
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
        eprintln!("{who}: {} of {} as sent", self.comparison.same(), self.comparison.cases);
        let problems = self.problems.iter().cloned().chain(self.wrong(reader, way));
        for problem in problems.chain(self.comparison.problems()) {
            section.problem(who, problem);
        }
        let yes = |seen: Option<bool>| if seen == Some(true) { "yes" } else { "no" };
        let [without, with] = self.seen.at_once.map(yes);
        let [first, second] = [0, 1].map(|number| match reader.comes_back {
            Never => "its caller's",
            Latin1 if number == 1 => "no, see below",
            _ if self.came_back(reader, number).is_ok() => "yes",
            _ => "**no**",
        });
        let counts = self.comparison.counts();
        let at_once = format!("{without}, {with}");
        section.row(&[reader.name, way.name(), &counts, &at_once, first, second]);
    }

    /// The rows for what this reader does otherwise.
    fn otherwise(&self, reader: &Reader) -> String {
        let mut rows = self.comparison.otherwise(reader.name, reader.faults);
        if reader.comes_back == Latin1 {
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
            problems.extend((!holds).then_some(problem));
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
        let sets_header = reader.program.2 == "event-source-polyfill";
        expect(!sets_header || sent, "its header did not come".into());
        for number in 0..2 {
            match (reader.comes_back, self.came_back(reader, number)) {
                (Latin1, Ok(())) if number == 1 => expect(false, "it comes back by now".into()),
                (Always | Latin1, Err(error)) if (reader.comes_back, number) != (Latin1, 1) => {
                    expect(false, error.to_string());
                }
                _ => {}
            }
        }
        problems
    }

    /// Whether it came back with this ID, when `retry` said, and stopped at 204.
    fn came_back(&self, reader: &Reader, number: usize) -> Result {
        let broken = &self.seen.broken[number];
        let ids: Vec<_> = broken.connections.iter().map(|(_, id)| id.as_deref()).collect();
        let id = Some(IDS[number].as_bytes());
        expect("the IDs it came with", &ids[..], &[None, id, id])?;
        // Clocks of browsers are coarse; the upper bound is below their default of 3 s.
        let least = server::RETRY - Duration::from_millis(10);
        let ended = broken.ended.ok_or("not ended")?;
        let waited = broken.connections[1].0.saturating_duration_since(ended);
        let in_time = (least..Duration::from_millis(2900)).contains(&waited);
        ensure(in_time, || format!("it came back after {waited:?}"))?;
        let reading = &self.broken[number];
        expect("what stopped it", reading.end.as_deref(), Some("closed"))?;
        let read: Vec<_> = reading.items.iter().filter_map(|item| item.get(1..)).collect();
        // It keeps the ID while it reconnects, if it keeps it at all.
        let second = if reader.faults.is_empty() { IDS[number] } else { "" };
        let expected = [["first", IDS[number]], ["second", second]];
        ensure(read == expected, || format!("it read {read:?}"))
    }
}
