//! The test's side of the suite: it starts the service, asks it for clients, and hears what they
//! report.

use std::process::Stdio;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::stream::{Stream, StreamServer};

/// Waits for what has to happen, so that a test fails instead of hanging.
pub async fn soon<T>(outcome: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), outcome).await.expect("this has to happen soon")
}

/// The service, in a process of its own. It ends with this value.
pub struct Service {
    pub url: String,
    pub http: reqwest::Client,
    pub process: Child,
}

impl Service {
    pub async fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_contract"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = soon(lines.next_line()).await.unwrap().expect("it prints its URL");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Service { url, http, process }
    }

    /// A client of this stream, with these settings beside the two URLs.
    pub async fn client(&self, stream_url: &str, mut settings: Value) -> Client {
        let callbacks = Callbacks::start().await;
        settings["streamUrl"] = stream_url.into();
        settings["callbackUrl"] = callbacks.url.as_str().into();
        let response = send(self.http.post(&self.url).json(&settings)).await;
        assert!(response.status().is_success(), "{}", response.status());
        let location = response.headers()["location"].to_str().unwrap();
        Client { url: format!("{}{location}", self.url), http: self.http.clone(), callbacks }
    }

    /// A client with these settings, and its first connection, open.
    pub async fn connect(&self, settings: Value) -> (StreamServer, Stream, Client) {
        let server = StreamServer::start().await;
        let client = self.client(&server.url, settings).await;
        let stream = server.request().await.open().await;
        (server, stream, client)
    }
}

pub async fn send(request: RequestBuilder) -> Response {
    soon(request.send()).await.unwrap()
}

/// A client that the service runs.
pub struct Client {
    pub url: String,
    http: reqwest::Client,
    callbacks: Callbacks,
}

impl Client {
    pub async fn restart(&self) {
        let response = send(self.http.post(&self.url).json(&json!({ "command": "restart" }))).await;
        assert!(response.status().is_success(), "{}", response.status());
    }

    /// The client reports an event next, of the type `message`.
    pub async fn event(&mut self, data: &str, id: &str) {
        let event = json!({ "type": "message", "data": data, "id": id });
        assert_eq!(self.callbacks.next().await, json!({ "kind": "event", "event": event }));
    }

    /// The client reports a comment next.
    pub async fn comment(&mut self, text: &str) {
        assert_eq!(self.callbacks.next().await, json!({ "kind": "comment", "comment": text }));
    }

    /// The client reports an error next.
    pub async fn error(&mut self) {
        let message = self.callbacks.next().await;
        assert_eq!(message["kind"], "error", "{message}");
        assert_ne!(message["error"], "", "it says nothing");
    }
}

/// Hears what one client reports.
struct Callbacks {
    url: String,
    messages: UnboundedReceiver<(u64, Value)>,
    heard: u64,
    server: JoinHandle<()>,
}

impl Callbacks {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, messages) = mpsc::unbounded_channel();
        let app = Router::new().route("/{number}", post(hear)).with_state(sender);
        let server = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Callbacks { url, messages, heard: 0, server }
    }

    async fn next(&mut self) -> Value {
        let (number, message) = soon(self.messages.recv()).await.unwrap();
        self.heard += 1;
        assert_eq!(number, self.heard, "messages are numbered from 1 on: {message}");
        message
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn hear(
    State(sender): State<UnboundedSender<(u64, Value)>>,
    Path(number): Path<u64>,
    Json(message): Json<Value>,
) {
    // The test may be over.
    let _ = sender.send((number, message));
}
