//! A stream gives the same wherever it is cut, and the state between two chunks is the standard's.

mod drive;
mod model;

use drive::{Expectation, Reader, bytewise, chunks, every, pull, streams};
use model::{Item, Options, State};
use sse_proto::{BytesDecoder, Chunk, Decoder, OwnedFrame};

/// One limit that no stream reaches, and some that end within their blocks.
fn some_options() -> impl Iterator<Item = Options> {
    [64 << 20, 24, 13, 7].into_iter().flat_map(|max_event_size| {
        [true, false].map(|frames| Options {
            max_event_size,
            last_event_id: "before".to_owned(),
            frames,
        })
    })
}

#[test]
fn every_stream_at_every_cut() {
    for stream in streams::ALL {
        for options in some_options() {
            Expectation::new(stream, &options).check_every_cut();
        }
    }
}

#[test]
fn every_stream_at_every_pair_of_cuts() {
    for stream in streams::ALL {
        Expectation::new(stream, &Options::default()).check_every_pair_of_cuts();
    }
}

/// Blocks whose characters, line ends and malformed bytes drift across every boundary.
fn long_stream(padding: usize, malformed: bool) -> Vec<u8> {
    let mut stream = format!(":{}\n", "p".repeat(padding)).into_bytes();
    let mut number = 0;
    while stream.len() < 40_000 {
        number += 1;
        let line_end = ["\n", "\r\n", "\r"][number % 3];
        let text = "한국어 🦀 text é ".repeat(number * 7 % 40);
        stream.extend_from_slice(format!("id: 쓰기{number}{line_end}data: {text}").as_bytes());
        if malformed && number % 2 == 0 {
            let bad = [&b"\xED\x95"[..], b"\xFF", b"\xF0\x9F\xA6", b"\x80\x80"];
            stream.extend_from_slice(bad[number / 2 % 4]);
        }
        stream.extend_from_slice(format!("{line_end}event: 소식{line_end}{line_end}").as_bytes());
    }
    stream
}

#[test]
fn many_blocks_of_long_text() {
    for padding in 0..13 {
        for malformed in [false, true] {
            let stream = long_stream(padding, malformed);
            let expectation = Expectation::new(&stream, &Options::default());
            for size in [61, 1021, 4096, 16_384, usize::MAX] {
                expectation.check(&every(size, &stream));
            }
        }
    }
}

#[test]
fn one_event_of_long_text_in_one_line_or_many() {
    for unit in ["한a🦀".as_bytes(), b"\xED\x95\x9Ca\xF0\x9F\xA6", b"12345678"] {
        for lines in [1, 700] {
            let line = [b"data: ", &unit.repeat(4200 / lines)[..], b"\n"].concat();
            let stream = [b"event: big\n", &line.repeat(lines)[..], b"\ndata: b\n\n"].concat();
            let expectation = Expectation::new(&stream, &Options::default());
            for size in [1, 7, 64, 1000, 4097, 65_536] {
                expectation.check(&every(size, &stream));
            }
        }
    }
}

#[test]
fn one_event_of_long_text_in_any_of_its_fields() {
    for unit in [&b"x"[..], "한".as_bytes(), b"\xFF"] {
        let values = [&unit.repeat(17_000 / unit.len())[..], b"short"];
        for [event_type, id, data] in (0..8).map(|n| [0, 1, 2].map(|bit| values[n >> bit & 1])) {
            let stream =
                [b"event: ", event_type, b"\nid: ", id, b"\ndata: ", data, b"\n\ndata\n\n"];
            let stream = stream.concat();
            let expectation = Expectation::new(&stream, &Options::default());
            for size in [4000, 16_384] {
                expectation.check(&every(size, &stream));
            }
        }
    }
}

#[test]
fn the_state_after_every_byte() {
    for stream in streams::ALL {
        for options in some_options() {
            for mut reader in Reader::both(&options) {
                for (end, byte) in stream.chunks(1).enumerate() {
                    reader.read(byte, options.frames);
                    let state = model::decode(&stream[..=end], &options).state();
                    assert_eq!(reader.state(), state, "{}", stream[..=end].escape_ascii());
                }
            }
        }
    }
}

#[test]
fn the_state_between_two_items_of_one_chunk() {
    for stream in streams::ALL {
        for options in some_options() {
            let (mut decoder, mut chunk) = (drive::decoder(&options), Chunk::new(stream));
            for (at, item) in model::decode(stream, &options).items {
                let got = pull(&mut decoder, &mut chunk, options.frames, options.max_event_size);
                assert_eq!(got, Some(item));
                let state = State {
                    last_event_id: decoder.last_event_id().to_owned(),
                    reconnection_time: decoder.reconnection_time(),
                    is_mid_event: decoder.is_mid_event(),
                };
                let expected = model::decode(&stream[..at], &options).state();
                assert_eq!(state, expected, "{}", stream[..at].escape_ascii());
            }
        }
    }
}

/// Where the line that ends at `due` begins, after the byte order mark if it is the first line.
fn line_start(stream: &[u8], due: usize) -> usize {
    let after_mark = if stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let line_end = stream[..due - 1].iter().rposition(|&byte| byte == b'\r' || byte == b'\n');
    line_end.map_or(after_mark, |at| at + 1)
}

/// `next_frame` gives a comment only if it has read all of it, and another frame if it has read the
/// end of that frame.
#[test]
fn frames_and_events_in_turn_from_chunk_to_chunk() {
    for stream in streams::ALL {
        let options = Options::default();
        let due = model::decode(stream, &options).items;
        let cuts = (0..=stream.len())
            .flat_map(|first| (first..=stream.len()).map(move |second| [first, second]));
        for (cuts, frames_first) in cuts.flat_map(|cuts| [(cuts, true), (cuts, false)]) {
            let [first, second] = cuts;
            let reads_frames = |at| (first..second).contains(&at) != frames_first;
            let expected = due.iter().filter(|(due, item)| match item {
                Item::Event { .. } | Item::TooLarge => true,
                Item::Comment(_) => (line_start(stream, *due)..*due).all(reads_frames),
                Item::Retry(_) | Item::Id(_) => reads_frames(due - 1),
            });
            let expected: Vec<_> = expected.map(|(_, item)| item.clone()).collect();
            for mut reader in Reader::both(&options) {
                let frames = [frames_first, !frames_first, frames_first];
                let chunks = chunks(stream, &cuts).into_iter().zip(frames);
                let got: Vec<_> =
                    chunks.flat_map(|(chunk, frames)| reader.read(chunk, frames)).collect();
                let stream = stream.escape_ascii();
                assert_eq!(got, expected, "cuts {cuts:?}, frames first {frames_first}: {stream}");
            }
        }
    }
}

#[test]
fn frames_and_events_in_turn_within_a_chunk() {
    for stream in streams::ALL {
        let options = Options::default();
        let limit = options.max_event_size;
        let items = model::decode(stream, &options).what();
        // Every pattern of eight questions, repeated.
        for pattern in 0..=u8::MAX {
            let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(stream));
            let mut owned = BytesDecoder::new();
            owned.push(stream.to_vec());
            let mut left = items.iter();
            for question in 0.. {
                let frames = pattern.rotate_left(question) & 1 == 1;
                let expected = left.find(|item| frames || matches!(item, Item::Event { .. }));
                let got = [
                    pull(&mut decoder, &mut chunk, frames, limit),
                    drive::pull_owned(&mut owned, frames, limit),
                ];
                let stream = stream.escape_ascii();
                assert_eq!(got, [expected.cloned(), expected.cloned()], "{pattern:b}, {stream}");
                if expected.is_none() {
                    break;
                }
            }
        }
    }
}

#[test]
fn reconnecting_after_any_byte() {
    let seconds: [&[u8]; 4] = [
        b"data: x\n\n: c\n",
        b"\n\xEF\xBB\xBFdata: y\n\n",
        b"\xEF\xBB\xBFdata: y\n\nid: 9\n\nretry: 8\n",
        b"\xBB\xBF\n\ndata: a longer one, beyond the limit\n\ndata\n\n",
    ];
    for options in some_options() {
        for first in streams::ALL.iter().flat_map(|all| (0..=all.len()).map(|at| &all[..at])) {
            let kept = State { is_mid_event: false, ..model::decode(first, &options).state() };
            let again = Options { last_event_id: kept.last_event_id.clone(), ..options.clone() };
            for second in seconds {
                let expected = model::decode(second, &again);
                let mut left = expected.state();
                left.reconnection_time = left.reconnection_time.or(kept.reconnection_time);
                for mut reader in Reader::both(&options) {
                    let place = format!("{} | {}", first.escape_ascii(), second.escape_ascii());
                    reader.read(first, options.frames);
                    // Chunks that were pushed and not pulled are gone.
                    if let Reader::Owned(decoder, _) = &mut reader {
                        decoder.push("retry: 77\n\nid: lost\n\n: lost\n");
                        decoder.push("data: lost\n\n");
                    }
                    reader.reconnect();
                    assert_eq!(reader.state(), kept, "{place}");
                    assert_eq!(reader.read(second, options.frames), expected.what(), "{place}");
                    assert_eq!(reader.state(), left, "{place}");
                }
            }
        }
    }
}

#[test]
fn a_reconnection_drops_the_whole_queue() {
    let mut decoder = BytesDecoder::new();
    ["data: a\n\n", "data: b\n\n", "data: c\n\n"].into_iter().for_each(|chunk| decoder.push(chunk));
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "a");
    decoder.reconnect();
    assert_eq!(decoder.next_event(), Ok(None));
    decoder.push("data: d\n\n");
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "d");
}

#[test]
fn a_clone_continues_from_any_byte() {
    let other = b"x\n\nid: other\nretry: 77\ndata: other\n\n: other";
    for stream in streams::ALL {
        for options in some_options() {
            let expected = model::decode(stream, &options);
            for at in 0..=stream.len() {
                for mut original in Reader::both(&options) {
                    let mut got = original.read(&stream[..at], options.frames);
                    let mut clone = original.clone();
                    original.read(other, options.frames);
                    got.extend(clone.read(&stream[at..], options.frames));
                    assert_eq!(got, expected.what(), "at {at} of {}", stream.escape_ascii());
                    assert_eq!(clone.state(), expected.state(), "{}", stream.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn a_borrowed_event_lies_in_its_chunk() {
    for stream in ["event: t\nid: 1\ndata: x\n\n", "data:한\r\nid:1\r\nevent:t\r\n\r\n"] {
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(stream.as_bytes()));
        let event = decoder.next_event(&mut chunk).unwrap().unwrap();
        for text in [event.data(), event.event_type()] {
            assert!(stream.as_bytes().as_ptr_range().contains(&text.as_ptr()), "{text}: {stream}");
        }
    }
}

#[test]
fn owned_frames_outlive_their_decoder_and_cross_threads() {
    let stream = b"id: 1\nevent: t\ndata: a\ndata: b\n\n: c\nid: 2\n\n";
    let mut decoder = BytesDecoder::new();
    chunks(stream, &bytewise(stream)).iter().for_each(|chunk| decoder.push(chunk.to_vec()));
    let frames: Vec<_> = std::iter::from_fn(|| decoder.next_frame().unwrap()).collect();
    drop(decoder);
    let frames = std::thread::spawn(move || frames).join().unwrap();
    let [OwnedFrame::Event(event), OwnedFrame::Comment(comment), OwnedFrame::Id(id)] = &frames[..]
    else {
        panic!("{frames:?}");
    };
    assert_eq!((event.event_type(), event.data(), event.id()), ("t", "a\nb", Some("1")));
    assert_eq!((&**comment, &**id), ("c", "2"));
}
