//! Bad surroundings: what comes where an event stream should be.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::outcome::{Result, ensure};
use crate::process::{self, Ran, peak_memory, program};
use crate::recipes;
use crate::section::Section;
use crate::server::{self, broken_off};

const MIB: u64 = 1 << 20;

/// The outcome that a client should have.
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

/// Its name, the response, and what a client should make of it.
struct Surrounding(&'static str, fn() -> Response, Expected);

const JSON: &str =
    "{\n  \"error\": { \"message\": \"no such key\", \"type\": \"authentication_error\" }\n}\n";

const HTML: &str = "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><title>502 Bad Gateway</title>\n\
    <style>\nh1 { color: red }\n</style>\n<body>\n<h1>Bad Gateway</h1>\n\n<p>Try again later.\n</html>\n";

/// Three events, packed by gzip.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x49\x2c\x49\xb4\x52\xa8\xe0\xe2\x4a\xc1\x60\x00\x00\x09\x4b\x21\x41\x1b\x00\x00\x00";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Body {
    text.encode_utf16().flat_map(bytes).collect::<Vec<_>>().into()
}

/// A line that begins so, as long as a test can wait for.
fn endless(start: &'static str) -> Body {
    let piece = Bytes::from_static(&[b'x'; 64 * 1024]);
    let pieces = stream::repeat(piece).take((256 * MIB / (64 * 1024)) as usize);
    let pieces = stream::iter([start.into()]).chain(pieces);
    Body::from_stream(pieces.map(Ok::<_, io::Error>))
}

fn half_a_line() -> Body {
    Body::from_stream(stream::iter([Ok("data: half of".into())]).chain(broken_off()))
}

fn typed(status: StatusCode, media_type: &str, body: impl Into<Body>) -> Response {
    (status, [("content-type", media_type)], body.into()).into_response()
}

fn called(body: impl Into<Body>) -> Response {
    typed(StatusCode::OK, "text/event-stream", body)
}

#[rustfmt::skip]
const SURROUNDINGS: &[Surrounding] = &[
    Surrounding("a JSON error, 401", || typed(StatusCode::UNAUTHORIZED, "application/json", JSON), Refused("401 Unauthorized with application/json instead of")),
    Surrounding("a JSON error, 200", || typed(StatusCode::OK, "application/json; charset=utf-8", JSON), Refused("200 OK with application/json; charset=utf-8 instead of")),
    Surrounding("an HTML page, 502", || typed(StatusCode::BAD_GATEWAY, "text/html", HTML), Refused("502 Bad Gateway with text/html instead of")),
    Surrounding("an HTML page, 200", || typed(StatusCode::OK, "text/html", HTML), Refused("200 OK with text/html instead of")),
    Surrounding("a gzip body, declared", || ([("content-encoding", "gzip")], called(GZIP)).into_response(), Refused("200 OK with text/event-stream, compressed with gzip")),
    Surrounding("no media type", || Response::new("data: x\n\n".into()), Refused("200 OK without a Content-Type")),
    Surrounding("JSON, called an event stream", || called(JSON), NoEvent),
    Surrounding("HTML, called an event stream", || called(HTML), NoEvent),
    Surrounding("gzip, called an event stream", || called(GZIP), NoEvent),
    Surrounding("UTF-16, little-endian with a BOM", || called(utf_16("\u{FEFF}data: x\n\ndata: y\r\n\r\n", u16::to_le_bytes)), NoEvent),
    Surrounding("UTF-16, big-endian without", || called(utf_16("data: x\n\ndata: y\r\n\r\n", u16::to_be_bytes)), NoEvent),
    Surrounding("a line of 256 MiB, of no field", || called(endless("x")), NoEvent),
    Surrounding("a `data` line of 256 MiB", || called(endless("data: ")), TooLarge),
    Surrounding("a connection that breaks off", || called(half_a_line()), TransportError),
];

async fn respond(Path(number): Path<usize>) -> Response {
    SURROUNDINGS[number].1()
}

const CLIENTS: [&str; 5] = ["client_reqwest", "client_hyper", "client_ureq", "llm_client", "proxy"];

pub async fn run() -> Result<Section> {
    let port = server::serve(Router::new().route("/{number}", any(respond))).await?;
    let mut section = Section::default();
    section.row(&[&["what comes", "expected"][..], &CLIENTS].concat());
    section.text += &format!("|{}\n", "---|".repeat(2 + CLIENTS.len()));
    for (number, Surrounding(name, _, expected)) in SURROUNDINGS.iter().enumerate() {
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
        (Refused(what), _) => {
            *code == Some(1) && stderr.starts_with(&format!("the server answered {what}"))
        }
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
