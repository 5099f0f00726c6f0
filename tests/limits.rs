//! `max_event_size`: the same events and errors at every limit as the model, however the stream is cut.

mod drive;
mod model;

use drive::{Expectation, bytes_decoder, bytewise, decoder, streams};
use model::{Item, Options};
use sse_proto::{BytesDecoder, Chunk, DEFAULT_MAX_EVENT_SIZE, Decoder, Frame, Lost};

fn limited(max_event_size: usize) -> Options {
    Options { max_event_size, ..Options::default() }
}

/// What the model hands out as events at a limit: the data of each, or `None` where one was too large.
fn data_at(stream: &[u8], limit: usize) -> Vec<Option<String>> {
    let options = Options { frames: false, ..limited(limit) };
    let data = |item| match item {
        Item::Event { data, .. } => Some(data),
        _ => None,
    };
    model::decode(stream, &options).what().into_iter().map(data).collect()
}

#[test]
fn every_limit_gives_the_models_events_and_errors_at_every_cut() {
    for stream in streams::ALL {
        for limit in 0..=stream.len() + 2 {
            let expectation = Expectation::new(stream, &limited(limit));
            expectation.check(&[]);
            expectation.check(&bytewise(stream));
            for cut in 1..stream.len() {
                expectation.check(&[cut]);
            }
        }
    }
}

#[test]
fn a_limit_counts_names_colons_values_and_one_for_each_line_end() {
    // What each block counts, by hand; it fits that limit and no smaller one.
    let blocks: [(&[u8], usize); 18] = [
        (b"data\n\n", 5),
        (b"data:\n\n", 6),
        (b"data: \n\n", 7),
        (b"data: x\n\n", 8),
        (b"data: x\r\n\r\n", 8),
        (b"data: x\r\r", 8),
        (b"data: x\ndata: y\n\n", 16),
        (b"data: x\nid: 1\n\n", 14),
        (b"data: x\nid\n\n", 11),
        (b"event\ndata: x\n\n", 14),
        (b"event: t\r\ndata: x\r\n\r\n", 17),
        (b"id: 1\nid: 2\ndata\n\n", 17),
        (b"id: 1\0\ndata\n\n", 12),
        (b"retry: 1000\ndata\nunknown: line\ndat\n\n", 17),
        (b"data\nretry\n\n", 11),
        (b": comment\ndata\n:\n\n", 5),
        (b"\xEF\xBB\xBFdata\n\n", 5),
        ("data: 한\n\n".as_bytes(), 10),
    ];
    for (stream, size) in blocks {
        for limit in 0..size {
            assert_eq!(data_at(stream, limit), [None], "{limit}: {}", stream.escape_ascii());
        }
        assert_eq!(data_at(stream, size).len(), 1, "{}", stream.escape_ascii());
        assert!(data_at(stream, size)[0].is_some(), "{}", stream.escape_ascii());
        for limit in [size - 1, size, size + 1] {
            drive::assert_at_every_cut(stream, &limited(limit));
        }
    }
}

#[test]
fn lines_that_count_nothing_are_skipped_however_long() {
    for line in ["unknown: ", ": ", "dat", "datax: ", "retries: ", " data: ", "data "] {
        let stream = format!("data: a\n{line}{}\ndata: b\n\n", "0".repeat(5000));
        let expectation = Expectation::new(stream.as_bytes(), &limited(16));
        for size in [1, 64, 999, 10_000] {
            expectation.check(&(size..stream.len()).step_by(size).collect::<Vec<_>>());
        }
        assert_eq!(data_at(stream.as_bytes(), 16), [Some("a\nb".to_owned())], "{line}");
    }
}

#[test]
fn decoding_goes_on_after_an_oversized_block() {
    let stream = b"id: 1\ndata: a\n\nid: 2\ndata: far too long\nretry: 5\n: c\n\ndata: b\n\n";
    let mut decoder = Decoder::builder().max_event_size(14).build();
    let mut chunk = Chunk::new(stream);
    assert_eq!(
        decoder.next_frame(&mut chunk).map(|frame| matches!(frame, Some(Frame::Event(_)))),
        Ok(true)
    );
    let error = decoder.next_frame(&mut chunk).unwrap_err();
    assert_eq!((error.limit, error.lost), (14, Lost::Event));
    assert_eq!(error.to_string(), "event is larger than the limit of 14 bytes");
    assert_eq!(decoder.last_event_id(), "1");
    let Ok(Some(Frame::Event(event))) = decoder.next_frame(&mut chunk) else { panic!() };
    assert_eq!((event.data(), event.id(), event.last_event_id()), ("b", None, "1"));
    assert_eq!(decoder.next_frame(&mut chunk), Ok(None));
    assert_eq!(decoder.reconnection_time(), None, "a retry within the oversized block");
}

#[test]
fn a_retry_before_the_limit_is_exceeded_stays_in_force() {
    let stream = b"retry: 5\ndata: far too long\nretry: 6\n\n";
    for layer in drive::Layer::ALL {
        let output = drive::run(layer, &[stream], &limited(10));
        assert_eq!(
            output.reconnection_time,
            Some(std::time::Duration::from_millis(5)),
            "{layer:?}"
        );
    }
}

#[test]
fn an_oversized_block_ends_at_its_first_blank_line_of_any_kind() {
    for line_end in ["\n", "\r\n", "\r"] {
        // The limit is exceeded at the colon, in the value, at the line end; a line that looks blank is not.
        for long in ["data:", "data:123", "data:1234", "data", "id:1\x00345", "event: 7"] {
            let stream = format!(
                "{long}{line_end} {line_end}x{line_end}{line_end}data:{line_end}{line_end}id:{line_end}{line_end}"
            );
            for limit in 0..=8 {
                drive::assert_at_every_cut(stream.as_bytes(), &limited(limit));
            }
        }
    }
}

#[test]
fn an_oversized_comment_leaves_its_block_alone() {
    let stream = b"event: t\n: much too long a comment\ndata: x\n\n: short\n";
    let mut decoder = Decoder::builder().max_event_size(17).build();
    let mut chunk = Chunk::new(stream);
    let error = decoder.next_frame(&mut chunk).unwrap_err();
    assert_eq!((error.limit, error.lost), (17, Lost::Comment));
    assert_eq!(error.to_string(), "comment is larger than the limit of 17 bytes");
    let Ok(Some(Frame::Event(event))) = decoder.next_frame(&mut chunk) else { panic!() };
    assert_eq!((event.event_type(), event.data()), ("t", "x"));
    assert_eq!(decoder.next_frame(&mut chunk), Ok(Some(Frame::Comment("short"))));
}

#[test]
fn a_comment_that_next_event_read_counts_nothing_when_next_frame_reads_its_end() {
    let mut decoder = Decoder::builder().max_event_size(8).build();
    assert_eq!(decoder.next_event(&mut Chunk::new(b": comm")), Ok(None));
    let mut chunk = Chunk::new(b"ent, a long one\ndata: x\n\n");
    let Ok(Some(Frame::Event(event))) = decoder.next_frame(&mut chunk) else { panic!() };
    assert_eq!(event.data(), "x");
}

#[test]
fn a_comment_whose_end_next_event_reads_is_never_too_large() {
    let mut decoder = Decoder::builder().max_event_size(8).build();
    assert_eq!(decoder.next_frame(&mut Chunk::new(b": comm")), Ok(None));
    let mut chunk = Chunk::new(b"ent, a long one\ndata: x\n\n");
    assert_eq!(decoder.next_event(&mut chunk).unwrap().unwrap().data(), "x");
}

#[test]
fn the_carried_id_counts_nothing() {
    let id = "0123456789".repeat(10);
    let stream = b"data: x\n\ndata: y\n\n";
    let options = Options { last_event_id: id.clone(), ..limited(8) };
    Expectation::new(stream, &options).check_every_cut();
    let output = drive::run(drive::Layer::BorrowedEvents, &[stream], &options);
    assert_eq!(output.items.len(), 2);
    assert!(output.items.iter().all(
        |(_, item)| matches!(item, Item::Event { last_event_id, .. } if *last_event_id == id)
    ));
}

#[test]
fn many_bare_data_lines_count_though_they_hold_nothing() {
    let mut stream = b"data\n".repeat(1000);
    stream.extend_from_slice(b"\ndata: x\n\n");
    for limit in [4999, 5000] {
        let expectation = Expectation::new(&stream, &limited(limit));
        expectation.check(&[]);
        expectation.check(&bytewise(&stream));
        assert_eq!(data_at(&stream, limit)[0].is_none(), limit < 5000);
    }
}

#[test]
fn without_a_limit_of_its_own_a_decoder_has_the_default_one() {
    assert_eq!(DEFAULT_MAX_EVENT_SIZE, 64 << 20);
    assert_eq!(Options::default().max_event_size, DEFAULT_MAX_EVENT_SIZE);
    // "data:" counts five; fed in pieces of 4 MiB of which none is looked at twice, the error comes at the byte.
    let piece = vec![b'x'; 4 << 20];
    let (mut borrowed, mut owned) = (Decoder::new(), BytesDecoder::new());
    assert_eq!(borrowed.next_event(&mut Chunk::new(b"data:")), Ok(None));
    owned.push(&b"data:"[..]);
    assert_eq!(owned.next_event(), Ok(None));
    for _ in 0..15 {
        assert_eq!(borrowed.next_event(&mut Chunk::new(&piece)), Ok(None));
        owned.push(piece.clone());
        assert_eq!(owned.next_event(), Ok(None));
    }
    let fits = (4 << 20) - 5;
    assert_eq!(borrowed.next_event(&mut Chunk::new(&piece[..fits])), Ok(None));
    owned.push(piece[..fits].to_vec());
    assert_eq!(owned.next_event(), Ok(None));
    assert_eq!(borrowed.next_event(&mut Chunk::new(b"x")).unwrap_err().limit, 64 << 20);
    owned.push(&b"x"[..]);
    assert_eq!(owned.next_event().unwrap_err().limit, 64 << 20);
}

#[test]
fn a_limit_of_usize_max_never_overflows() {
    let stream = b"data: x\n: c\nid: 1\n\n";
    let options = limited(usize::MAX);
    Expectation::new(stream, &options).check_every_cut();
    let (mut borrowed, mut owned) = (decoder(&options), bytes_decoder(&options));
    owned.push(stream.to_vec());
    assert_eq!(borrowed.next_event(&mut Chunk::new(stream)).unwrap().unwrap().data(), "x");
    assert_eq!(owned.next_event().unwrap().unwrap().data(), "x");
}
