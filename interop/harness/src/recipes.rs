//! The cookbook: each program does what it says.

use std::convert::Infallible;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Client, StatusCode, Version};
use sse_proto::stream::EventStream;
use sse_proto::{EventEncoder, OwnedFrame, encode};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout};

use crate::process::Process;
use crate::programs;
use crate::section::Section;
use crate::server::{self, IDS};

type Outcome = Result<(), String>;

/// The longest that a frame may be waited for, and longer than any keep-alive.
const LIMIT: Duration = Duration::from_secs(20);

pub async fn run(scratch: &Path) -> std::io::Result<Section> {
    let (base, feed) = sample_server().await?;
    let (a, b, c, d, e, f, g, h, i, j) = tokio::join!(
        row("server_axum", "headers, a room of two, keep-alive after 15 s", server_axum()),
        row("server_actix", "headers, JSON, resuming, 204, keep-alive after 15 s", server_actix()),
        row(
            "server_hyper",
            "headers, resuming, keep-alive after 15 s; HTTP/1.1 and HTTP/2",
            server_hyper()
        ),
        row(
            "client_reqwest",
            "events; a non-ASCII `Last-Event-ID` sent; reconnects; 204",
            client_reqwest(&base)
        ),
        row("client_hyper", "frames; HTTP/1.1 and HTTP/2", client_hyper(&base)),
        row("client_ureq", "events", client_ureq(&base)),
        row(
            "llm_client",
            "tokens as they come, in both styles; errors; an answer cut off",
            llm_client(&base, &feed)
        ),
        row("proxy", "frames changed, in order; `Last-Event-ID` and 204 passed on", proxy(&base)),
        row(
            "replay_server",
            "headers, resuming, 406; a hole and an unknown ID, told apart; keep-alive after 15 s",
            replay_server(scratch)
        ),
        row("replay_client", "resuming by its journal; 204", replay_client(&base, scratch)),
    );
    let mut section =
        Section::new("\n## The cookbook\n\n| program | what was tried | |\n|---|---|---|\n");
    for (program, tried, outcome) in [a, b, c, d, e, f, g, h, i, j] {
        let cell = section.yes(program, &outcome);
        section.row(&[&format!("`{program}`"), tried, if cell == "yes" { "works" } else { cell }]);
    }
    Ok(section)
}

type Row = (&'static str, &'static str, Outcome);

async fn row(
    program: &'static str,
    tried: &'static str,
    outcome: impl Future<Output = Outcome>,
) -> Row {
    let outcome = outcome.await;
    eprintln!("{program}: {outcome:?}");
    (program, tried, outcome)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// The frames of a stream, one by one, in short: `comment`, or `type: data` with the ID that the block set.
struct Frames(std::pin::Pin<Box<dyn stream::Stream<Item = String> + Send>>);

impl Frames {
    async fn open(client: &Client, url: &str, last_event_id: Option<&str>) -> Result<Self, String> {
        let mut request = client.get(url);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id.as_bytes());
        }
        let response = request.send().await.map_err(|error| format!("{error:?}"))?;
        let header = |name| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("none")
        };
        expect("status", response.status(), StatusCode::OK)?;
        expect("Content-Type", header("content-type"), "text/event-stream")?;
        expect("Cache-Control", header("cache-control"), "no-cache, no-transform")?;
        expect("X-Accel-Buffering", header("x-accel-buffering"), "no")?;
        let frames = EventStream::new(response.bytes_stream()).into_frames();
        Ok(Frames(
            frames
                .map(|frame| frame.map_or_else(|error| error.to_string(), |frame| in_short(&frame)))
                .boxed(),
        ))
    }

    async fn expect(&mut self, frames: &[&str]) -> Outcome {
        for frame in frames {
            let next = timeout(LIMIT, self.0.next())
                .await
                .map_err(|_| format!("{frame:?} did not come"))?;
            expect("frame", next.as_deref(), Some(*frame))?;
        }
        Ok(())
    }

    async fn end(mut self) -> Outcome {
        expect("end", timeout(LIMIT, self.0.next()).await, Ok(None))
    }
}

fn in_short(frame: &OwnedFrame) -> String {
    match frame {
        OwnedFrame::Event(event) => match event.id() {
            Some(id) => format!("{}: {} ({id})", event.event_type(), event.data()),
            None => format!("{}: {}", event.event_type(), event.data()),
        },
        OwnedFrame::Comment(text) => format!(": {text}"),
        OwnedFrame::Retry(time) => format!("retry {time:?}"),
        OwnedFrame::Id(id) => format!("id {id}"),
        _ => "unknown".into(),
    }
}

/// Waits for a keep-alive as the next frame, and looks at the clock.
async fn keep_alive(frames: &mut Frames, since: Instant) -> Outcome {
    frames.expect(&[": keep-alive"]).await?;
    let waited = since.elapsed();
    let about_15 = Duration::from_secs(14)..Duration::from_secs(18);
    if about_15.contains(&waited) { Ok(()) } else { Err(format!("keep-alive after {waited:?}")) }
}

async fn server_axum() -> Outcome {
    let (_process, base) = programs::server("server_axum", &["127.0.0.1:0"]).await?;
    let client = Client::new();
    let url = format!("{base}/events");
    let mut listeners =
        [Frames::open(&client, &url, None).await?, Frames::open(&client, &url, None).await?];
    for text in ["hello", "", "한\r\ndata: two\rid: 9", "🦀\n"] {
        let said = client
            .post(format!("{base}/say"))
            .body(text)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        expect("status", said.status(), StatusCode::NO_CONTENT)?;
    }
    let since = Instant::now();
    for listener in &mut listeners {
        listener
            .expect(&["said: hello", "said: ", "said: 한\ndata: two\nid: 9", "said: 🦀\n"])
            .await?;
    }
    keep_alive(&mut listeners[0], since).await
}

async fn server_actix() -> Outcome {
    let (_process, base) = programs::server("server_actix", &["127.0.0.1:0"]).await?;
    let client = Client::new();
    let quick = format!("{base}/job?steps=3&pause=50");
    let mut frames = Frames::open(&client, &quick, None).await?;
    let steps = [1, 2, 3].map(|step| format!(r#"progress: {{"step":{step},"of":3}} ({step})"#));
    frames.expect(&steps.each_ref().map(|step| step.as_str())).await?;
    frames.end().await?;
    let mut frames = Frames::open(&client, &quick, Some("2")).await?;
    frames.expect(&[&steps[2]]).await?;
    frames.end().await?;
    let done = client
        .get(&quick)
        .header("last-event-id", "3")
        .send()
        .await
        .map_err(|error| error.to_string())?;
    expect("status when done", done.status(), StatusCode::NO_CONTENT)?;

    let since = Instant::now();
    let mut frames =
        Frames::open(&client, &format!("{base}/job?steps=1&pause=17000"), None).await?;
    keep_alive(&mut frames, since).await?;
    frames.expect(&[r#"progress: {"step":1,"of":1} (1)"#]).await
}

async fn server_hyper() -> Outcome {
    let (_process, base) = programs::server("server_hyper", &["127.0.0.1:0"]).await?;
    let http2 =
        Client::builder().http2_prior_knowledge().build().map_err(|error| error.to_string())?;
    for (client, version) in [(Client::new(), Version::HTTP_11), (http2, Version::HTTP_2)] {
        let elsewhere =
            client.get(format!("{base}/")).send().await.map_err(|error| error.to_string())?;
        expect("status elsewhere", elsewhere.status(), StatusCode::NOT_FOUND)?;
        expect("version", elsewhere.version(), version)?;
        let mut frames = Frames::open(&client, &format!("{base}/events"), None).await?;
        frames.expect(&["tick: 1 (1)", "tick: 2 (2)"]).await?;
        let mut frames = Frames::open(&client, &format!("{base}/events"), Some("41")).await?;
        frames.expect(&["tick: 42 (42)"]).await?;
        if version == Version::HTTP_2 {
            let since = Instant::now();
            let mut frames =
                Frames::open(&client, &format!("{base}/events?every=17"), None).await?;
            keep_alive(&mut frames, since).await?;
            frames.expect(&["tick: 1 (1)"]).await?;
        }
    }
    Ok(())
}

type Feed = Arc<Mutex<Option<Receiver<Bytes>>>>;

/// A stream of each kind of frame, which echoes the request's last event ID; and one that is fed by a test.
async fn sample_server() -> std::io::Result<(String, Feed)> {
    let feed = Feed::default();
    let app = Router::new()
        .route("/sample", get(sample))
        .route("/once", get(once))
        .route("/fed", any(fed))
        .with_state(feed.clone());
    let (port, _) = server::serve(app).await?;
    Ok((format!("http://127.0.0.1:{port}"), feed))
}

fn event_stream(body: Body) -> Response {
    ([("content-type", "Text/Event-Stream;charset=UTF-8")], body).into_response()
}

async fn sample(headers: HeaderMap) -> Response {
    let id =
        headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    if id.as_deref() == Some("end") {
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
    event_stream(out.into())
}

/// The sample, and 204 for a client that has read it.
async fn once(headers: HeaderMap) -> Response {
    match headers.get("last-event-id") {
        Some(id) if id == "7" => StatusCode::NO_CONTENT.into_response(),
        _ => sample(headers).await,
    }
}

async fn fed(State(feed): State<Feed>) -> Response {
    let receiver = feed.lock().expect("nobody panics inside").take();
    let pieces = stream::unfold(receiver, |receiver| async move {
        let mut receiver = receiver?;
        let piece = receiver.recv().await?;
        Some((Ok::<_, Infallible>(piece), Some(receiver)))
    });
    event_stream(Body::from_stream(pieces))
}

async fn client_reqwest(base: &str) -> Outcome {
    let mut command = programs::program("client_reqwest");
    let ran = programs::run(command.args([&format!("{base}/once"), IDS[1]]), LIMIT).await?;
    expect("what it printed", ran.stdout, format!("echo: {}\nstraße\nmessage: \n", IDS[1]))?;
    expect("what it said", ran.stderr, String::new())?;
    expect("exit status", ran.code, Some(0))
}

async fn client_hyper(base: &str) -> Outcome {
    for options in [&[][..], &["--http2"]] {
        let mut command = programs::program("client_hyper");
        let ran = programs::run(command.args(options).arg(format!("{base}/sample")), LIMIT).await?;
        let printed = "(comment: hi)\n(reconnect after 1.5s)\n(last event ID: \"한\")\necho: \nstraße\nmessage: \n";
        expect("what it printed", ran.stdout, printed.into())?;
        expect("exit status", ran.code, Some(0))?;
    }
    Ok(())
}

async fn client_ureq(base: &str) -> Outcome {
    let ran = programs::run(programs::program("client_ureq").arg(format!("{base}/sample")), LIMIT)
        .await?;
    expect("what it printed", ran.stdout, "echo: \nstraße\nmessage: \n".into())?;
    expect("what it said", ran.stderr, "the stream ended; last event ID: \"7\"\n".into())?;
    expect("exit status", ran.code, Some(0))
}

/// The bytes that are sent, and the output that must be printed before anything more is sent.
type Exchange = [(&'static str, &'static str)];

async fn llm_client(base: &str, feed: &Feed) -> Outcome {
    const COMPLETIONS: &Exchange = &[
        ("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n", ""),
        ("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", "Hel"),
        (": keep-alive\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\\n\"}}]}\n\n", "lo\n"),
        ("data: {\"choices\":[{\"delta\":{\"content\":\"\u{1F980}\"}}]}\r\n\r\n", "\u{1F980}"),
        (
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
            "\n",
        ),
    ];
    const MESSAGES: &Exchange = &[
        (
            "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
            "",
        ),
        (
            "event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Gu\"}}\n\n",
            "Gu",
        ),
        (
            "event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"ten Tag\"}}\n\n",
            "ten Tag",
        ),
        ("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", "\n"),
    ];
    llm(base, feed, COMPLETIONS, 0, "").await?;
    llm(base, feed, MESSAGES, 0, "").await?;
    llm(base, feed, &COMPLETIONS[..3], 1, "the answer was cut off\n").await?;
    let error = &[("event: error\ndata: {\"message\":\"overloaded\"}\n\n", "")];
    llm(base, feed, error, 1, "{\"message\":\"overloaded\"}\n").await?;
    let error = &[("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "")];
    llm(base, feed, error, 1, "{\"message\":\"overloaded\"}\n").await
}

async fn llm(base: &str, feed: &Feed, exchange: &Exchange, code: i32, stderr: &str) -> Outcome {
    let (sender, receiver): (Sender<Bytes>, _) = channel(1);
    *feed.lock().expect("nobody panics inside") = Some(receiver);
    let mut command = programs::program("llm_client");
    command
        .args([&format!("{base}/fed"), "model", "prompt"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = Process::start(&mut command).map_err(|error| error.to_string())?;
    let mut stdout = process.stdout();
    for (sent, printed) in exchange {
        sender
            .send(Bytes::from_static(sent.as_bytes()))
            .await
            .map_err(|error| error.to_string())?;
        programs::wait_for(&mut stdout, printed, LIMIT).await?;
    }
    drop(sender);
    let said = programs::read(process.stderr());
    let status = timeout(LIMIT, process.wait()).await.map_err(|_| "it did not end")?;
    expect("exit status", status.map_err(|error| error.to_string())?.code(), Some(code))?;
    expect("what it said", said.await, stderr.into())
}

async fn proxy(base: &str) -> Outcome {
    let (_process, proxy) =
        programs::server("proxy", &[&format!("{base}/sample"), "127.0.0.1:0"]).await?;
    let client = Client::new();
    let mut frames = Frames::open(&client, &proxy, Some(IDS[1])).await?;
    let echo = format!("echo: {}\nSTRASSE (7)", IDS[1].to_uppercase());
    frames.expect(&[": hi", "retry 1.5s", "id 한", &echo, "message: "]).await?;
    frames.end().await?;
    let end = client
        .get(&proxy)
        .header("last-event-id", "end")
        .send()
        .await
        .map_err(|error| error.to_string())?;
    expect("status at the end", end.status(), StatusCode::NO_CONTENT)?;

    let (_process, proxy) =
        programs::server("proxy", &["http://127.0.0.1:1/", "127.0.0.1:0"]).await?;
    let gone = client.get(&proxy).send().await.map_err(|error| error.to_string())?;
    expect("status when upstream is gone", gone.status(), StatusCode::BAD_GATEWAY)
}

async fn replay_server(scratch: &Path) -> Outcome {
    let log = scratch.join("recipe.log");
    let log = log.to_str().ok_or("a path that is not UTF-8")?;
    let arguments = ["127.0.0.1:0", log, "5", "1", "3"];
    let (_process, base) = programs::server("replay_server", &arguments).await?;
    let (client, url) = (Client::new(), format!("{base}/events"));
    let json = client.get(&url).header("accept", "application/json").send();
    let json = json.await.map_err(|error| error.to_string())?;
    expect("status for JSON", json.status(), StatusCode::NOT_ACCEPTABLE)?;

    let mut frames = Frames::open(&client, &url, None).await?;
    frames.expect(&["retry 100ms"]).await?;
    let mut all = Vec::new();
    let epoch = loop {
        let frame = timeout(LIMIT, frames.0.next()).await.ok().flatten();
        all.push(frame.ok_or("the last event did not come")?);
        let last = all.last().and_then(|frame| frame.strip_suffix("-5)")?.rsplit_once('('));
        if let Some((_, epoch)) = last {
            break epoch.to_owned();
        }
    };
    // Some may have gone before the first request, but never one of the last three.
    let kept = all.len().checked_sub(3).ok_or_else(|| format!("only {all:?} came"))?;
    let kept: Vec<_> = all[kept..].iter().map(String::as_str).collect();
    let id = |n: usize| format!("{epoch}-{n}");
    for (last_event_id, notice, events) in [
        (None, None, &kept[..]),
        (Some(id(1)), Some("missed: "), &kept),
        (Some("9-9".into()), Some("reset: "), &kept),
        (Some("한".into()), Some("reset: "), &kept),
        (Some(id(2)), None, &kept),
        (Some(id(4)), None, &kept[2..]),
    ] {
        let mut frames = Frames::open(&client, &url, last_event_id.as_deref()).await?;
        frames.expect(&["retry 100ms"]).await?;
        frames.expect(notice.as_slice()).await?;
        frames.expect(events).await?;
    }
    let since = Instant::now();
    let mut frames = Frames::open(&client, &url, Some(&id(5))).await?;
    frames.expect(&["retry 100ms"]).await?;
    keep_alive(&mut frames, since).await
}

async fn replay_client(base: &str, scratch: &Path) -> Outcome {
    let journal = scratch.join("recipe.journal");
    let mut written = String::new();
    // The sample has two events, and says with which ID it was asked for.
    for (lines, more) in
        [("2", "[\"7\",\"\\nstraße\"]\n[\"7\",\"\"]\n"), ("3", "[\"7\",\"7\\nstraße\"]\n")]
    {
        let mut command = programs::program("replay_client");
        command.arg(format!("{base}/sample")).arg(&journal).arg(lines);
        let ran = programs::run(&mut command, LIMIT).await?;
        expect("exit status", ran.code, Some(0))?;
        written += more;
        let journal = std::fs::read_to_string(&journal).map_err(|error| error.to_string())?;
        expect("the journal", &journal, &written)?;
    }
    std::fs::write(&journal, "[\"end\",\"\"]\n").map_err(|error| error.to_string())?;
    let mut command = programs::program("replay_client");
    let command = command.arg(format!("{base}/sample")).arg(&journal).arg("2");
    let ran = programs::run(command, LIMIT).await?;
    expect("what it said", ran.stderr, "the server asked not to come back (204)\n".into())?;
    expect("exit status", ran.code, Some(1))
}
