//! The order of the calls, and the names of the states.

use std::time::Duration;

use sse_proto::client::{CloseReason, Policy, ReadyState};

use super::client::{Client, STREAM};

#[test]
fn the_states_have_the_names_and_numbers_of_the_platform() {
    let states = [ReadyState::Connecting, ReadyState::Open, ReadyState::Closed];
    assert_eq!(states.map(|state| state as u8), [0, 1, 2]);
    assert_eq!(states.map(|state| state.to_string()), ["CONNECTING", "OPEN", "CLOSED"]);
}

#[test]
fn close_is_for_good_and_the_first_reason_stays() {
    let mut client = Client::new(Policy::new());
    client.open();
    client.connection.close();
    client.connection.close();
    assert_eq!(client.connection.ready_state(), ReadyState::Closed);
    assert_eq!(client.disconnected(0), Err(CloseReason::Caller));
    assert!(client.connection.request(&mut client.decoder).is_err());

    let mut client = Client::new(Policy::new());
    client.request();
    client.connection.response(410, STREAM).unwrap();
    client.connection.close();
    client.connection.fail(CloseReason::ContentCoding);
    assert_eq!(client.disconnected(0), Err(CloseReason::Status(410)));
}

#[test]
fn a_call_out_of_turn_says_so_and_changes_nothing() {
    let mut client = Client::new(Policy::new());
    let error = client.connection.received(Duration::ZERO).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`received` is out of turn while CONNECTING: no request is out, `request` is next"
    );
    let error = client.connection.response(200, STREAM).unwrap_err();
    assert_eq!((error.call, error.state), ("response", ReadyState::Connecting));

    client.open();
    client.feed(b"id: 1\ndata: a\n");
    assert!(client.connection.request(&mut client.decoder).is_err());
    assert!(client.decoder.is_mid_event(), "the decoder is left alone");
    let error = client.connection.response(404, STREAM).unwrap_err();
    assert_eq!(error.to_string(), "`response` is out of turn while OPEN: a response is being read");
    assert_eq!(client.feed(b"\n"), ["a"]);
    client.wait(0);
    assert_eq!(client.last_event_id_header().as_deref(), Some("1"));
    assert!(client.connection.received(Duration::ZERO).is_err());
}

#[test]
fn a_call_out_of_turn_says_what_is_next() {
    let mut client = Client::new(Policy::new().retry_statuses([503]));
    let mut said = Vec::new();
    let mut out_of_turn = |client: &mut Client| {
        said.push(client.connection.received(Duration::ZERO).unwrap_err().to_string());
    };
    client.request();
    out_of_turn(&mut client);
    client.connection.response(503, STREAM).unwrap();
    out_of_turn(&mut client);
    client.connection.close();
    out_of_turn(&mut client);
    assert_eq!(
        said,
        [
            "`received` is out of turn while CONNECTING: \
             a request is out, `response` or `disconnected` is next",
            "`received` is out of turn while CONNECTING: \
             the response is to be dropped, `disconnected` is next",
            "`received` is out of turn while CLOSED: nothing follows",
        ]
    );
}
