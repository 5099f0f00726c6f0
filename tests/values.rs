//! Events as values, whatever holds their text, and what `Debug` shows of each type.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use sse_proto::server::ReplayBuffer;
use sse_proto::{BytesDecoder, Chunk, Decoder, Event, EventEncoder, Frame, OwnedEvent, OwnedFrame};

/// Each differs from every other in one thing.
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

/// The event of a stream in which it is the only one, with its text held in each way there is.
fn owned(stream: &str) -> [OwnedEvent; 4] {
    let mut whole = BytesDecoder::new();
    whole.push(stream.to_owned());
    let mut beside_others = BytesDecoder::new();
    beside_others.push(["data: before\n\n", stream, "data: behind\n\n"].concat());
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
fn what_is_borrowed_becomes_what_is_owned() {
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
fn debug_shows_where_things_stand_not_what_they_hold() {
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
            "BytesDecoder {{ unread: 508, {state}, is_mid_event: false, max_event_size: 67108864, .. }}"
        )
    );

    let mut out = Vec::new();
    let writer = EventEncoder::new().begin(&mut out).unwrap();
    assert_eq!(format!("{writer:?}"), "DataWriter { state: Text, .. }");

    let mut buffer = ReplayBuffer::new(1);
    buffer.push(EventEncoder::new(), "a").unwrap();
    let shown = format!("{:?}", buffer.since(Some("1-0")));
    assert!(shown.contains(r#"b"id: 1-1\ndata: a\n\n""#), "{shown}");
}

/// Much ASCII is not copied; anything else is, so that an event keeps no more than 16 KiB alive.
#[test]
fn a_large_chunk_of_ascii_is_shared_and_a_small_one_copied() {
    let event = "data: some text in ASCII\n\n";
    for (unit, count, shared) in
        [(event, 100, false), (event, 1000, true), ("data: 한글\n\n", 2000, false)]
    {
        let chunk = bytes::Bytes::from(unit.repeat(count));
        let mut decoder = BytesDecoder::new();
        decoder.push(chunk.clone());
        for _ in 0..count {
            let event = decoder.next_event().unwrap().unwrap();
            let in_chunk = chunk.as_ptr_range().contains(&event.data().as_ptr());
            assert_eq!(in_chunk, shared, "{count} of {unit:?}");
        }
    }
}

#[test]
fn an_event_of_ascii_that_ends_its_chunk_takes_the_chunk() {
    // The pieces of a stream, and which of their events stand in their chunk.
    let pieces: [(&str, bool); 7] = [
        ("event: token\nid: 7\ndata: whole\n\n", true),
        ("data: 한글\n\n", false),
        ("data: up to a CR\r\n\r", true),
        ("\ndata: behind an LF\n\n", true),
        ("data: cut", false),
        ("\n\ndata: behind another\n\n", true),
        ("data: \n\n", true),
    ];
    let chunks = pieces.map(|(piece, _)| bytes::Bytes::from(piece));
    // Pulled as they come, and queued.
    for queued in [false, true] {
        let mut decoder = BytesDecoder::new();
        let mut events = Vec::new();
        for chunk in &chunks {
            decoder.push(chunk.clone());
            if !queued {
                events.extend(std::iter::from_fn(|| decoder.next_event().unwrap()));
            }
        }
        events.extend(std::iter::from_fn(|| decoder.next_event().unwrap()));
        let data: Vec<&str> = events.iter().map(OwnedEvent::data).collect();
        let (before, behind) = (["whole", "한글", "up to a CR", "behind an LF"], "behind another");
        assert_eq!(data, [&before[..], &["cut", behind, ""]].concat());
        assert_eq!((events[0].event_type(), events[0].id()), ("token", Some("7")));
        assert!(events.iter().all(|event| event.last_event_id() == "7"));
        for event in &events {
            let place = event.data().as_ptr();
            let shared = chunks.iter().zip(pieces).find(|(chunk, _)| {
                let range = chunk.as_ptr_range();
                range.start <= place && place <= range.end
            });
            let takes = event.data() != "한글" && event.data() != "cut";
            assert_eq!(shared.is_some_and(|(_, (_, takes))| takes), takes, "{event:?}");
        }
        assert!(format!("{decoder:?}").starts_with("BytesDecoder { unread: 0,"));
    }
}

#[test]
fn events_behind_a_malformed_one_share_their_text_again() {
    let mut decoder = BytesDecoder::new();
    let event = b"data: a\n\n";
    decoder.push([b"data: before\n\ndata: \xFF\n\n", &event.repeat(3)[..]].concat());
    let mut next = || decoder.next_event().unwrap().unwrap();
    assert_eq!([next(), next()].map(|event| event.data().to_owned()), ["before", "\u{FFFD}"]);
    let events = [next(), next(), next()];
    let places = events.each_ref().map(|event| event.data().as_ptr() as usize);
    assert_eq!([places[1] - places[0], places[2] - places[1]], [event.len(); 2]);
}
