//! A client that never loses its place: what `EventSource` users take for granted, as
//! a state machine without I/O.
//!
//! This is one floor above the codec, which knows nothing of it: whoever reads one
//! response and is done needs only a decoder. [`EventSource`] does the rest of the
//! standard's processing model (`#sse-processing-model`): which headers a request
//! carries, which response is good, when to reconnect and when never again. The caller
//! brings the HTTP client, the clock, the random numbers, and a decoder of either
//! layer. The decoder keeps the place, the last event ID and the reconnection time;
//! the two together are this loop:
//!
//! ```
//! use sse_proto::client::{EventSource, Next, Policy, ReadyState};
//! use sse_proto::{Chunk, Decoder};
//! # use std::time::Duration;
//! # struct Response { status: u16, content_type: &'static str, body: Vec<&'static [u8]> }
//! # struct Http { requests: Vec<Vec<(String, String)>>, slept: Vec<Duration> }
//! # impl Http {
//! #     fn get<'h>(&mut self, headers: impl Iterator<Item = (&'h str, &'h str)>) -> Result<Response, ()> {
//! #         self.requests.push(headers.map(|(name, value)| (name.into(), value.into())).collect());
//! #         let (content_type, status) = ("text/event-stream", 200);
//! #         match self.requests.len() {
//! #             1 => Ok(Response { status, content_type, body: vec![b"retry: 10\nid: 1\nda", b"ta: a\n\nid: 2\ndata: b\n"] }),
//! #             2 => Err(()),
//! #             3 => Ok(Response { status, content_type, body: vec![b"id: 2\ndata: b\n\n"] }),
//! #             _ => Ok(Response { status: 204, content_type: "", body: vec![] }),
//! #         }
//! #     }
//! # }
//! # fn now() -> Duration { Duration::ZERO }
//! # fn random() -> u32 { 0 }
//! # let mut http = Http { requests: vec![], slept: vec![] };
//! # let mut handled = vec![];
//!
//! let mut source = EventSource::new(Policy::new());
//! let mut decoder = Decoder::new();
//! let reason = loop {
//!     let headers = source.request(&mut decoder)?;
//!     if let Ok(response) = http.get(headers) {
//!         if source.response(response.status, Some(response.content_type), now())? == ReadyState::Open {
//!             for bytes in response.body {
//!                 source.received(now())?;
//!                 let mut chunk = Chunk::new(bytes);
//!                 while let Some(event) = decoder.next_event(&mut chunk)? {
//!                     println!("{}", event.data()); // or source.close(), and leave the loops
//! #                   handled.push(event.data().to_owned());
//!                 }
//!             }
//!         }
//!     }
//!     match source.disconnected(&decoder, random())? {
//!         Next::Reconnect { after } => sleep(after),
//!         Next::StayClosed(reason) => break reason,
//!     }
//! #   fn sleep(_: Duration) {}
//! };
//! println!("{reason}");
//! # assert_eq!(handled, ["a", "b"]);
//! # assert_eq!(http.requests[3][2], ("last-event-id".to_owned(), "2".to_owned()));
//! # assert_eq!(http.requests[1], http.requests[2]);
//! # assert_eq!(reason, sse_proto::client::CloseReason::NoContent);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! That loop ends at an event beyond the decoder's limit; one that is to survive it has a
//! `match` in place of the `?`, as [`EventTooLarge`](crate::EventTooLarge) shows.
//!
//! A `stream::EventStream` fits in, too: made with `with_decoder(body, decoder)`, it gives
//! the decoder back with `into_decoder()`. But it does not show the chunks, so for an idle
//! time-out the decoder is driven by hand.
//!
//! With an idle time-out the read of the body ends at
//! [`idle_deadline`](EventSource::idle_deadline) at the latest, as if the body had
//! ended.
//!
//! What was pending when a connection was cut, an event without its blank line or an ID
//! that no blank line committed, is discarded by the next request. An event is handed
//! out and its ID committed at once, so the next request names the last one that the
//! application saw.

mod error;
mod event_source;
mod policy;

use core::time::Duration;

pub use error::{CloseReason, WrongCall};
pub use event_source::{EventSource, Next, ReadyState};
pub use policy::Policy;

use crate::{BytesDecoder, Decoder};

/// A decoder that an [`EventSource`] works with: [`Decoder`] or [`BytesDecoder`].
///
/// Sealed: the client relies on a decoder that keeps its place as the standard has it.
pub trait Decode: sealed::Decode {}

impl Decode for Decoder {}
impl Decode for BytesDecoder {}

mod sealed {
    use super::Duration;

    pub trait Decode {
        fn last_event_id(&self) -> &str;
        fn reconnection_time(&self) -> Option<Duration>;
        fn reconnect(&mut self);
    }
}

macro_rules! decode {
    ($decoder:ty) => {
        impl sealed::Decode for $decoder {
            fn last_event_id(&self) -> &str {
                <$decoder>::last_event_id(self)
            }
            fn reconnection_time(&self) -> Option<Duration> {
                <$decoder>::reconnection_time(self)
            }
            fn reconnect(&mut self) {
                <$decoder>::reconnect(self);
            }
        }
    };
}

decode!(Decoder);
decode!(BytesDecoder);
