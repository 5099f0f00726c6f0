//! Text to lines: the one place where the text of a caller meets the stream.
//!
//! LF, CRLF and a lone CR each end a line for a reader, so each of them has to end
//! the field here: what follows it goes on a line of its own, with its own name.

use super::buffer::Buffer;
use crate::line_end;

/// Writes a whole text: one line named `name` for each of its lines, and at least
/// one. `end` is what comes after the last one, its line end included.
///
/// Inlined, because `name` and `end` are constants then: a store each, not a call.
#[inline(always)]
pub(crate) fn write<B: Buffer>(out: &mut B, name: &str, text: &str, end: &str) {
    out.put_slice(name.as_bytes());
    append(out, name, text.as_bytes());
    out.put_slice(end.as_bytes());
}

/// Goes on with a line, and with each line end starts a new one, named `name`.
#[inline(always)]
pub(crate) fn append<B: Buffer>(out: &mut B, name: &str, text: &[u8]) {
    // Most texts are one line: one search, one copy.
    let last = match line_end::find(text) {
        None => text,
        Some(first) => append_lines(out, name, text, first),
    };
    out.put_slice(last);
}

/// Writes each line but the last, which it returns, and the name of the next one.
/// `first` is where the first line ends.
fn append_lines<'t, B: Buffer>(out: &mut B, name: &str, text: &'t [u8], first: usize) -> &'t [u8] {
    let (mut rest, mut found) = (text, Some(first));
    while let Some(len) = found {
        out.put_slice(&rest[..len]);
        out.put_slice(b"\n");
        out.put_slice(name.as_bytes());
        // A CR at the end of the text ends its line too, whatever comes.
        rest = &rest[line_end::behind(rest, len).unwrap_or(len + 1)..];
        found = line_end::find(rest);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// The bytes to be written, found in the simplest way.
    fn naive(name: &str, text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        text.split('\n').map(|line| [name, line, "\n"].concat()).collect()
    }

    fn written(name: &str, text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, name, text, "\n");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_text_of_seven_characters_and_line_ends_is_split_as_its_naive_twin() {
        const PIECES: [&str; 4] = ["", "a", "\r", "\n"];
        for number in 0..PIECES.len().pow(7) {
            let piece = |place| PIECES[number / PIECES.len().pow(place) % PIECES.len()];
            let text: String = (0..7).map(piece).collect();
            for name in ["data: ", ": "] {
                assert_eq!(written(name, &text), naive(name, &text), "{text:?}");
            }
        }
    }

    #[test]
    fn long_lines_are_split_wherever_they_end() {
        for length in 0..200 {
            for line_end in ["\n", "\r", "\r\n"] {
                let line = "x".repeat(length);
                let text = [&line, line_end, "한", line_end, &line, line_end, &line].concat();
                assert_eq!(written("data: ", &text), naive("data: ", &text), "{text:?}");
            }
        }
    }
}
