//! Events are compared by their text, wherever it is held; and the `Debug` text of each type.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use sse_proto::server::{Epoch, ReplayBuffer};
use sse_proto::{BytesDecoder, Chunk, Decoder, Event, EventEncoder, Frame, OwnedEvent, OwnedFrame};

/// Each stream differs from each other stream in one thing.
const STREAMS: [&str; 8] = [
    "data: a\n\n",
    "data: b\n\n",
    "data\n\n",
    "event: a\ndata: a\n\n",
    "event: b\ndata: a\n\n",
    "event\ndata: a\n\n",
    "id: a\ndata: a\n\n",
    "id\ndata: a\n\n",
];

/// The one event of a stream, made in every way in which an event can hold its text.
fn owned(stream: &str) -> [OwnedEvent; 4] {
    let mut whole = BytesDecoder::new();
    whole.push(stream.to_owned());
    let mut beside_others = BytesDecoder::new();
    beside_others.push(["data: before\n\n", stream, "data: after\n\n"].concat());
    beside_others.next_event().unwrap();
    let mut bytewise = BytesDecoder::new();
    stream.bytes().for_each(|byte| bytewise.push(vec![byte]));
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(stream.as_bytes());
    let copied = decoder.next_event(&mut chunk).unwrap().unwrap().into_owned();
    let [whole, beside, bytewise] =
        [whole, beside_others, bytewise].map(|mut decoder| decoder.next_event().unwrap().unwrap());
    [whole, beside, bytewise, copied]
}

fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

#[test]
fn events_are_equal_whatever_holds_their_text() {
    for stream in STREAMS {
        let all = owned(stream);
        for event in &all {
            assert_eq!(event, &all[0]);
            assert_eq!(event.clone(), all[0]);
            assert_eq!(event.as_event(), all[0].as_event());
            assert_eq!(hash(event), hash(event.as_event()));
            assert_eq!(format!("{event:?}"), format!("{:?}", all[0].as_event()));
        }
        assert_eq!(HashSet::from(all).len(), 1);
    }
}

#[test]
fn events_that_differ_in_one_thing_are_not_equal() {
    let all: Vec<OwnedEvent> = STREAMS.iter().flat_map(|stream| owned(stream)).collect();
    for (index, event) in all.iter().enumerate() {
        for (other_index, other) in all.iter().enumerate() {
            assert_eq!(event == other, index / 4 == other_index / 4, "{event:?}, {other:?}");
        }
    }
    assert_eq!(HashSet::<OwnedEvent>::from_iter(all).len(), STREAMS.len());
}

#[test]
fn borrowed_values_become_owned_ones() {
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(b"data: a\n\n: c\n");
    let event: Event<'_> = decoder.next_event(&mut chunk).unwrap().unwrap();
    let owned = OwnedEvent::from(event);
    assert_eq!(owned.as_event(), event);
    assert_eq!(OwnedFrame::from(Frame::Event(event)), OwnedFrame::Event(owned));
    let frame = decoder.next_frame(&mut chunk).unwrap().unwrap();
    assert_eq!(OwnedFrame::from(frame), OwnedFrame::Comment("c".into()));
}

#[test]
fn the_debug_text_of_each_type() {
    let stream = format!("id: 7\nretry: 5\ndata: a\n\ndata: {}", "x".repeat(500));
    let mut decoder = Decoder::builder().max_event_size(1000).build();
    let mut chunk = Chunk::new(stream.as_bytes());
    decoder.next_event(&mut chunk).unwrap();
    let shown = format!("{chunk:?}");
    assert_eq!(
        shown,
        format!("Chunk {{ read: 24, remaining: 506, next: b\"data: {}\" }}", "x".repeat(58))
    );
    let state = "last_event_id: \"7\", reconnection_time: Some(5ms)";
    assert_eq!(
        format!("{decoder:?}"),
        format!("Decoder {{ {state}, is_mid_event: false, max_event_size: 1000, .. }}")
    );

    let mut decoder = BytesDecoder::new();
    decoder.push(stream.clone());
    decoder.push("\n\n");
    decoder.next_event().unwrap();
    assert_eq!(
        format!("{decoder:?}"),
        format!(
            "BytesDecoder {{ unread: 508, {state}, is_mid_event: false, \
             max_event_size: 67108864, .. }}"
        )
    );

    let mut out = b"before".to_vec();
    let writer = EventEncoder::new().begin(&mut out).unwrap();
    assert_eq!(format!("{writer:?}"), "DataWriter { block: 6, .. }");

    let mut buffer = ReplayBuffer::new(Epoch::new(1));
    buffer.push(EventEncoder::new(), &"a".repeat(1000)).unwrap();
    assert_eq!(
        format!("{buffer:?}"),
        r#"ReplayBuffer { events: 1, bytes: 1016, last_event_id: "1-1", .. }"#
    );
    assert_eq!(format!("{:?}", buffer.since(Some("1-0"))), "Events(Events(1))");
}

#[test]
fn an_event_made_by_hand_is_the_one_that_a_decoder_makes() {
    let made = OwnedEvent::new("a\nb").with_event_type("token").with_id("7");
    assert_eq!(made, owned("event: token\nid: 7\ndata: a\ndata: b\n\n")[0]);
    assert_eq!(OwnedEvent::new("a"), owned("data: a\n\n")[0]);
    let carried = OwnedEvent::new("a").with_last_event_id("7");
    assert_eq!((carried.id(), carried.last_event_id()), (None, "7"));
    let set = carried.with_id("8");
    assert_eq!((set.id(), set.last_event_id()), (Some("8"), "8"));
    let carried = set.with_last_event_id("9");
    assert_eq!((carried.id(), carried.last_event_id()), (None, "9"));
}

#[test]
fn a_large_event_has_its_data_without_the_name_of_its_field() {
    // From 16 KiB on the memory of the line is taken over, name and all.
    for size in [10, 16 << 10, 40_000] {
        for (name, text) in [("data: ", "x"), ("data:", "한")] {
            let data = text.repeat(size / text.len());
            let stream = format!("event: t\n{name}{data}\nid: 7\n\n{name}{data}\ndata: b\n\n");
            let mut decoder = BytesDecoder::new();
            stream.as_bytes().chunks(1000).for_each(|piece| decoder.push(piece.to_vec()));
            let event = decoder.next_event().unwrap().unwrap();
            assert_eq!((event.event_type(), event.id()), ("t", Some("7")));
            assert_eq!((event.data(), event.clone().into_data()), (data.as_str(), data.clone()));
            let event = decoder.next_event().unwrap().unwrap();
            assert_eq!((event.id(), event.last_event_id()), (None, "7"));
            assert_eq!(event.into_data(), format!("{data}\nb"));
        }
    }
}
