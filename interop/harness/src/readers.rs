//! Our encoder, read by others: the table of readers of plain event streams, and what is asked of each.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::cases::{self, Case, Item, Read};
use crate::compare::{self, Comparison, Fault};
use crate::faults::{EMPTY_EVENT, FORGOTTEN_ID, TRIMMED_TEXT};
use crate::lines::{self, Plan, Reading};
use crate::nginx::{self, Nginx, Way};
use crate::outcome::{Result, ensure, expect};
use crate::section::{Section, code};
use crate::server::{self, IDS, Seen, Server};
use crate::software::Runtime::{Node, Page, Python, Rust};
use crate::software::{Program, Software};

/// Its name, its program, the ways by which it reads, with how many of [`IDS`] it comes back by
/// itself when its stream breaks off (it leaves that to its caller, or it cannot send an ID beyond
/// Latin-1), and its faults.
struct Reader(&'static str, Program, &'static [Way], usize, &'static [Fault]);

#[rustfmt::skip]
const READERS: &[Reader] = &[
    Reader("Chromium", Program(Page, "browser.html", "chromium"), ALL_WAYS, 2, &[]),
    Reader("event-source-polyfill", Program(Page, "browser.html", "event-source-polyfill"), ALL_WAYS, 2, &[]),
    Reader("eventsource", Program(Node, "eventsource.mjs", "eventsource"), ALL_WAYS, 1, &[FORGOTTEN_ID]),
    Reader("undici", Program(Node, "eventsource.mjs", "undici"), ALL_WAYS, 1, &[]),
    Reader("httpx-sse", Program(Python, "httpx_sse_reader.py", "httpx-sse"), ALL_WAYS, 0, &[EMPTY_EVENT]),
    Reader("requests-sse", Program(Python, "requests_sse_reader.py", "requests-sse"), WAYS, 1, &[TRIMMED_TEXT]),
    Reader("eventsource-stream", Program(Rust, "eventsource_stream_reader", "eventsource-stream"), WAYS, 0, &[]),
    Reader("sse-stream", Program(Rust, "sse_stream_reader", "sse-stream"), WAYS, 0, &[]),
];

/// For readers without HTTP/2.
const WAYS: &[Way] = &[Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered];

const ALL_WAYS: &[Way] =
    &[Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2Tls];

pub async fn run(software: &Software, nginx: &Option<Nginx>, streams: &[Vec<Case>]) -> Section {
    let mut section = Section::new(
        "| reader | by way of | events | blocks | as sent | explained | unexplained | at once | ID | non-ASCII ID |\n\
         |---|---|--:|--:|--:|--:|--:|---|---|---|\n",
    );
    let mut otherwise = String::new();
    for reader in READERS {
        let &Reader(name, ref program, ways, comes_back, faults) = reader;
        if !section.tests(name, software, program).await {
            continue;
        }
        for &way in ways {
            let who = format!("{name} ({})", way.name());
            let outcome = read(software, nginx, streams, reader, way).await;
            let Ok(outcome) = section.take(&who, outcome) else { continue };
            outcome.report(&mut section, reader, way, &who);
            if way == Way::Direct {
                otherwise += &outcome.comparison.otherwise(name, faults);
            }
        }
        if comes_back == 1 {
            let what = "cannot send an ID beyond Latin-1, so it never comes back";
            let shown = format!("id {} | `Last-Event-ID`, as UTF-8 | nothing", code(IDS[1]));
            otherwise += &format!("| {name} | {what} | | {shown} |\n");
        }
    }
    section.text += &compare::otherwise("readers", &otherwise);
    section
}

struct Outcome {
    comparison: Comparison,
    at_once: [Option<bool>; 2],
    /// Whether it came back with each ID.
    came_back: [Result; 2],
    problems: Vec<String>,
}

async fn read(
    software: &Software,
    nginx: &Option<Nginx>,
    streams: &[Vec<Case>],
    &Reader(_, ref program, _, comes_back, faults): &Reader,
    way: Way,
) -> Result<Outcome> {
    let lines = unbounded_channel();
    let folders =
        vec![software.readers.clone(), software.modules().join("event-source-polyfill/src")];
    let (server, port) = Server::start(streams.to_vec(), folders, lines.0.clone()).await?;
    let base = nginx::base(nginx, port, way)?;

    let numbered = |what: &str, count| -> Vec<String> {
        (0..count).map(|number| format!("{base}/{what}/{number}")).collect()
    };
    let mut urls = vec![[numbered("stream", streams.len()), numbered("live", 2)].concat()];
    if comes_back > 0 {
        urls.extend(numbered("broken", 2).into_iter().map(|url| vec![url]));
    }
    let plan = Plan { types: cases::types(streams), urls };
    let Program(runtime, file, package) = program;
    let mut argument = plan.json();
    if *runtime == Page {
        let plan: String = argument.bytes().map(|byte| format!("%{byte:02X}")).collect();
        argument = format!("{base}/files/{file}?reader={package}#{plan}");
    }
    let on_item = |url: &str| {
        if let Some((_, number)) = url.rsplit_once("/live/") {
            server.live_was_seen(usize::from(number == "1"));
        }
    };
    let mut readings = lines::read(software, program, &argument, &plan, lines, on_item).await?;

    let mut take = |what: String| readings.remove(&format!("{base}/{what}")).unwrap_or_default();
    let seen = server.seen();
    let came_back =
        [0, 1].map(|number| came_back(faults, number, &seen, &take(format!("broken/{number}"))));
    let mut problems = Vec::new();
    let mut comparison = Comparison::default();
    for (number, stream) in streams.iter().enumerate() {
        let reading = take(format!("stream/{number}"));
        if reading.end.as_deref() != Some("end") {
            problems.push(format!("stream {number} ended by {:?}", reading.end));
        }
        comparison.add(stream, &items(reading), true, faults);
    }
    let protocol = if way.is_http2() { "HTTP/2.0" } else { "HTTP/1.1" };
    if seen.protocol.as_deref() != (way != Way::Direct).then_some(protocol) {
        problems.push(format!("it spoke {:?}", seen.protocol));
    }
    // By its defaults nginx holds a lone event back, unless it is told not to.
    if seen.at_once != [Some(way != Way::Defaults), Some(true)] {
        problems.push(format!("at once: {:?}", seen.at_once));
    }
    Ok(Outcome { comparison, at_once: seen.at_once, came_back, problems })
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
        let &Reader(name, _, _, comes_back, _) = reader;
        eprintln!("{who}: {} of {} as sent", self.comparison.same(), self.comparison.cases);
        for problem in self.problems.iter().chain(&self.comparison.problems()) {
            section.problem(who, problem);
        }
        let [first, second] = [0, 1].map(|number| match &self.came_back[number] {
            _ if comes_back == 0 => "its caller's",
            Err(_) if number >= comes_back => "no, see below",
            Ok(()) if number < comes_back => "yes",
            came_back => {
                section.problem(who, format!("it came back with ID {number}: {came_back:?}"));
                "**no**"
            }
        });
        let yes = |seen| if seen == Some(true) { "yes" } else { "no" };
        let at_once = self.at_once.map(yes).join(", ");
        section.row(&[name, way.name(), &self.comparison.counts(), &at_once, first, second]);
    }
}

/// Whether it came back with this ID, when `retry` said, and stopped at 204.
fn came_back(faults: &[Fault], number: usize, seen: &Seen, reading: &Reading) -> Result {
    let connections = &seen.connections[number];
    let ids: Vec<_> = connections.iter().map(|(_, id)| id.as_deref()).collect();
    let id = Some(IDS[number].as_bytes());
    expect("the IDs it came with", &ids[..], &[None, id, id])?;
    // Clocks of browsers are coarse; the upper bound is below their default of 3 s.
    let least = server::RETRY - Duration::from_millis(10);
    let waited = connections[1].0.saturating_duration_since(seen.ended[number].ok_or("not ended")?);
    let in_time = (least..Duration::from_millis(2900)).contains(&waited);
    ensure(in_time, || format!("it came back after {waited:?}"))?;
    expect("what stopped it", reading.end.as_deref(), Some("closed"))?;
    let read: Vec<_> = reading.items.iter().filter_map(|item| item.get(1..)).collect();
    // It keeps the ID while it reconnects, if it keeps it at all.
    let forgets = faults.iter().any(|fault| fault.what == FORGOTTEN_ID.what);
    let second = if forgets { "" } else { IDS[number] };
    let expected = [["first", IDS[number]], ["second", second]];
    ensure(read == expected, || format!("it read {read:?}"))
}
