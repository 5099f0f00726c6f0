//! Prints the answer of a language model, token by token, as it comes.
//!
//! ```text
//! cargo run -q --bin llm_client -- http://127.0.0.1:8080/v1/chat/completions MODEL PROMPT
//! ```
//!
//! It reads both styles that are in use: bare data that ends with `[DONE]` (chat
//! completions), and events whose type says what they are (messages). `API_KEY`, if
//! it is in the environment, is sent along. For https, give reqwest a TLS feature.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use cookbook::expect_event_stream;
use futures_util::TryStreamExt;
use reqwest::Client;
use serde_json::{Value, json};
use sse_proto::OwnedEvent;
use sse_proto::stream::EventStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cookbook::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, model, prompt] = &arguments[..] else {
        return Err("usage: llm_client URL MODEL PROMPT".into());
    };

    let mut request = Client::new().post(url).header("accept", "text/event-stream").json(&json!({
        "model": model,
        "max_tokens": 1024,
        "stream": true,
        "messages": [{ "role": "user", "content": prompt }],
    }));
    if let Ok(key) = std::env::var("API_KEY") {
        request = request.header("x-api-key", &key).bearer_auth(key);
    }
    let mut response = request.send().await?;
    if let Err(instead) = expect_event_stream(response.status(), response.headers()) {
        return Err(instead.with_body(&response.chunk().await?.unwrap_or_default()).into());
    }

    let mut events = EventStream::new(response.bytes_stream());
    while let Some(event) = events.try_next().await? {
        match read(&event)? {
            Part::Token(token) => {
                print!("{token}");
                std::io::stdout().flush()?;
            }
            Part::Other => {}
            Part::End => {
                println!();
                return Ok(());
            }
        }
    }
    Err("the answer was cut off".into())
}

enum Part {
    Token(String),
    Other,
    End,
}

fn read(event: &OwnedEvent) -> Result<Part, Box<dyn Error>> {
    let token = match (event.event_type(), event.data()) {
        ("message", "[DONE]") | ("message_stop", _) => return Ok(Part::End),
        ("message", _) => "/choices/0/delta/content",
        ("content_block_delta", _) => "/delta/text",
        ("error", error) => return Err(error.into()),
        _ => return Ok(Part::Other), // pings, and what is added in the future
    };
    let json: Value = serde_json::from_str(event.data())?;
    if let Some(error) = json.get("error") {
        return Err(error.to_string().into());
    }
    let token = json.pointer(token).and_then(Value::as_str);
    Ok(token.map_or(Part::Other, |token| Part::Token(token.to_owned())))
}
