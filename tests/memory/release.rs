//! The memory that one huge event needed is freed after it.

use crate::counter::Since;
use crate::subject::{Layer, Subject, shared};

const LIMIT: usize = 1 << 20;

/// The memory that a decoder may keep, in bytes.
const SMALL: usize = 64 << 10;

/// After this many small events in a row, large memory is freed.
const EVENTS: usize = 64;

/// A chunk boundary cuts it, so a decoder has to copy it.
const SMALL_EVENT: [&[u8]; 2] = [b"id: 1\nevent: t\ndata: sm", b"all\n\n"];

/// The same with as few fields as can be.
const SMALL_DATA: [&[u8]; 2] = [b"data: sm", b"all\n\n"];

/// The same in one piece, which needs no memory.
const SMALL_WHOLE: [&[u8]; 2] = [b"data: small\n\n", b""];

/// Blocks that leave the decoder with a large buffer: the last one however it is cut, the others if
/// their chunks are small.
fn huge() -> [Vec<u8>; 7] {
    let text = |length: usize| "x".repeat(length);
    [
        format!("data: {}\n\n", text(LIMIT - 100)).into_bytes(),
        format!("event: {}\ndata\n\n", text(LIMIT - 100)).into_bytes(),
        format!("id: {}\ndata\n\n", text(LIMIT - 100)).into_bytes(),
        format!(": {}\n", text(LIMIT - 100)).into_bytes(),
        // The carry is large when a cut line, which it holds, makes another buffer grow.
        format!("data: a\nid: {}\0\ndata: {}\n\n", text(LIMIT - 30_000), text(20_000)).into_bytes(),
        // Beyond the limit.
        format!("data: {}\n\n", text(LIMIT)).into_bytes(),
        [b"data: ", &[0xFF; LIMIT / 4][..], b"\n\n"].concat(),
    ]
}

#[test]
fn the_memory_of_a_huge_event_is_freed_after_sixty_four_small_ones() {
    let cases = huge().into_iter().flat_map(|huge| {
        [SMALL_EVENT, SMALL_DATA, SMALL_WHOLE].map(|small| (shared(huge.clone()), small))
    });
    for (huge, small) in cases {
        let small = small.map(|chunk| shared(chunk.to_vec()));
        for layer in Layer::ALL {
            for chunk_size in [1 << 10, 16 << 10, 2 * LIMIT] {
                let since = Since::now();
                let mut subject = Subject::new(layer, LIMIT);
                subject.read_all(&huge, chunk_size);
                for _ in 0..EVENTS {
                    for chunk in &small {
                        subject.read(chunk.clone());
                    }
                }
                // Owned events that carry an ID share a second copy of it.
                let id = 2 * subject.last_event_id().len();
                let (live, start) = (since.live().saturating_sub(id), huge[..20].escape_ascii());
                assert!(live <= SMALL, "{layer:?}, {chunk_size}: {live} bytes are live; {start}");
            }
        }
    }
}

#[test]
fn a_million_small_events_after_a_huge_one_hold_nothing() {
    let [huge, ..] = huge();
    let huge = shared(huge);
    // Fewer in debug mode, so that it takes as long as the other tests here.
    let events = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let small = shared(b"data: small\n\n".repeat(1000));
    for layer in Layer::ALL {
        let since = Since::now();
        let mut subject = Subject::new(layer, LIMIT);
        subject.read_all(&huge, 16 << 10);
        for thousand in 0..events / 1000 {
            assert_eq!(subject.read_all(&small, 1021), 1000);
            let live = since.live();
            assert!(live <= SMALL, "{layer:?}: {live} bytes are live after {thousand} thousand");
        }
    }
}

/// The events are kept, and none of them may hold the memory of the huge event.
#[test]
fn small_events_after_a_huge_one_do_not_hold_its_memory() {
    let [huge, ..] = huge();
    let huge = shared(huge);
    let small = SMALL_EVENT.map(|chunk| shared(chunk.to_vec()));
    for layer in Layer::ALL {
        let mut subject = Subject::new(layer, LIMIT);
        subject.read_all(&huge, 16 << 10);
        let mut kept = Vec::with_capacity(EVENTS);
        let since = Since::now();
        for _ in 0..EVENTS - 1 {
            for chunk in &small {
                subject.read_into(chunk.clone(), &mut kept);
            }
        }
        assert_eq!(kept.len(), EVENTS - 1);
        let live = since.live();
        assert!(live <= EVENTS * 256, "{layer:?}: {live} bytes for {} events", kept.len());
    }
}

/// Memory that is needed again and again is not freed in between.
#[test]
fn large_events_in_a_row_or_nearly_so_keep_their_scratch() {
    // Small events in between must need the same scratch. Otherwise the larger one is freed.
    for (field, small) in [("data", 0), ("data", EVENTS - 1), ("event", 0)] {
        // Of two sizes: a buffer that was cut to the smaller one would have to grow again.
        let large = [50_000, 40_000].map(|length| {
            let large = format!("{field}: {}\ndata\n\n", "x".repeat(length));
            [large.as_bytes(), &b"data: small\n\n".repeat(small)].concat()
        });
        let stream = shared(large.concat().repeat(2 * EVENTS / (small + 1) + 2));
        for layer in [Layer::BorrowedEvents, Layer::BorrowedFrames] {
            let allocations = Subject::allocations_once_warm(layer, LIMIT, &stream, 4000);
            assert_eq!(allocations, 0, "{layer:?}, {field} and {small} small ones");
        }
    }
}

#[test]
fn a_large_id_is_gone_once_an_event_has_set_another() {
    let large = format!("id: {}\ndata\n\ndata: carries it\n\n", "x".repeat(LIMIT - 100));
    let next = shared(b"id: small\ndata\n\n".repeat(EVENTS + 1));
    let stream = shared(large.into_bytes());
    for layer in Layer::ALL {
        let since = Since::now();
        let mut subject = Subject::new(layer, LIMIT);
        subject.read_all(&stream, 16 << 10);
        subject.read_all(&next, 100);
        let live = since.live();
        assert!(live <= SMALL, "{layer:?}: {live} bytes are live");
    }
}

#[test]
fn an_event_beyond_the_limit_is_forgotten_at_once() {
    let too_large = shared(format!("data: {}", "x".repeat(LIMIT)).into_bytes());
    for layer in Layer::ALL {
        let since = Since::now();
        let mut subject = Subject::new(layer, LIMIT);
        assert_eq!(subject.read_all(&too_large, 16 << 10), 1);
        let live = since.live();
        assert!(live <= SMALL, "{layer:?}: {live} bytes are live");
    }
}

#[test]
fn a_new_connection_starts_without_the_memory_of_half_an_event() {
    let half = shared(format!("data: {}", "x".repeat(LIMIT - 100)).into_bytes());
    for layer in Layer::ALL {
        let since = Since::now();
        let mut subject = Subject::new(layer, LIMIT);
        assert_eq!(subject.read_all(&half, 16 << 10), 0);
        assert!(since.live() > LIMIT - 100, "{layer:?}");
        subject.reconnect();
        let live = since.live();
        assert!(live <= SMALL, "{layer:?}: {live} bytes are live");
    }
}
