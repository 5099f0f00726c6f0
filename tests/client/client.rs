//! A connection with its decoder, for the tests that make one call after the other.

use std::time::Duration;

use sse_proto::client::{CloseReason, Connection, Policy, ReadyState};
use sse_proto::{Chunk, Decoder};

pub const STREAM: Option<&str> = Some("text/event-stream");

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub struct Client {
    pub connection: Connection,
    pub decoder: Decoder,
}

impl Client {
    pub fn new(policy: Policy) -> Self {
        Client { connection: Connection::new(policy), decoder: Decoder::new() }
    }

    /// Requests the stream, and returns the headers of the request.
    #[track_caller]
    pub fn request(&mut self) -> Vec<(String, String)> {
        let headers = self.connection.request(&mut self.decoder).unwrap();
        headers.map(owned).collect()
    }

    #[track_caller]
    pub fn last_event_id_header(&mut self) -> Option<String> {
        self.request().into_iter().find(|(name, _)| name == "last-event-id").map(|(_, id)| id)
    }

    #[track_caller]
    pub fn open(&mut self) {
        self.request();
        assert_eq!(self.connection.response(200, STREAM), Ok(ReadyState::Open));
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let (mut chunk, mut events) = (Chunk::new(bytes), Vec::new());
        while let Some(event) = self.decoder.next_event(&mut chunk).unwrap() {
            events.push(event.data().to_owned());
        }
        events
    }

    #[track_caller]
    pub fn disconnected(&mut self, random: u32) -> Result<Duration, CloseReason> {
        self.connection.disconnected(&self.decoder, random)
    }

    /// Ends the attempt, and returns the wait. It panics if there is none.
    #[track_caller]
    pub fn wait(&mut self, random: u32) -> Duration {
        self.disconnected(random).unwrap()
    }

    /// Opens a connection that lives so many seconds, and returns the wait after it.
    #[track_caller]
    pub fn wait_after_living(&mut self, lived: u64, random: u32) -> Duration {
        self.open();
        self.connection.received(seconds(100)).unwrap();
        self.connection.received(seconds(100 + lived)).unwrap();
        self.wait(random)
    }
}

pub fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
