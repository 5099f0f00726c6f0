//! Bad input, each with its status and a clear text; and clients that hold nobody up.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use sse_proto::client::Subscription;
use sse_proto::stream::EventStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::Checks;
use crate::world::{Process, TOKENS, Why, directory, free_port};

/// The server's answer to this request, which has to have this status, and these words.
async fn refused(
    checks: &mut Checks,
    claim: &str,
    request: RequestBuilder,
    status: u16,
    words: &str,
) -> Result<(), Why> {
    let response = request.timeout(Duration::from_secs(10)).send().await?;
    let (came, text) = (response.status().as_u16(), response.text().await?);
    checks.check(claim, came == status && text.contains(words), (came, text.trim()));
    Ok(())
}

pub async fn prove(checks: &mut Checks) -> Result<(), Why> {
    let directory = directory("bad");
    let log = directory.join("log").display().to_string();
    let options = ["--log", &log, "--keep-alive", "0.3", "--keep", "1000"];
    let server = Process::server(free_port(), &options).await?;
    let port = server.port;
    let (client, url) = (Client::new(), format!("http://127.0.0.1:{port}/api/notifications"));
    let post = || client.post(&url).bearer_auth(TOKENS[0]);
    let send = |event| post().json(&event);
    let json = |text: &str| post().header("content-type", "application/json").body(text.to_owned());

    refused(checks, "broken JSON", json("{\"type\":"), 400, "JSON").await?;
    refused(checks, "a message is missing", json("{\"type\":\"a\"}"), 422, "message").await?;
    refused(checks, "an unknown field", json("{\"typ\":\"a\"}"), 422, "unknown field").await?;
    refused(checks, "no JSON at all", post().body("x"), 415, "application/json").await?;
    for event_type in ["a\nb", "a\rb"] {
        let event = json!({ "type": event_type, "message": "" });
        refused(checks, "a type with a line end", send(event), 400, "one line").await?;
    }
    for event_type in ["", "gone", "reset"] {
        let event = json!({ "type": event_type, "message": "" });
        refused(checks, "a type that is the server's own", send(event), 400, "type").await?;
    }
    let long = json!({ "type": "a", "message": "x".repeat(10 << 20) });
    refused(checks, "a message of 10 MB", send(long), 413, "limit exceeded").await?;
    let unknown = json!({ "type": "a", "message": "", "user": "eve\ndata: x" });
    refused(checks, "an unknown user", send(unknown), 404, "no user").await?;
    refused(checks, "a POST without a token", client.post(&url).json(&json!({})), 401, "token")
        .await?;
    refused(checks, "a wrong token", client.get(&url).bearer_auth("x"), 401, "token").await?;
    refused(
        checks,
        "a wrong token in the query",
        client.get(format!("{url}?token=x")),
        401,
        "token",
    )
    .await?;
    let html = client.get(&url).bearer_auth(TOKENS[0]).header("accept", "text/html");
    refused(checks, "a reader of HTML", html, 406, "event stream").await?;

    // A message can hold anything; it cannot end its event.
    let message = "<b>\r\n\r\nid: 7\n\nevent: gone\ndata: x";
    send(json!({ "type": "info", "message": message })).send().await?.error_for_status()?;
    for (elsewhere, notice) in
        [("1234-7", "gone"), ("9999999999999-0", "reset"), ("7", "reset"), ("\u{fffd}", "reset")]
    {
        let request = client.get(&url).bearer_auth(TOKENS[1]).header("last-event-id", elsewhere);
        let mut events =
            EventStream::from_response(request.send().await?).map_err(|error| error.to_string())?;
        let first = events.next().await.ok_or("no event")??;
        checks.check("a Last-Event-ID from elsewhere", first.event_type() == notice, first.data());
        let next = events.next().await.ok_or("no event")??;
        let is_same = next.event_type() == "info" && next.data() == message.replace("\r\n", "\n");
        checks.check("then what is kept", is_same, next.data());
    }

    readers(checks, &client, &url, port).await?;
    restart(checks, &client, server, &options).await
}

/// One client reads nothing, another vanishes: a third gets each event soon.
async fn readers(checks: &mut Checks, client: &Client, url: &str, port: u16) -> Result<(), Why> {
    let request = format!("GET /api/notifications?token={} HTTP/1.1\r\nhost: x\r\n\r\n", TOKENS[1]);
    let mut slow = TcpStream::connect(("127.0.0.1", port)).await?;
    slow.write_all(request.as_bytes()).await?;
    for _ in 0..20 {
        let mut vanishes = TcpStream::connect(("127.0.0.1", port)).await?;
        vanishes.write_all(request.as_bytes()).await?;
    }
    let mut events = Subscription::new(
        |headers| client.get(url).bearer_auth(TOKENS[1]).headers(headers).send(),
        sleep,
    );
    // The first poll connects; there is nothing to come yet.
    _ = timeout(Duration::from_millis(500), events.next()).await;
    let (mut longest, mut numbers) = (Duration::ZERO, BTreeSet::new());
    // More than sockets hold, and more than is kept: 2000 events of 20 KB.
    let padding = "x".repeat(20_000);
    for number in 0..2000 {
        let sent = Instant::now();
        let event = json!({ "type": "info", "message": format!("{number} {padding}") });
        client.post(url).bearer_auth(TOKENS[0]).json(&event).send().await?.error_for_status()?;
        let event = timeout(Duration::from_secs(5), events.next()).await?.ok_or("no event")?;
        let event = event.map_err(|error| error.to_string())?;
        numbers.insert(event.data().split(' ').next().unwrap_or_default().to_owned());
        longest = longest.max(sent.elapsed());
    }
    checks.check("beside a slow reader one gets every event", numbers.len() == 2000, numbers.len());
    let longest = longest.as_millis();
    checks.check("and soon (the longest in ms)", longest < 1000, longest);
    // The slow one begins to read: it is told that events are gone, and gets those that are not.
    let (mut seen, mut part) = (Vec::new(), vec![0; 1 << 16]);
    let read = async {
        while !seen.windows(11).any(|part| part == b"data: 1999 ") {
            let length = slow.read(&mut part).await?;
            if length == 0 {
                break;
            }
            let keep = seen.len().saturating_sub(200);
            seen.drain(..keep);
            seen.extend_from_slice(&part[..length]);
        }
        Ok::<_, Why>(())
    };
    let is_done = timeout(Duration::from_secs(20), read).await.is_ok();
    checks.check("the slow reader gets the newest in the end", is_done, is_done);
    Ok(())
}

/// The log has all of it after a kill, and a cut-off end is not an event.
async fn restart(
    checks: &mut Checks,
    client: &Client,
    server: Process,
    options: &[&str],
) -> Result<(), Why> {
    let port = server.port;
    let url = format!("http://127.0.0.1:{port}/api/notifications");
    let send = async |message: &str| {
        let event = json!({ "type": "info", "message": message });
        let response = client.post(&url).bearer_auth(TOKENS[0]).json(&event).send().await?;
        Ok::<_, Why>(
            response.json::<serde_json::Value>().await?["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let before = send("before").await?;
    let last = send("last").await?;
    server.end(false).await?;
    let log = std::path::Path::new(options[1]);
    let mut bytes = std::fs::read(log)?;
    bytes.extend(b"id: 7\nevent: info\ndata: half");
    std::fs::write(log, bytes)?;
    let server = Process::server(port, options).await?;
    let next = send("after").await?;
    let request = client.get(&url).query(&[("token", TOKENS[1]), ("last_event_id", &before)]);
    let mut events =
        EventStream::from_response(request.send().await?).map_err(|error| error.to_string())?;
    for id in [last, next] {
        let event = events.next().await.ok_or("no event")??;
        checks.check(
            "after a restart the log continues",
            event.last_event_id() == id,
            event.data(),
        );
    }
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_notifications"))
        .args(options)
        .args(["--port", "0"])
        .output()?;
    let text = String::from_utf8_lossy(&second.stderr).into_owned();
    checks.check(
        "a second server on the log ends at once",
        text.contains("another server"),
        text.trim(),
    );
    let took = server.end(true).await?.as_millis();
    checks.check("SIGTERM with open streams (ms)", took < 2000, took);
    Ok(())
}
