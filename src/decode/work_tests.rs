//! The decoder's work is linear: bytes looked at for line ends, counted, not timed.

extern crate std;

use alloc::vec::Vec;

use super::{BytesDecoder, Chunk, Decoder};
use crate::work;

/// Feeds the stream in chunks of `size` bytes, through both layers, events and
/// frames; returns for each how many events came and how many bytes were looked at.
fn work_of(stream: &[u8], size: usize) -> Vec<(usize, usize)> {
    let mut results = Vec::new();
    for frames in [false, true] {
        let (mut decoder, mut events) = (Decoder::new(), 0);
        work::LINE_ENDS.take();
        for bytes in stream.chunks(size) {
            let mut chunk = Chunk::new(bytes);
            if frames {
                while decoder.next_frame(&mut chunk).unwrap().is_some() {
                    events += 1;
                }
            } else {
                while decoder.next_event(&mut chunk).unwrap().is_some() {
                    events += 1;
                }
            }
        }
        results.push((events, work::LINE_ENDS.take()));

        let (mut decoder, mut events) = (BytesDecoder::new(), 0);
        for bytes in stream.chunks(size) {
            decoder.push(bytes.to_vec());
            if frames {
                while decoder.next_frame().unwrap().is_some() {
                    events += 1;
                }
            } else {
                while decoder.next_event().unwrap().is_some() {
                    events += 1;
                }
            }
        }
        results.push((events, work::LINE_ENDS.take()));
    }
    results
}

fn each_byte_is_looked_at_once(stream: &[u8], size: usize, events: usize) {
    for (count, looked_at) in work_of(stream, size) {
        assert_eq!(count, events);
        // Names and blank lines are compared, not searched. A line end that a piece
        // turns out to hold is looked at once more.
        let most = stream.len() + events + stream.len() / size;
        assert!(looked_at <= most, "{looked_at} of {} bytes", stream.len());
    }
}

fn one_line(len: usize) -> Vec<u8> {
    [b"data: ", &*[b'x'].repeat(len), b"\n\n"].concat()
}

#[test]
fn a_long_line_in_kibibytes_is_looked_at_once() {
    each_byte_is_looked_at_once(&one_line(16 << 20), 1024, 1);
}

#[test]
fn a_long_line_in_single_bytes_is_looked_at_once() {
    each_byte_is_looked_at_once(&one_line(1 << 20), 1, 1);
}

#[test]
fn events_that_chunks_cut_are_looked_at_once() {
    let event = [&b"event: token\ndata: "[..], &[b'x'; 300], b"\n\n"].concat();
    for size in [64, 100, 1000] {
        each_byte_is_looked_at_once(&event.repeat(1000), size, 1000);
    }
}

#[test]
fn many_events_in_one_chunk_are_looked_at_once() {
    let stream = b"event: e\r\ndata: 1\ndata: 2\r\r".repeat(80_000);
    each_byte_is_looked_at_once(&stream, stream.len(), 80_000);
}

#[test]
fn text_is_validated_once_and_a_window_more() {
    // Malformed text after every value: no window helps, and none may be wasted.
    let stream = b"data: ok\n\ndata: \xFF\n\n".repeat(20_000);
    work::TEXT.take();
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(&stream);
    let mut events = 0;
    while decoder.next_event(&mut chunk).unwrap().is_some() {
        events += 1;
    }
    assert_eq!(events, 40_000);
    let validated = work::TEXT.take();
    assert!(validated <= 8 * stream.len(), "{validated} of {} bytes", stream.len());
}
