//! One notification: as a request brings it, and as it is written into streams.

use bytes::Bytes;
use serde::Deserialize;
use sse_proto::{EncodeError, EventEncoder};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    #[serde(rename = "type")]
    pub event_type: String,
    pub message: String,
    /// The only one who is to see it; everyone unless given.
    pub user: Option<String>,
}

impl Notification {
    /// The event, but for its ID and its data. The user it is for is a comment before the
    /// fields, so that one buffer and one log can hold everyone's events, and a stream can
    /// leave out those of others.
    pub fn encoder(&self) -> EventEncoder<'_> {
        let event = EventEncoder::new().event_type(&self.event_type);
        self.user.iter().fold(event, |event, user| event.comment(user))
    }

    pub fn encode(&self, id: &str) -> Result<Bytes, EncodeError> {
        self.encoder().id(id).to_bytes(&self.message)
    }
}

/// Whether this user may see an encoded event: it begins with its ID if it is for everyone,
/// and with the comment if it is for one user.
pub fn is_for(encoded: &[u8], user: &str) -> bool {
    let Some(comment) = encoded.strip_prefix(b": ") else { return true };
    comment.strip_prefix(user.as_bytes()).is_some_and(|rest| rest.starts_with(b"\n"))
}

/// The ID of an encoded event, which is in its first or second line.
pub fn id_of(encoded: &[u8]) -> &str {
    let mut lines = encoded.split(|&byte| byte == b'\n');
    let id = lines.find_map(|line| line.strip_prefix(b"id: ")).expect("every event has an ID");
    str::from_utf8(id).expect("an ID is text")
}
