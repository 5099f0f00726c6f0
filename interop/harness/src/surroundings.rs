//! Bad surroundings: what comes where an event stream should be.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use sse_proto::{BytesDecoder, Chunk, Decoder};
use tokio::time::sleep;

use crate::programs::{self, Ran};
use crate::section::Section;
use crate::server;

const MIB: u64 = 1 << 20;

/// An endless line, as long as a test can wait for.
const ENDLESS: u64 = 256 * MIB;

const JSON: &[u8] =
    b"{\n  \"error\": { \"message\": \"no such key\", \"type\": \"authentication_error\" }\n}\n";

const HTML: &[u8] = b"<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><title>502 Bad Gateway</title>\n\
    <style>\nh1 { color: red }\n</style>\n<body>\n<h1>Bad Gateway</h1>\n\n<p>Try again later.\n</html>\n";

/// Three events, packed by gzip.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x49\x2c\x49\xb4\x52\xa8\xe0\xe2\x4a\xc1\x60\x00\x00\x09\x4b\x21\x41\x1b\x00\x00\x00";

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
    BrokenOff,
}

impl Expected {
    fn name(self) -> &'static str {
        match self {
            Expected::Refused(_) => "says so",
            Expected::NoEvent => "no event",
            Expected::TooLarge => "`EventTooLarge`, bounded",
            Expected::BrokenOff => "the transport's error",
        }
    }

    /// The most memory that a client may have held, in bytes.
    fn peak(self) -> u64 {
        match self {
            // Twice the default limit, and what a client needs for itself.
            Expected::TooLarge => 2 * 64 * MIB + 48 * MIB,
            _ => 48 * MIB,
        }
    }
}

struct Surrounding {
    name: &'static str,
    path: &'static str,
    expected: Expected,
    /// For the decoder alone.
    body: Option<Vec<u8>>,
}

fn all() -> Vec<Surrounding> {
    let utf_16 = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let little = utf_16("\u{FEFF}data: x\n\ndata: y\r\n\r\n")
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let big = utf_16("data: x\n\ndata: y\r\n\r\n")
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect::<Vec<_>>();
    let surrounding = |name, path, expected, body: &[u8]| {
        let body = (!body.is_empty()).then(|| body.to_vec());
        Surrounding { name, path, expected, body }
    };
    use Expected::{BrokenOff, NoEvent, Refused, TooLarge};
    vec![
        surrounding(
            "a JSON error, 401",
            "json-401",
            Refused("the server answered 401 Unauthorized with application/json instead of"),
            JSON,
        ),
        surrounding(
            "a JSON error, 200",
            "json-200",
            Refused("the server answered 200 OK with application/json; charset=utf-8 instead of"),
            JSON,
        ),
        surrounding(
            "an HTML page, 502",
            "html-502",
            Refused("the server answered 502 Bad Gateway with text/html instead of"),
            HTML,
        ),
        surrounding(
            "an HTML page, 200",
            "html-200",
            Refused("the server answered 200 OK with text/html instead of"),
            HTML,
        ),
        surrounding(
            "a gzip body, declared",
            "gzip",
            Refused("the server answered 200 OK with text/event-stream, compressed with gzip"),
            GZIP,
        ),
        surrounding(
            "no media type",
            "untyped",
            Refused("the server answered 200 OK without a Content-Type"),
            b"",
        ),
        surrounding("JSON, called an event stream", "json-called", NoEvent, JSON),
        surrounding("HTML, called an event stream", "html-called", NoEvent, HTML),
        surrounding("gzip, called an event stream", "gzip-called", NoEvent, GZIP),
        surrounding("UTF-16, little-endian with a BOM", "utf-16le", NoEvent, &little),
        surrounding("UTF-16, big-endian without", "utf-16be", NoEvent, &big),
        surrounding("a line of 256 MiB, of no field", "endless", NoEvent, b""),
        surrounding("a `data` line of 256 MiB", "endless-data", TooLarge, b""),
        surrounding("a connection that breaks off", "broken", BrokenOff, b""),
    ]
}

async fn respond(Path(path): Path<String>) -> Response {
    let typed = |media_type: &'static str, body: Vec<u8>| {
        ([("content-type", media_type)], body).into_response()
    };
    let called = |body: Vec<u8>| typed("text/event-stream", body);
    let endless = |start: &'static [u8]| {
        let piece = Bytes::from_static(&[b'x'; 64 * 1024]);
        let pieces = stream::repeat(piece).take((ENDLESS / (64 * 1024)) as usize);
        let body = stream::once(async move { Bytes::from_static(start) })
            .chain(pieces)
            .map(Ok::<_, Infallible>);
        ([("content-type", "text/event-stream")], Body::from_stream(body)).into_response()
    };
    let with_status = |status: StatusCode, response: Response| (status, response).into_response();
    let body = || {
        let found = all().into_iter().find(|surrounding| surrounding.path == path);
        found.and_then(|surrounding| surrounding.body).unwrap_or_default()
    };
    match path.as_str() {
        "json-401" => with_status(StatusCode::UNAUTHORIZED, typed("application/json", body())),
        "json-200" => typed("application/json; charset=utf-8", body()),
        "html-502" => with_status(StatusCode::BAD_GATEWAY, typed("text/html", body())),
        "html-200" => typed("text/html", body()),
        "gzip" => ([("content-encoding", "gzip")], called(body())).into_response(),
        "untyped" => Response::new(Body::from("data: x\n\n")),
        "endless" => endless(b"x"),
        "endless-data" => endless(b"data: "),
        "broken" => {
            let rest = async {
                // What came before is on its way by then.
                sleep(Duration::from_millis(200)).await;
                Err("gone")
            };
            let body = stream::iter([Ok("data: half of")]).chain(stream::once(rest));
            ([("content-type", "text/event-stream")], Body::from_stream(body)).into_response()
        }
        _ => called(body()),
    }
}

const CLIENTS: [&str; 5] = ["client_reqwest", "client_hyper", "client_ureq", "llm_client", "proxy"];

pub async fn run() -> std::io::Result<Section> {
    let (port, _serving) = server::serve(Router::new().route("/{path}", any(respond))).await?;
    let mut section = Section::new(
        "\n## Bad surroundings\n\n\
         What comes where an event stream should be, and what the cookbook's clients make of it: they say what came\n\
         instead, or find no event in it; none panics, and none holds more memory than twice the limit of 64 MiB\n\
         and its own 48. The decoder alone is given the same bytes in chunks of every size.\n\n",
    );
    section.row(&[&["what comes", "expected", "decoder"][..], &CLIENTS].concat());
    section.text += &format!("|{}\n", "---|".repeat(3 + CLIENTS.len()));
    for Surrounding { name, path, expected, body } in all() {
        let url = format!("http://127.0.0.1:{port}/{path}");
        let decoder = match body.map(|body| decode(&body)) {
            None => "",
            Some(Ok(())) => "no event, no error",
            outcome => section.yes(name, &outcome.unwrap_or(Ok(()))),
        };
        let mut cells = vec![name, expected.name(), decoder];
        for client in CLIENTS {
            let made = match client {
                "proxy" => through_proxy(&url, expected).await,
                _ => read_by(client, &url, expected).await,
            };
            eprintln!("{name}: {client}: {made:?}");
            cells.push(section.yes(format!("{name}: {client}"), &made));
        }
        section.row(&cells);
    }
    Ok(section)
}

async fn read_by(client: &str, url: &str, expected: Expected) -> Result<(), String> {
    let mut command = programs::program(client);
    command.arg(url);
    if client == "llm_client" {
        command.args(["model", "prompt"]);
    }
    let reconnects = client == "client_reqwest" && !matches!(expected, Expected::Refused(_));
    let limit = Duration::from_secs(if reconnects { 5 } else { 60 });
    let ran = programs::run(&mut command, limit).await?;
    let Ran { code, stdout, stderr, peak } = &ran;
    let holds = match expected {
        // Some gateways leave the type out, so it reads on; and this is no JSON.
        Expected::Refused(what) if client == "llm_client" && what.contains("without") => {
            *code == Some(1) && stderr.starts_with("this is not JSON")
        }
        // It reconnects until it has to be ended.
        Expected::NoEvent | Expected::BrokenOff if client == "client_reqwest" => code.is_none(),
        Expected::TooLarge if client == "client_reqwest" => {
            stderr.starts_with("event is larger than the limit of 67108864 bytes")
        }
        Expected::Refused(what) => *code == Some(1) && stderr.starts_with(what),
        // Its answer has an end of its own, which did not come.
        Expected::NoEvent if client == "llm_client" => {
            *code == Some(1) && stderr == "the answer was cut off\n"
        }
        Expected::NoEvent => *code == Some(0),
        Expected::TooLarge => {
            code.is_some() && stderr.starts_with("event is larger than the limit of 67108864 bytes")
        }
        Expected::BrokenOff => *code == Some(1) && !stderr.is_empty(),
    };
    if holds && stdout.is_empty() && *peak < expected.peak() {
        Ok(())
    } else {
        Err(format!("{ran:?}"))
    }
}

async fn through_proxy(url: &str, expected: Expected) -> Result<(), String> {
    let (process, proxy) = programs::server("proxy", &[url, "127.0.0.1:0"]).await?;
    let response = reqwest::get(proxy).await.map_err(|error| error.to_string())?;
    let status = response.status();
    let body = response.text().await;
    let peak = programs::peak_memory(process.id());
    let holds = match (expected, &body) {
        // The client gets what upstream answered, and can look for itself.
        (Expected::Refused(what), Ok(_)) => what.contains(&status.to_string()),
        (Expected::NoEvent, Ok(body)) => status == StatusCode::OK && body.is_empty(),
        (Expected::TooLarge, Ok(body)) => {
            *body == ": event is larger than the limit of 67108864 bytes\n"
        }
        (Expected::BrokenOff, Err(_)) => true,
        _ => false,
    };
    if holds && peak < expected.peak() {
        Ok(())
    } else {
        Err(format!("{status}, {body:?}, {peak} bytes"))
    }
}

/// Both layers, cut anywhere: no event, and no error.
fn decode(body: &[u8]) -> Result<(), String> {
    for size in 1..=body.len() {
        let mut borrowed = Decoder::new();
        let mut owned = BytesDecoder::new();
        for bytes in body.chunks(size) {
            owned.push(bytes.to_vec());
            let found = (borrowed.next_event(&mut Chunk::new(bytes)), owned.next_event());
            if !matches!(found, (Ok(None), Ok(None))) {
                return Err(format!("in chunks of {size} it gave {found:?}"));
            }
        }
    }
    Ok(())
}
