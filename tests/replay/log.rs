//! Filling a buffer again from a log.

use std::time::Duration;

use sse_proto::EventEncoder;
use sse_proto::server::{Epoch, LogError, PushError, ReplayBuffer};

use crate::{Answer, EPOCH, answer, buffer, decode, ids};

/// A buffer with events of each kind, and the log of them.
fn logged() -> (ReplayBuffer, Vec<u8>) {
    let (mut buffer, event) = (buffer(), EventEncoder::new());
    let events = [
        (event, "minted"),
        (event.comment("ada\nand more").id("brought").event_type("t"), "a\n\nb"),
        (event.retry(Duration::from_secs(1)).id("한"), ""),
        (event, "data: x\nid: 7-1\n"),
    ];
    let log = events.map(|(event, data)| buffer.push(event, data).unwrap()).concat();
    (buffer, log)
}

#[test]
fn a_log_cut_anywhere_gives_the_events_before_the_cut_byte_for_byte() {
    let (before, log) = logged();
    assert_eq!(buffer().read_log(b""), Ok(0));
    let ends = before.events().scan(0, |end, event| {
        *end += event.len();
        Some(*end)
    });
    let ends: Vec<usize> = ends.collect();
    for cut in 1..=log.len() {
        let mut after = buffer();
        let whole = ends.iter().copied().filter(|&end| end <= cut).max();
        assert_eq!(after.read_log(&log[..cut]), Ok(whole.unwrap_or(0)), "cut at {cut}");
        let count = ends.iter().filter(|&&end| end <= cut).count();
        assert!(after.events().eq(before.events().take(count)), "cut at {cut}");
    }
}

#[test]
fn a_buffer_that_has_read_its_log_continues_as_the_one_before() {
    let (mut before, log) = logged();
    let mut after = buffer();
    assert_eq!(after.read_log(&log), Ok(log.len()));
    assert_eq!(after.last_event_id(), "7-4");
    for id in ["7-0", "7-1", "brought", "7-2", "한", "7-4", "7-5", "other"] {
        assert_eq!(answer(after.since(Some(id))), answer(before.since(Some(id))), "{id}");
    }
    let event = EventEncoder::new();
    assert_eq!(after.push(event.id("brought"), ""), Err(PushError::RepeatedId));
    assert_eq!(after.push(event, "next"), before.push(event, "next"));
}

#[test]
fn a_log_may_begin_anywhere_and_come_in_pieces() {
    let mut before = ReplayBuffer::resume(Epoch::new(EPOCH), 100);
    let pieces = ["a", "b"].map(|data| before.push(EventEncoder::new(), data).unwrap());
    let mut after = ReplayBuffer::resume(Epoch::new(EPOCH), 100);
    for piece in &pieces {
        assert_eq!(after.read_log(piece), Ok(piece.len()));
    }
    assert_eq!(ids(after.events()), ["7-101", "7-102"]);
    assert_eq!(answer(after.since(Some("7-99"))), Answer::Gone);
}

#[test]
fn a_log_of_another_epoch_is_read_with_its_ids() {
    let (before, log) = logged();
    let mut after = ReplayBuffer::new(Epoch::new(EPOCH + 1));
    assert_eq!(after.read_log(&log), Ok(log.len()));
    assert_eq!(ids(after.events()), ids(before.events()));
    assert_eq!(after.push(EventEncoder::new(), "x").unwrap(), "id: 8-5\ndata: x\n\n");
}

#[test]
fn the_bounds_hold_while_a_log_is_read() {
    let (before, log) = logged();
    let mut after = buffer().max_events(2);
    assert_eq!(after.read_log(&log), Ok(log.len()));
    assert!(after.events().eq(before.events().skip(2)));
    assert_eq!(answer(after.since(Some("7-1"))), Answer::Gone);
}

#[test]
fn what_is_not_the_log_of_a_buffer_is_refused_where_it_begins() {
    let event = "id: a\ndata: x\n\n";
    let not_events = [
        "Dear Ada,\n\n",
        "\n\n",
        "\nid: b\ndata: after a blank line\n\n",
        "\u{FEFF}id: b\ndata: after a byte order mark\n\n",
        "id: b\n\n",
        ": keep-alive\n\n",
        "id: b\rdata: with CR\n\n",
        "id: b\r\ndata: with CRLF\r\n\r\nid: c\ndata: x\n\n",
    ];
    for text in not_events.map(str::as_bytes).into_iter().chain([&b"id: b\ndata: \xFF\n\n"[..]]) {
        let shown = text.escape_ascii();
        assert_eq!(buffer().read_log(text), Err(LogError::NotAnEvent { offset: 0 }), "{shown}");
        let (mut after, log) = (buffer(), [event.as_bytes(), text, b"id: d\ndata: x\n\n"].concat());
        let offset = event.len();
        assert_eq!(after.read_log(&log), Err(LogError::NotAnEvent { offset }), "{shown}");
        assert_eq!(ids(after.events()), ["a"], "the events before it are there");
    }
    // Nothing in it ends as an event does. If it was left out, somebody's text would be cut off.
    for text in ["Dear Ada,\n", "x", "\n", "id:b", "datum", "id: b\r\ndata: x\r\n\r\n"] {
        for before in ["", event] {
            let read = buffer().read_log([before, text].concat().as_bytes());
            let offset = before.len();
            assert_eq!(read, Err(LogError::NotAnEvent { offset }), "{before:?} {text:?}");
        }
    }
}

#[test]
fn an_id_that_push_refuses_is_refused_in_a_log() {
    for (second, error) in [
        ("data: x\n\n", PushError::EmptyId),
        ("id\ndata: x\n\n", PushError::EmptyId),
        ("id: b\0\ndata: x\n\n", PushError::EmptyId),
        ("id: \u{1}\ndata: x\n\n", PushError::IdNotCarried),
        ("id: a\ndata: x\n\n", PushError::RepeatedId),
        ("id: 7-1\ndata: x\n\n", PushError::ReservedId),
        ("id: 7-3\ndata: x\n\n", PushError::ReservedId),
    ] {
        let (mut after, first) = (buffer(), "id: a\ndata: x\n\n");
        let read = after.read_log([first, second].concat().as_bytes());
        assert_eq!(read, Err(LogError::Refused { offset: first.len(), error }), "{second:?}");
        assert_eq!(ids(after.events()), ["a"]);
        assert!(after.push(EventEncoder::new(), "x").unwrap().starts_with(b"id: 7-2\n"));
    }
}

/// If bytes are read as a log, a client gets the same events from the buffer as from them.
#[test]
fn every_short_sequence_of_pieces_is_read_as_a_client_reads_it_or_refused() {
    const PIECES: [&str; 9] =
        ["id: a\n", "id: b\n", "id\n", "data: x\n", ": c\n", "\n", "\r", "x", "\u{FEFF}"];
    let mut read = 0;
    for number in 0..PIECES.len().pow(6) {
        let piece = |place| PIECES[number / PIECES.len().pow(place) % PIECES.len()];
        let log: String = (0..6).map(piece).collect();
        let mut after = buffer();
        if let Ok(whole) = after.read_log(log.as_bytes()) {
            let events = after.events().flatten().collect::<Vec<_>>();
            assert_eq!(events, log.as_bytes()[..whole], "{log:?}");
            let direct = [bytes::Bytes::from(log.clone().into_bytes())];
            assert_eq!(decode(after.events()), decode(direct.into_iter()), "{log:?}");
            read += 1;
        }
    }
    assert!(read > 1000, "{read} were logs");
}
