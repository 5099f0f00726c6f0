//! The values of the text that a server streams: the events of `openai`, `anthropic` and `cjk`.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Payload {
    /// A chat completion chunk.
    Chat {
        id: String,
        object: String,
        created: u64,
        model: String,
        service_tier: String,
        system_fingerprint: String,
        choices: Vec<Choice>,
        usage: Option<u64>,
        obfuscation: String,
    },
    /// A piece of a content block.
    Delta {
        #[serde(rename = "type")]
        event_type: String,
        index: u32,
        delta: Text,
    },
}

#[derive(Serialize, Deserialize)]
pub struct Choice {
    index: u32,
    delta: Content,
    logprobs: Option<f64>,
    finish_reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    content: String,
}

#[derive(Serialize, Deserialize)]
pub struct Text {
    #[serde(rename = "type")]
    kind: String,
    text: String,
}
