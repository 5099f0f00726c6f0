//! Chunks cut anywhere give what the whole gives, each item as soon as its last byte is there, and the state between
//! them is the standard's.

mod drive;
mod model;

use drive::{Expectation, bytes_decoder, bytewise, chunks, decoder, pull, pull_owned, streams};
use model::{Item, Options};
use sse_proto::{BytesDecoder, Chunk, Decoder, Frame, OwnedEvent, OwnedFrame};

/// Limits under which the streams are run: none that matters, and some in the middle of their blocks.
fn some_options() -> impl Iterator<Item = Options> {
    [64 << 20, 24, 13, 7].into_iter().map(|max_event_size| Options {
        max_event_size,
        last_event_id: "before".to_owned(),
        frames: true,
    })
}

/// All that comes out of `bytes`, given as one chunk.
fn drain(decoder: &mut Decoder, bytes: &[u8], options: &Options) -> Vec<Item> {
    let mut chunk = Chunk::new(bytes);
    std::iter::from_fn(|| pull(decoder, &mut chunk, options.frames, options.max_event_size))
        .collect()
}

fn drain_owned(decoder: &mut BytesDecoder, bytes: &[u8], options: &Options) -> Vec<Item> {
    decoder.push(bytes.to_vec());
    std::iter::from_fn(|| pull_owned(decoder, options.frames, options.max_event_size)).collect()
}

#[test]
fn every_stream_gives_the_same_at_every_cut() {
    for stream in streams::ALL {
        for options in some_options() {
            Expectation::new(stream, &options).check_every_cut();
        }
    }
}

#[test]
fn every_stream_gives_the_same_at_every_pair_of_cuts() {
    for stream in streams::ALL {
        let expectation = Expectation::new(stream, &Options::default());
        for first in 0..=stream.len() {
            for second in first + 1..=stream.len() {
                expectation.check(&[first, second]);
            }
        }
    }
}

#[test]
fn an_event_is_handed_out_at_the_cr_that_completes_it() {
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(b"data: x\r\r");
    assert_eq!(decoder.next_event(&mut chunk).unwrap().unwrap().data(), "x");
    assert!(chunk.is_empty());

    let mut decoder = BytesDecoder::new();
    decoder.push(&b"data: x\r\n\r"[..]);
    assert_eq!(decoder.next_event().unwrap().unwrap().data(), "x");
}

#[test]
fn a_comment_and_a_retry_are_handed_out_at_the_cr_that_ends_their_line() {
    let mut decoder = Decoder::new();
    assert_eq!(decoder.next_frame(&mut Chunk::new(b": c\r")).unwrap(), Some(Frame::Comment("c")));
    let time = std::time::Duration::from_millis(7);
    assert_eq!(
        decoder.next_frame(&mut Chunk::new(b"retry: 7\r")).unwrap(),
        Some(Frame::Retry(time))
    );
    assert_eq!(decoder.reconnection_time(), Some(time));
}

#[test]
fn a_line_feed_after_a_cr_is_swallowed_once_also_after_empty_chunks() {
    let mut decoder = Decoder::new();
    let options = Options::default();
    assert_eq!(drain(&mut decoder, b"data: x\r", &options), []);
    for _ in 0..3 {
        assert_eq!(drain(&mut decoder, b"", &options), []);
    }
    assert_eq!(drain(&mut decoder, b"\n", &options), [], "the LF of a CRLF is no blank line");
    for _ in 0..3 {
        assert_eq!(drain(&mut decoder, b"", &options), []);
    }
    assert_eq!(drain(&mut decoder, b"\n", &options).len(), 1, "the second LF is one");
}

#[test]
fn a_cr_at_a_chunks_end_and_a_line_feed_at_the_next_ones_start_are_one_line_end() {
    let options = Options::default();
    for frames in [true, false] {
        let options = Options { frames, ..options.clone() };
        let mut decoder = Decoder::new();
        assert_eq!(drain(&mut decoder, b"data: a\r\n\r", &options).len(), 1);
        assert!(!decoder.is_mid_event());
        assert_eq!(drain(&mut decoder, b"\ndata: b\r", &options).len(), 0);
        assert!(decoder.is_mid_event());
        assert_eq!(drain(&mut decoder, b"\n\r", &options).len(), 1);
        assert_eq!(drain(&mut decoder, b"\r\n\ndata\n\n", &options).len(), 1);
    }
}

#[test]
fn text_cut_within_its_characters_is_read_as_if_whole() {
    let streams: [&[u8]; 4] = [
        "data: 안녕, 세상\nid: 쓰기\nevent: 소식\n: 말\n\n".as_bytes(),
        "data: 🦀👩‍👩‍👧\r\ndata: é\u{301}\r\n: 🙂\r\n\r\n".as_bytes(),
        b"data: \xF0\x9F\xA6\xED\x95\xED\xA0\x80\xC0\xAF\xF4\x90\x80\x80\n: \xE0\x80\r\revent: \xF0\x9F\n\n",
        b"data:\xC3\ndata:\xE2\x80\ndata:\xF0\x90\x8D\ndata:\x80\xBF\nid:\xED\x9F\n\n",
    ];
    for stream in streams {
        let expectation = Expectation::new(stream, &Options::default());
        expectation.check_every_cut();
        for first in 1..stream.len() {
            for second in first..stream.len() {
                expectation.check(&[first, second]);
            }
        }
    }
}

/// A stream of several windows of text whose characters, breaks and malformed bytes drift across every boundary.
fn long_stream(padding: usize, malformed: bool) -> Vec<u8> {
    let mut stream = format!(":{}\n", "p".repeat(padding)).into_bytes();
    let mut number = 0;
    while stream.len() < 40_000 {
        number += 1;
        let line_end = ["\n", "\r\n", "\r"][number % 3];
        let text = "한국어 🦀 text é ".repeat(number * 7 % 40);
        stream.extend_from_slice(format!("id: 쓰기{number}{line_end}data: {text}").as_bytes());
        if malformed && number % 2 == 0 {
            stream.extend_from_slice(
                [&b"\xED\x95"[..], b"\xFF", b"\xF0\x9F\xA6", b"\x80\x80"][number / 2 % 4],
            );
        }
        stream.extend_from_slice(format!("{line_end}event: 소식{line_end}{line_end}").as_bytes());
    }
    stream
}

#[test]
fn text_longer_than_a_window_is_read_the_same_wherever_the_window_ends() {
    for padding in 0..13 {
        for malformed in [false, true] {
            let stream = long_stream(padding, malformed);
            let expectation = Expectation::new(&stream, &Options::default());
            expectation.check(&[]);
            for size in [61, 1021, 4096, 16_384] {
                expectation.check(&(size..stream.len()).step_by(size).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn one_event_longer_than_many_windows_is_read_the_same_at_any_chunk_size() {
    for (unit, malformed) in [("한a🦀", false), ("한a🦀", true), ("12345678", false)] {
        for lines in [1, 700] {
            let mut stream = b"event: big\n".to_vec();
            for _ in 0..lines {
                stream.extend_from_slice(b"data: ");
                stream.extend_from_slice(unit.repeat(4200 / lines).as_bytes());
                if malformed {
                    stream.extend_from_slice(b"\xF0\x9F\xA6");
                }
                stream.push(b'\n');
            }
            stream.extend_from_slice(b"\ndata: after\n\n");
            let expectation = Expectation::new(&stream, &Options::default());
            for size in [1, 7, 64, 1000, 4097, 65_536] {
                expectation.check(&(size..stream.len()).step_by(size).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn every_field_may_be_long_and_cut() {
    let long = |unit: &[u8]| unit.repeat(17_000 / unit.len());
    for unit in [&b"x"[..], "한".as_bytes(), b"\xFF"] {
        let (text, short) = (long(unit), &b"short"[..]);
        let values = [&text[..], short];
        for [event_type, id, data] in (0..8).map(|n| [0, 1, 2].map(|bit| values[n >> bit & 1])) {
            let (event_type, id) = ([b"event: ", event_type].concat(), [b"\nid: ", id].concat());
            let stream = [&event_type[..], &id, b"\ndata: ", data, b"\n\ndata: after\n\n"].concat();
            let expectation = Expectation::new(&stream, &Options::default());
            for size in [4000, 16_384] {
                expectation.check(&(size..stream.len()).step_by(size).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_chunk_rebuilt_from_what_remains_gives_the_same() {
    let long = long_stream(5, true);
    for stream in streams::ALL.iter().copied().chain([&long[..]]) {
        for options in some_options() {
            for frames in [true, false] {
                let expected = model::decode(stream, &Options { frames, ..options.clone() }).what();
                let mut decoder = decoder(&options);
                let (mut got, mut rest) = (Vec::new(), stream);
                loop {
                    let mut chunk = Chunk::new(rest);
                    let item = pull(&mut decoder, &mut chunk, frames, options.max_event_size);
                    rest = chunk.remaining();
                    match item {
                        Some(item) => got.push(item),
                        None => break,
                    }
                }
                assert_eq!(got, expected, "{}", stream.escape_ascii());
            }
        }
    }
}

#[test]
fn what_remains_is_the_end_of_what_was_given() {
    let bytes = b"data: a\n\n: c\r\ndata: b\r\n\r\ndata: c";
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(bytes);
    assert!(!chunk.is_empty());
    decoder.next_event(&mut chunk).unwrap().unwrap();
    assert_eq!(chunk.remaining(), b": c\r\ndata: b\r\n\r\ndata: c");
    decoder.next_event(&mut chunk).unwrap().unwrap();
    assert!(matches!(chunk.remaining(), b"\ndata: c" | b"data: c"));
    assert_eq!(decoder.next_event(&mut chunk), Ok(None));
    assert_eq!(chunk.remaining(), b"");
    assert!(chunk.is_empty());
}

#[test]
fn the_state_between_two_items_is_the_standards() {
    for stream in streams::ALL {
        for options in some_options() {
            for frames in [true, false] {
                let options = Options { frames, ..options.clone() };
                let due = model::decode(stream, &options).items;
                let mut decoder = decoder(&options);
                let mut chunk = Chunk::new(stream);
                for (at, item) in due {
                    assert_eq!(
                        pull(&mut decoder, &mut chunk, frames, options.max_event_size),
                        Some(item)
                    );
                    let state = model::decode(&stream[..at], &options);
                    let place = format!("after byte {at} of {}", stream.escape_ascii());
                    assert_eq!(decoder.last_event_id(), state.last_event_id, "{place}");
                    assert_eq!(decoder.reconnection_time(), state.reconnection_time, "{place}");
                    assert_eq!(decoder.is_mid_event(), state.is_mid_event, "{place}");
                }
            }
        }
    }
}

#[test]
fn the_state_after_every_byte_is_the_standards() {
    for stream in streams::ALL {
        for options in some_options() {
            for frames in [true, false] {
                let options = Options { frames, ..options.clone() };
                let (mut borrowed, mut owned) = (decoder(&options), bytes_decoder(&options));
                for end in 0..=stream.len() {
                    let byte = &stream[end.saturating_sub(1)..end];
                    drain(&mut borrowed, byte, &options);
                    drain_owned(&mut owned, byte, &options);
                    let state = model::decode(&stream[..end], &options);
                    let place = format!("after byte {end} of {}", stream.escape_ascii());
                    assert_eq!(borrowed.is_mid_event(), state.is_mid_event, "{place}");
                    assert_eq!(owned.is_mid_event(), state.is_mid_event, "owned, {place}");
                    assert_eq!(borrowed.last_event_id(), state.last_event_id, "{place}");
                    assert_eq!(owned.last_event_id(), state.last_event_id, "owned, {place}");
                    assert_eq!(borrowed.reconnection_time(), state.reconnection_time, "{place}");
                    assert_eq!(
                        owned.reconnection_time(),
                        state.reconnection_time,
                        "owned, {place}"
                    );
                }
            }
        }
    }
}

/// Where the line that ends at `due` begins: its first byte after line ends and byte order mark.
fn line_start(stream: &[u8], due: usize) -> usize {
    let after_mark = if stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let line_end = stream[..due - 1].iter().rposition(|&byte| byte == b'\r' || byte == b'\n');
    line_end.map_or(after_mark, |at| at + 1)
}

#[test]
fn a_comment_is_handed_out_only_if_next_frame_read_it_from_first_byte_to_last() {
    for stream in streams::ALL {
        let options = Options::default();
        let due = model::decode(stream, &options).items;
        // Three parts, read through one of the two and the other in turn.
        for (first, second) in (0..=stream.len())
            .flat_map(|first| (first..=stream.len()).map(move |second| (first, second)))
        {
            for frames_first in [true, false] {
                let parts = [
                    (0, first, frames_first),
                    (first, second, !frames_first),
                    (second, stream.len(), frames_first),
                ];
                // Bytes `from..to` hold none that `next_event` read.
                let read_as_frames = |from: usize, to: usize| {
                    parts
                        .iter()
                        .all(|&(start, end, frames)| frames || start.max(from) >= end.min(to))
                };
                let expected: Vec<_> = due
                    .iter()
                    .filter(|(due, item)| match item {
                        Item::Event { .. } | Item::TooLarge => true,
                        Item::Comment(_) => read_as_frames(line_start(stream, *due), *due),
                        // The call that reads the line end gets the frame.
                        Item::Retry(_) | Item::Id(_) => read_as_frames(*due - 1, *due),
                    })
                    .map(|(_, item)| item.clone())
                    .collect();
                let (mut borrowed, mut owned) = (decoder(&options), bytes_decoder(&options));
                let (mut got, mut got_owned) = (Vec::new(), Vec::new());
                for (start, end, frames) in parts {
                    let options = Options { frames, ..options.clone() };
                    got.extend(drain(&mut borrowed, &stream[start..end], &options));
                    got_owned.extend(drain_owned(&mut owned, &stream[start..end], &options));
                }
                let place = || {
                    format!("parts (from, to, as frames) {parts:?} of {}", stream.escape_ascii())
                };
                assert_eq!(got, expected, "{}", place());
                assert_eq!(got_owned, expected, "owned, {}", place());
            }
        }
    }
}

#[test]
fn events_and_frames_can_be_asked_for_in_turn_within_one_chunk() {
    for stream in streams::ALL {
        let options = Options::default();
        let items = model::decode(stream, &options).what();
        // Every pattern of eight questions, repeated.
        for pattern in 0..=u8::MAX {
            let (mut borrowed, mut owned) = (decoder(&options), bytes_decoder(&options));
            owned.push(stream.to_vec());
            let mut chunk = Chunk::new(stream);
            let mut left = items.iter();
            for question in 0.. {
                let frames = pattern.rotate_left(question) & 1 == 1;
                let expected = left.find(|item| frames || matches!(item, Item::Event { .. }));
                let got = pull(&mut borrowed, &mut chunk, frames, options.max_event_size);
                let got_owned = pull_owned(&mut owned, frames, options.max_event_size);
                assert_eq!(
                    got.as_ref(),
                    expected,
                    "question {question} of {pattern:b}, {}",
                    stream.escape_ascii()
                );
                assert_eq!(
                    got_owned.as_ref(),
                    expected,
                    "owned, question {question} of {pattern:b}, {}",
                    stream.escape_ascii()
                );
                if expected.is_none() {
                    break;
                }
            }
        }
    }
}

#[test]
fn reconnecting_at_any_byte_is_a_new_decoder_that_knows_the_id_and_the_reconnection_time() {
    let seconds: [&[u8]; 4] = [
        b"data: x\n\n: c\n",
        b"\n\xEF\xBB\xBFdata: y\n\n",
        b"\xEF\xBB\xBFdata: y\n\nid: 9\n\nretry: 8\n",
        b"\xBB\xBF\n\ndata: a longer one, beyond the limit\n\ndata\n\n",
    ];
    for first in streams::ALL {
        for options in some_options() {
            for at in 0..=first.len() {
                let before = model::decode(&first[..at], &options);
                for second in seconds {
                    for frames in [true, false] {
                        let options = Options { frames, ..options.clone() };
                        let again = Options {
                            last_event_id: before.last_event_id.clone(),
                            ..options.clone()
                        };
                        let expected = model::decode(second, &again);
                        let place =
                            format!("{} | {}", first[..at].escape_ascii(), second.escape_ascii());

                        let mut borrowed = decoder(&options);
                        drain(&mut borrowed, &first[..at], &options);
                        borrowed.reconnect();
                        assert_eq!(borrowed.last_event_id(), before.last_event_id, "{place}");
                        assert_eq!(
                            borrowed.reconnection_time(),
                            before.reconnection_time,
                            "{place}"
                        );
                        assert!(!borrowed.is_mid_event(), "{place}");
                        assert_eq!(
                            drain(&mut borrowed, second, &options),
                            expected.what(),
                            "{place}"
                        );
                        assert_eq!(borrowed.last_event_id(), expected.last_event_id, "{place}");
                        let time = expected.reconnection_time.or(before.reconnection_time);
                        assert_eq!(borrowed.reconnection_time(), time, "{place}");
                        assert_eq!(borrowed.is_mid_event(), expected.is_mid_event, "{place}");

                        let mut owned = bytes_decoder(&options);
                        drain_owned(&mut owned, &first[..at], &options);
                        owned.push(first[at..].to_vec());
                        owned.reconnect(); // what was pushed and not pulled is gone
                        assert_eq!(owned.last_event_id(), before.last_event_id, "{place}");
                        assert_eq!(owned.reconnection_time(), before.reconnection_time, "{place}");
                        assert!(!owned.is_mid_event(), "{place}");
                        assert_eq!(
                            drain_owned(&mut owned, second, &options),
                            expected.what(),
                            "owned, {place}"
                        );
                        assert_eq!(owned.last_event_id(), expected.last_event_id, "owned, {place}");
                        assert_eq!(owned.reconnection_time(), time, "owned, {place}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_clone_goes_on_from_where_it_was_cloned_whatever_becomes_of_the_original() {
    for stream in streams::ALL {
        for options in some_options() {
            let expected = model::decode(stream, &options);
            for at in 0..=stream.len() {
                let mut original = decoder(&options);
                let mut got = drain(&mut original, &stream[..at], &options);
                let mut clone = original.clone();
                drain(
                    &mut original,
                    b"x\n\nid: other\nretry: 77\ndata: other\n\n: other",
                    &options,
                );
                got.extend(drain(&mut clone, &stream[at..], &options));
                let place = format!("cloned at {at} of {}", stream.escape_ascii());
                assert_eq!(got, expected.what(), "{place}");
                assert_eq!(clone.last_event_id(), expected.last_event_id, "{place}");
                assert_eq!(clone.reconnection_time(), expected.reconnection_time, "{place}");
                assert_eq!(clone.is_mid_event(), expected.is_mid_event, "{place}");
            }
        }
    }
}

#[test]
fn owned_events_outlive_their_decoder_and_cross_threads() {
    fn crosses<T: Send + Sync + Unpin + 'static>(value: T) -> T {
        value
    }
    let stream = b"id: 1\nevent: t\ndata: a\ndata: b\n\n: c\nid: 2\n\n";
    let mut frames: Vec<OwnedFrame> = Vec::new();
    let mut decoder = BytesDecoder::new();
    for chunk in chunks(stream, &bytewise(stream)) {
        decoder.push(chunk.to_vec());
        frames.extend(std::iter::from_fn(|| decoder.next_frame().unwrap()));
    }
    drop(decoder);
    let frames = crosses(frames);
    let event: OwnedEvent = std::thread::spawn(move || {
        let [OwnedFrame::Event(event), OwnedFrame::Comment(comment), OwnedFrame::Id(id)] =
            &frames[..]
        else {
            panic!("{frames:?}");
        };
        assert_eq!((&**comment, &**id), ("c", "2"));
        event.clone()
    })
    .join()
    .unwrap();
    assert_eq!((event.event_type(), event.id(), event.last_event_id()), ("t", Some("1"), "1"));
    assert_eq!(event.into_data(), "a\nb");
}

#[test]
fn pushes_queue_in_order_however_many_come_before_the_first_pull() {
    let mut decoder = BytesDecoder::new();
    for number in 0..1000 {
        decoder.push(format!("data: {number}").into_bytes());
        decoder.push(&b""[..]);
        decoder.push(&b"\n\n"[..]);
    }
    for number in 0..1000 {
        assert_eq!(decoder.next_event().unwrap().unwrap().data(), number.to_string());
    }
    assert_eq!(decoder.next_event(), Ok(None));
    assert!(!decoder.is_mid_event());
}

#[test]
fn a_comment_given_up_in_the_middle_of_a_character_leaves_nothing_behind() {
    let mut decoder = Decoder::new();
    let mut comment = Chunk::new(b":\xC3");
    assert_eq!(decoder.next_frame(&mut comment), Ok(None));
    let mut chunk = Chunk::new(b"\nid: 5\ndata\n\n");
    let event = decoder.next_event(&mut chunk).unwrap().unwrap();
    assert_eq!(event.id(), Some("5"));
    assert_eq!(event.data(), "");
}
