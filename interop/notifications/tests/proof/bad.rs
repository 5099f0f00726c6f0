//! Bad input: each has its status and a clear text.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Checks;
use crate::reader::{Reader, send, url};
use crate::world::{Process, TOKENS, Why, directory, free_port};

pub async fn prove(checks: &mut Checks) -> Result<(), Why> {
    let log = directory("bad").join("log").display().to_string();
    options(checks, &log)?;
    let server = Process::server(free_port(), &["--log", &log]).await?;
    let (client, url) = (Client::new(), url(server.port));
    let post = || client.post(&url).bearer_auth(TOKENS[0]);
    let json = |text: &str| post().header("content-type", "application/json").body(text.to_owned());
    let typed = |event_type: &str| post().json(&json!({ "type": event_type, "message": "" }));
    let unknown = json!({ "type": "a", "message": "", "user": "eve\ndata: x" });
    let reader = || client.get(&url).bearer_auth(TOKENS[0]);

    let requests: Vec<(&str, RequestBuilder, u16, &str)> = vec![
        ("broken JSON", json("{\"type\":"), 400, "JSON"),
        ("a message is missing", json("{\"type\":\"a\"}"), 422, "message"),
        ("an unknown field", json("{\"typ\":\"a\"}"), 422, "unknown field"),
        ("no JSON at all", post().body("x"), 415, "application/json"),
        ("a type with LF", typed("a\nb"), 400, "one line"),
        ("a type with CR", typed("a\rb"), 400, "one line"),
        ("an empty type", typed(""), 400, "empty"),
        ("the server's own type `gone`", typed("gone"), 400, "`gone`"),
        ("the server's own type `reset`", typed("reset"), 400, "`reset`"),
        ("an unknown user", post().json(&unknown), 404, "no user"),
        ("a POST without a token", client.post(&url).json(&unknown), 401, "token"),
        ("a wrong token", client.get(&url).bearer_auth("x"), 401, "token"),
        ("a wrong token in the query", client.get(format!("{url}?token=x")), 401, "token"),
        (
            "a token without `Bearer`",
            client.get(&url).header("authorization", TOKENS[0]),
            401,
            "token",
        ),
        ("a reader of HTML", reader().header("accept", "text/html"), 406, "event stream"),
    ];
    for (claim, request, status, words) in requests {
        let response = request.timeout(Duration::from_secs(10)).send().await?;
        let (came, text) = (response.status().as_u16(), response.text().await?);
        checks.check(claim, came == status && text.contains(words), (came, text.trim()));
    }
    let answer = too_long(server.port).await?;
    let is_refused = answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("limit exceeded");
    checks.check("a message of 10 MB", is_refused, answer.lines().last());

    // A message can hold anything; it cannot end its event.
    let message = "<b>\r\n\r\nid: 7\n\nevent: gone\ndata: x";
    send(server.port, message).await?.error_for_status()?;
    for (elsewhere, notice) in
        [("1234-7", "gone"), ("9999999999999-0", "reset"), ("7", "reset"), ("\u{fffd}", "reset")]
    {
        let events = Reader::open(server.port, elsewhere).await?.first(2).await;
        let is_told = events.first().is_some_and(|(event_type, _)| event_type == notice);
        checks.check("a Last-Event-ID from elsewhere", is_told, events.first());
        let is_same = events.get(1).is_some_and(|(_, data)| *data == message.replace("\r\n", "\n"));
        checks.check("then what is kept", is_same, events.get(1));
    }
    Ok(())
}

/// A server that cannot begin says why, and names the option or the file.
fn options(checks: &mut Checks, log: &str) -> Result<(), Why> {
    let users = directory("users").join("users.json").display().to_string();
    std::fs::write(&users, r#"{"token":"a\rdata: b"}"#)?;
    for (option, value, words) in [
        ("--keep-alive", "1e19", "--keep-alive"),
        ("--keep-alive", "0", "--keep-alive"),
        ("--users", &users, "one line"),
        ("--users", log, log),
        ("--log", "/dev/null/log", "/dev/null/log"),
    ] {
        let (status, text) = Process::refused(&[option, value])?;
        let is_said = status.code() == Some(1) && text.contains(words);
        checks.check(&format!("{option} {value}"), is_said, text.lines().next());
    }
    Ok(())
}

/// On a bare connection: the server answers before it has read all of it, and a client that
/// only writes until then sees no answer.
async fn too_long(port: u16) -> Result<String, Why> {
    let body = json!({ "type": "a", "message": "x".repeat(10 << 20) }).to_string();
    let head = format!(
        "POST /api/notifications HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        TOKENS[0],
        body.len()
    );
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection.write_all(head.as_bytes()).await?;
    _ = connection.write_all(body.as_bytes()).await;
    let (mut answer, mut part) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = connection.read(&mut part).await {
        answer.extend_from_slice(&part[..length]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
