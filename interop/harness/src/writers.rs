//! Our decoder, reading others: the table of writers, and what is asked of each.
//!
//! A writer is a program. It is started with the name of its package and a file: an array of
//! streams, each an array of blocks as [`Case`] names their fields. It prints the port that it
//! listens on, and writes the stream of a number at `/NUMBER`.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use sse_proto::OwnedFrame;
use sse_proto::stream::{BodyStream, EventStream};
use tokio::time::timeout;

use crate::cases::{self, Case, Item, Read};
use crate::compare::{self, Comparison, Fault};
use crate::faults::{NO_EMPTY_DATA, NO_SPACE, RAW_LINE_ENDS, TWO_LINE_ENDS};
use crate::model;
use crate::nginx::{self, Nginx, Way};
use crate::process::{Process, Why};
use crate::section::{Section, code};
use crate::software::Runtime::{self, Java, Node, Python, Rust};
use crate::software::{self, Program, Software};

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
    writer("axum", Rust, "axum_writer", "axum", ALL_WAYS, all, &[NO_EMPTY_DATA, TWO_LINE_ENDS]),
    writer("actix-web-lab", Rust, "actix_web_lab_writer", "actix-web-lab", WAYS, data_or_comment, &[]),
    writer("sse-stream", Rust, "sse_stream_writer", "sse-stream", WAYS, no_comment, &[]),
    writer("sse-starlette (CRLF)", Python, "sse_starlette_writer.py", "sse-starlette", WAYS, all, &[]),
    writer("FastAPI", Python, "fastapi_writer.py", "fastapi", WAYS, all, &[]),
    writer("Hono", Node, "hono_writer.mjs", "hono", WAYS, data_without_comment, &[]),
    writer("Spring's SseEmitter", Java, "SpringWriter.java", "libspring-web-java", WAYS, all, &[NO_SPACE, RAW_LINE_ENDS]),
];

const fn writer(
    name: &'static str,
    runtime: Runtime,
    file: &'static str,
    package: &'static str,
    ways: &'static [Way],
    can_write: fn(&Case) -> bool,
    faults: &'static [Fault],
) -> Writer {
    Writer { name, program: Program { runtime, file, package }, ways, can_write, faults }
}

const WAYS: &[Way] = &[Way::Direct, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

/// Only axum speaks HTTP/2 without TLS.
const ALL_WAYS: &[Way] =
    &[Way::Direct, Way::DirectHttp2, Way::Defaults, Way::Buffered, Way::Unbuffered, Way::Http2];

fn all(_: &Case) -> bool {
    true
}

/// An event is data with a type and an ID; `retry` belongs to the whole response.
fn data_or_comment(case: &Case) -> bool {
    case.retry.is_none() && (case.data.is_some() || case.is_comment())
}

/// A comment is not a part of a block there, or there is none.
fn no_comment(case: &Case) -> bool {
    case.comment.is_none()
}

fn data_without_comment(case: &Case) -> bool {
    case.data.is_some() && case.comment.is_none()
}

/// The longest that one stream may take.
const LIMIT: Duration = Duration::from_secs(30);

pub async fn run(
    software: &Software,
    nginx: &Result<Nginx, Why>,
    streams: &[Vec<Case>],
) -> Section {
    let mut section = Section::new(
        "\n## Our decoder, reading others\n\n\
         Events, comments and retries. The writers are asked for the same blocks, as far as their interfaces can say\n\
         them. Whatever they write, the decoder's result is also that of the transcribed standard (`tests/model.rs`).\n\n\
         | writer | by way of | events | blocks | as asked | explained | unexplained |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    let mut otherwise = String::new();
    for writer in WRITERS {
        let possible = |stream: &Vec<Case>| -> Vec<_> {
            stream.iter().filter(|case| (writer.can_write)(case)).cloned().collect()
        };
        let streams: Vec<_> = streams.iter().map(possible).collect();
        let (_process, port) = match start(software, writer, &streams).await {
            Ok(started) => started,
            Err(why) => {
                section.nothing(writer.name, &why);
                section.row(&[writer.name, "", &why.to_string()]);
                continue;
            }
        };
        let version = software.version(&writer.program).await.unwrap_or_default();
        section.versions.push((writer.name.to_owned(), version));
        for way in writer.ways {
            let who = format!("{} ({})", writer.name, way.name());
            let base = match nginx::base(nginx, port, *way) {
                Ok(base) => base,
                Err(why) => {
                    section.nothing(&who, &why);
                    section.row(&[writer.name, way.name(), &why.to_string()]);
                    continue;
                }
            };
            let mut comparison = Comparison::default();
            for (number, stream) in streams.iter().enumerate() {
                let found = frames(&format!("{base}/{number}"), *way).await;
                let found = found.unwrap_or_else(|problem| {
                    section.problem(&who, format!("stream {number}: {problem}"));
                    Vec::new()
                });
                comparison.add(stream, &found, false, writer.faults);
            }
            eprintln!("{who}: {} of {} as asked", comparison.same, comparison.cases);
            for problem in comparison.problems() {
                section.problem(&who, problem);
            }
            section.row(&[writer.name, way.name(), &comparison.counts()]);
            if *way == Way::Direct {
                let asked = |difference: &compare::Difference| asked(&difference.case);
                otherwise += &comparison.otherwise(writer.name, writer.faults, asked);
            }
        }
    }
    section.text += &compare::otherwise("writers", &otherwise);
    section
}

/// A writer, which runs as long as the first part of this is kept.
async fn start(
    software: &Software,
    writer: &Writer,
    streams: &[Vec<Case>],
) -> Result<(Process, u16), Why> {
    let marked: Vec<_> = streams.iter().map(|stream| cases::with_marks(stream)).collect();
    let file = software.scratch.join(writer.program.package);
    let cases = match writer.program.runtime {
        // Java reads this without a library.
        Java => hexadecimal(&marked),
        _ => serde_json::to_string(&marked).expect("cases are JSON"),
    };
    std::fs::write(&file, cases)?;
    let file = file.to_string_lossy();
    software::server(&mut software.command("writers", &writer.program, &file).await?).await
}

/// All that a stream holds, up to its end.
async fn frames(url: &str, way: Way) -> Result<Vec<Item>, String> {
    let mut client = reqwest::Client::builder();
    if matches!(way, Way::Http2 | Way::DirectHttp2) {
        client = client.http2_prior_knowledge();
    }
    let response = async { client.build()?.get(url).send().await };
    let response = response.await.map_err(|error| format!("{error:?}"))?;
    let http2 = response.version() == reqwest::Version::HTTP_2;
    if http2 != matches!(way, Way::Http2 | Way::DirectHttp2) {
        return Err(format!("it spoke {:?}", response.version()));
    }
    let mut bytes = Vec::new();
    let body = BodyStream::from_response(response).map_err(|other| other.to_string())?;
    let chunks = body.inspect_ok(|chunk| bytes.extend_from_slice(chunk));
    let mut frames = EventStream::new(chunks).into_frames();
    let mut items = Vec::new();
    let reading = async {
        while let Some(frame) = frames.next().await {
            items.extend(match frame.map_err(|error| format!("{error:?}"))? {
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
        Ok::<_, String>(())
    };
    timeout(LIMIT, reading).await.map_err(|_| "it did not end")??;
    drop(frames);
    // Whatever was written: it was read as the standard, transcribed, reads it.
    let transcribed = model::decode(&bytes, &model::Options::default()).what();
    if !transcribed.into_iter().filter_map(Item::of_model).eq(items.iter().cloned()) {
        return Err("the decoder and the transcription of the standard differ".into());
    }
    Ok(items)
}

/// What a writer was asked for.
fn asked(case: &Case) -> String {
    let names = ["comment", "id", "type", "retry", "data"];
    let set = names.iter().zip(case.texts());
    let set = set.filter_map(|(name, text)| Some(format!("{name} {}", code(&text?))));
    set.collect::<Vec<_>>().join(", ")
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
