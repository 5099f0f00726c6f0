//! Named cases.

use std::fmt::{self, Write as _};

use sse_proto::server::{Epoch, PushError, ReplayBuffer, Since};
use sse_proto::{BytesDecoder, Chunk, Decoder, EncodeError, EventEncoder, Frame, WriteError};

use crate::{Answer, answer, buffer, decode, ids, push};

#[test]
fn an_event_without_an_id_is_given_one_and_one_with_an_id_keeps_it() {
    let mut buffer = buffer();
    let event = EventEncoder::new().event_type("t");
    assert_eq!(buffer.push(event, "a\nb").unwrap(), "id: 7-1\nevent: t\ndata: a\ndata: b\n\n");
    assert_eq!(buffer.push(event.id("mine"), "").unwrap(), "id: mine\nevent: t\ndata: \n\n");
    assert_eq!(buffer.push(event, "c").unwrap(), "id: 7-3\nevent: t\ndata: c\n\n");
}

#[test]
fn a_replayed_event_is_the_one_sent_and_shares_its_memory() {
    let mut buffer = buffer();
    let sent = [
        buffer
            .push(EventEncoder::new().comment("c").retry(std::time::Duration::ZERO), "a")
            .unwrap(),
        buffer.push(EventEncoder::new(), "").unwrap(),
    ];
    let Since::Events(events) = buffer.since(Some("7-0")) else { panic!("it has them all") };
    let replayed: Vec<_> = events.collect();
    assert_eq!(replayed, sent);
    assert!(replayed.iter().zip(&sent).all(|(one, other)| one.as_ptr() == other.as_ptr()));
}

#[test]
fn an_event_takes_no_more_memory_than_what_counts() {
    let mut buffer = buffer().max_events(0);
    for data in ["", "a", &"line\n".repeat(1000)] {
        let encoded = buffer.push(EventEncoder::new(), data).unwrap();
        let length = encoded.len();
        assert_eq!(encoded.try_into_mut().unwrap().capacity(), length);
    }
}

#[test]
fn a_part_of_what_was_missed_leaves_a_client_at_its_last_event() {
    let mut buffer = buffer();
    for (id, data) in [(None, "a"), (Some("b"), "b"), (None, "c"), (None, "d")] {
        push(&mut buffer, id, data).unwrap();
    }
    let mut place = "7-1".to_owned();
    for (part, moved) in [("b", "b"), ("c", "7-3"), ("d", "7-4")] {
        let Since::Events(mut events) = buffer.since(Some(&place)) else { panic!("some are left") };
        assert_eq!(events.last_event_id(), place, "none was given yet");
        assert_eq!(decode(events.by_ref().take(1))[0].data(), part);
        place = events.last_event_id();
        assert_eq!(place, moved);
    }
    assert_eq!(answer(buffer.since(Some(&place))), Answer::NothingNew);
}

#[test]
fn a_client_without_an_id_is_new_whatever_there_was_before() {
    let mut buffer = buffer().max_events(2);
    for data in ["a", "b", "c"] {
        assert_eq!([None, Some("")].map(|id| answer(buffer.since(id))), [Answer::New, Answer::New]);
        buffer.push(EventEncoder::new(), data).unwrap();
    }
    assert_eq!([None, Some("")].map(|id| answer(buffer.since(id))), [Answer::New, Answer::New]);
    assert_eq!(ids(buffer.events()), ["7-2", "7-3"], "it can have those that are kept");
}

#[test]
fn a_client_that_was_sent_its_place_misses_nothing_after_it() {
    let mut buffer = buffer();
    for (data, missed) in [("a", "7-1"), ("b", "7-2")] {
        // The client is cut off before its first event.
        let mut client = BytesDecoder::new();
        client.push(buffer.place());
        assert_eq!(client.next_event(), Ok(None));
        let id = client.last_event_id();
        assert_eq!(answer(buffer.since(Some(id))), Answer::NothingNew);
        buffer.push(EventEncoder::new(), data).unwrap();
        assert_eq!(answer(buffer.since(Some(id))), Answer::Events(vec![missed.to_owned()]));
    }
    buffer.push(EventEncoder::new().id("mine"), "c").unwrap();
    assert_eq!(buffer.place(), "id: mine\n\n");
}

#[test]
fn a_place_never_overflows() {
    let (epoch, place) = Epoch::of_id("7-9223372036854775807").unwrap();
    let mut buffer = ReplayBuffer::resume(epoch, place);
    for number in 1..=2 {
        let sent = buffer.push(EventEncoder::new(), "x").unwrap();
        assert_eq!(sent, format!("id: 7-{}\ndata: x\n\n", place + number));
    }
    assert_eq!(Epoch::of_id("7-18446744073709551615"), None);
}

#[test]
#[should_panic(expected = "no buffer has had so many events")]
fn a_place_that_no_buffer_can_reach_is_refused() {
    _ = ReplayBuffer::resume(Epoch::new(7), u64::MAX);
}

#[test]
fn a_buffer_resumed_at_its_place_continues_with_the_same_ids() {
    let mut before = buffer();
    for _ in 0..3 {
        before.push(EventEncoder::new(), "x").unwrap();
    }
    let place = before.place();
    let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&place));
    let Ok(Some(Frame::Id(id))) = decoder.next_frame(&mut chunk) else {
        panic!("a place is an ID")
    };
    let (epoch, number) = Epoch::of_id(id).unwrap();
    let mut after = ReplayBuffer::resume(epoch, number);
    assert_eq!(after.place(), place);
    assert_eq!(answer(after.since(Some("7-2"))), Answer::Gone);
    assert_eq!(answer(after.since(Some("7-3"))), Answer::NothingNew);
    assert_eq!(answer(after.since(Some("7-4"))), Answer::Unknown);
    let events = [(); 2].map(|()| after.push(EventEncoder::new(), "y").unwrap());
    assert_eq!(events[0], before.push(EventEncoder::new(), "y").unwrap());
    assert_eq!(answer(after.since(Some("7-4"))), Answer::Events(vec!["7-5".to_owned()]));
}

#[test]
fn data_from_a_closure_is_pushed_whole_or_nothing_is() {
    let mut buffer = buffer();
    let event = EventEncoder::new().event_type("t");
    let pushed = buffer.push_with(event, |data| write!(data, "a\r{}", 1)).unwrap();
    assert_eq!(pushed, "id: 7-1\nevent: t\ndata: a\ndata: 1\n\n");
    buffer.push_with(event.id("mine"), |data| data.write_str("b")).unwrap();

    let refused = buffer.push_with(event.id("mine"), |_| -> fmt::Result { unreachable!() });
    assert_eq!(refused, Err(PushError::RepeatedId));
    let failed = buffer.push_with(event, |data| {
        data.write_str("half")?;
        Err(fmt::Error)
    });
    assert_eq!(failed, Err(PushError::Encode(WriteError::Closure(fmt::Error))));
    #[cfg(feature = "std")]
    {
        let malformed = buffer.push_with(event, |data| std::io::Write::write_all(data, b"a\xFF"));
        let not_utf8 = sse_proto::DataError::NotUtf8 { valid_up_to: 1 };
        assert!(matches!(malformed, Err(PushError::Encode(WriteError::Data(e))) if e == not_utf8));
    }
    assert_eq!(ids(buffer.events()), ["7-1", "mine"]);
    assert_eq!(buffer.last_event_id(), "mine");
    assert!(buffer.push(event, "x").unwrap().starts_with(b"id: 7-3\n"));
}

#[test]
fn gone_and_unknown_are_told_apart() {
    let mut buffer = buffer().max_events(2);
    for _ in 0..5 {
        buffer.push(EventEncoder::new(), "x").unwrap();
    }
    for gone in ["7-0", "7-1", "7-2"] {
        assert_eq!(answer(buffer.since(Some(gone))), Answer::Gone, "{gone}");
    }
    // The event had to go, but nothing is missing after it.
    assert_eq!(answer(buffer.since(Some("7-3"))), Answer::Events(vec!["7-4".into(), "7-5".into()]));
    assert_eq!(answer(buffer.since(Some("7-5"))), Answer::NothingNew);
    let ids = ["7-6", "6-3", "3", "7-03", "7-3 ", "7-+3", "7-99999999999999999999", "-", "한"];
    for unknown in ids {
        assert_eq!(answer(buffer.since(Some(unknown))), Answer::Unknown, "{unknown}");
    }
}

#[test]
fn ids_that_grow_are_gone_if_they_are_less_than_all_that_are_kept() {
    let number = |id: &str| id.parse::<u64>().ok();
    let mut buffer = buffer().max_events(2);
    assert_eq!(answer(buffer.since_by_key(Some("1"), number)), Answer::Unknown, "nothing is kept");
    for id in ["10", "20", "30", "40"] {
        push(&mut buffer, Some(id), "x").unwrap();
    }
    for gone in ["0", "9", "10", "19", "21", "29"] {
        assert_eq!(answer(buffer.since_by_key(Some(gone), number)), Answer::Gone, "{gone}");
        assert_eq!(answer(buffer.since(Some(gone))), Answer::Unknown, "{gone}");
    }
    for unknown in ["31", "41", "99999999999999999999", "x", " 9", "7-5"] {
        let since = answer(buffer.since_by_key(Some(unknown), number));
        assert_eq!(since, Answer::Unknown, "{unknown}");
    }
    assert_eq!(answer(buffer.since_by_key(Some(b"\xFF"), number)), Answer::Unknown);
    // The buffer knows these: they need no order.
    for known in [None, Some(""), Some("20"), Some("30"), Some("40"), Some("7-1"), Some("7-3")] {
        let ask_no_order = |_: &str| -> Option<u64> { panic!("{known:?} is known") };
        let since = answer(buffer.since_by_key(known, ask_no_order));
        assert_eq!(since, answer(buffer.since(known)), "{known:?}");
    }
    // All of them had to go.
    let mut buffer = buffer.max_events(0);
    assert_eq!(answer(buffer.since_by_key(Some("39"), number)), Answer::Gone);
    assert_eq!(answer(buffer.since_by_key(Some("41"), number)), Answer::Unknown);
    // The last that had to go has a minted ID, which has no place in that order.
    push(&mut buffer, None, "x").unwrap();
    assert_eq!(answer(buffer.since_by_key(Some("39"), number)), Answer::Unknown);
}

#[test]
fn an_id_that_is_not_utf_8_is_unknown_not_missing() {
    let mut buffer = buffer();
    buffer.push(EventEncoder::new().id("한"), "a").unwrap();
    assert_eq!(answer(buffer.since(Some("한".as_bytes()))), Answer::NothingNew);
    assert_eq!(answer(buffer.since(Some(b"\xFF"))), Answer::Unknown);
}

#[test]
fn an_id_that_cannot_name_a_place_is_refused_and_nothing_changes() {
    let mut buffer = buffer().max_events(2);
    buffer.push(EventEncoder::new().id("a"), "x").unwrap();
    let mut refused = |id: &str| buffer.push(EventEncoder::new().id(id), "y").unwrap_err();
    assert_eq!(refused(""), PushError::EmptyId);
    for id in [" a", "a ", "\t", "a\nb", "a\r", "a\0", "\x1F", "\x7F"] {
        assert_eq!(refused(id), PushError::IdNotCarried, "{id:?}");
    }
    assert_eq!(refused("a"), PushError::RepeatedId);
    for id in ["7-0", "7-2", "7-1000"] {
        assert_eq!(refused(id), PushError::ReservedId, "{id:?}");
    }
    for id in ["8-1", "7-01", "7", "1", "a\tb", "한"] {
        let mut buffer = self::buffer();
        assert!(buffer.push(EventEncoder::new().id(id), "y").is_ok(), "{id:?}");
    }
    let error = buffer.push(EventEncoder::new().event_type("a\n"), "y").unwrap_err();
    let PushError::Encode(WriteError::Field(error)) = error else { panic!("{error:?}") };
    assert!(matches!(error, EncodeError { character: '\n', .. }));
    assert!(buffer.push(EventEncoder::new().id("b").event_type("a\n"), "y").is_err());

    assert_eq!(ids(buffer.events()), ["a"]);
    assert_eq!(answer(buffer.since(Some("b"))), Answer::Unknown);
    assert!(buffer.push(EventEncoder::new(), "x").unwrap().starts_with(b"id: 7-2\n"));
}

#[test]
fn an_id_may_be_brought_again_once_it_is_forgotten() {
    let mut buffer = buffer().max_events(1);
    let mut push = |id| buffer.push(EventEncoder::new().id(id), "x").map(drop);
    assert_eq!(push("a"), Ok(()));
    assert_eq!(push("b"), Ok(()));
    assert_eq!(push("a"), Err(PushError::RepeatedId), "its place still is one");
    assert_eq!(push("c"), Ok(()));
    assert_eq!(push("a"), Ok(()));
    assert_eq!(answer(buffer.since(Some("b"))), Answer::Unknown);
    assert_eq!(answer(buffer.since(Some("c"))), Answer::Events(vec!["a".into()]));
}

#[test]
fn an_event_beyond_the_bound_by_itself_is_sent_but_not_kept() {
    let mut buffer = buffer().max_bytes(40);
    buffer.push(EventEncoder::new(), "x").unwrap();
    let sent = buffer.push(EventEncoder::new(), &"x".repeat(100)).unwrap();
    assert!(sent.len() > 100);
    assert_eq!(buffer.events().len(), 0);
    assert_eq!(answer(buffer.since(Some("7-1"))), Answer::Gone);
    assert_eq!(answer(buffer.since(Some("7-2"))), Answer::NothingNew);
    buffer.push(EventEncoder::new(), "y").unwrap();
    assert_eq!(answer(buffer.since(Some("7-2"))), Answer::Events(vec!["7-3".into()]));
}

#[test]
fn bounds_hold_to_the_byte_also_when_they_are_set_late() {
    let event = EventEncoder::new();
    let length = buffer().push(event, "x").unwrap().len();
    for (max_bytes, kept) in [(3 * length, 3), (3 * length - 1, 2), (length, 1), (length - 1, 0)] {
        let mut buffer = buffer().max_bytes(max_bytes);
        for _ in 0..5 {
            buffer.push(event, "x").unwrap();
        }
        assert_eq!(buffer.events().len(), kept);
    }
    let mut buffer = buffer();
    for _ in 0..1100 {
        buffer.push(event, "x").unwrap();
    }
    assert_eq!(buffer.events().len(), 1000);
    let buffer = buffer.max_events(10);
    assert_eq!(buffer.events().len(), 10);
    let buffer = buffer.max_bytes(0);
    assert_eq!(buffer.events().len(), 0);
    assert_eq!(answer(buffer.since(Some("7-1100"))), Answer::NothingNew);
    assert_eq!(answer(buffer.since(Some("7-1099"))), Answer::Gone);
}
