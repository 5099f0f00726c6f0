//! The clients of the cookbook, and the server that they read.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::{StreamExt, stream};
use sse_proto::{EventEncoder, encode};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

use super::LIMIT;
use crate::outcome::{Result, expect};
use crate::process::{self, Process, program};
use crate::server::{self, IDS};

type Feed = Arc<Mutex<Option<Receiver<&'static str>>>>;

/// A stream of each kind of frame, which echoes the request's last event ID; and one that is fed by a test.
pub async fn sample_server() -> Result<(String, Feed)> {
    let feed = Feed::default();
    let app = Router::new()
        .route("/sample", get(async |headers| sample(headers, "end")))
        // A client that has read the sample gets 204.
        .route("/once", get(async |headers| sample(headers, "7")))
        .route("/fed", any(fed))
        .with_state(feed.clone());
    let port = server::serve(app).await?;
    Ok((format!("http://127.0.0.1:{port}"), feed))
}

fn event_stream(body: impl Into<Body>) -> Response {
    ([("content-type", "Text/Event-Stream;charset=UTF-8")], body.into()).into_response()
}

fn sample(headers: HeaderMap, last: &str) -> Response {
    let id = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()));
    if id.as_deref() == Some(last) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let mut out = Vec::new();
    let written = (|| {
        encode::comment("hi", &mut out);
        EventEncoder::new().retry(Duration::from_millis(1500)).encode_fields(&mut out)?;
        EventEncoder::new().id("한").encode_fields(&mut out)?;
        let echo = format!("{}\nstraße", id.unwrap_or_default());
        EventEncoder::new().event_type("echo").id("7").encode(&echo, &mut out)?;
        EventEncoder::new().encode("", &mut out)
    })();
    written.expect("each field is one line");
    event_stream(out)
}

async fn fed(State(feed): State<Feed>) -> Response {
    let receiver = feed.lock().expect("nobody panics inside").take();
    let pieces = stream::unfold(receiver, async |receiver| {
        let mut receiver = receiver?;
        Some((receiver.recv().await?, Some(receiver)))
    });
    event_stream(Body::from_stream(pieces.map(Ok::<_, Infallible>)))
}

/// Runs a client to its end: what it prints, what it says, and its exit status.
async fn ran(name: &str, arguments: &[impl AsRef<OsStr>], code: i32) -> Result<[String; 2]> {
    let ran = process::run(program(name).args(arguments), LIMIT).await?;
    expect("exit status", ran.code, Some(code))?;
    Ok([ran.stdout, ran.stderr])
}

pub async fn reqwest(base: &str) -> Result {
    let ran = ran("client_reqwest", &[&format!("{base}/once"), IDS[1]], 0).await?;
    expect("output", ran, [format!("echo: {}\nstraße\nmessage: \n", IDS[1]), "".into()])
}

pub async fn hyper(base: &str) -> Result {
    let url = format!("{base}/sample");
    let printed = "(comment: hi)\n(reconnect after 1.5s)\n(last event ID: \"한\")\necho: \nstraße\nmessage: \n";
    for arguments in [&[&url[..]][..], &["--http2", &url]] {
        let [stdout, _] = ran("client_hyper", arguments, 0).await?;
        expect("what it printed", &stdout[..], printed)?;
    }
    Ok(())
}

pub async fn ureq(base: &str) -> Result {
    let ran = ran("client_ureq", &[format!("{base}/sample")], 0).await?;
    let said = "the stream ended; last event ID: \"7\"\n";
    expect("output", ran, ["echo: \nstraße\nmessage: \n".into(), said.into()])
}

/// The bytes that are sent, and the output that must be printed before anything more is sent.
type Exchange = [(&'static str, &'static str)];

#[rustfmt::skip]
const COMPLETIONS: &Exchange = &[
    ("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n", ""),
    ("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", "Hel"),
    (": keep-alive\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\\n\"}}]}\n\n", "lo\n"),
    ("data: {\"choices\":[{\"delta\":{\"content\":\"\u{1F980}\"}}]}\r\n\r\n", "\u{1F980}"),
    ("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "\n"),
];

#[rustfmt::skip]
const MESSAGES: &Exchange = &[
    ("event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n", ""),
    ("event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Gu\"}}\n\n", "Gu"),
    ("event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"ten Tag\"}}\n\n", "ten Tag"),
    ("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", "\n"),
];

const TYPED_ERROR: &Exchange = &[("event: error\ndata: {\"message\":\"overloaded\"}\n\n", "")];
const ERROR: &Exchange = &[("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "")];

pub async fn llm(base: &str, feed: &Feed) -> Result {
    for (exchange, code, stderr) in [
        (COMPLETIONS, 0, ""),
        (MESSAGES, 0, ""),
        (&COMPLETIONS[..3], 1, "the answer was cut off\n"),
        (TYPED_ERROR, 1, "{\"message\":\"overloaded\"}\n"),
        (ERROR, 1, "{\"message\":\"overloaded\"}\n"),
    ] {
        let (sender, receiver) = channel(1);
        *feed.lock().expect("nobody panics inside") = Some(receiver);
        let mut command = program("llm_client");
        command.args([&format!("{base}/fed"), "model", "prompt"]);
        let mut process = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let mut stdout = process.stdout();
        let said = process::read(process.stderr());
        for (sent, printed) in exchange {
            sender.send(*sent).await?;
            let mut text = vec![0; printed.len()];
            let read = timeout(LIMIT, stdout.read_exact(&mut text)).await;
            read.map_err(|_| format!("{printed:?} did not come"))??;
            expect("what it printed", &*String::from_utf8_lossy(&text), printed)?;
        }
        drop(sender);
        let status = timeout(LIMIT, process.child.wait()).await?;
        expect("exit status", status?.code(), Some(code))?;
        expect("what it said", &said.await[..], stderr)?;
    }
    Ok(())
}

pub async fn replay(base: &str, scratch: &Path) -> Result {
    let url = format!("{base}/sample");
    let journal = scratch.join("recipe.journal");
    let arguments = |lines| [OsStr::new(&url), journal.as_os_str(), OsStr::new(lines)];
    let mut written = String::new();
    // The sample has two events, and says with which ID it was asked for.
    for (lines, more) in
        [("2", "[\"7\",\"\\nstraße\"]\n[\"7\",\"\"]\n"), ("3", "[\"7\",\"7\\nstraße\"]\n")]
    {
        ran("replay_client", &arguments(lines), 0).await?;
        written += more;
        expect("the journal", &std::fs::read_to_string(&journal)?, &written)?;
    }
    std::fs::write(&journal, "[\"end\",\"\"]\n")?;
    let [_, said] = ran("replay_client", &arguments("2"), 1).await?;
    expect("what it said", &said[..], "the server asked not to come back (204)\n")
}
