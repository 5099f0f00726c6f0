//! A server that can replay: what a client missed while it was away, without I/O.
//!
//! This is one floor above the codec: a server that only writes events needs only
//! [`EventEncoder`](crate::EventEncoder) and [`header::RESPONSE_HEADERS`]. A
//! [`ReplayBuffer`] keeps the last events, so that a client that comes back with a
//! `Last-Event-ID` gets those that follow, each once and in order.
//!
//! ```
//! use sse_proto::EventEncoder;
//! use sse_proto::server::{ReplayBuffer, Since};
//!
//! // Any number that no other buffer had: the time of the start, in seconds.
//! let mut buffer = ReplayBuffer::new(1_767_225_600).max_events(1000).max_bytes(1 << 20);
//!
//! // For each event: encoded once, to be sent to every client that is connected.
//! let first = buffer.push(EventEncoder::new().event_type("token"), "Hel")?;
//! let second = buffer.push(EventEncoder::new().event_type("token"), "lo")?;
//! assert_eq!(first, "id: 1767225600-1\nevent: token\ndata: Hel\n\n");
//!
//! // For each client that connects: what it missed comes first.
//! let last_event_id = Some("1767225600-1"); // the request's header, if it has one
//! match buffer.since(last_event_id) {
//!     Since::Events(events) => assert!(events.eq([second])),
//!     Since::NothingNew => {}
//!     // It missed events that are not there any more: send the state as it is, say,
//!     // as an event with the ID `buffer.last_event_id()`, which is not pushed.
//!     Since::Gone | Since::Unknown => {}
//! }
//! # Ok::<(), sse_proto::server::PushError>(())
//! ```
//!
//! Where several threads or tasks push and connect, one lock goes around `push` and the
//! sending to every client, and around `since` and the start of the subscription to
//! what is sent. Otherwise an event pushed in between is missed, or comes twice.
//!
//! A client that is too slow for what is sent need not be waited for: end its response. It
//! comes back with its ID, and `since` has what it missed.
//!
//! A server that is to know its IDs after a restart keeps its epoch and its events, and
//! pushes them again, from the first on: so each is given the ID that it had. It writes an
//! event down under that lock, before anyone is sent it.
//!
//! [`header::RESPONSE_HEADERS`]: crate::header::RESPONSE_HEADERS

mod error;
mod ids;
mod replay;

pub use error::PushError;
pub use replay::{Events, ReplayBuffer, Since};
