//! Our decoder, reading others.

mod rust;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use sse_proto::OwnedFrame;
use sse_proto::stream::{BodyStream, EventStream};
use tokio::process::Command;
use tokio::time::timeout;

use crate::cases::{self, Case, Item, Read};
use crate::compare::Comparison;
use crate::nginx::{self, Nginx, Way};
use crate::process::{self, Process, Why};
use crate::{Folders, faults, model, readers};

/// The longest that one stream may take.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    Axum,
    ActixWebLab,
    SseStarlette,
    Node,
    Spring,
}

impl Writer {
    pub const ALL: [Writer; 5] =
        [Writer::Axum, Writer::ActixWebLab, Writer::SseStarlette, Writer::Node, Writer::Spring];

    pub fn name(self) -> &'static str {
        match self {
            Writer::Axum => "axum",
            Writer::ActixWebLab => "actix-web-lab",
            Writer::SseStarlette => "sse-starlette (CRLF)",
            Writer::Node => "Node's http, by hand",
            Writer::Spring => "Spring's SseEmitter",
        }
    }

    fn ways(self) -> &'static [Way] {
        const WAYS: &[Way] = &[
            Way::Direct,
            Way::DirectHttp2,
            Way::Defaults,
            Way::Buffered,
            Way::Unbuffered,
            Way::Http2,
        ];
        // Only axum speaks HTTP/2 without TLS.
        if self == Writer::Axum { WAYS } else { WAYS.split_at(2).1 }
    }

    /// Whether its interface can say this.
    fn can_write(self, case: &Case) -> bool {
        match self {
            // An event is data with a type and an ID; `retry` belongs to the whole response.
            Writer::ActixWebLab => {
                case.retry.is_none() && (case.data.is_some() || case.is_comment())
            }
            _ => true,
        }
    }

    /// What it is asked to write.
    fn streams(self, streams: &[Vec<Case>]) -> Vec<Vec<Case>> {
        match self {
            Writer::Node => Vec::new(),
            _ => {
                let possible = |stream: &Vec<Case>| {
                    stream.iter().filter(|case| self.can_write(case)).cloned().collect()
                };
                streams.iter().map(possible).collect()
            }
        }
    }
}

/// One writer, by one way.
pub struct Row {
    pub writer: Writer,
    pub way: Way,
    pub outcome: Result<Outcome, Why>,
}

#[derive(Default)]
pub struct Outcome {
    pub comparison: Comparison,
    pub problems: Vec<String>,
}

pub async fn run(nginx: &Result<Nginx, Why>, folders: &Folders, streams: &[Vec<Case>]) -> Vec<Row> {
    let mut rows = Vec::new();
    for writer in Writer::ALL {
        let streams = writer.streams(streams);
        let started = start(writer, folders, &streams).await;
        let ways = [Way::Direct].into_iter().chain(writer.ways().iter().copied());
        for way in ways.skip(usize::from(writer == Writer::Axum)) {
            let outcome = match &started {
                Err(why) => Err(why.clone()),
                Ok((_process, port)) => match nginx::base(nginx, *port, way) {
                    Err(why) => Err(why),
                    Ok(base) => Ok(read(writer, way, &base, &streams).await),
                },
            };
            match &outcome {
                Ok(Outcome { comparison, .. }) => eprintln!(
                    "{} ({}): {} of {} blocks as asked",
                    writer.name(),
                    way.name(),
                    comparison.same,
                    comparison.cases
                ),
                Err(why) => eprintln!("{} ({}): {why}", writer.name(), way.name()),
            }
            rows.push(Row { writer, way, outcome });
        }
    }
    rows
}

async fn read(writer: Writer, way: Way, base: &str, streams: &[Vec<Case>]) -> Outcome {
    let mut outcome = Outcome::default();
    if writer == Writer::Node {
        let bye = Case {
            event_type: Some("bye".into()),
            data: Some("bye-bye".into()),
            ..Case::default()
        };
        let found = frames(&format!("{base}/"), way).await;
        let expected = bye.items(&mut String::new());
        outcome.comparison.events = 1;
        outcome.comparison.cases = 1;
        outcome.comparison.same = usize::from(found == Ok(expected.clone()));
        if found != Ok(expected) {
            outcome.problems.push(format!("it gave {found:?}"));
        }
        return outcome;
    }
    for (number, stream) in streams.iter().enumerate() {
        let found = frames(&format!("{base}/{number}"), way).await.unwrap_or_else(|problem| {
            outcome.problems.push(format!("stream {number}: {problem}"));
            Vec::new()
        });
        outcome.comparison.add(stream, &found, false, faults::of_writer(writer));
    }
    outcome
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

/// A writer, which runs as long as the first part of this is kept.
async fn start(
    writer: Writer,
    folders: &Folders,
    streams: &[Vec<Case>],
) -> Result<(Option<Process>, u16), Why> {
    let marked: Vec<_> = streams.iter().map(|stream| cases::with_marks(stream)).collect();
    let file = folders.scratch.join(format!("cases of {writer:?}"));
    let mut command = match writer {
        Writer::Axum => return Ok((None, rust::axum(marked).await?)),
        Writer::ActixWebLab => return Ok((None, rust::actix_web_lab(marked)?)),
        Writer::SseStarlette => {
            let json = serde_json::to_vec(&marked).expect("cases are JSON");
            std::fs::write(&file, json)?;
            readers::python(folders, "uvicorn").await?;
            let mut command = Command::new(readers::python(folders, "sse_starlette").await?);
            command.arg(folders.writers.join("starlette_writer.py")).arg(file);
            command
        }
        Writer::Node => {
            let mut command = Command::new(process::find("node")?);
            command.arg(folders.writers.join("bye.mjs"));
            command
        }
        Writer::Spring => {
            std::fs::write(&file, hexadecimal(&marked))?;
            let (java, classes) = compile_spring(folders).await?;
            let mut command = Command::new(java);
            command.arg("-cp").arg(classes).arg("SpringWriter").arg(file);
            command
        }
    };
    let (process, port) = Process::server(&mut command).await.map_err(Why::failed)?;
    Ok((Some(process), port))
}

/// A line for a block, its fields in hexadecimal or "-", and an empty line behind each
/// stream: Java reads this without a library.
fn hexadecimal(streams: &[Vec<Case>]) -> String {
    let field = |text: Option<&str>| match text {
        None => "-".to_owned(),
        Some(text) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
    };
    let block = |case: &Case| {
        let retry = case.retry.map(|time| time.to_string());
        let texts = [&case.comment, &case.id, &case.event_type, &retry, &case.data];
        texts.map(|text| field(text.as_deref())).join("\t") + "\n"
    };
    streams.iter().map(|stream| stream.iter().map(block).collect::<String>() + "\n").collect()
}

async fn compile_spring(folders: &Folders) -> Result<(PathBuf, String), Why> {
    const JARS: [&str; 15] = [
        "spring3-core",
        "spring3-beans",
        "spring3-aop",
        "spring3-expression",
        "spring3-context",
        "spring3-web",
        "spring3-web.servlet",
        "commons-logging",
        "jetty9-server",
        "jetty9-servlet",
        "jetty9-http",
        "jetty9-io",
        "jetty9-util",
        "jetty9-security",
        "servlet-api",
    ];
    let java = process::find("java")?;
    let javac = process::find("javac")?;
    let jars = JARS.map(|jar| format!("/usr/share/java/{jar}.jar"));
    if let Some(missing) = jars.iter().find(|jar| !PathBuf::from(jar).exists()) {
        return Err(Why::Missing(format!("Debian's {missing} is not installed")));
    }
    let scratch = folders.scratch.display();
    let classes = format!("{}:{scratch}", jars.join(":"));
    let source = folders.writers.join("SpringWriter.java").display().to_string();
    let output = Command::new(javac)
        .args(["-cp", &classes, "-d", &scratch.to_string(), &source])
        .kill_on_drop(true)
        .output();
    match timeout(Duration::from_secs(60), output).await {
        Ok(Ok(output)) if output.status.success() => Ok((java, classes)),
        Ok(Ok(output)) => Err(Why::failed(String::from_utf8_lossy(&output.stderr))),
        other => Err(Why::failed(format!("javac: {other:?}"))),
    }
}
