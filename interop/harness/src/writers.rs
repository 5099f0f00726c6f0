//! Our decoder, reading others: the table of writers, and what is asked of each.
//!
//! A writer is a program. It is started with the name of its package and a file: an array of
//! streams, each an array of blocks as [`Case`] names their fields. It prints the port that it
//! listens on, and writes the stream of a number at `/NUMBER`.

use std::time::Duration;

use futures_util::TryStreamExt;
use sse_proto::stream::{BodyStream, EventStream};

use crate::cases::{self, Case, Item};
use crate::compare::{self, Comparison, Fault};
use crate::drive;
use crate::faults::{NO_EMPTY_DATA, RAW_TEXT, TWO_LINE_ENDS};
use crate::model;
use crate::nginx::{self, Nginx, Way};
use crate::outcome::{Result, ensure};
use crate::process::Process;
use crate::section::Section;
use crate::software::Runtime::{Java, Node, Python, Rust};
use crate::software::{Program, Software};

/// Its name, its program, the ways by which it is read, whether its interface can say a block, and
/// its faults.
struct Writer(&'static str, Program, &'static [Way], fn(&Case) -> bool, &'static [Fault]);

#[rustfmt::skip]
const WRITERS: &[Writer] = &[
    Writer("axum", Program(Rust, "axum_writer", "axum"), ALL_WAYS, |_| true, &[NO_EMPTY_DATA, TWO_LINE_ENDS]),
    Writer("actix-web-lab", Program(Rust, "actix_web_lab_writer", "actix-web-lab"), WAYS, data_or_comment, &[]),
    Writer("sse-stream", Program(Rust, "sse_stream_writer", "sse-stream"), WAYS, |case| case.comment.is_none(), &[]),
    Writer("sse-starlette (CRLF)", Program(Python, "sse_starlette_writer.py", "sse-starlette"), WAYS, |_| true, &[]),
    Writer("FastAPI", Program(Python, "fastapi_writer.py", "fastapi"), WAYS, |_| true, &[]),
    Writer("Hono", Program(Node, "hono_writer.mjs", "hono"), WAYS, |case| case.data.is_some() && case.comment.is_none(), &[]),
    Writer("Spring's SseEmitter", Program(Java, "SpringWriter.java", "libspring-web-java"), WAYS, |_| true, &[RAW_TEXT]),
];

/// An event is data with a type and an ID; `retry` belongs to the whole response.
fn data_or_comment(case: &Case) -> bool {
    case.retry.is_none() && (case.data.is_some() || case.is_comment())
}

const WAYS: &[Way] = &[Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

/// Only axum speaks HTTP/2 without TLS.
const ALL_WAYS: &[Way] =
    &[Way::Direct, Way::DirectHttp2, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

/// The longest that one stream may take.
const LIMIT: Duration = Duration::from_secs(30);

pub async fn run(software: &Software, nginx: &Option<Nginx>, streams: &[Vec<Case>]) -> Section {
    let mut section = Section::new(
        "| writer | by way of | events | blocks | as asked | explained | unexplained |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    let mut otherwise = String::new();
    for &Writer(name, ref program, ways, can_write, faults) in WRITERS {
        if !section.tests(name, software, program).await {
            continue;
        }
        let possible = |stream: &Vec<Case>| -> Vec<_> {
            stream.iter().filter(|case| can_write(case)).cloned().collect()
        };
        let streams: Vec<_> = streams.iter().map(possible).collect();
        let started = start(software, program, &streams).await;
        let Ok((_process, port)) = section.take(name, started) else { continue };
        for &way in ways {
            let who = format!("{} ({})", name, way.name());
            let base = nginx::base(nginx, port, way);
            let Ok(base) = section.take(&who, base) else { continue };
            let mut comparison = Comparison::default();
            for (number, stream) in streams.iter().enumerate() {
                let found = frames(&format!("{base}/{number}"), way).await;
                let found = section.take(format!("{who}, stream {number}"), found);
                comparison.add(stream, &found.unwrap_or_default(), false, faults);
            }
            eprintln!("{who}: {} of {} as asked", comparison.same(), comparison.cases);
            for problem in comparison.problems() {
                section.problem(&who, problem);
            }
            section.row(&[name, way.name(), &comparison.counts()]);
            if way == Way::Direct {
                otherwise += &comparison.otherwise(name, faults);
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
    if way.is_http2() {
        client = client.http2_prior_knowledge();
    }
    let response = client.timeout(LIMIT).build()?.get(url).send().await?;
    let http2 = response.version() == reqwest::Version::HTTP_2;
    ensure(http2 == way.is_http2(), || format!("it spoke {:?}", response.version()))?;
    let mut bytes = Vec::new();
    let body = BodyStream::from_response(response)?;
    let chunks = body.inspect_ok(|chunk| bytes.extend_from_slice(chunk));
    let frames = EventStream::new(chunks).into_frames();
    let items: Vec<_> = frames.map_ok(drive::item_of_owned_frame).try_collect().await?;
    // Whatever was written: it was read as the standard, transcribed, reads it.
    let transcribed = model::decode(&bytes, &model::Options::default()).what();
    ensure(items == transcribed, || "the decoder and the transcription of the standard differ")?;
    Ok(items.into_iter().filter_map(Item::of_model).collect())
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
