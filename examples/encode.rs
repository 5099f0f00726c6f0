//! Reads JSON objects on standard input, one a line, and writes the event stream.
//!
//! ```text
//! echo '{"type":"token","data":"two\nlines"}' | cargo run -q --example encode
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value};
use sse_proto::EventEncoder;

const USAGE: &str = "\
Reads JSON objects on standard input, one a line, and writes the event stream
(text/event-stream): {\"type\"?,\"data\"?,\"id\"?,\"retry\"?,\"comment\"?}

usage: encode < LINES

Without \"data\" a block has no data line. \"retry\" is in milliseconds. Blank lines and
{} write nothing. A line that cannot be written is reported and left out. Any other
key is reported once, and lines are written without it.

Exit status: 0; 1 if part of the input was dropped or a read or write failed
(standard error says which); 2 for bad arguments.
";

fn main() -> ExitCode {
    let result = match std::env::args_os().nth(1) {
        None => encode_all(),
        Some(argument) if argument == "--help" || argument == "-h" => {
            io::stdout().write_all(USAGE.as_bytes()).map(|()| true)
        }
        Some(argument) => {
            say(format_args!("there is no option {argument:?}; try encode --help"));
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of the output has closed it, as `head` does: it has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say(error);
            ExitCode::FAILURE
        }
    }
}

/// Encodes all of the input. Returns whether nothing was dropped.
fn encode_all() -> io::Result<bool> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = io::stdout().lock();
    let (mut line, mut out) = (Vec::new(), Vec::new());
    let mut dropped = Dropped::default();
    loop {
        // The next read may wait long, so the events so far go out first.
        if input.buffer().is_empty() {
            output.write_all(&out)?;
            output.flush()?;
            out.clear();
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        dropped.line += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parse(&line).and_then(|fields| encode(&fields, &mut out).map(|()| fields)) {
            Ok(fields) => dropped.note(&fields),
            Err(error) => dropped.report(error),
        }
    }
    output.write_all(&out)?;
    output.flush()?;
    Ok(!dropped.any)
}

fn parse(line: &[u8]) -> Result<Map<String, Value>, Box<dyn Error>> {
    Ok(serde_json::from_slice(line)?)
}

/// Encodes one object. If it cannot be written, nothing of it is in `out`.
fn encode(fields: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
    let mut encoder = EventEncoder::new();
    if let Some(event_type) = text(fields, "type")? {
        encoder = encoder.event_type(event_type);
    }
    if let Some(id) = text(fields, "id")? {
        encoder = encoder.id(id);
    }
    if let Some(comment) = text(fields, "comment")? {
        encoder = encoder.comment(comment);
    }
    if let Some(time) = fields.get("retry") {
        let time = time.as_u64().ok_or("\"retry\" is not a whole number of milliseconds")?;
        encoder = encoder.retry(Duration::from_millis(time));
    }
    match text(fields, "data")? {
        Some(data) => encoder.encode(data, out)?,
        None => encoder.encode_fields(out)?,
    }
    Ok(())
}

fn text<'f>(fields: &'f Map<String, Value>, key: &str) -> Result<Option<&'f str>, String> {
    match fields.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("\"{key}\" is not a string: {other}")),
    }
}

/// Says on standard error what was dropped.
#[derive(Default)]
struct Dropped {
    /// The number of the line, from 1.
    line: u64,
    any: bool,
    /// The keys that were reported: once is enough.
    reported: BTreeSet<String>,
    /// The last event ID of a client that has read what was written.
    last_event_id: String,
}

impl Dropped {
    /// Looks for what `encode` has not written of an object.
    fn note(&mut self, fields: &Map<String, Value>) {
        if let Some(Value::String(id)) = fields.get("id") {
            self.last_event_id.clone_from(id);
        }
        for (key, value) in fields {
            let advice = match key.as_str() {
                "type" | "data" | "id" | "retry" | "comment" | "reconnectionTime" => continue,
                "lastEventId" if value == self.last_event_id.as_str() => continue,
                "lastEventId" => ": IDs are lost, unless `decode --all` prints \"id\" too",
                "event" => ": did you mean \"type\"?",
                _ => "",
            };
            if self.reported.insert(key.clone()) {
                self.report(format_args!("the key {key:?} is not written{advice}"));
            }
        }
    }

    fn report(&mut self, message: impl Display) {
        say(format_args!("line {}: {message}", self.line));
        self.any = true;
    }
}

/// Writes to standard error. Nobody can be told if that fails, and `eprintln!` would panic.
fn say(message: impl Display) {
    let _ = writeln!(io::stderr(), "encode: {message}");
}
