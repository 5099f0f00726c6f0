//! `max_event_size`: at every limit the events and errors of the model, however the stream is cut.

mod drive;
mod model;

use drive::{Expectation, Reader, bytewise, every, streams};
use model::{Item, Options};
use sse_proto::{BytesDecoder, Chunk, DEFAULT_MAX_EVENT_SIZE, Decoder, Frame, Lost};

fn limited(max_event_size: usize) -> Options {
    Options { max_event_size, ..Options::default() }
}

/// The data of the model's events at a limit, or `None` for an event that is too large.
fn data_at(stream: &[u8], limit: usize) -> Vec<Option<String>> {
    let options = Options { frames: false, ..limited(limit) };
    let data = |item| match item {
        Item::Event { data, .. } => Some(data),
        _ => None,
    };
    model::decode(stream, &options).what().into_iter().map(data).collect()
}

#[test]
fn every_stream_at_every_limit() {
    for stream in streams::ALL {
        for limit in 0..=stream.len() + 2 {
            let expectation = Expectation::new(stream, &limited(limit));
            expectation.check(&[]);
            expectation.check(&bytewise(stream));
            (1..stream.len()).for_each(|cut| expectation.check(&[cut]));
        }
    }
}

#[test]
fn a_block_counts_this_many_bytes() {
    // Counted by hand: the block fits that limit and no smaller one.
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
        assert!(matches!(data_at(stream, size)[..], [Some(_)]), "{}", stream.escape_ascii());
        for limit in [size - 1, size, size + 1] {
            Expectation::new(stream, &limited(limit)).check_every_cut();
        }
    }
}

#[test]
fn lines_that_count_nothing_may_be_long() {
    for line in ["unknown: ", ": ", "dat", "datax: ", "retries: ", " data: ", "data "] {
        let stream = format!("data: a\n{line}{}\ndata: b\n\n", "0".repeat(5000));
        let expectation = Expectation::new(stream.as_bytes(), &limited(16));
        for size in [1, 64, 999, 10_000] {
            expectation.check(&every(size, stream.as_bytes()));
        }
        assert_eq!(data_at(stream.as_bytes(), 16), [Some("a\nb".to_owned())], "{line}");
    }
}

#[test]
fn many_data_lines_without_a_value_count_towards_the_limit() {
    let stream = [&b"data\n".repeat(1000)[..], b"\ndata: x\n\n"].concat();
    for limit in [4999, 5000] {
        let expectation = Expectation::new(&stream, &limited(limit));
        expectation.check(&[]);
        expectation.check(&bytewise(&stream));
        assert_eq!(data_at(&stream, limit)[0].is_none(), limit < 5000);
    }
}

#[test]
fn the_carried_id_counts_nothing() {
    let options = Options { last_event_id: "0123456789".repeat(10), ..limited(8) };
    Expectation::new(b"data: x\n\ndata: y\n\n", &options).check_every_cut();
}

#[test]
fn an_oversized_block_ends_at_its_first_blank_line() {
    for line_end in ["\n", "\r\n", "\r"] {
        // The limit is exceeded at the colon, in the value, at the line end. One line looks blank.
        for long in ["data:", "data:123", "data:1234", "data", "id:1\x00345", "event: 7"] {
            let lines = [long, " ", "x", "", "data:", "", "id:", "", ""];
            let stream = lines.join(line_end);
            for limit in 0..=8 {
                Expectation::new(stream.as_bytes(), &limited(limit)).check_every_cut();
            }
        }
    }
}

#[test]
fn the_error_says_what_was_lost() {
    let mut decoder = Decoder::builder().max_event_size(17).build();
    let mut chunk = Chunk::new(b": much too long a comment\ndata: much too long\n\ndata: x\n\n");
    let comment = decoder.next_frame(&mut chunk).unwrap_err();
    assert_eq!((comment.limit, comment.lost), (17, Lost::Comment));
    assert_eq!(comment.to_string(), "comment is larger than the limit of 17 bytes");
    let event = decoder.next_frame(&mut chunk).unwrap_err();
    assert_eq!((event.limit, event.lost), (17, Lost::Event));
    assert_eq!(event.to_string(), "event is larger than the limit of 17 bytes");
    assert!(matches!(decoder.next_frame(&mut chunk), Ok(Some(Frame::Event(_)))));
}

#[test]
fn a_comment_counts_only_if_all_of_it_is_read_as_a_frame() {
    for frames_first in [true, false] {
        for mut reader in Reader::both(&limited(8)) {
            assert_eq!(reader.read(b": comm", frames_first), []);
            let items = reader.read(b"ent, a long one\ndata: x\n\n", !frames_first);
            assert!(matches!(&items[..], [Item::Event { .. }]), "{items:?}");
        }
    }
}

#[test]
fn the_default_limit_is_met_at_the_byte_beyond_it() {
    assert_eq!(DEFAULT_MAX_EVENT_SIZE, 64 << 20);
    assert_eq!(Options::default().max_event_size, DEFAULT_MAX_EVENT_SIZE);
    // "data:" counts five, and the value is the rest.
    let piece = vec![b'x'; 4 << 20];
    let pieces = [&piece[..]; 16];
    let [pieces @ .., last] = pieces;
    let (mut borrowed, mut owned) = (Decoder::new(), BytesDecoder::new());
    for bytes in [&[&b"data:"[..]], &pieces[..], &[&last[5..]]].concat() {
        assert_eq!(borrowed.next_event(&mut Chunk::new(bytes)), Ok(None));
        owned.push(bytes.to_vec());
        assert_eq!(owned.next_event(), Ok(None));
    }
    assert_eq!(borrowed.next_event(&mut Chunk::new(b"x")).unwrap_err().limit, 64 << 20);
    owned.push(&b"x"[..]);
    assert_eq!(owned.next_event().unwrap_err().limit, 64 << 20);
}

#[test]
fn the_largest_limit_does_not_overflow() {
    let options = limited(usize::MAX);
    Expectation::new(b"data: x\n: c\nid: 1\n\n", &options).check_every_cut();
}
