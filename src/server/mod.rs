//! A server that can replay: what a client missed while it was away, without I/O.
//!
//! A server that only writes events needs no more than
//! [`EventEncoder`](crate::EventEncoder) and [`header::RESPONSE_HEADERS`]. A [`ReplayBuffer`]
//! keeps the last events of a stream. A client that comes back with a `Last-Event-ID` gets
//! the events after that one, each once and in order.
//!
//! ```
//! use sse_proto::EventEncoder;
//! use sse_proto::server::{Epoch, PushError, ReplayBuffer, Since};
//! use std::hash::{BuildHasher, RandomState};
//!
//! // Random bits: no other buffer, before a restart or beside this one, has the same epoch.
//! let random = RandomState::new();
//! let [high, low] = [0, 1].map(|half| u128::from(random.hash_one(half)));
//! let mut buffer =
//!     ReplayBuffer::new(Epoch::new(high << 64 | low)).max_events(1000).max_bytes(1 << 20);
//!
//! /// Returns the bytes that a client is sent first when it connects.
//! fn greeting(buffer: &ReplayBuffer, last_event_id: Option<&str>) -> Vec<u8> {
//!     let mut first = Vec::new();
//!     match buffer.since(last_event_id) {
//!         // A new client. With the ID of its place it misses nothing, even if it is cut off
//!         // before its first event.
//!         Since::New => first.extend(buffer.place()),
//!         Since::Events(events) => first.extend(events.flatten()),
//!         Since::NothingNew => {}
//!         // It missed events that are not there any more. So send the state as it is now,
//!         // as an event that is not pushed, with the ID of the newest one that is.
//!         Since::Gone | Since::Unknown => {
//!             let id = buffer.last_event_id();
//!             let snapshot = EventEncoder::new().event_type("snapshot").id(&id);
//!             snapshot.encode("Hello", &mut first).expect("the ID was minted");
//!         }
//!     }
//!     first
//! }
//! assert_eq!(greeting(&buffer, None), buffer.place());
//!
//! // Encode each event once, and send it to every client that is connected.
//! let first = buffer.push(EventEncoder::new().event_type("token"), "Hel")?;
//! let id = buffer.last_event_id();
//! assert_eq!(first, format!("id: {id}\nevent: token\ndata: Hel\n\n"));
//! let second = buffer.push(EventEncoder::new().event_type("token"), "lo")?;
//!
//! // A client that comes back.
//! assert_eq!(greeting(&buffer, Some(&id)), second);
//! # assert!(greeting(&buffer, Some("7-1")).starts_with(b"id: "));
//! # Ok::<(), PushError>(())
//! ```
//!
//! # One lock
//!
//! If several threads or tasks push and connect, take one lock for `push` and the sending to
//! every client, and the same lock for `since` and the start of the client's subscription to
//! what is sent. Otherwise an event that is pushed in between is missed, or comes twice.
//!
//! You need not wait for a client that is too slow: end its response. It comes back with its
//! ID, and `since` has what it missed.
//!
//! # Or each client pulls
//!
//! Instead of a queue for each client, one signal for all is enough, such as tokio's `watch`:
//! it only says that something was pushed. Each client's task keeps the ID of what it sent
//! last, and asks the buffer for the rest. So no queue fills up for a slow client, and a client
//! costs the memory of its ID.
//!
//! ```
//! use sse_proto::server::{ReplayBuffer, Since};
//! use std::sync::Mutex;
//!
//! /// Returns the events after `place`, and sets `place` to the newest one. `None` if the client
//! /// was too slow.
//! fn pull(buffer: &Mutex<ReplayBuffer>, place: &mut String) -> Option<Vec<bytes::Bytes>> {
//!     let buffer = buffer.lock().unwrap();
//!     let events = match buffer.since(Some(&*place)) {
//!         Since::Events(events) => events.collect(),
//!         Since::NothingNew => Vec::new(),
//!         _ => return None,
//!     };
//!     *place = buffer.last_event_id();
//!     Some(events)
//! }
//! # use sse_proto::EventEncoder;
//! # let buffer = Mutex::new(ReplayBuffer::new(sse_proto::server::Epoch::new(7)));
//! # let mut place = buffer.lock().unwrap().last_event_id();
//! # buffer.lock().unwrap().push(EventEncoder::new(), "x").unwrap();
//! # assert_eq!(pull(&buffer, &mut place).unwrap().len(), 1);
//! # assert_eq!(pull(&buffer, &mut place).unwrap().len(), 0);
//! ```
//!
//! # Whose buffer
//!
//! A client gets whatever the buffer has after the ID that it names, and can name any ID. So
//! give each stream and each audience a buffer of its own, or leave out of each response the
//! events that its client may not see. Check the client's rights each time that it connects.
//!
//! A response out of two buffers (a user's and everyone's) cannot be resumed, because a
//! client has one last event ID, which is a place in one of them. Put the events of all users
//! into one buffer instead. Say in each event whose it is, for example in its comment, which
//! is written before its fields. If you leave out the newest event, send its ID without it.
//! Otherwise a client that gets nothing for long keeps an old place, and comes back with it
//! after the events there had to go.
//!
//! ```
//! use sse_proto::EventEncoder;
//! use sse_proto::server::{ReplayBuffer, Since};
//!
//! /// Returns the events after `place` that this user may see, and sets `place` to the newest one.
//! /// `None` if the user was too slow.
//! fn pull(buffer: &ReplayBuffer, user: &str, place: &mut String) -> Option<Vec<u8>> {
//!     let mut events = match buffer.since(Some(&*place)) {
//!         Since::Events(events) => events,
//!         Since::NothingNew => return Some(Vec::new()),
//!         _ => return None,
//!     };
//!     let (everyone, comment) = (b"id: ", format!(": {user}\n"));
//!     let (mut out, mut is_left_out) = (Vec::new(), false);
//!     for event in events.by_ref() {
//!         is_left_out = !event.starts_with(everyone) && !event.starts_with(comment.as_bytes());
//!         if !is_left_out {
//!             out.extend(event);
//!         }
//!     }
//!     *place = events.last_event_id();
//!     if is_left_out {
//!         EventEncoder::new().id(place).encode_fields(&mut out).expect("the ID of an event");
//!     }
//!     Some(out)
//! }
//!
//! # let mut buffer = ReplayBuffer::new(sse_proto::server::Epoch::new(7));
//! # let mut place = buffer.last_event_id();
//! buffer.push(EventEncoder::new(), "hello, all")?;
//! buffer.push(EventEncoder::new().comment("bob"), "hello, bob")?;
//! let ada = pull(&buffer, "ada", &mut place).expect("it is all there");
//! assert_eq!(ada, b"id: 7-1\ndata: hello, all\n\nid: 7-2\n\n");
//! # let bob = pull(&buffer, "bob", &mut "7-1".into()).unwrap();
//! # assert_eq!(bob, b": bob\nid: 7-2\ndata: hello, bob\n\n");
//! # Ok::<(), sse_proto::server::PushError>(())
//! ```
//!
//! The name of a user may hold no line end, because it is compared as one line. Each user can
//! count the IDs, and so knows how many events others get, but nothing of what is in them.
//!
//! # IDs of your own
//!
//! Events that come from a database have an ID already. Give it to the event
//! ([`EventEncoder::id`](crate::EventEncoder::id)), and each server that reads the same
//! database serves the clients of the others. The buffer forgets an ID soon after its event
//! had to go. If the IDs grow, [`ReplayBuffer::since_by_key`] can still tell a client that was
//! away for too long from a client with an ID that is not yours.
//!
//! # Clients without the header
//!
//! A page that is loaded again makes a new `EventSource`, which sends no `Last-Event-ID`. Let
//! it put the ID that it stored in the query, and give `since` the header if there is one,
//! else the query's ID.
//!
//! # Restarts
//!
//! A server that is to know its IDs after a restart keeps its events in a log. It writes each
//! event there, under the lock, before anyone is sent it. After the restart
//! [`ReplayBuffer::read_log`] pushes them again, each with the ID that it had. If the buffer
//! mints the IDs, the log has to say where they continue: [`ReplayBuffer::resume`] shows how.
//!
//! [`header::RESPONSE_HEADERS`]: crate::header::RESPONSE_HEADERS

mod epoch;
mod error;
mod events;
mod ids;
mod log;
mod replay;
mod since;

pub use epoch::Epoch;
pub use error::{LogError, PushError};
pub use events::Events;
pub use replay::ReplayBuffer;
pub use since::Since;
