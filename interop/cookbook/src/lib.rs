//! What every client does around the stream: look at the response before reading it,
//! and say plainly what went wrong.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use sse_proto::header::is_event_stream;

/// Whether this response is an event stream: status 200, `text/event-stream` with any
/// parameters, and nothing around it that would have to be unpacked.
///
/// Without this check a JSON error or an HTML page is a stream without events: the
/// format has no malformed input.
pub fn expect_event_stream(status: StatusCode, headers: &HeaderMap) -> Result<(), Instead> {
    let header = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let encoding =
        header(CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let is_event_stream = headers.get(CONTENT_TYPE).is_some_and(is_event_stream);

    if status == StatusCode::OK && is_event_stream && encoding.is_none() {
        return Ok(());
    }
    let media_type = header(CONTENT_TYPE).unwrap_or("no media type".into());
    let mut came = format!("{status}, {media_type}");
    if let Some(encoding) = encoding {
        came += &format!(", encoded with {encoding}");
    }
    Err(Instead { came, body: String::new() })
}

/// What came instead of an event stream.
#[derive(Debug)]
pub struct Instead {
    came: String,
    body: String,
}

impl Instead {
    /// With the beginning of the body, in which servers explain themselves.
    #[must_use]
    pub fn with_body(mut self, beginning: &[u8]) -> Self {
        let beginning = &beginning[..beginning.len().min(500)];
        self.body = String::from_utf8_lossy(beginning).trim().escape_debug().to_string();
        self
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an event stream, but {}", self.came)?;
        if !self.body.is_empty() {
            write!(f, ": {}", self.body)?;
        }
        Ok(())
    }
}

impl Error for Instead {}

/// Prints an error and what caused it; the end of `main`.
pub fn exit(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprint!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}
