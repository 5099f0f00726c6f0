//! `client::Connection` with either decoder on such a network.

use std::time::Duration;

use sse_proto::client::{CloseReason, Connection, Policy, ReadyState};
use sse_proto::header::accepts_event_stream;
use sse_proto::header::{ACCEPT, CONTENT_TYPE, LAST_EVENT_ID, RESPONSE_HEADERS};
use sse_proto::{BytesDecoder, Decoder};

use super::check::Layer;
use super::server::{DIALECTS, Dialect, Seen, Server, expected};
use super::{Cuts, HISTORIES, cuts_wanted};

struct Client<D> {
    connection: Connection,
    decoder: D,
    /// The number of the last event that it saw, or that its place names. A new client has
    /// none.
    place: Option<usize>,
    received: usize,
}

impl<D: Layer> Client<D> {
    fn new() -> Self {
        let connection = Connection::new(Policy::new().retry_statuses([503]));
        Client { connection, decoder: D::default(), place: None, received: 0 }
    }

    /// Requests the stream, and returns the last event ID that the server reads.
    fn request(&mut self) -> String {
        let headers: Vec<_> = self.connection.request(&mut self.decoder).unwrap().collect();
        let values =
            |name| headers.iter().filter(move |header| header.0 == name).map(|header| header.1);
        assert!(accepts_event_stream(values(ACCEPT)));
        values(LAST_EVENT_ID).next().unwrap_or("").to_owned()
    }

    fn response(&mut self, status: u16) -> ReadyState {
        let content_type = RESPONSE_HEADERS.iter().find(|header| header.0 == CONTENT_TYPE);
        let content_type = content_type.map(|(_, value)| value);
        self.connection.response(status, content_type).unwrap()
    }

    /// Reads a body. A new client starts after the event `newest`.
    fn read(&mut self, body: &[u8], chunk: usize, newest: usize) {
        for bytes in body.chunks(chunk) {
            let (place, received) = (&mut self.place, &mut self.received);
            self.decoder.feed(bytes, |event| {
                let n = place.unwrap_or(newest) + 1;
                assert_eq!(Seen::from(event), expected(n), "event {n}");
                *place = Some(n);
                *received += 1;
            });
            if self.place.is_none() && !self.decoder.last_event_id().is_empty() {
                self.place = Some(newest);
            }
        }
    }

    fn disconnected(&mut self, random: u32) -> Result<Duration, CloseReason> {
        let next = self.connection.disconnected(&self.decoder, random);
        if let Ok(after) = next {
            let least = self.decoder.reconnection_time().unwrap_or(Duration::from_secs(3));
            assert!(after >= least && after <= Duration::from_secs(300), "{after:?}");
        }
        next
    }
}

/// Runs until so many connections were cut; returns the number of events that arrived.
fn simulate<D: Layer>(dialect: Dialect, history: usize, cuts: Cuts, wanted: usize) -> usize {
    let mut server = Server::new(dialect, history);
    let mut client = Client::<D>::new();
    let mut length = 0;
    for cut in 0..wanted {
        let last_event_id = client.request();
        // Some attempts do not get a stream, because of a network error or a busy gateway.
        if cut % 17 == 0 || cut % 23 == 0 && client.response(503) != ReadyState::Open {
            client.disconnected(cut as u32).unwrap();
            continue;
        }
        assert_eq!(client.response(200), ReadyState::Open);
        let newest = server.pushed;
        let mut body = server.connect(&last_event_id);
        let greeted = body.len();
        // The server continues, sometimes with this connection open, sometimes before the next.
        if client.place.is_none_or(|place| server.pushed - place < 6) {
            let encoded = server.push();
            if cut % 3 != 0 {
                body.extend_from_slice(&encoded);
            }
        }
        let place_before = client.place;
        client.read(&body[..length.min(body.len())], [1, 5, usize::MAX][cut % 3], newest);
        assert!(client.place.is_some() || length < greeted, "it was sent its place");
        length = cuts.next(length, client.place != place_before);
        client.disconnected(cut as u32).unwrap();
    }

    // A connection that is not cut brings the rest. Then the server asks the client to stop.
    let last_event_id = client.request();
    client.response(200);
    client.read(&server.connect(&last_event_id), usize::MAX, server.pushed);
    client.disconnected(0).unwrap();
    assert_eq!(client.place, Some(server.pushed));
    client.request();
    client.response(204);
    assert_eq!(client.disconnected(0), Err(CloseReason::NoContent));
    client.received
}

#[test]
fn a_client_gets_each_event_once() {
    let runs = DIALECTS.len() * HISTORIES.len() * 2 * 2;
    let wanted = cuts_wanted().div_ceil(runs);
    for cuts in [Cuts::Creeping, Cuts::Sawtooth] {
        let mut events = 0;
        for dialect in DIALECTS {
            for history in HISTORIES {
                events += simulate::<Decoder>(dialect, history, cuts, wanted);
                events += simulate::<BytesDecoder>(dialect, history, cuts, wanted);
            }
        }
        let total = wanted * runs / 2;
        println!("{cuts:?}: {total} cuts, {events} events arrived once and in order");
        assert!(events > total / 1000, "hardly anything arrived");
    }
}
