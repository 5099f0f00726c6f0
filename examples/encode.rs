//! Reads JSON objects on standard input, one a line, writes the event stream.
//!
//! ```text
//! echo '{"type":"token","data":"two\nlines"}' | cargo run -q --example encode
//! ```

use std::io::{self, BufRead, BufReader, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value};
use sse_proto::EventEncoder;

const USAGE: &str = "\
Reads JSON objects on standard input, one a line, and writes the event stream
(text/event-stream): {\"type\"?,\"data\"?,\"id\"?,\"retry\"?,\"comment\"?}

usage: encode < LINES

Without \"data\" a block has no data line. \"retry\" is in milliseconds. Other keys are
ignored; {} and blank lines write nothing. A line that cannot be written is
reported, and left out.

Exit status: 0, 1 if a line was left out or a read failed, 2 for bad arguments.
";

fn main() -> ExitCode {
    if let Some(argument) = std::env::args().nth(1) {
        if argument == "--help" || argument == "-h" {
            // Whoever does not read it does not need it.
            let _ = io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        eprint!("encode: unknown argument {argument:?}\n\n{USAGE}");
        return ExitCode::from(2);
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read our output has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("encode: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Encodes all of the input. Returns whether every line could be written.
fn run() -> io::Result<bool> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = io::stdout().lock();
    let (mut line, mut out) = (Vec::new(), Vec::new());
    let mut complete = true;
    for number in 1_u64.. {
        // The next read may block: what is there goes out first.
        if input.buffer().is_empty() {
            output.write_all(&out)?;
            output.flush()?;
            out.clear();
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if let Err(error) = encode(&line, &mut out) {
            eprintln!("line {number}: {error}");
            complete = false;
        }
    }
    output.write_all(&out)?;
    output.flush()?;
    Ok(complete)
}

/// Encodes one line. On an error nothing of it is in `out`.
fn encode(line: &[u8], out: &mut Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    let fields: Map<String, Value> = serde_json::from_slice(line)?;
    let mut encoder = EventEncoder::new();
    if let Some(event_type) = text(&fields, "type")? {
        encoder = encoder.event_type(event_type);
    }
    if let Some(id) = text(&fields, "id")? {
        encoder = encoder.id(id);
    }
    if let Some(comment) = text(&fields, "comment")? {
        encoder = encoder.comment(comment);
    }
    if let Some(time) = fields.get("retry") {
        let time = time.as_u64().ok_or("\"retry\" is not a whole number of milliseconds")?;
        encoder = encoder.retry(Duration::from_millis(time));
    }
    match text(&fields, "data")? {
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
