//! A test service for LaunchDarkly's sse-contract-tests: an HTTP service that starts a client for
//! each stream that a test asks for. The README of this workspace says how to run the tests.
//!
//! ```text
//! cargo run -q -p contract -- 127.0.0.1:8000
//! ```

mod callbacks;
mod client;
mod settings;

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use client::Client;

/// The optional parts of the suite. It has one more, `event-type-listeners`, for clients that
/// hear only the types that they ask for; this client hears every type.
const CAPABILITIES: [&str; 9] = [
    "bom",
    "comments",
    "headers",
    "last-event-id",
    "post",
    "read-timeout",
    "report",
    "restart",
    "server-directed-shutdown-request",
];

#[derive(Clone, Default)]
struct Service {
    clients: Arc<Mutex<Clients>>,
    stop: Arc<Notify>,
}

#[derive(Default)]
struct Clients {
    started: u64,
    running: HashMap<u64, Handle>,
}

/// The ways to reach a client that runs.
struct Handle {
    task: AbortHandle,
    restart: Arc<Notify>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: contract ADDRESS")?;
    let service = Service::default();
    let stop = service.stop.clone();
    let app = Router::new()
        .route("/", get(capabilities).post(start).delete(stop_service))
        .route("/clients/{number}", post(command).delete(close))
        .with_state(service);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async move { stop.notified().await }).await?;
    Ok(())
}

async fn capabilities() -> Json<Value> {
    Json(json!({ "name": "sse-proto", "capabilities": CAPABILITIES }))
}

/// Starts a client, and says where it can be reached.
async fn start(State(service): State<Service>, body: Bytes) -> impl IntoResponse {
    let restart = Arc::new(Notify::new());
    let settings = serde_json::from_slice(&body).map_err(|error| bad_request(&error))?;
    let client = Client::new(settings, restart.clone()).map_err(|error| bad_request(&*error))?;
    let task = tokio::spawn(client.run()).abort_handle();
    let mut clients = service.clients.lock().unwrap();
    clients.started += 1;
    let number = clients.started;
    clients.running.insert(number, Handle { task, restart });
    Ok::<_, (StatusCode, String)>((StatusCode::CREATED, [(LOCATION, format!("/clients/{number}"))]))
}

async fn command(
    State(service): State<Service>,
    Path(number): Path<u64>,
    body: Bytes,
) -> Result<StatusCode, (StatusCode, String)> {
    let command: Value = serde_json::from_slice(&body).map_err(|error| bad_request(&error))?;
    if command["command"] != "restart" {
        return Err((StatusCode::BAD_REQUEST, format!("unknown command: {command}")));
    }
    match service.clients.lock().unwrap().running.get(&number) {
        Some(client) => client.restart.notify_one(),
        None => return Ok(StatusCode::NOT_FOUND),
    }
    Ok(StatusCode::ACCEPTED)
}

async fn close(State(service): State<Service>, Path(number): Path<u64>) -> StatusCode {
    match service.clients.lock().unwrap().running.remove(&number) {
        Some(client) => client.task.abort(),
        None => return StatusCode::NOT_FOUND,
    }
    StatusCode::NO_CONTENT
}

async fn stop_service(State(service): State<Service>) -> StatusCode {
    service.stop.notify_one();
    StatusCode::NO_CONTENT
}

fn bad_request(error: &dyn Error) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_string())
}
