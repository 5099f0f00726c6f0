//! The headers of a request, and the check of a response.

use std::time::Duration;

use sse_proto::client::{CloseReason, Connection, Decode, Policy, ReadyState, RequestHeaders};
use sse_proto::{BytesDecoder, header};

use super::client::{Client, STREAM, owned, seconds};

#[test]
fn a_request_carries_the_last_event_id_once_there_is_one() {
    let mut client = Client::new(Policy::new());
    assert_eq!(client.connection.ready_state(), ReadyState::Connecting);
    let always: Vec<_> = header::REQUEST_HEADERS.iter().copied().map(owned).collect();
    assert_eq!(client.request(), always);
    client.connection.response(200, STREAM).unwrap();
    client.feed("id: 한 1\n\n".as_bytes());
    client.wait(0);
    let headers = client.request();
    assert_eq!(headers[..2], always);
    assert_eq!(headers[2..], [owned(("last-event-id", "한 1"))]);
}

#[test]
fn a_stored_id_goes_into_the_first_request() {
    let mut connection = Connection::default();
    let mut decoder = BytesDecoder::builder().last_event_id("41").build();
    let headers: Vec<_> = connection.request(&mut decoder).unwrap().collect();
    assert_eq!(headers[2..], [("last-event-id", "41")]);
}

#[test]
fn an_id_that_no_header_carries_is_left_out() {
    for (id, header) in [
        ("a\tb", Some("a\tb")),
        ("a\x01b", None),
        ("a\x7F", None),
        ("\ta", None),
        // The decoder removes one space after the colon.
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
fn a_cut_discards_an_unfinished_event_and_its_id() {
    let mut client = Client::new(Policy::new());
    client.open();
    assert_eq!(client.feed(b"id: 1\ndata: a\n\nid: 2\nretry: 700\ndata: b\n"), ["a"]);
    assert_eq!(client.wait(0), Duration::from_millis(700));
    assert_eq!(client.last_event_id_header().as_deref(), Some("1"));
    client.connection.response(200, STREAM).unwrap();
    assert_eq!(client.feed(b"\ndata: c\n\n"), ["c"]);
    assert_eq!(client.decoder.last_event_id(), "1");
}

#[test]
fn events_can_be_pulled_until_the_next_request() {
    let mut connection = Connection::default();
    let mut decoder = BytesDecoder::new();
    let _ = connection.request(&mut decoder).unwrap();
    connection.response(200, STREAM).unwrap();
    decoder.push("id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    connection.disconnected(&decoder, 0).unwrap();
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "a");
    let headers: Vec<_> = connection.request(&mut decoder).unwrap().collect();
    assert_eq!(headers[2..], [("last-event-id", "1")]);
    assert_eq!(decoder.next_event(), Ok(None));
}

#[test]
fn only_200_and_the_media_type_open_it() {
    let outcome = |status: u16, content_type: Option<&str>| {
        let mut client = Client::new(Policy::new());
        client.request();
        match client.connection.response(status, content_type).unwrap() {
            ReadyState::Open => None,
            ReadyState::Closed => {
                let reason = client.connection.close_reason();
                assert_eq!(client.disconnected(0).err(), reason);
                reason
            }
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
fn a_listed_status_is_a_failed_attempt() {
    let policy = || Policy::new().retry_statuses([200, 204, 503]);
    let mut client = Client::new(policy());
    client.request();
    assert_eq!(client.connection.response(503, None::<&str>), Ok(ReadyState::Connecting));
    assert!(client.connection.response(200, STREAM).is_err(), "it had its response");
    assert_eq!(client.wait(u32::MAX), seconds(3 + 1));
    client.open();

    for (status, reason) in [(200, CloseReason::ContentType), (204, CloseReason::NoContent)] {
        let mut client = Client::new(policy());
        client.request();
        client.connection.response(status, None::<&str>).unwrap();
        assert_eq!(client.disconnected(0), Err(reason));
    }
}

#[test]
fn a_missing_content_type_is_good_only_on_request() {
    for (content_type, state) in [
        (None, ReadyState::Open),
        (STREAM, ReadyState::Open),
        (Some(""), ReadyState::Closed),
        (Some("application/json"), ReadyState::Closed),
    ] {
        let mut client = Client::new(Policy::new().accept_missing_content_type());
        client.request();
        assert_eq!(client.connection.response(200, content_type), Ok(state), "{content_type:?}");
    }
}

/// A type around a decoder, which an application may have.
struct Counting {
    decoder: BytesDecoder,
    streams: usize,
}

impl Decode for Counting {
    fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    fn reconnect(&mut self) {
        self.decoder.reconnect();
        self.streams += 1;
    }
}

#[test]
fn a_type_around_a_decoder_works_with_a_connection() {
    let mut connection = Connection::default();
    let mut decoder = Counting { decoder: BytesDecoder::new(), streams: 0 };
    decoder.decoder.push("id: 7\nretry: 9000\n\n");
    assert_eq!(decoder.decoder.next_event(), Ok(None));
    let by_reference: &mut dyn Decode = &mut decoder;
    let headers: Vec<_> = connection.request(by_reference).unwrap().collect();
    assert_eq!(headers[2..], [("last-event-id", "7")]);
    let after = seconds(9) + Duration::from_millis(500);
    assert_eq!(connection.disconnected(&decoder, 0), Ok(after));
    assert_eq!(decoder.streams, 1);
}

#[test]
fn request_headers_without_a_connection() {
    let mut headers = RequestHeaders::new("7");
    assert_eq!(headers.by_ref().last(), Some(("last-event-id", "7")));
    assert_eq!(headers.next(), None);
    assert_eq!(RequestHeaders::new("").count(), header::REQUEST_HEADERS.len());
}
