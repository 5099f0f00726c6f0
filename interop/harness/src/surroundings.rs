//! Bad surroundings: what comes where an event stream should be.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::outcome::{Result, ensure};
use crate::process::{self, Ran, peak_memory, program};
use crate::recipes;
use crate::section::Section;
use crate::server::{self, broken_off};

const MIB: u64 = 1 << 20;

/// What a client should make of it.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// It says what came instead.
    Refused(&'static str),
    /// It reads to the end, and finds no event.
    NoEvent,
    /// It says that the event is too large, and holds no more memory than it may.
    TooLarge,
    /// It says that the transport failed.
    TransportError,
}
use Expected::{NoEvent, Refused, TooLarge, TransportError};

impl Expected {
    fn name(self) -> &'static str {
        match self {
            Refused(_) => "says so",
            NoEvent => "no event",
            TooLarge => "`EventTooLarge`, bounded",
            TransportError => "the transport's error",
        }
    }

    /// The most memory that a client may have held, in bytes.
    fn peak(self) -> u64 {
        match self {
            // Twice the default limit, and what a client needs for itself.
            TooLarge => 2 * 64 * MIB + 48 * MIB,
            _ => 48 * MIB,
        }
    }
}

/// What a server sends.
enum Sent {
    Bytes(&'static [u8]),
    /// A line that begins so, as long as a test can wait for: 256 MiB.
    Endless(&'static [u8]),
    /// The beginning of a line, then the end of the connection.
    BrokenOff(&'static [u8]),
}
use Sent::{BrokenOff, Endless};

struct Surrounding {
    name: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Sent,
    expected: Expected,
}

const STREAM: &[(&str, &str)] = &[("content-type", "text/event-stream")];
const PACKED: &[(&str, &str)] = &[STREAM[0], ("content-encoding", "gzip")];

const JSON: Sent = Sent::Bytes(
    b"{\n  \"error\": { \"message\": \"no such key\", \"type\": \"authentication_error\" }\n}\n",
);

const HTML: Sent = Sent::Bytes(
    b"<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><title>502 Bad Gateway</title>\n\
    <style>\nh1 { color: red }\n</style>\n<body>\n<h1>Bad Gateway</h1>\n\n<p>Try again later.\n</html>\n",
);

/// Three events, packed by gzip.
const GZIP: Sent = Sent::Bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x49\x2c\x49\xb4\x52\xa8\xe0\xe2\x4a\xc1\x60\x00\x00\x09\x4b\x21\x41\x1b\x00\x00\x00");

const LITTLE_ENDIAN: Sent =
    Sent::Bytes(b"\xFF\xFEd\0a\0t\0a\0:\0 \0x\0\n\0\n\0d\0a\0t\0a\0:\0 \0y\0\r\0\n\0\r\0\n\0");
const BIG_ENDIAN: Sent =
    Sent::Bytes(b"\0d\0a\0t\0a\0:\0 \0x\0\n\0\n\0d\0a\0t\0a\0:\0 \0y\0\r\0\n\0\r\0\n");

#[rustfmt::skip]
const SURROUNDINGS: &[Surrounding] = &[
    Surrounding { name: "a JSON error, 401", status: 401, headers: &[("content-type", "application/json")], body: JSON, expected: Refused("the server answered 401 Unauthorized with application/json instead of") },
    Surrounding { name: "a JSON error, 200", status: 200, headers: &[("content-type", "application/json; charset=utf-8")], body: JSON, expected: Refused("the server answered 200 OK with application/json; charset=utf-8 instead of") },
    Surrounding { name: "an HTML page, 502", status: 502, headers: &[("content-type", "text/html")], body: HTML, expected: Refused("the server answered 502 Bad Gateway with text/html instead of") },
    Surrounding { name: "an HTML page, 200", status: 200, headers: &[("content-type", "text/html")], body: HTML, expected: Refused("the server answered 200 OK with text/html instead of") },
    Surrounding { name: "a gzip body, declared", status: 200, headers: PACKED, body: GZIP, expected: Refused("the server answered 200 OK with text/event-stream, compressed with gzip") },
    Surrounding { name: "no media type", status: 200, headers: &[], body: Sent::Bytes(b"data: x\n\n"), expected: Refused("the server answered 200 OK without a Content-Type") },
    Surrounding { name: "JSON, called an event stream", status: 200, headers: STREAM, body: JSON, expected: NoEvent },
    Surrounding { name: "HTML, called an event stream", status: 200, headers: STREAM, body: HTML, expected: NoEvent },
    Surrounding { name: "gzip, called an event stream", status: 200, headers: STREAM, body: GZIP, expected: NoEvent },
    Surrounding { name: "UTF-16, little-endian with a BOM", status: 200, headers: STREAM, body: LITTLE_ENDIAN, expected: NoEvent },
    Surrounding { name: "UTF-16, big-endian without", status: 200, headers: STREAM, body: BIG_ENDIAN, expected: NoEvent },
    Surrounding { name: "a line of 256 MiB, of no field", status: 200, headers: STREAM, body: Endless(b"x"), expected: NoEvent },
    Surrounding { name: "a `data` line of 256 MiB", status: 200, headers: STREAM, body: Endless(b"data: "), expected: TooLarge },
    Surrounding { name: "a connection that breaks off", status: 200, headers: STREAM, body: BrokenOff(b"data: half of"), expected: TransportError },
];

async fn respond(Path(number): Path<usize>) -> Response {
    let Surrounding { status, headers, body, .. } = &SURROUNDINGS[number];
    let body = match *body {
        Sent::Bytes(bytes) => Body::from(bytes),
        Endless(start) => {
            let piece = Bytes::from_static(&[b'x'; 64 * 1024]);
            let pieces = stream::repeat(piece).take((256 * MIB / (64 * 1024)) as usize);
            let pieces = stream::iter([Bytes::from_static(start)]).chain(pieces);
            Body::from_stream(pieces.map(Ok::<_, io::Error>))
        }
        BrokenOff(start) => {
            Body::from_stream(stream::iter([Ok(Bytes::from_static(start))]).chain(broken_off()))
        }
    };
    let response = Response::builder().status(*status);
    let response =
        headers.iter().fold(response, |response, (name, value)| response.header(*name, *value));
    response.body(body).expect("a status and headers")
}

const CLIENTS: [&str; 5] = ["client_reqwest", "client_hyper", "client_ureq", "llm_client", "proxy"];

pub async fn run() -> Result<Section> {
    let port = server::serve(Router::new().route("/{number}", any(respond))).await?;
    let mut section = Section::new(
        "\n## Bad surroundings\n\n\
         What comes where an event stream should be, and what the cookbook's clients make of it: they say what came\n\
         instead, or find no event in it; none panics, and none holds more memory than twice the limit of 64 MiB\n\
         and its own 48.\n\n",
    );
    section.row(&[&["what comes", "expected"][..], &CLIENTS].concat());
    section.text += &format!("|{}\n", "---|".repeat(2 + CLIENTS.len()));
    for (number, Surrounding { name, expected, .. }) in SURROUNDINGS.iter().enumerate() {
        let url = format!("http://127.0.0.1:{port}/{number}");
        let mut cells = vec![(*name).to_owned(), expected.name().to_owned()];
        for client in CLIENTS {
            let made = match client {
                "proxy" => through_proxy(&url, *expected).await,
                _ => read_by(client, &url, *expected).await,
            };
            eprintln!("{name}: {client}: {made:?}");
            cells.push(section.yes(format!("{name}: {client}"), made));
        }
        section.row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    Ok(section)
}

const TOO_LARGE: &str = "event is larger than the limit of 67108864 bytes";

async fn read_by(client: &str, url: &str, expected: Expected) -> Result {
    let mut command = program(client);
    command.arg(url);
    if client == "llm_client" {
        command.args(["model", "prompt"]);
    }
    let reconnects = client == "client_reqwest" && !matches!(expected, Refused(_));
    let limit = Duration::from_secs(if reconnects { 5 } else { 60 });
    let ran = process::run(&mut command, limit).await?;
    let Ran { code, stdout, stderr, peak } = &ran;
    let holds = match (expected, client) {
        // Some gateways leave the type out, so it reads on; and this is no JSON.
        (Refused(what), "llm_client") if what.contains("without") => {
            *code == Some(1) && stderr.starts_with("this is not JSON")
        }
        (Refused(what), _) => *code == Some(1) && stderr.starts_with(what),
        (TooLarge, _) => stderr.starts_with(TOO_LARGE) && (reconnects || code.is_some()),
        // It reconnects until it has to be ended.
        (_, "client_reqwest") => code.is_none(),
        // Its answer has an end of its own, which did not come.
        (NoEvent, "llm_client") => *code == Some(1) && stderr == "the answer was cut off\n",
        (NoEvent, _) => *code == Some(0),
        (TransportError, _) => *code == Some(1) && !stderr.is_empty(),
    };
    ensure(holds && stdout.is_empty() && *peak < expected.peak(), || format!("{ran:?}"))
}

async fn through_proxy(url: &str, expected: Expected) -> Result {
    let (process, proxy) = recipes::server("proxy", &[url, "127.0.0.1:0"]).await?;
    let response = reqwest::get(proxy).await?;
    let status = response.status();
    let body = response.text().await;
    let peak = peak_memory(process.id);
    let holds = match (expected, &body) {
        // The client gets what upstream answered, and can look for itself.
        (Refused(what), Ok(_)) => what.contains(&status.to_string()),
        (NoEvent, Ok(body)) => status == 200 && body.is_empty(),
        (TooLarge, Ok(body)) => *body == format!(": {TOO_LARGE}\n"),
        (TransportError, Err(_)) => true,
        _ => false,
    };
    ensure(holds && peak < expected.peak(), || format!("{status}, {body:?}, {peak} bytes"))
}
