//! Text to lines: the one place where the text of a caller meets the stream.
//!
//! LF, CRLF and a lone CR each end a line for a reader, so each of them has to end
//! the field here: what is behind it goes on a line of its own, with its own name.
//!
//! The rule stands here twice, because a text is copied once either way: [`write`]
//! splits a text that lies ready while it copies it, [`split`] one that was copied
//! in pieces, where it is. The tests hold both to the same naive twin.

use super::buffer::Buffer;
use crate::line_end;

/// Writes a whole text: one line named `name` for each of its lines, and at least
/// one. `end` is what comes behind the last one, its line end included.
///
/// Inlined, because `name` and `end` are constants then: a store each, not a call.
#[inline(always)]
pub(crate) fn write<B: Buffer>(out: &mut B, name: &str, text: &str, end: &str) {
    out.put(name.as_bytes());
    // Most texts are one line: one search, one copy.
    let last = match line_end::find(text.as_bytes()) {
        None => text.as_bytes(),
        Some(first) => write_lines(out, name, text.as_bytes(), first),
    };
    out.put(last);
    out.put(end.as_bytes());
}

/// Writes each line but the last, which it returns, and the name of the next one.
/// `first` is where the first line ends.
fn write_lines<'t, B: Buffer>(out: &mut B, name: &str, text: &'t [u8], first: usize) -> &'t [u8] {
    let (mut rest, mut found) = (text, Some(first));
    while let Some(len) = found {
        out.put(&rest[..len]);
        out.put(b"\n");
        out.put(name.as_bytes());
        // A CR at the end of the text ends its line too: no LF will come.
        rest = &rest[line_end::behind(rest, len).unwrap_or(len + 1)..];
        found = line_end::find(rest);
    }
    rest
}

/// Splits the text that `out` holds from `start` on as [`write`] would have written
/// it behind `name`.
#[inline]
pub(crate) fn split<B: Buffer>(out: &mut B, start: usize, name: &str) {
    if let Some(first) = line_end::find(&out.bytes()[start..]) {
        split_lines(out, start + first, name);
    }
}

/// `first` is where the first line ends.
///
/// Every line end becomes longer, an LF and a name. So this works from the last line
/// to the first: nothing is written over that still has to move, and each byte moves
/// once, without a second buffer.
fn split_lines<B: Buffer>(out: &mut B, first: usize, name: &str) {
    let raw = out.len();
    let growth = growth(&out.bytes()[first..], 1 + name.len());
    out.grow(growth);
    let bytes = out.bytes();
    // Behind `free` all is in place; in front of `end` nothing has moved yet.
    let (mut end, mut free) = (raw, bytes.len());
    while let Some(offset) = memchr::memrchr2(b'\n', b'\r', &bytes[first..end]) {
        let line_end = first + offset;
        let line = line_end + 1..end;
        let is_crlf = offset > 0 && bytes[line_end - 1..=line_end] == *b"\r\n";
        end = line_end - usize::from(is_crlf);
        free -= line.len();
        bytes.copy_within(line, free);
        free -= name.len();
        bytes[free..free + name.len()].copy_from_slice(name.as_bytes());
        free -= 1;
        bytes[free] = b'\n';
    }
}

/// By how much a text grows if each of its line ends takes `len` bytes.
fn growth(text: &[u8], len: usize) -> usize {
    let (mut position, mut growth) = (0, 0);
    while let Some(offset) = line_end::find(&text[position..]) {
        let end = position + offset;
        position = line_end::behind(text, end).unwrap_or(end + 1);
        growth += len - (position - end);
    }
    growth
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    use bytes::BytesMut;

    /// What both are to write, said in the simplest way.
    fn naive(name: &str, text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        text.split('\n').map(|line| [name, line, "\n"].concat()).collect()
    }

    /// Every text of up to seven of these, line ends next to each other and to text.
    fn texts() -> impl Iterator<Item = String> {
        const PIECES: [&str; 4] = ["", "a", "\r", "\n"];
        (0..PIECES.len().pow(7)).map(|number| {
            let piece = |place| PIECES[number / PIECES.len().pow(place) % PIECES.len()];
            (0..7).map(piece).collect()
        })
    }

    fn written<B: Buffer + Default>(name: &str, text: &str) -> B {
        let mut out = B::default();
        out.put(b"\rbefore\n");
        write(&mut out, name, text, "\n");
        out
    }

    fn split_in_place<B: Buffer + Default>(name: &str, text: &str) -> B {
        let mut out = B::default();
        out.put(b"\rbefore\n");
        out.put(name.as_bytes());
        let start = out.len();
        out.put(text.as_bytes());
        split(&mut out, start, name);
        out.put(b"\n");
        out
    }

    #[test]
    fn texts_are_split_as_their_naive_twin_says() {
        for text in texts() {
            for name in ["data: ", ": "] {
                let expected = ["\rbefore\n", &naive(name, &text)].concat();
                assert_eq!(written::<Vec<u8>>(name, &text), expected.as_bytes(), "{text:?}");
                assert_eq!(split_in_place::<Vec<u8>>(name, &text), expected.as_bytes(), "{text:?}");
                assert_eq!(
                    split_in_place::<BytesMut>(name, &text),
                    expected.as_bytes(),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn long_lines_are_split_wherever_they_end() {
        for length in 0..200 {
            for line_end in ["\n", "\r", "\r\n"] {
                let line = "x".repeat(length);
                let text = [&line, line_end, "한", line_end, &line, line_end, &line].concat();
                let expected = ["\rbefore\n", &naive("data: ", &text)].concat();
                assert_eq!(written::<Vec<u8>>("data: ", &text), expected.as_bytes(), "{text:?}");
                assert_eq!(
                    split_in_place::<Vec<u8>>("data: ", &text),
                    expected.as_bytes(),
                    "{text:?}"
                );
            }
        }
    }
}
