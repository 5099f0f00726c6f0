//! Redis gone for a while, trimmed, and emptied: what servers and clients make of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::Checks;
use crate::reader::{Reader, publish, send};
use crate::world::{Process, Why, directory, free_port};

pub async fn prove(checks: &mut Checks) -> Result<(), Why> {
    let (directory, redis_port) = (directory("away"), free_port());
    let redis = Process::redis(redis_port, &directory).await?;
    let url = format!("redis://127.0.0.1:{redis_port}");
    let options = ["--redis", &url, "--keep-alive", "0.2", "--keep", "100"];
    let servers = [
        Process::server(free_port(), &options).await?,
        Process::server(free_port(), &options).await?,
    ];
    let ports = [servers[0].port, servers[1].port];

    let mut open = Reader::open(ports[0], "").await?;
    let first = publish(ports[0], "first").await?;
    let second = publish(ports[1], "second").await?;
    open.first(2).await;
    redis.end(false).await?;
    let late = away(checks, ports, [&first, &second], &mut open, &options).await?;
    let _redis = Process::redis(redis_port, &directory).await?;
    back(checks, ports, open, late).await?;
    trimmed(checks, redis_port, ports, &first, &options).await?;
    lost(checks, redis_port, ports).await?;
    emptied(checks, redis_port, ports).await
}

/// Both wait for Redis: a client whose place is later than any here, and a server.
struct Late {
    client: Reader,
    server: Process,
}

async fn away(
    checks: &mut Checks,
    ports: [u16; 2],
    [first, second]: [&str; 2],
    open: &mut Reader,
    options: &[&str],
) -> Result<Late, Why> {
    for port in ports {
        let response = send(port, "not stored").await?;
        let retry = response.headers().contains_key("retry-after");
        let (status, text) = (response.status().as_u16(), response.text().await?);
        let is_clear = status == 503 && retry && text.contains("could not be stored");
        checks.check("Redis is away: a writer gets 503", is_clear, (status, text.trim()));
    }
    let before = open.bytes();
    let is_alive = open.until(|seen| seen.bytes > before && seen.end.is_none()).await;
    checks.check("an open stream gets keep-alives", is_alive, open.bytes() - before);
    let events = Reader::open(ports[1], first).await?.first(1).await;
    let is_served = events.first().is_some_and(|(_, data)| data == "second");
    checks.check("a client that comes back is served from memory", is_served, events);

    // It may have read more at another server, so nobody knows yet whether it is from here.
    let (time, _) = second.split_once('-').ok_or("an ID of Redis")?;
    let mut client = Reader::open(ports[0], &format!("{time}-999")).await?;
    client.until(|seen| seen.bytes > 100).await;
    let messages = client.messages();
    checks.check("a place that only Redis can know waits", messages.is_empty(), messages);
    let server = Process::begin_server(free_port(), options)?;
    sleep(Duration::from_millis(500)).await;
    let listens = server.listens().await;
    checks.check("a server that starts now does not listen yet", !listens, listens);
    Ok(Late { client, server })
}

async fn back(
    checks: &mut Checks,
    ports: [u16; 2],
    mut open: Reader,
    mut late: Late,
) -> Result<(), Why> {
    let mut attempts = 0;
    while attempts < 100 && publish(ports[1], "third").await.is_err() {
        attempts += 1;
        sleep(Duration::from_millis(100)).await;
    }
    open.until(|seen| seen.events.iter().any(|event| event.data() == "third")).await;
    let mut messages = open.messages();
    // A POST that got 503 may be stored all the same.
    messages.retain(|message| message != "not stored");
    checks.check(
        "Redis is back: nothing is lost",
        messages == ["first", "second", "third"],
        messages,
    );
    let told = late.client.first(1).await;
    let is_told = told.first().is_some_and(|(event_type, _)| event_type == "reset");
    checks.check("the place that waited is not from here", is_told, told.first());
    let server = late.server.ready().await?;
    let mut reader = Reader::open(server.port, "7").await?;
    let is_whole =
        reader.until(|seen| seen.events.last().is_some_and(|e| e.data() == "third")).await;
    checks.check("the server that waited has all events", is_whole, reader.messages());
    Ok(())
}

async fn trimmed(
    checks: &mut Checks,
    redis_port: u16,
    ports: [u16; 2],
    first: &str,
    options: &[&str],
) -> Result<(), Why> {
    let mut last = String::new();
    for number in 0..400 {
        last = publish(ports[number % 2], &format!("number {number}")).await?;
    }
    let length = command(redis_port, "XLEN notifications").await?;
    let is_trimmed = length[1..].trim().parse::<usize>().is_ok_and(|length| length < 400);
    checks.check("Redis has trimmed its stream", is_trimmed, length.trim());
    let fresh = Process::server(free_port(), options).await?;
    let later = last.replace('-', "9-");
    for port in [ports[0], ports[1], fresh.port] {
        for (id, notice) in [(first, "gone"), (&later, "reset"), ("7", "reset"), ("x-y", "reset")] {
            let mut reader = Reader::open(port, id).await?;
            let told = reader.first(1).await;
            let is_told = told.first().is_some_and(|(event_type, _)| event_type == notice);
            checks.check(&format!("the ID {id} is {notice}"), is_told, told.first());
            reader.until(|seen| seen.events.last().is_some_and(|e| e.data() == "number 399")).await;
            let messages = &reader.messages()[1..];
            let kept: Vec<_> = (400 - messages.len()..400).map(|n| format!("number {n}")).collect();
            checks.check(
                "what is kept follows",
                messages.len() > 90 && messages == kept,
                messages.len(),
            );
        }
    }
    Ok(())
}

/// Redis has forgotten its newest entry, as it may if it is killed and does not write each
/// entry to the disk at once.
async fn lost(checks: &mut Checks, redis_port: u16, ports: [u16; 2]) -> Result<(), Why> {
    let mut open = Reader::open(ports[0], "").await?;
    let id = publish(ports[1], "lost").await?;
    open.first(1).await;
    command(redis_port, &format!("XDEL notifications {id}")).await?;
    publish(ports[1], "after it").await?;
    let has_it =
        open.until(|seen| seen.events.last().is_some_and(|e| e.data() == "after it")).await;
    let messages = open.messages();
    let is_told =
        has_it && messages.get(1).is_some_and(|text| text.starts_with("Your last event ID"));
    checks.check("Redis has lost the newest: clients are told", is_told, messages.get(1));
    let is_whole = messages.ends_with(&["number 399".to_owned(), "after it".to_owned()]);
    checks.check("and get all that Redis has", is_whole && messages.len() > 90, messages.len());
    Ok(())
}

async fn emptied(checks: &mut Checks, redis_port: u16, ports: [u16; 2]) -> Result<(), Why> {
    let mut open = Reader::open(ports[0], "").await?;
    open.until(|seen| seen.bytes > 0).await;
    command(redis_port, "FLUSHALL").await?;
    publish(ports[1], "anew").await?;
    let has_it = open.until(|seen| seen.events.last().is_some_and(|e| e.data() == "anew")).await;
    checks.check("Redis was emptied: clients get what comes after it", has_it, open.messages());
    let told = open.first(1).await;
    let is_told = told.first().is_some_and(|(event_type, _)| event_type == "gone");
    checks.check("and are told", is_told, told.first());
    Ok(())
}

/// The answer of Redis to a command of one line.
async fn command(port: u16, text: &str) -> Result<String, Why> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection.write_all(format!("{text}\r\n").as_bytes()).await?;
    let mut answer = [0; 256];
    let length = connection.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
