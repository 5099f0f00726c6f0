//! The servers of the cookbook, read frame by frame.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::{Client, Response, StatusCode, Version};
use sse_proto::OwnedFrame;
use sse_proto::stream::EventStream;
use tokio::time::{Instant, timeout};

use super::{LIMIT, server};
use crate::outcome::{Result, ensure, expect};
use crate::process;
use crate::server::IDS;

async fn get(client: &Client, url: &str, last_event_id: Option<&str>) -> Result<Response> {
    let mut request = client.get(url);
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id.as_bytes());
    }
    Ok(request.send().await?)
}

/// The frames of a stream, one by one, in short: `comment`, or `type: data` with the ID that the block set.
struct Frames(BoxStream<'static, String>);

impl Frames {
    async fn open(client: &Client, url: &str, last_event_id: Option<&str>) -> Result<Self> {
        let response = get(client, url, last_event_id).await?;
        expect("status", response.status(), StatusCode::OK)?;
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache, no-transform"),
            ("x-accel-buffering", "no"),
        ] {
            let found = response.headers().get(name).map(|value| value.as_bytes());
            expect(name, found, Some(value.as_bytes()))?;
        }
        let frames = EventStream::new(response.bytes_stream()).into_frames();
        let in_short = |frame: Result<_, _>| match frame {
            Ok(frame) => in_short(&frame),
            Err(error) => format!("{error:?}"),
        };
        Ok(Frames(frames.map(in_short).boxed()))
    }

    async fn expect(&mut self, frames: &[&str]) -> Result {
        for frame in frames {
            let next = timeout(LIMIT, self.0.next()).await;
            let next = next.map_err(|_| format!("{frame:?} did not come"))?;
            expect("frame", next.as_deref(), Some(*frame))?;
        }
        Ok(())
    }

    async fn end(mut self) -> Result {
        expect("end", timeout(LIMIT, self.0.next()).await?, None)
    }

    /// Waits for a keep-alive as the next frame, and looks at the clock.
    async fn keep_alive(&mut self, since: Instant) -> Result {
        self.expect(&[": keep-alive"]).await?;
        let waited = since.elapsed();
        let about_15 = Duration::from_secs(14)..Duration::from_secs(18);
        ensure(about_15.contains(&waited), || format!("keep-alive after {waited:?}"))
    }
}

fn in_short(frame: &OwnedFrame) -> String {
    match frame {
        OwnedFrame::Event(event) => {
            let id = event.id().map(|id| format!(" ({id})")).unwrap_or_default();
            format!("{}: {}{id}", event.event_type(), event.data())
        }
        OwnedFrame::Comment(text) => format!(": {text}"),
        OwnedFrame::Retry(time) => format!("retry {time:?}"),
        OwnedFrame::Id(id) => format!("id {id}"),
        _ => "unknown".into(),
    }
}

pub async fn axum() -> Result {
    let (_process, base) = server("server_axum", &["127.0.0.1:0"]).await?;
    let client = Client::new();
    let url = format!("{base}/events");
    let mut one = Frames::open(&client, &url, None).await?;
    let mut other = Frames::open(&client, &url, None).await?;
    for text in ["hello", "", "한\r\ndata: two\rid: 9", "🦀\n"] {
        let said = client.post(format!("{base}/say")).body(text).send().await?;
        expect("status", said.status(), StatusCode::NO_CONTENT)?;
    }
    let since = Instant::now();
    let said = ["said: hello", "said: ", "said: 한\ndata: two\nid: 9", "said: 🦀\n"];
    one.expect(&said).await?;
    other.expect(&said).await?;
    one.keep_alive(since).await
}

pub async fn actix() -> Result {
    let (_process, base) = server("server_actix", &["127.0.0.1:0"]).await?;
    let client = Client::new();
    let quick = format!("{base}/job?steps=3&pause=50");
    let steps = [1, 2, 3].map(|step| format!(r#"progress: {{"step":{step},"of":3}} ({step})"#));
    let steps = steps.each_ref().map(String::as_str);
    for (last_event_id, steps) in [(None, &steps[..]), (Some("2"), &steps[2..])] {
        let mut frames = Frames::open(&client, &quick, last_event_id).await?;
        frames.expect(steps).await?;
        frames.end().await?;
    }
    let done = get(&client, &quick, Some("3")).await?;
    expect("status when done", done.status(), StatusCode::NO_CONTENT)?;

    let since = Instant::now();
    let slow = format!("{base}/job?steps=1&pause=17000");
    let mut frames = Frames::open(&client, &slow, None).await?;
    frames.keep_alive(since).await?;
    frames.expect(&[r#"progress: {"step":1,"of":1} (1)"#]).await
}

pub async fn hyper() -> Result {
    let (_process, base) = server("server_hyper", &["127.0.0.1:0"]).await?;
    let url = format!("{base}/events");
    let http2 = Client::builder().http2_prior_knowledge().build()?;
    for (client, version) in [(&Client::new(), Version::HTTP_11), (&http2, Version::HTTP_2)] {
        let elsewhere = get(client, &base, None).await?;
        expect("status elsewhere", elsewhere.status(), StatusCode::NOT_FOUND)?;
        expect("version", elsewhere.version(), version)?;
        let mut frames = Frames::open(client, &url, None).await?;
        frames.expect(&["tick: 1 (1)", "tick: 2 (2)"]).await?;
        let mut frames = Frames::open(client, &url, Some("41")).await?;
        frames.expect(&["tick: 42 (42)"]).await?;
    }
    let since = Instant::now();
    let mut frames = Frames::open(&http2, &format!("{url}?every=17"), None).await?;
    frames.keep_alive(since).await?;
    frames.expect(&["tick: 1 (1)"]).await
}

pub async fn proxy(sample: &str) -> Result {
    let (_process, proxy) = server("proxy", &[&format!("{sample}/sample"), "127.0.0.1:0"]).await?;
    let client = Client::new();
    let mut frames = Frames::open(&client, &proxy, Some(IDS[1])).await?;
    let echo = format!("echo: {}\nSTRASSE (7)", IDS[1].to_uppercase());
    frames.expect(&[": hi", "retry 1.5s", "id 한", &echo, "message: "]).await?;
    frames.end().await?;
    let end = get(&client, &proxy, Some("end")).await?;
    expect("status at the end", end.status(), StatusCode::NO_CONTENT)?;

    let (_process, proxy) = server("proxy", &["http://127.0.0.1:1/", "127.0.0.1:0"]).await?;
    let gone = get(&client, &proxy, None).await?;
    expect("status when upstream is gone", gone.status(), StatusCode::BAD_GATEWAY)
}

/// A file of somebody else is refused, and stays as it is.
async fn letter(scratch: &Path) -> Result {
    let file = scratch.join("letter.txt");
    for (name, place) in
        [("replay_server", "127.0.0.1:0"), ("replay_client", "http://127.0.0.1:9/")]
    {
        std::fs::write(&file, "Dear Ada")?;
        let mut command = process::program(name);
        let ran = process::run(command.arg(place).arg(&file).arg("0"), LIMIT).await?;
        expect(&format!("{name}'s status for a letter"), ran.code, Some(1))?;
        expect("the letter", std::fs::read_to_string(&file)?.as_str(), "Dear Ada")?;
    }
    Ok(())
}

pub async fn replay(scratch: &Path) -> Result {
    letter(scratch).await?;
    let log = scratch.join("recipe.log");
    let log = log.to_str().ok_or("a path that is not UTF-8")?;
    let (_process, base) = server("replay_server", &["127.0.0.1:0", log, "5", "1", "3"]).await?;
    let (client, url) = (Client::new(), format!("{base}/events"));
    let json = client.get(&url).header("accept", "application/json").send().await?;
    expect("status for JSON", json.status(), StatusCode::NOT_ACCEPTABLE)?;

    let mut frames = Frames::open(&client, &url, None).await?;
    frames.expect(&["retry 100ms"]).await?;
    let mut all = Vec::<String>::new();
    while !all.last().is_some_and(|frame| frame.ends_with("-5)")) {
        let frame = timeout(LIMIT, frames.0.next()).await?;
        all.push(frame.ok_or("the last event did not come")?);
    }
    // Some may have gone before the first request, but never one of the last three.
    let kept = all.len().checked_sub(3).ok_or_else(|| format!("only {all:?} came"))?;
    let kept: Vec<_> = all[kept..].iter().map(String::as_str).collect();
    let (_, newest) = kept[2].rsplit_once('(').ok_or("it has no ID")?;
    let id = |n: usize| newest.replace("-5)", &format!("-{n}"));
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
    frames.keep_alive(since).await
}
