//! The client and the server of this package with each other. The conformance suite, which
//! `conformance.sh` runs, has each with its own.

use std::process::Stdio;
use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Waits for what has to happen, so that a test fails instead of hanging.
async fn soon<T>(outcome: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), outcome).await.expect("this has to happen soon")
}

/// The server, in a process that ends with this value.
struct Server {
    url: String,
    http: reqwest::Client,
    _process: Child,
}

impl Server {
    async fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mcp_server"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = soon(lines.next_line()).await.unwrap().expect("it prints its URL");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Server { url, http, _process: process }
    }

    fn post(&self, method: &str) -> RequestBuilder {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} });
        self.http.post(&self.url).header("accept", "text/event-stream").json(&message)
    }

    /// A new session.
    async fn session(&self) -> String {
        let response = send(self.post("initialize")).await;
        response.headers()["mcp-session-id"].to_str().unwrap().to_owned()
    }

    fn resume(&self, session: &str, last_event_id: &str) -> RequestBuilder {
        let request = self.http.get(&self.url).header("mcp-session-id", session);
        request.header("last-event-id", last_event_id)
    }
}

async fn send(request: RequestBuilder) -> Response {
    soon(request.send()).await.unwrap()
}

#[tokio::test]
async fn every_tool_is_called_and_a_cut_answer_is_resumed() {
    let server = Server::start().await;
    let mut client = Command::new(env!("CARGO_BIN_EXE_mcp_client"));
    let output = soon(client.arg(&server.url).kill_on_drop(true).output()).await.unwrap();
    let [results, log] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{log}");
    let texts = ["The client came back", "All of it was done", "The log was sent"];
    assert_eq!(results.lines().count(), texts.len(), "{results}");
    for (line, text) in results.lines().zip(texts) {
        assert!(line.contains(text), "{results}");
    }
    assert!(log.contains("the stream ended; in 500ms with last-event-id: "), "{log}");
    assert!(log.contains("Tool processing data"), "{log}");
}

#[tokio::test]
async fn an_answer_can_be_read_again_from_any_of_its_events_but_only_in_its_session() {
    let server = Server::start().await;
    let session = server.session().await;
    let answer = send(server.post("ping").header("mcp-session-id", &session)).await;
    let answer = soon(answer.text()).await.unwrap();
    let (first, rest) = answer.split_once("\n\n").unwrap();
    let first_id = first.lines().next().unwrap().strip_prefix("id: ").unwrap();

    let again = send(server.resume(&session, first_id)).await;
    assert_eq!(soon(again.text()).await.unwrap(), rest);
    let start = first_id.replace("-1", "-0");
    let all = send(server.resume(&session, &start)).await;
    assert_eq!(soon(all.text()).await.unwrap(), answer);

    let other = server.session().await;
    assert_eq!(send(server.resume(&other, first_id)).await.status(), 400);
    assert_eq!(send(server.resume(&session, "7-1")).await.status(), 400);
    let closed = send(server.http.delete(&server.url).header("mcp-session-id", &session)).await;
    assert_eq!(closed.status(), 204);
    assert_eq!(send(server.resume(&session, first_id)).await.status(), 404);
}

#[tokio::test]
async fn a_request_that_the_server_cannot_answer_is_refused() {
    let server = Server::start().await;
    let session = server.session().await;
    let ping = || server.post("ping").header("mcp-session-id", &session);
    assert_eq!(send(ping()).await.status(), 200);
    assert_eq!(send(server.post("ping")).await.status(), 400);
    assert_eq!(send(server.post("ping").header("mcp-session-id", "7")).await.status(), 404);
    assert_eq!(send(ping().body("{")).await.status(), 400);
    for (name, value, status) in [
        ("accept", "application/json", 406),
        ("origin", "http://localhost:3000", 200),
        ("origin", "http://localhost.example.com", 403),
        ("origin", "null", 403),
        ("host", "evil.example.com", 403),
    ] {
        let mut request = ping().build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = soon(server.http.execute(request)).await.unwrap();
        assert_eq!(response.status(), status, "{name}: {value}");
    }
    let without_id = server.http.get(&server.url).header("mcp-session-id", &session);
    assert_eq!(send(without_id).await.status(), 405);
}
