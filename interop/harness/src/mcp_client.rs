//! A client of the Model Context Protocol over Streamable HTTP, which reads the servers of others with our
//! decoder: a call as it comes, and one whose connection it drops after half of the texts, and resumes.

use std::time::Duration;

use futures_util::TryStreamExt;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sse_proto::stream::EventStream;
use tokio::time::sleep;

use crate::outcome::{Result, ensure};
use crate::process::Process;
use crate::section::Section;
use crate::software::Runtime::{Node, Python, Rust};
use crate::software::{Program, Software};

const SERVERS: &[(&str, Program)] = &[
    ("mcp (Python)", Program(Python, "mcp_writer.py", "mcp")),
    ("@modelcontextprotocol/sdk", Program(Node, "mcp_writer.mjs", "@modelcontextprotocol/sdk")),
    ("rmcp", Program(Rust, "rmcp_writer", "rmcp")),
];

const SESSION: &str = "mcp-session-id";

/// The longest that an answer may take.
const LIMIT: Duration = Duration::from_secs(60);

pub async fn run(software: &Software, texts: &[String]) -> Section {
    let mut section =
        Section::new("| server | texts compared | as it comes | resumed |\n|---|--:|---|---|\n");
    for (name, program) in SERVERS {
        if !section.tests(name, software, program).await {
            continue;
        }
        let server = serve(software, program, texts).await;
        let Ok((_process, client)) = section.take(name, server) else { continue };
        let mut compared = 0;
        let mut cells = Vec::new();
        for (how, drop_after) in [("as it comes", usize::MAX), ("resumed", texts.len() / 2)] {
            let outcome = client.call(drop_after).await.and_then(|read| {
                compared += read.len();
                // The last comes once more, as the result.
                let is_all = read.iter().eq(texts.iter().chain(texts.last()));
                ensure(is_all, || format!("{} other texts", read.len()))
            });
            cells.push(section.yes(format!("{name}, {how}"), outcome));
        }
        eprintln!("{name}: {compared} texts compared");
        section.row(&[name, &compared.to_string(), &cells[0], &cells[1]]);
    }
    section
}

/// A server, which runs as long as the first part of this is kept, and a client in a session with it.
async fn serve(
    software: &Software,
    program: &Program,
    texts: &[String],
) -> Result<(Process, McpClient)> {
    let file = software.scratch.join("texts");
    std::fs::write(&file, serde_json::to_string(texts)?)?;
    let mut command = software.command("writers", program, &file.to_string_lossy())?;
    let (process, port) = Process::server(&mut command).await?;
    let url = format!("http://127.0.0.1:{port}/mcp");
    let http = Client::builder().timeout(LIMIT).build()?;
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json, text/event-stream")),
        (HeaderName::from_static("mcp-protocol-version"), HeaderValue::from_static("2025-11-25")),
    ]);
    let mut client = McpClient { http, url, headers };
    client.initialize().await?;
    Ok((process, client))
}

struct McpClient {
    http: Client,
    url: String,
    /// Those of each request.
    headers: HeaderMap,
}

impl McpClient {
    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        Ok(request.headers(self.headers.clone()).send().await?.error_for_status()?)
    }

    async fn post(&self, mut message: Value) -> Result<Response> {
        message["jsonrpc"] = json!("2.0");
        self.send(self.http.post(&self.url).json(&message)).await
    }

    async fn initialize(&mut self) -> Result {
        let info = json!({ "name": "harness", "version": "0" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
        let message = json!({ "id": 0, "method": "initialize", "params": params });
        let response = self.post(message).await?;
        let session = response.headers().get(SESSION).cloned();
        self.headers.extend(session.map(|session| (HeaderName::from_static(SESSION), session)));
        response.bytes().await?;
        self.post(json!({ "method": "notifications/initialized" })).await?;
        Ok(())
    }

    /// All texts of an answer. Drops the connection once, after so many of them; and comes back for the
    /// rest of an answer that has not ended.
    async fn call(&self, drop_after: usize) -> Result<Vec<String>> {
        let params = json!({ "name": "answer", "arguments": {}, "_meta": { "progressToken": 7 } });
        let message = json!({ "id": 1, "method": "tools/call", "params": params });
        let mut response = self.post(message).await?;
        let mut texts = Vec::new();
        let mut last_event_id = String::new();
        loop {
            let mut events = EventStream::from_response(response)?;
            while let Some(event) = events.try_next().await? {
                last_event_id = event.last_event_id().to_owned();
                // A priming event says only where to resume.
                if event.data().is_empty() {
                    continue;
                }
                let message: Value = serde_json::from_str(event.data())
                    .map_err(|error| format!("{error}: {:?}", event.data()))?;
                let result = &message["result"]["content"][0]["text"];
                let text = message["params"]["message"].as_str().or(result.as_str());
                texts.push(text.ok_or_else(|| format!("it said {message}"))?.to_owned());
                if result.is_string() {
                    return Ok(texts);
                }
                if texts.len() == drop_after {
                    break;
                }
            }
            if last_event_id.is_empty() {
                return Err(format!("it ended after {} texts, without an ID", texts.len()).into());
            }
            drop(events);
            sleep(Duration::from_millis(10)).await;
            let request = self.http.get(&self.url).header("last-event-id", &last_event_id);
            response = self.send(request).await?;
        }
    }
}
