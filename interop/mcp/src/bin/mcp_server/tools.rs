//! The methods of the server, and its tools: those that the suite calls.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch::Sender;
use tokio::time::sleep;

use super::answer::Answer;

const VERSIONS: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

const TOOLS: [(&str, &str); 3] = [
    ("test_reconnection", "Ends the response before the result"),
    ("test_tool_with_progress", "Reports its progress"),
    ("test_tool_with_logging", "Sends log messages"),
];

/// A while, in the measure of the suite.
const A_WHILE: Duration = Duration::from_millis(50);

/// Answers a request.
pub async fn answer(request: &Value, answer: &Sender<Answer>) {
    let parameters = &request["params"];
    let result = match request["method"].as_str() {
        Some("initialize") => Ok(initialize(parameters)),
        Some("ping" | "logging/setLevel") => Ok(json!({})),
        Some("tools/list") => Ok(list()),
        Some("tools/call") => call(parameters, answer).await,
        _ => Err(json!({ "code": -32601, "message": "Method not found" })),
    };
    let mut message = json!({ "jsonrpc": "2.0", "id": request["id"] });
    match result {
        Ok(result) => message["result"] = result,
        Err(error) => message["error"] = error,
    }
    answer.send_modify(|answer| answer.complete(&message));
}

fn initialize(parameters: &Value) -> Value {
    let wanted = parameters["protocolVersion"].as_str();
    let version = VERSIONS.into_iter().find(|&version| wanted == Some(version));
    json!({
        "protocolVersion": version.unwrap_or(VERSIONS[0]),
        "capabilities": { "tools": {}, "logging": {} },
        "serverInfo": { "name": "sse-proto", "version": env!("CARGO_PKG_VERSION") },
    })
}

fn list() -> Value {
    let tool = |(name, description)| {
        let schema = json!({ "type": "object", "properties": {} });
        json!({ "name": name, "description": description, "inputSchema": schema })
    };
    json!({ "tools": TOOLS.map(tool) })
}

async fn call(parameters: &Value, answer: &Sender<Answer>) -> Result<Value, Value> {
    let notify = |method: &str, parameters: Value| {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": parameters });
        answer.send_modify(|answer| answer.push(&message));
    };
    let text = match parameters["name"].as_str() {
        Some("test_reconnection") => {
            sleep(A_WHILE).await;
            answer.send_modify(Answer::cut);
            sleep(A_WHILE).await;
            "The client came back"
        }
        Some("test_tool_with_progress") => {
            let token = &parameters["_meta"]["progressToken"];
            for progress in [0, 50, 100] {
                if !token.is_null() {
                    let step =
                        json!({ "progressToken": token, "progress": progress, "total": 100 });
                    notify("notifications/progress", step);
                }
                sleep(A_WHILE).await;
            }
            "All of it was done"
        }
        Some("test_tool_with_logging") => {
            for data in
                ["Tool execution started", "Tool processing data", "Tool execution completed"]
            {
                notify("notifications/message", json!({ "level": "info", "data": data }));
                sleep(A_WHILE).await;
            }
            "The log was sent"
        }
        _ => return Err(json!({ "code": -32602, "message": "Unknown tool" })),
    };
    Ok(json!({ "content": [{ "type": "text", "text": text }] }))
}
