//! A client of the Model Context Protocol over Streamable HTTP, which reads the servers of others with our
//! decoder: a call as it comes, and one whose connection it drops after half of the texts, and resumes.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sse_proto::stream::{BodyStream, EventStream};
use tokio::time::{sleep, timeout};

use crate::process::Why;
use crate::section::Section;
use crate::software::Runtime::{self, Node, Python, Rust};
use crate::software::{self, Program, Software};

#[rustfmt::skip]
const SERVERS: &[(&str, Runtime, &str, &str)] = &[
    ("mcp (Python)", Python, "mcp_writer.py", "mcp"),
    ("@modelcontextprotocol/sdk", Node, "mcp_writer.mjs", "@modelcontextprotocol/sdk"),
    ("rmcp", Rust, "rmcp_writer", "rmcp"),
];

/// The longest that a server may take.
const LIMIT: Duration = Duration::from_secs(60);

pub async fn run(software: &Software, texts: &[String]) -> Section {
    let mut section = Section::new(
        "\n## The Model Context Protocol, written by SDKs\n\n\
         The same call, answered by the servers of others and read by our decoder: as it comes, and with a connection\n\
         that is dropped after half of the texts and resumed with the last event ID.\n\n\
         | server | texts compared | as it comes | resumed |\n|---|--:|---|---|\n",
    );
    for &(name, runtime, file, package) in SERVERS {
        let program = Program { runtime, file, package };
        match session(software, &program, texts).await {
            Ok([whole, resumed]) => {
                let version = software.version(&program).await.unwrap_or_default();
                section.versions.push((name.to_owned(), version));
                let compared = [&whole, &resumed].map(|read| read.as_ref().map_or(0, Vec::len));
                let [whole, resumed] = [("as it comes", whole), ("resumed", resumed)]
                    .map(|(how, read)| section.yes(format!("{name}, {how}"), &expect(read, texts)));
                let compared = compared.iter().sum::<usize>().to_string();
                eprintln!("{name}: {compared} texts compared");
                section.row(&[name, &compared, whole, resumed]);
            }
            Err(why) => {
                section.nothing(name, &why);
                section.row(&[name, &why.to_string(), "", ""]);
            }
        }
    }
    section
}

/// The texts that were read, or why there are none.
type Read = Result<Vec<String>, String>;

fn expect(read: Read, texts: &[String]) -> Result<(), String> {
    let read = read?;
    let expected = texts.iter().chain(texts.last());
    if read.iter().eq(expected) { Ok(()) } else { Err(format!("{} other texts", read.len())) }
}

async fn session(
    software: &Software,
    program: &Program,
    texts: &[String],
) -> Result<[Read; 2], Why> {
    let file = software.scratch.join("texts");
    std::fs::write(&file, serde_json::to_string(texts).expect("texts are JSON"))?;
    let mut command = software.command("writers", program, &file.to_string_lossy()).await?;
    let (_process, port) = software::server(&mut command).await?;
    let mut client = McpClient {
        http: Client::new(),
        url: format!("http://127.0.0.1:{port}/mcp"),
        session: None,
    };
    client.initialize().await.map_err(Why::failed)?;
    let mut read = async |drop_after| {
        let call = timeout(LIMIT, client.call(drop_after)).await;
        call.unwrap_or_else(|_| Err("it did not end".into()))
    };
    Ok([read(usize::MAX).await, read(texts.len() / 2).await])
}

struct McpClient {
    http: Client,
    url: String,
    session: Option<String>,
}

impl McpClient {
    async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        let mut request = request
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25");
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        let response = request.send().await.map_err(|error| format!("{error:?}"))?;
        response.error_for_status().map_err(|error| format!("{error:?}"))
    }

    async fn initialize(&mut self) -> Result<(), String> {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "harness", "version": "0" }
        });
        let message =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let response = self.send(self.http.post(&self.url).json(&message)).await?;
        let session = response.headers().get("mcp-session-id");
        self.session = session.and_then(|id| id.to_str().ok()).map(str::to_owned);
        response.bytes().await.map_err(|error| format!("{error:?}"))?;
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.send(self.http.post(&self.url).json(&message)).await?;
        Ok(())
    }

    /// All texts of an answer. Drops the connection once, after so many of them; and comes back for the
    /// rest of an answer that has not ended.
    async fn call(&mut self, drop_after: usize) -> Read {
        let params = json!({ "name": "answer", "arguments": {}, "_meta": { "progressToken": 7 } });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let mut response = self.send(self.http.post(&self.url).json(&message)).await?;
        let mut texts = Vec::new();
        let mut last_event_id = String::new();
        loop {
            let body = BodyStream::from_response(response).map_err(|other| other.to_string())?;
            let mut events = EventStream::new(body);
            while let Some(event) = events.next().await {
                let event = event.map_err(|error| format!("{error:?}"))?;
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
                return Err(format!("it ended after {} texts, without an ID", texts.len()));
            }
            drop(events);
            sleep(Duration::from_millis(10)).await;
            let request = self.http.get(&self.url).header("last-event-id", &last_event_id);
            response = self.send(request).await?;
        }
    }
}
