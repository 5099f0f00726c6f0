//! What the client does, by name.

use std::time::Duration;

use sse_proto::client::{CloseReason, EventSource, Next, Policy, ReadyState};
use sse_proto::{BytesDecoder, Chunk, Decoder};

const STREAM: Option<&str> = Some("text/event-stream");
const START: Duration = Duration::ZERO;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A client and a decoder in step.
struct Client {
    source: EventSource,
    decoder: Decoder,
}

impl Client {
    fn new(policy: Policy) -> Self {
        Client { source: EventSource::new(policy), decoder: Decoder::new() }
    }

    /// Requests the stream; gives the request's headers.
    #[track_caller]
    fn request(&mut self) -> Vec<(String, String)> {
        let headers = self.source.request(&mut self.decoder).unwrap();
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[track_caller]
    fn last_event_id_header(&mut self) -> Option<String> {
        self.request().into_iter().find(|(name, _)| name == "last-event-id").map(|(_, id)| id)
    }

    #[track_caller]
    fn open(&mut self) {
        self.request();
        assert_eq!(self.source.response(200, STREAM, START), Ok(ReadyState::Open));
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let (mut chunk, mut events) = (Chunk::new(bytes), Vec::new());
        while let Some(event) = self.decoder.next_event(&mut chunk).unwrap() {
            events.push(event.data().to_owned());
        }
        events
    }

    #[track_caller]
    fn disconnected(&mut self, random: u32) -> Next {
        self.source.disconnected(&self.decoder, random).unwrap()
    }

    /// The wait after an end; panics if there is none.
    #[track_caller]
    fn wait(&mut self, random: u32) -> Duration {
        match self.disconnected(random) {
            Next::Reconnect { after } => after,
            Next::StayClosed(reason) => panic!("closed: {reason}"),
        }
    }
}

#[test]
fn the_states_have_the_names_and_numbers_of_the_platform() {
    let states = [ReadyState::Connecting, ReadyState::Open, ReadyState::Closed];
    assert_eq!(states.map(|state| state as u8), [0, 1, 2]);
    assert_eq!(states.map(|state| state.to_string()), ["CONNECTING", "OPEN", "CLOSED"]);
}

#[test]
fn a_request_carries_the_last_event_id_once_there_is_one() {
    let mut client = Client::new(Policy::new());
    assert_eq!(client.source.ready_state(), ReadyState::Connecting);
    let plain = [("accept", "text/event-stream"), ("cache-control", "no-cache")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(client.request(), plain);
    client.source.response(200, STREAM, START).unwrap();
    client.feed("id: 한 1\n\n".as_bytes());
    client.wait(0);
    let [accept, cache_control] = plain;
    let id = ("last-event-id".to_owned(), "한 1".to_owned());
    assert_eq!(client.request(), [accept, cache_control, id]);
}

#[test]
fn an_id_of_a_connection_before_goes_into_the_first_request() {
    let mut source = EventSource::default();
    let mut decoder = BytesDecoder::builder().last_event_id("41").build();
    let headers: Vec<_> = source.request(&mut decoder).unwrap().collect();
    assert_eq!(headers[2..], [("last-event-id", "41")]);
}

#[test]
fn an_id_that_no_header_carries_is_left_out() {
    for (id, header) in [
        ("a\tb", Some("a\tb")),
        ("a\x01b", None),
        ("a\x7F", None),
        ("\ta", None),
        // One space behind the colon is the field's.
        (" a", None),
        ("a ", None),
        ("", None),
    ] {
        let mut client = Client::new(Policy::new());
        client.open();
        client.feed(format!("id: first\n\nid: {id}\n\n").as_bytes());
        client.wait(0);
        assert_eq!(client.last_event_id_header().as_deref(), header, "{id:?}");
        assert_eq!(client.decoder.last_event_id(), id, "the decoder keeps it all the same");
    }
}

#[test]
fn what_was_pending_at_a_cut_is_discarded_and_the_committed_id_kept() {
    let mut client = Client::new(Policy::new());
    client.open();
    assert_eq!(client.feed(b"id: 1\ndata: a\n\nid: 2\nretry: 7\ndata: b\n"), ["a"]);
    assert_eq!(client.wait(0), Duration::from_millis(7));
    assert_eq!(client.last_event_id_header().as_deref(), Some("1"));
    client.source.response(200, STREAM, START).unwrap();
    assert_eq!(client.feed(b"\ndata: c\n\n"), ["c"]);
    assert_eq!(client.decoder.last_event_id(), "1");
}

#[test]
fn events_complete_at_a_cut_can_be_pulled_until_the_next_request() {
    let mut source = EventSource::default();
    let mut decoder = BytesDecoder::new();
    let _ = source.request(&mut decoder).unwrap();
    source.response(200, STREAM, START).unwrap();
    decoder.push("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    source.disconnected(&decoder, 0).unwrap();
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "a");
    let headers: Vec<_> = source.request(&mut decoder).unwrap().collect();
    assert_eq!(headers[2..], [("last-event-id", "1")]);
    assert_eq!(decoder.next_event(), Ok(None));
}

#[test]
fn only_200_and_the_media_type_open_it() {
    let outcome = |status: u16, content_type: Option<&str>| {
        let mut client = Client::new(Policy::new());
        client.request();
        match client.source.response(status, content_type, START).unwrap() {
            ReadyState::Open => None,
            ReadyState::Closed => match client.disconnected(0) {
                Next::StayClosed(reason) => Some(reason),
                next => panic!("{next:?}"),
            },
            ReadyState::Connecting => panic!("no status is worth a retry by default"),
        }
    };
    assert_eq!(outcome(200, Some("text/event-stream")), None);
    assert_eq!(outcome(200, Some("TEXT/event-stream ;charset=utf-8")), None);
    assert_eq!(outcome(200, Some("text/plain")), Some(CloseReason::ContentType));
    assert_eq!(outcome(200, None), Some(CloseReason::ContentType));
    assert_eq!(outcome(204, STREAM), Some(CloseReason::NoContent));
    for status in [0, 100, 201, 205, 206, 301, 304, 400, 401, 404, 429, 500, 502, 503, u16::MAX] {
        assert_eq!(outcome(status, STREAM), Some(CloseReason::Status(status)));
    }
}

#[test]
fn a_listed_status_is_a_failed_attempt_but_200_and_204_mean_what_they_mean() {
    let policy = || Policy::new().retry_statuses([200, 204, 503]);
    let mut client = Client::new(policy());
    client.request();
    assert_eq!(client.source.response(503, None::<&str>, START), Ok(ReadyState::Connecting));
    assert!(client.source.response(200, STREAM, START).is_err(), "it had its response");
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
    client.open();

    for (status, reason) in [(200, CloseReason::ContentType), (204, CloseReason::NoContent)] {
        let mut client = Client::new(policy());
        client.request();
        client.source.response(status, None::<&str>, START).unwrap();
        assert_eq!(client.disconnected(0), Next::StayClosed(reason));
    }
}

#[test]
fn a_stream_that_ends_is_requested_again_after_the_reconnection_time() {
    let mut client = Client::new(Policy::new());
    client.open();
    assert_eq!(client.wait(u32::MAX), seconds(3));
    assert_eq!(client.source.ready_state(), ReadyState::Connecting);
    client.open();
    client.feed(b"retry: 250\n");
    assert_eq!(client.wait(u32::MAX), Duration::from_millis(250));
    client.open();
    client.feed(b"retry: 18446744073709551615\n");
    assert_eq!(client.wait(u32::MAX), Duration::from_millis(u64::MAX));

    let mut client = Client::new(Policy::new().reconnection_time(seconds(1)));
    client.open();
    assert_eq!(client.wait(0), seconds(1));
}

#[test]
fn failed_attempts_back_off_up_to_the_cap_until_a_good_response() {
    let mut client = Client::new(Policy::new());
    for backoff in [1, 2, 4, 8, 16, 30, 30] {
        client.request();
        assert_eq!(client.wait(u32::MAX), seconds(3 + backoff));
    }
    // Without luck it is half, so a caller without random numbers backs off too.
    client.request();
    assert_eq!(client.wait(0), seconds(3 + 15));
    client.request();
    let between = client.wait(u32::MAX / 2);
    assert!(between > seconds(3 + 22) && between < seconds(3 + 23), "{between:?}");

    client.open();
    assert_eq!(client.wait(u32::MAX), seconds(3));
    client.request();
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
}

#[test]
fn a_backoff_of_any_size_neither_overflows_nor_shortens_the_reconnection_time() {
    let policy = Policy::new().backoff(Duration::from_nanos(1), Duration::MAX);
    let mut client = Client::new(policy.reconnection_time(Duration::MAX / 3));
    let mut before = Duration::MAX / 3;
    for _ in 0..200 {
        client.request();
        let wait = client.wait(u32::MAX);
        assert!(wait > before || wait == Duration::MAX, "{wait:?} after {before:?}");
        before = wait;
    }
    assert_eq!(before, Duration::MAX);

    let mut client = Client::new(Policy::new().backoff(Duration::ZERO, Duration::ZERO));
    for _ in 0..200 {
        client.request();
        assert_eq!(client.wait(u32::MAX), seconds(3));
    }
}

#[test]
fn the_longest_backoff_is_the_longest_time_there_is() {
    let policy = Policy::new().backoff(Duration::MAX, Duration::MAX);
    let mut client = Client::new(policy.reconnection_time(Duration::ZERO));
    for _ in 0..2 {
        client.request();
        assert_eq!(client.wait(u32::MAX), Duration::MAX);
        client.request();
        assert_eq!(client.wait(0), Duration::MAX / 2);
    }
}

#[test]
fn attempts_may_be_limited_and_a_good_response_starts_the_count_again() {
    for (allowed, failures) in [(0, 1), (1, 1), (3, 3)] {
        let mut client = Client::new(Policy::new().max_attempts(allowed));
        for _ in 0..2 {
            for _ in 1..failures {
                client.request();
                client.wait(0);
            }
            client.open();
            client.wait(0);
        }
        for _ in 1..failures {
            client.request();
            client.wait(0);
        }
        client.request();
        assert_eq!(client.disconnected(0), Next::StayClosed(CloseReason::MaxAttempts));
        assert_eq!(client.source.ready_state(), ReadyState::Closed);
    }
}

#[test]
fn a_silent_connection_has_a_deadline_that_every_byte_moves() {
    let mut client = Client::new(Policy::new().idle_timeout(seconds(45)));
    client.request();
    assert_eq!(client.source.idle_deadline(), None);
    client.source.response(200, STREAM, seconds(100)).unwrap();
    assert_eq!(client.source.idle_deadline(), Some(seconds(145)));
    client.source.received(seconds(120)).unwrap();
    client.source.received(seconds(110)).unwrap();
    assert_eq!(client.source.idle_deadline(), Some(seconds(165)));
    assert_eq!(client.wait(u32::MAX), seconds(3), "a dead connection is no failed attempt");
    assert_eq!(client.source.idle_deadline(), None);

    let mut client = Client::new(Policy::new());
    client.open();
    assert_eq!(client.source.idle_deadline(), None);
}

#[test]
fn close_is_for_good_and_the_first_reason_stays() {
    let mut client = Client::new(Policy::new());
    client.open();
    client.source.close();
    client.source.close();
    assert_eq!(client.source.ready_state(), ReadyState::Closed);
    assert_eq!(client.disconnected(0), Next::StayClosed(CloseReason::Caller));
    assert!(client.source.request(&mut client.decoder).is_err());

    let mut client = Client::new(Policy::new());
    client.request();
    client.source.response(410, STREAM, START).unwrap();
    client.source.close();
    assert_eq!(client.disconnected(0), Next::StayClosed(CloseReason::Status(410)));
}

#[test]
fn a_call_out_of_turn_says_so_and_changes_nothing() {
    let mut client = Client::new(Policy::new());
    let error = client.source.disconnected(&client.decoder, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`disconnected` is out of turn while CONNECTING: no request is out, `request` is next"
    );
    let error = client.source.response(200, STREAM, START).unwrap_err();
    assert_eq!((error.call, error.state), ("response", ReadyState::Connecting));

    client.open();
    client.feed(b"id: 1\ndata: a\n");
    assert!(client.source.request(&mut client.decoder).is_err());
    assert!(client.decoder.is_mid_event(), "the decoder is left alone");
    let error = client.source.response(404, STREAM, START).unwrap_err();
    assert_eq!(error.to_string(), "`response` is out of turn while OPEN: a response is being read");
    assert_eq!(client.feed(b"\n"), ["a"]);
    client.wait(0);
    assert_eq!(client.last_event_id_header().as_deref(), Some("1"));
    assert!(client.source.received(START).is_err());
}

#[test]
fn a_call_out_of_turn_says_what_is_next() {
    let mut client = Client::new(Policy::new().retry_statuses([503]));
    let mut said = Vec::new();
    let mut out_of_turn = |client: &mut Client| {
        said.push(client.source.received(START).unwrap_err().to_string());
    };
    client.request();
    out_of_turn(&mut client);
    client.source.response(503, STREAM, START).unwrap();
    out_of_turn(&mut client);
    client.source.close();
    out_of_turn(&mut client);
    assert_eq!(
        said,
        [
            "`received` is out of turn while CONNECTING: a request is out, `response` or `disconnected` is next",
            "`received` is out of turn while CONNECTING: the response is to be dropped, `disconnected` is next",
            "`received` is out of turn while CLOSED: nothing follows",
        ]
    );
}
