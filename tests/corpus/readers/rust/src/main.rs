//! `corpus-readers NAME`: one decoder as a reader of the corpus. ../../README.md has the protocol.

mod readers;

use std::io::{Write, stdin, stdout};
use std::panic::{catch_unwind, set_hook};

use bytes::Bytes;
use serde_json::{Value, json};

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, read)) = readers::ALL.into_iter().find(|(known, _)| *known == name) else {
        let names = readers::ALL.map(|(name, _)| name).join(", ");
        eprintln!("which of these: {names}?");
        std::process::exit(2);
    };
    set_hook(Box::new(|_| {})); // A panic is an answer.
    for line in stdin().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let chunks = request["chunks"].as_array().expect("chunks");
        let chunks: Vec<Bytes> = chunks.iter().map(bytes).collect();
        let mut events = Vec::new();
        let mut told = |event_type: &str, data: &str, last_event_id: &str| {
            events.push([event_type, data, last_event_id].map(str::to_owned));
        };
        let reading = std::panic::AssertUnwindSafe(|| read(chunks, &mut told));
        let end = catch_unwind(reading).unwrap_or_else(|_| Err("panicked".to_owned()));
        let mut answer = json!({ "events": events });
        if let Err(error) = end {
            answer["error"] = error.into();
        }
        writeln!(stdout(), "{answer}").expect("somebody listens");
    }
}

fn bytes(digits: &Value) -> Bytes {
    let digits = digits.as_str().expect("hexadecimal digits");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
