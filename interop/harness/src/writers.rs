//! Our decoder, reading others: the table of writers, and what is asked of each.
//!
//! A writer is a program. It is started with the name of its package and a file: an array of
//! streams, each an array of blocks as [`Case`] names their fields. It prints the port that it
//! listens on, and writes the stream of a number at `/NUMBER`.

use std::time::Duration;

use futures_util::TryStreamExt;
use sse_proto::OwnedFrame;
use sse_proto::stream::{BodyStream, EventStream};

use crate::cases::{self, Case, Item, Read};
use crate::compare::{self, Comparison, Fault};
use crate::faults::{NO_EMPTY_DATA, RAW_TEXT, TWO_LINE_ENDS};
use crate::model;
use crate::nginx::{self, Nginx, Way};
use crate::outcome::{Result, ensure};
use crate::process::Process;
use crate::section::Section;
use crate::software::Runtime::{Java, Node, Python, Rust};
use crate::software::{Program, Software};

struct Writer {
    name: &'static str,
    program: Program,
    ways: &'static [Way],
    /// Whether its interface can say this.
    can_write: fn(&Case) -> bool,
    faults: &'static [Fault],
}

#[rustfmt::skip]
const WRITERS: &[Writer] = &[
    Writer { name: "axum", program: Program(Rust, "axum_writer", "axum"), ways: ALL_WAYS, can_write: |_| true, faults: &[NO_EMPTY_DATA, TWO_LINE_ENDS] },
    Writer { name: "actix-web-lab", program: Program(Rust, "actix_web_lab_writer", "actix-web-lab"), ways: WAYS, can_write: |case| case.retry.is_none() && (case.data.is_some() || case.is_comment()), faults: &[] },
    Writer { name: "sse-stream", program: Program(Rust, "sse_stream_writer", "sse-stream"), ways: WAYS, can_write: |case| case.comment.is_none(), faults: &[] },
    Writer { name: "sse-starlette (CRLF)", program: Program(Python, "sse_starlette_writer.py", "sse-starlette"), ways: WAYS, can_write: |_| true, faults: &[] },
    Writer { name: "FastAPI", program: Program(Python, "fastapi_writer.py", "fastapi"), ways: WAYS, can_write: |_| true, faults: &[] },
    Writer { name: "Hono", program: Program(Node, "hono_writer.mjs", "hono"), ways: WAYS, can_write: |case| case.data.is_some() && case.comment.is_none(), faults: &[] },
    Writer { name: "Spring's SseEmitter", program: Program(Java, "SpringWriter.java", "libspring-web-java"), ways: WAYS, can_write: |_| true, faults: &[RAW_TEXT] },
];

const WAYS: &[Way] = &[Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

/// Only axum speaks HTTP/2 without TLS.
const ALL_WAYS: &[Way] =
    &[Way::Direct, Way::DirectHttp2, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

/// The longest that one stream may take.
const LIMIT: Duration = Duration::from_secs(30);

pub async fn run(software: &Software, nginx: &Result<Nginx>, streams: &[Vec<Case>]) -> Section {
    let mut section = Section::new(
        "\n## Our decoder, reading others\n\n\
         Events, comments and retries. The writers are asked for the same blocks, as far as their interfaces can say\n\
         them. Whatever they write, the decoder's result is also that of the transcribed standard (`tests/model.rs`).\n\n\
         | writer | by way of | events | blocks | as asked | explained | unexplained |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    let mut otherwise = String::new();
    for writer in WRITERS {
        if !section.tests(writer.name, software, &writer.program).await {
            continue;
        }
        let possible = |stream: &Vec<Case>| -> Vec<_> {
            stream.iter().filter(|case| (writer.can_write)(case)).cloned().collect()
        };
        let streams: Vec<_> = streams.iter().map(possible).collect();
        let started = start(software, &writer.program, &streams).await;
        let Ok((_process, port)) = section.take(writer.name, started) else { continue };
        for &way in writer.ways {
            let who = format!("{} ({})", writer.name, way.name());
            let base = match section.take(&who, nginx::base(nginx, port, way)) {
                Ok(base) => base,
                Err(cell) => {
                    section.row(&[writer.name, way.name(), &cell]);
                    continue;
                }
            };
            let mut comparison = Comparison::default();
            for (number, stream) in streams.iter().enumerate() {
                let found = frames(&format!("{base}/{number}"), way).await;
                let found = section.take(format!("{who}, stream {number}"), found);
                comparison.add(stream, &found.unwrap_or_default(), false, writer.faults);
            }
            eprintln!("{who}: {} of {} as asked", comparison.same(), comparison.cases);
            for problem in comparison.problems() {
                section.problem(&who, problem);
            }
            section.row(&[writer.name, way.name(), &comparison.counts()]);
            if way == Way::Direct {
                otherwise += &comparison.otherwise(writer.name, writer.faults);
            }
        }
    }
    section.text += &compare::otherwise("writers", &otherwise);
    section
}

/// A writer, which runs as long as the first part of this is kept.
async fn start(
    software: &Software,
    program: &Program,
    streams: &[Vec<Case>],
) -> Result<(Process, u16)> {
    let marked: Vec<_> = streams.iter().map(|stream| cases::with_marks(stream)).collect();
    let file = software.scratch.join(program.2);
    let cases = match program.0 {
        // Java reads this without a library.
        Java => hexadecimal(&marked),
        _ => serde_json::to_string(&marked)?,
    };
    std::fs::write(&file, cases)?;
    Process::server(&mut software.command("writers", program, &file.to_string_lossy())?).await
}

/// All that a stream holds, up to its end.
async fn frames(url: &str, way: Way) -> Result<Vec<Item>> {
    let mut client = reqwest::Client::builder();
    if matches!(way, Way::Http2 | Way::DirectHttp2) {
        client = client.http2_prior_knowledge();
    }
    let response = client.timeout(LIMIT).build()?.get(url).send().await?;
    let http2 = response.version() == reqwest::Version::HTTP_2;
    ensure(http2 == matches!(way, Way::Http2 | Way::DirectHttp2), || {
        format!("it spoke {:?}", response.version())
    })?;
    let mut bytes = Vec::new();
    let body = BodyStream::from_response(response)?;
    let chunks = body.inspect_ok(|chunk| bytes.extend_from_slice(chunk));
    let mut frames = EventStream::new(chunks).into_frames();
    let mut items = Vec::new();
    while let Some(frame) = frames.try_next().await? {
        items.extend(match frame {
            OwnedFrame::Event(event) => {
                let texts = [event.event_type(), event.data(), event.last_event_id()];
                let [event_type, data, last_event_id] = texts.map(str::to_owned);
                Some(Item::Event(Read(event_type, data, last_event_id)))
            }
            OwnedFrame::Comment(text) => Some(Item::Comment(text.to_string())),
            OwnedFrame::Retry(time) => Some(Item::Retry(time.as_millis() as u64)),
            // Seen in the events that follow.
            _ => None,
        });
    }
    drop(frames);
    // Whatever was written: it was read as the standard, transcribed, reads it.
    let transcribed = model::decode(&bytes, &model::Options::default()).what();
    let is_same = transcribed.into_iter().filter_map(Item::of_model).eq(items.iter().cloned());
    ensure(is_same, || "the decoder and the transcription of the standard differ")?;
    Ok(items)
}

/// A line for a block, its fields in hexadecimal or "-", and an empty line after each stream.
fn hexadecimal(streams: &[Vec<Case>]) -> String {
    let field = |text: Option<String>| match text {
        None => "-".to_owned(),
        Some(text) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
    };
    let block = |case: &Case| case.texts().map(field).join("\t") + "\n";
    streams.iter().map(|stream| stream.iter().map(block).collect::<String>() + "\n").collect()
}
