//! Prints the answer of a language model, token by token, as it comes.
//!
//! ```text
//! cargo run -q --bin llm_client -- http://127.0.0.1:8080/v1/chat/completions MODEL PROMPT
//! ```
//!
//! It reads the three styles that are in use: chat completions (bare data, then `[DONE]`),
//! messages (`content_block_delta`, `message_stop`) and responses (`response.*`). It puts up
//! with what gateways send. The request is paid for, so it is sent once, whatever happens.
//! `API_KEY`, if it is in the environment, is sent along. For https, give reqwest a TLS feature.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, Limited};
use reqwest::{Response, redirect, retry};
use serde_json::{Deserializer, Value, json};
use sse_proto::stream::{BodyStream, EventStream};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn run() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, model, prompt] = &arguments[..] else {
        return Err("usage: llm_client URL MODEL PROMPT".into());
    };
    let response = ask(url, model, prompt).await?;
    print_answer(response, &mut std::io::stdout()).await
}

/// Sends the request once: neither a failure nor a redirect makes reqwest repeat it.
async fn ask(url: &str, model: &str, prompt: &str) -> Result<Response> {
    let client =
        reqwest::Client::builder().retry(retry::never()).redirect(redirect::Policy::none());
    let messages = json!([{ "role": "user", "content": prompt }]);
    // Responses call the messages input, and refuse what they do not know.
    let body = match url.ends_with("/responses") {
        true => json!({ "model": model, "stream": true, "input": messages }),
        false => {
            json!({ "model": model, "stream": true, "max_tokens": 1024, "messages": messages })
        }
    };
    let mut request = client.build()?.post(url).header("accept", "text/event-stream").json(&body);
    if let Ok(key) = std::env::var("API_KEY") {
        request = request.header("x-api-key", &key).bearer_auth(key);
    }
    Ok(request.send().await?)
}

async fn print_answer(response: Response, out: &mut impl Write) -> Result<()> {
    let body = match BodyStream::from_untyped_response(response) {
        Ok(body) => body,
        Err(other) => {
            // The body of an error says what is wrong, if it is not too long.
            let error = other.to_string();
            let body = Limited::new(other.into_response().into_body(), 1 << 16).collect().await;
            let body = body.map(|body| body.to_bytes()).unwrap_or_default();
            let body = String::from_utf8_lossy(&body);
            return Err(format!("{error}: {}", body.trim().escape_debug()).into());
        }
    };
    // Some servers forget the blank line of their last event. If it is there, these are
    // blank lines without an event.
    let end = stream::iter([Ok(Bytes::from_static(b"\n\n"))]);
    let mut events = EventStream::new(body.chain(end));
    let mut is_complete = false;
    while let Some(event) = events.try_next().await? {
        let part = read(event.event_type(), event.data())?;
        write!(out, "{}", part.text)?;
        out.flush()?;
        is_complete |= part.is_complete;
        if part.is_last {
            break; // the server may leave the connection open
        }
    }
    if !is_complete {
        return Err("the answer was cut off".into());
    }
    Ok(writeln!(out)?)
}

/// The meaning of one event.
#[derive(Debug, Default, PartialEq)]
struct Part {
    text: String,
    /// The answer is whole, although more may come: its price, say.
    is_complete: bool,
    /// Nothing comes after it.
    is_last: bool,
}

fn read(event_type: &str, data: &str) -> Result<Part> {
    let mut part = Part::default();
    let mut data = data.trim();
    // Keep-alives that were meant to be comments.
    if data.is_empty() || data.starts_with(':') {
        return Ok(part);
    }
    if let Some(before) = data.strip_suffix("[DONE]") {
        (data, part.is_complete, part.is_last) = (before, true, true);
    }
    // If a gateway leaves out a blank line, one event has several values.
    for value in Deserializer::from_str(data).into_iter::<Value>() {
        let value = value.map_err(|error| format!("this is not JSON ({error}): {data:?}"))?;
        let error = ["/error", "/response/error"].map(|path| value.pointer(path));
        if let Some(error) = error.into_iter().flatten().find(|error| !error.is_null()) {
            return Err(error.to_string().into());
        }
        let kind = value.get("type").and_then(Value::as_str).unwrap_or(event_type);
        let text = match kind {
            "content_block_delta" => "/delta/text",
            "response.output_text.delta" => "/delta",
            "message_stop" | "response.completed" => {
                (part.is_complete, part.is_last) = (true, true);
                continue;
            }
            "error" | "response.failed" | "response.incomplete" => {
                return Err(value.to_string().into());
            }
            _ => "/choices/0/delta/content",
        };
        part.text += value.pointer(text).and_then(Value::as_str).unwrap_or_default();
        let reason = value.pointer("/choices/0/finish_reason");
        part.is_complete |= reason.is_some_and(|reason| !reason.is_null());
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// The text that is printed of this response, and how it ended. It comes in two pieces, cut anywhere.
    async fn answer(
        status: u16,
        content_type: Option<&str>,
        body: &'static str,
    ) -> (String, String) {
        let mut outcomes = Vec::new();
        for cut in 0..=body.len() {
            let (first, second) = body.as_bytes().split_at(cut);
            let pieces = stream::iter([first, second].map(Ok::<_, io::Error>));
            let mut response = http::Response::builder().status(status);
            if let Some(content_type) = content_type {
                response = response.header("content-type", content_type);
            }
            let response = response.body(reqwest::Body::wrap_stream(pieces)).expect("a response");
            let mut out = Vec::new();
            let ended = print_answer(response.into(), &mut out).await;
            let ended = ended.err().map_or("whole".to_owned(), |error| error.to_string());
            outcomes.push((String::from_utf8(out).expect("it is text"), ended));
        }
        let outcome = outcomes.swap_remove(0);
        assert!(outcomes.iter().all(|other| *other == outcome), "{outcomes:?}");
        outcome
    }

    async fn events(body: &'static str) -> (String, String) {
        answer(200, Some("text/event-stream"), body).await
    }

    fn whole(text: &str) -> (String, String) {
        (text.to_owned() + "\n", "whole".to_owned())
    }

    const HI: &str = r#"data: {"choices":[{"delta":{"content":"Hi"}}]}"#;

    #[tokio::test]
    async fn what_gateways_put_between_the_tokens_is_passed_over() {
        let keep_alives = concat!(
            "data:\n\ndata: \n\ndata: : keepalive\n\n: comment\n\n:\n\nid: 7\n\nevent: ping\ndata: {}\n\n",
            r#"data: {"choices":[{"delta":{"content":"Hi"}}]}"#,
            "\n\ndata:\n\ndata: {\"choices\":[],\"error\":null,\"usage\":{}}\n\ndata: [DONE]\n\n",
        );
        assert_eq!(events(keep_alives).await, whole("Hi"));
    }

    #[tokio::test]
    async fn several_values_in_one_event_are_all_read() {
        let body = concat!(
            r#"data: {"choices":[{"delta":{"content":"H"}}]}"#,
            "\n",
            r#"data: {"choices":[{"delta":{"content":"i"}}]}{"choices":[{"delta":{"content":"!"}}]}"#,
            "\ndata: [DONE]\n\n",
        );
        assert_eq!(events(body).await, whole("Hi!"));
    }

    #[tokio::test]
    async fn an_answer_may_end_without_done_or_without_a_blank_line() {
        let finished = r#"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;
        assert_eq!(events(finished).await, whole("Hi"));
        let done = concat!(
            r#"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}"#,
            "\r\n\r\ndata: [DONE]\r"
        );
        assert_eq!(events(done).await, whole("Hi"));
        let cut = ("Hi".to_owned(), "the answer was cut off".to_owned());
        assert_eq!(events(HI).await, cut);
        let nothing = (String::new(), "the answer was cut off".to_owned());
        assert_eq!(events("").await, nothing);
    }

    #[tokio::test]
    async fn responses_and_messages_end_with_events_of_their_own() {
        let responses = concat!(
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n",
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n",
            "data: {\"type\":\"response.output_text.delta\",\"delta\":\"!\"}\n\n",
            "event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"text\":\"Hi!\"}\n\n",
            "event: response.completed\ndata: {\"response\":{\"error\":null}}\n\ndata: not read\n\n",
        );
        assert_eq!(events(responses).await, whole("Hi!"));
        let messages = concat!(
            "event: content_block_delta\ndata: {\"delta\":{\"text\":\"Hi\"}}\n\n",
            "event: content_block_delta\ndata: {\"delta\":{\"partial_json\":\"{\"}}\n\n",
            "event: message_stop\ndata: {}\n\n",
        );
        assert_eq!(events(messages).await, whole("Hi"));
    }

    #[tokio::test]
    async fn an_error_in_the_stream_is_told_after_the_text_before_it() {
        let busy = |error: &str| ("Hi".to_owned(), error.to_owned());
        for (body, error) in [
            ("\n\ndata: {\"error\":{\"message\":\"busy\"}}\n\n", r#"{"message":"busy"}"#),
            ("\n\nevent: error\ndata: {\"message\":\"busy\"}\n\n", r#"{"message":"busy"}"#),
            (
                "\n\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"busy\"}}}\n\n",
                r#"{"code":"busy"}"#,
            ),
            (
                "\n\ndata: {\"type\":\"response.incomplete\",\"response\":{\"error\":null}}\n\n",
                r#"{"response":{"error":null},"type":"response.incomplete"}"#,
            ),
        ] {
            assert_eq!(events(format!("{HI}{body}").leak()).await, busy(error));
        }
        let (text, error) = events("data: {\"choices\n\n").await;
        assert!(text.is_empty() && error.starts_with("this is not JSON"), "{error}");
    }

    #[tokio::test]
    async fn a_response_without_a_type_is_read_and_one_of_another_type_is_shown() {
        let done = format!("{HI}\n\ndata: [DONE]\n\n").leak();
        assert_eq!(answer(200, None, done).await, whole("Hi"));
        for status in [401, 200] {
            let body = "{\"error\": \"no\u{1B} such key\"}\n";
            let (text, error) = answer(status, Some("application/json"), body).await;
            assert!(text.is_empty(), "{text}");
            assert!(error.contains(&status.to_string()), "{error}");
            let end = r#"application/json instead of text/event-stream: {\"error\": \"no\u{1b} such key\"}"#;
            assert!(error.ends_with(end), "{error}");
        }
    }

    #[tokio::test]
    async fn a_request_is_sent_once_whatever_happens() {
        for response in [
            "",
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nretry: 0\n\ndata: {}\n\n",
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\n\r\n",
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
        ] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("http://{}/", listener.local_addr().expect("a port"));
            let requests = Arc::new(AtomicUsize::new(0));
            let counted = requests.clone();
            let serving = tokio::spawn(async move {
                while let Ok((mut connection, _)) = listener.accept().await {
                    counted.fetch_add(1, Ordering::Relaxed);
                    let _ = connection.read(&mut [0; 4096]).await;
                    let _ = connection.write_all(response.as_bytes()).await;
                }
            });
            let failed = match ask(&url, "model", "prompt").await {
                Ok(response) => print_answer(response, &mut Vec::new()).await.is_err(),
                Err(_) => true,
            };
            assert!(failed, "{response}");
            assert_eq!(requests.load(Ordering::Relaxed), 1, "{response}");
            serving.abort();
        }
    }
}
