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

/// Pulls all that was pushed, event by event or frame by frame.
fn pull_events(decoder: &mut BytesDecoder, frames: bool, events: &mut Vec<OwnedEvent>) {
    let mut next = || match frames {
        true => decoder.next_frame().unwrap(),
        false => decoder.next_event().unwrap().map(OwnedFrame::Event),
    };
    while let Some(frame) = next() {
        if let OwnedFrame::Event(event) = frame {
            events.push(event);
        }
    }
}

#[test]
fn an_event_of_ascii_that_ends_its_chunk_takes_the_chunk() {
    // The pieces of a stream, the data of the last event in each, and whether it takes the piece.
    let pieces: [(&[u8], Option<&str>, bool); 10] = [
        (b"event: token\nid: 7\ndata: whole\n\n", Some("whole"), true),
        ("data: 한글\n\n".as_bytes(), Some("한글"), false),
        (b"data: up to a CR\r\n\r", Some("up to a CR"), true),
        (b"\ndata: first\nevent: token\n\n", Some("first"), true),
        (b"data: cut", None, false),
        ("\n\n: 한글\nunknown: 한글\ndata: behind\n\n".as_bytes(), Some("behind"), true),
        (b"data: \xFF\n\n", Some("\u{FFFD}"), false),
        (b"data: one\n\ndata: two\n\n", Some("two"), false),
        (b"data: \xFF\n\ndata: three\n\n", Some("three"), true),
        (b"data\n\n", Some(""), true),
    ];
    let chunks = pieces.map(|(piece, ..)| bytes::Bytes::from_static(piece));
    let expected = ["whole", "한글", "up to a CR", "first", "cut", "behind"];
    let expected = [&expected[..], &["\u{FFFD}", "one", "two", "\u{FFFD}", "three", ""]].concat();
    // Pulled as they come and queued, as events and as frames.
    for (queued, frames) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut decoder = BytesDecoder::new();
        let mut events = Vec::new();
        for chunk in &chunks {
            decoder.push(chunk.clone());
            if !queued {
                pull_events(&mut decoder, frames, &mut events);
            }
        }
        pull_events(&mut decoder, frames, &mut events);
        let data: Vec<&str> = events.iter().map(OwnedEvent::data).collect();
        assert_eq!(data, expected, "queued: {queued}, frames: {frames}");
        assert_eq!((events[0].event_type(), events[0].id()), ("token", Some("7")));
        assert_eq!(events[3].event_type(), "token");
        assert!(events.iter().all(|event| event.last_event_id() == "7"));
        for (chunk, (piece, last, takes)) in chunks.iter().zip(pieces) {
            let range = chunk.as_ptr_range();
            let taken: Vec<&str> = (events.iter().map(OwnedEvent::data))
                .filter(|data| range.start < data.as_ptr() && data.as_ptr() <= range.end)
                .collect();
            assert_eq!(taken, Vec::from_iter(last.filter(|_| takes)), "{}", piece.escape_ascii());
        }
        assert!(format!("{decoder:?}").starts_with("BytesDecoder { unread: 0,"));
    }
}

#[test]
fn a_queue_is_dropped_as_a_whole_whoever_took_its_first_chunk() {
    let mut decoder = BytesDecoder::new();
    ["data: a\n\n", "data: b\n\n", "data: c\n\n"].into_iter().for_each(|chunk| decoder.push(chunk));
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "a");
    decoder.reconnect();
    assert_eq!(decoder.next_event(), Ok(None));
    decoder.push("data: d\n\n");
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "d");
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
