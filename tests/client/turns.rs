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
fn a_call_out_of_turn_says_which_call_is_next() {
    let mut client = Client::new(Policy::new().retry_statuses([503]));
    let mut said = Vec::new();
    let received = |client: &mut Client| client.connection.received(Duration::ZERO).unwrap_err();
    said.push(received(&mut client).to_string());
    client.request();
    said.push(received(&mut client).to_string());
    client.connection.response(503, STREAM).unwrap();
    said.push(received(&mut client).to_string());
    client.wait(0);
    client.open();
    let error = client.connection.response(200, STREAM).unwrap_err();
    assert_eq!((error.call, error.state), ("response", ReadyState::Open));
    said.push(error.to_string());
    client.connection.close();
    said.push(received(&mut client).to_string());
    assert_eq!(
        said,
        [
            "`received` is out of turn while CONNECTING: no request is out, `request` is next",
            "`received` is out of turn while CONNECTING: \
             a request is out, `response` or `disconnected` is next",
            "`received` is out of turn while CONNECTING: \
             the response is to be dropped, `disconnected` is next",
            "`response` is out of turn while OPEN: a response is being read",
            "`received` is out of turn while CLOSED: nothing follows",
        ]
    );
}
