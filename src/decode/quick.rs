//! The quick path: a block that lies whole in the chunk and holds nothing unusual.
//!
//! It is the state machine of [`Core::advance`] once more, for the lines that
//! nearly all streams consist of, with the block in registers instead of in the
//! [`Interpreter`](super::interpret::Interpreter): 2 to 3 times as fast on small
//! events. It has no rule of its own. Whatever it does not expect (another field, a
//! second `data` line, the end of the chunk, the limit) it leaves to the state
//! machine, together with what it has read of the block. The exhaustive test holds
//! the two together at every cut.

use super::block::Block;
use super::buffer::Place;
use super::chunk::{Chunk, Span};
use super::core::Core;
use super::field::{self, Field};
use super::interpret::has_null;
use crate::line_end;

/// Larger blocks, in bytes, gain nothing here; and smaller ones never need large scratch.
const LARGEST: usize = 8 * 1024;

/// What the quick path came to.
pub(crate) enum Quick {
    /// A block whose blank line was read: its event is to be handed out.
    Block(Block),
    /// A comment in front of a block: it is in the interpreter.
    Comment,
    /// A valid `retry` in front of a block: it is in force.
    Retry,
    /// Nothing is left of the chunk, nor of a block in it.
    EndOfChunk,
    /// The state machine goes on from where the chunk stands.
    No,
}

impl Core {
    /// Reads the block at the start of what remains of the chunk, if it is a quick one.
    #[inline(always)]
    pub(crate) fn quick_block(&mut self, chunk: &mut Chunk<'_>, frames: bool) -> Quick {
        let mut room = self.quick_room;
        if room == 0 {
            // The state machine's turn, but for what comes byte by byte.
            return match chunk.remaining() {
                [byte] if self.read_data_byte(*byte) => {
                    chunk.advance(1);
                    Quick::EndOfChunk
                }
                _ => Quick::No,
            };
        }
        self.skip_line_feed(chunk);
        let mut block = Block::default();
        let mut rest = chunk.remaining();
        // How far the line at which this ends was searched for its end, in vain or not.
        let mut searched = 0;
        loop {
            if line_end::is_at_start(rest) {
                let next = line_end::behind(rest, 0);
                if block.data.is_set() {
                    // Dispatch, as `Interpreter::blank_line` has it.
                    match next {
                        Some(next) => chunk.advance_to(&rest[next..]),
                        None => self.end_with_cr(chunk),
                    }
                    if block.id.is_set() {
                        self.interpreter.commit_id(block.id, chunk);
                    }
                    return Quick::Block(block);
                }
                match next {
                    Some(next) if room == self.quick_room => rest = &rest[next..],
                    _ => break,
                }
                continue;
            }
            let start = chunk.offset(rest);
            let line = match field::usual(rest) {
                Some((Field::Data, value)) if !block.data.is_set() => {
                    let Some(line) = Line::find(rest, value, room, &mut searched) else { break };
                    block.data = line.value(start);
                    line
                }
                Some((Field::Event, value)) => {
                    let Some(line) = Line::find(rest, value, room, &mut searched) else { break };
                    block.event_type = line.value(start);
                    line
                }
                Some((Field::Id, value)) => {
                    let Some(line) = Line::find(rest, value, room, &mut searched) else { break };
                    if has_null(&rest[line.start..line.len]) {
                        break;
                    }
                    block.id = line.value(start);
                    line
                }
                // These count nothing for the block. As frames they are handed out
                // here if they stand in front of it.
                Some((Field::Comment, value)) if !frames || room == self.quick_room => {
                    let room = self.quick_room;
                    let Some(line) = Line::find(rest, value, room, &mut searched) else { break };
                    rest = &rest[line.next..];
                    if frames {
                        chunk.advance_to(rest);
                        self.interpreter.comment.put(line.value(start));
                        return Quick::Comment;
                    }
                    continue;
                }
                Some((Field::Retry, value)) if !frames || room == self.quick_room => {
                    let room = self.quick_room;
                    let Some(line) = Line::find(rest, value, room, &mut searched) else { break };
                    let item = self.interpreter.set_retry(&rest[line.start..line.len]);
                    rest = &rest[line.next..];
                    if frames && item.is_some() {
                        chunk.advance_to(rest);
                        return Quick::Retry;
                    }
                    continue;
                }
                _ => break,
            };
            room -= line.len + 1;
            rest = &rest[line.next..];
        }
        chunk.advance_to(rest);
        if rest.is_empty() && room == self.quick_room {
            return Quick::EndOfChunk;
        }
        chunk.set_searched(searched);
        self.interpreter.resume_block(block, self.quick_room - room);
        Quick::No
    }

    /// Says whether the next block may be a quick one.
    pub(crate) fn prepare_quick_block(&mut self) {
        self.quick_room = if self.is_between_lines() && self.interpreter.is_idle() {
            self.interpreter.max_event_size().min(LARGEST)
        } else {
            0
        };
    }
}

/// A line, as offsets from its start: of its value, its end, and the next line.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    len: usize,
    next: usize,
}

impl Line {
    /// The first line, whose value starts at `start`, if it ends here and has room.
    #[inline(always)]
    fn find(bytes: &[u8], start: usize, room: usize, searched: &mut usize) -> Option<Line> {
        let Some(len) = line_end::find(&bytes[start..]).map(|len| start + len) else {
            *searched = bytes.len();
            return None;
        };
        match line_end::behind(bytes, len) {
            Some(next) if len < room => Some(Line { start, len, next }),
            _ => {
                *searched = len;
                None
            }
        }
    }

    /// The place of the value, for a line that starts at `offset` in the chunk.
    #[inline(always)]
    fn value(self, offset: usize) -> Place {
        Place::InChunk(Span { start: offset + self.start, end: offset + self.len })
    }
}

/// What comes out is the exhaustive test's affair; here it is who read it.
#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn core(limit: usize) -> Core {
        let mut core = Core::new(limit, String::new());
        // The first block is not quick: a byte order mark may stand in front of it.
        core.read(&mut Chunk::new(b"\n"), false).unwrap();
        core
    }

    /// What the quick path comes to, call by call, up to where it gives up or the chunk ends.
    fn read(core: &mut Core, stream: &[u8], frames: bool) -> Vec<&'static str> {
        let mut chunk = Chunk::new(stream);
        let mut results = Vec::new();
        loop {
            results.push(match core.quick_block(&mut chunk, frames) {
                Quick::Block(_) => "event",
                Quick::Comment => "comment",
                Quick::Retry => "retry",
                Quick::EndOfChunk => break,
                Quick::No => {
                    results.push("no");
                    break;
                }
            });
        }
        results
    }

    #[test]
    fn every_usual_line_is_quick_with_every_line_end() {
        // A stream, and what it comes to without and with frames.
        let streams: [(&str, &[&str], &[&str]); 7] = [
            ("data: a\n\n", &["event"], &["event"]),
            ("data: a\n\n\n\ndata: b\n\n", &["event", "event"], &["event", "event"]),
            ("event: a\nid: b\ndata: c\n\n", &["event"], &["event"]),
            ("data: c\nid: b\nevent: a\nevent: d\nid: e\n\n", &["event"], &["event"]),
            (": c\ndata: a\n\n: c\n\n", &["event"], &["comment", "event", "comment"]),
            ("retry: 5\ndata: a\n\nretry: x\n", &["event"], &["retry", "event"]),
            ("data: a\nretry: 5\n: c\n\n", &["event"], &["no"]),
        ];
        for (stream, events, frames) in streams {
            for line_end in ["\n", "\r\n", "\r"] {
                // More than eight bytes are looked at, so something has to follow.
                let stream = format!("{stream}{stream}data: behind\n\n").replace('\n', line_end);
                let twice = |once: &[&'static str]| {
                    let no = once.iter().position(|result| *result == "no");
                    match no {
                        Some(at) => once[..=at].to_vec(),
                        None => [once, once, &["event"]].concat(),
                    }
                };
                let of = |frames| read(&mut core(1000), stream.as_bytes(), frames);
                assert_eq!(of(false), twice(events), "{stream:?}");
                assert_eq!(of(true), twice(frames), "{stream:?}");
            }
        }
    }

    #[test]
    fn a_cr_at_the_end_of_a_chunk_leaves_the_next_block_quick() {
        for next in ["data: b\r\r", "\ndata: b\r\n\r"] {
            let mut core = core(1000);
            assert_eq!(read(&mut core, b"data: a\r\r", false), ["event"]);
            assert_eq!(read(&mut core, b"", false), [""; 0]);
            assert_eq!(read(&mut core, next.as_bytes(), false), ["event"]);
        }
    }

    #[test]
    fn data_that_comes_byte_by_byte_is_quick_up_to_its_line_end_or_the_limit() {
        let mut core = core(20);
        core.read(&mut Chunk::new(b"data: a"), false).unwrap();
        for byte in "bc: 한efghi".as_bytes().chunks(1) {
            assert_eq!(read(&mut core, b"\n", false), ["no"]);
            assert_eq!(read(&mut core, b"xx", false), ["no"]);
            assert_eq!(read(&mut core, byte, false), [""; 0], "{byte:?}");
        }
        assert_eq!(read(&mut core, b"j", false), [""; 0]);
        assert_eq!(read(&mut core, b"k", false), ["no"], "the limit of 20 bytes");
    }

    #[test]
    fn what_is_unusual_cut_or_large_is_not() {
        for stream in [
            "data: a\ndata: b\n\n",
            "data:a line without a space\n\n",
            "unknown: a\n\n",
            "id: a\0\ndata: b\n\n",
            "data: a\nevent: cut",
            "data: a\r",
            "id: a line and nothing to dispatch\n\n",
        ] {
            let stream = stream.as_bytes();
            assert_eq!(read(&mut core(1000), stream, false), ["no"], "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn a_block_is_quick_up_to_the_limit_or_eight_kibibytes() {
        for (limit, largest) in [(100, 100), (LARGEST, 8192), (1 << 20, 8192)] {
            for (size, expected) in [(largest, "event"), (largest + 1, "no")] {
                let stream = format!("data: {}\n\n", "x".repeat(size - "data: \n".len()));
                assert_eq!(read(&mut core(limit), stream.as_bytes(), false), [expected], "{size}");
                // Of the other lines an ID counts, a comment and a retry do not.
                let data = "x".repeat(size - "id: 1\ndata: \n".len());
                let stream = format!("id: 1\n: {data}\nretry: 1\ndata: {data}\n\n");
                assert_eq!(read(&mut core(limit), stream.as_bytes(), false), [expected], "{size}");
            }
        }
    }
}
