//! One server with a log: slow and vanished readers hold nobody up, it ends in order, and
//! its log outlives a kill.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Checks;
use crate::reader::{Reader, publish};
use crate::world::{Process, TOKENS, Why, directory, free_port};

/// More than sockets hold, and more than is kept: so many events of 20 KB.
const EVENTS: usize = 2000;

pub async fn prove(checks: &mut Checks) -> Result<(), Why> {
    let log = directory("alone").join("log.lock").display().to_string();
    let options = ["--log", &log, "--keep-alive", "0.3", "--keep", "1000"];
    let server = Process::server(free_port(), &options).await?;
    let slow = readers(checks, server.port).await?;
    end(checks, server, slow).await?;
    restart(checks, &options).await?;
    renew(checks).await
}

/// A stream that nobody reads.
async fn connect(port: u16) -> Result<TcpStream, Why> {
    let request = format!("GET /api/notifications?token={} HTTP/1.1\r\nhost: x\r\n\r\n", TOKENS[1]);
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection.write_all(request.as_bytes()).await?;
    Ok(connection)
}

/// Two clients read nothing, twenty vanish: another gets each event before the next is sent.
async fn readers(checks: &mut Checks, port: u16) -> Result<TcpStream, Why> {
    let (mut slow, never) = (connect(port).await?, connect(port).await?);
    for _ in 0..20 {
        drop(connect(port).await?);
    }
    let mut reader = Reader::open(port, "").await?;
    let padding = "x".repeat(20_000);
    for number in 0..EVENTS {
        publish(port, &format!("{number} {padding}")).await?;
        if !reader.until(|seen| seen.events.len() > number).await {
            break;
        }
    }
    let came = reader.messages();
    let is_whole = came.len() == EVENTS
        && came.iter().enumerate().all(|(at, text)| text.starts_with(&format!("{at} ")));
    checks.check(
        "beside slow and vanished readers one gets each event at once",
        is_whole,
        came.len(),
    );

    // One of the slow begins to read: it is told that events are gone, and gets the rest.
    let (mut seen, mut part) = (Vec::new(), vec![0; 1 << 16]);
    let has =
        |seen: &[u8], text: &str| seen.windows(text.len()).any(|part| part == text.as_bytes());
    let newest = format!("data: {} ", EVENTS - 1);
    let read = async {
        while let Ok(length @ 1..) = slow.read(&mut part).await {
            seen.extend_from_slice(&part[..length]);
            if has(&seen[seen.len().saturating_sub(length + 20)..], &newest) {
                break;
            }
        }
    };
    let is_done = timeout(Duration::from_secs(20), read).await.is_ok();
    checks.check("the slow reader gets the newest in the end", is_done, seen.len());
    let is_told = has(&seen, "event: gone\n");
    checks.check("and is told that events are missing", is_told, is_told);
    Ok(never)
}

/// A server that is asked to end closes its streams, and does not wait for ever for a client
/// that reads nothing.
async fn end(checks: &mut Checks, server: Process, never: TcpStream) -> Result<(), Why> {
    let mut reader = Reader::open(server.port, "").await?;
    let status = server.end(true).await?;
    checks.check("SIGTERM with open streams", status.is_some_and(|s| s.success()), status);
    let is_closed = reader.until(|seen| seen.end == Some(true)).await;
    checks.check("it ended the streams as HTTP ends a response", is_closed, is_closed);
    drop(never);
    Ok(())
}

/// The log has all of it after a kill, and a cut-off end is not an event.
async fn restart(checks: &mut Checks, options: &[&str]) -> Result<(), Why> {
    let server = Process::server(free_port(), options).await?;
    let port = server.port;
    let before = publish(port, "before").await?;
    publish(port, "last").await?;
    server.end(false).await?;
    let mut bytes = std::fs::read(options[1])?;
    bytes.extend(b"id: 7\nevent: info\ndata: half");
    std::fs::write(options[1], bytes)?;
    let server = Process::server(port, options).await?;
    publish(port, "after").await?;
    let mut reader = Reader::open(port, &before).await?;
    reader.first(2).await;
    let messages = reader.messages();
    checks.check("after a kill the log continues", messages == ["last", "after"], messages);

    let (_, text) = Process::refused(&["--log", options[1]])?;
    let is_refused = text.contains("another server");
    checks.check("a second server on the log ends at once", is_refused, text.trim());
    let other = directory("alone").join("letter.txt");
    std::fs::write(&other, "Dear Ada,\n\n")?;
    let (_, text) = Process::refused(&["--log", &other.display().to_string()])?;
    let is_left = text.contains("not a log") && std::fs::read(&other)? == b"Dear Ada,\n\n";
    checks.check("a file that is not a log is left as it is", is_left, text.trim());
    drop(server);
    Ok(())
}

/// A log beyond its length is renamed, and a new one begun. Both are read back.
async fn renew(checks: &mut Checks) -> Result<(), Why> {
    let log = directory("renew").join("log.old");
    let options = ["--log", &log.display().to_string()];
    // Large events, because few are read sooner; 129 MiB.
    let text = "x".repeat(43 << 20);
    let written: String =
        (1..=3).map(|n| format!("id: {n}-0\nevent: a\ndata: {text}\n\n")).collect();
    std::fs::write(&log, &written)?;
    let server = Process::server(free_port(), &options).await?;
    let port = server.port;
    let first = publish(port, "first").await?;
    publish(port, "second").await?;
    server.end(false).await?;
    let old = log.with_added_extension("old");
    let is_old = std::fs::read(&old)? == written.as_bytes();
    checks.check("a long log is renamed as it is", is_old, old);
    let new = std::fs::read_to_string(&log)?;
    let begins = new.starts_with(&format!("id: {first}\n")) && new.ends_with("data: second\n\n");
    checks.check("and a new one begins with the next event", begins, new);

    let server = Process::server(port, &options).await?;
    let mut reader = Reader::open(port, "3-0").await?;
    reader.first(2).await;
    let messages = reader.messages();
    checks.check("both are read back", messages == ["first", "second"], messages);
    server.end(false).await?;

    // As after a kill between the renaming and the first event of the new log.
    std::fs::remove_file(&log)?;
    let server = Process::server(port, &options).await?;
    publish(port, "third").await?;
    server.end(false).await?;
    let _server = Process::server(port, &options).await?;
    let mut reader = Reader::open(port, "3-0").await?;
    reader.first(1).await;
    let messages = reader.messages();
    checks.check("a kill in between stops nothing", messages == ["third"], messages);
    Ok(())
}
