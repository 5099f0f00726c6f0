//! Text to lines. All text that may have line ends in it is written here.
//!
//! A reader ends a line at LF, CRLF and a lone CR. So after each of these the encoder begins a new
//! line with its own name.

use super::buffer::Buffer;
use crate::line_end;

/// Writes a whole text: one line named `name` for each of its lines, and at least one line. `end`
/// is the line end of the last line, and whatever follows it.
///
/// It is inlined, because `name` and `end` are then constants, and each takes a store instead of a
/// call.
#[inline(always)]
pub(crate) fn write<B: Buffer>(out: &mut B, name: &str, text: &str, end: &str) {
    out.put_slice(name.as_bytes());
    append(out, name, text.as_bytes());
    out.put_slice(end.as_bytes());
}

/// Appends text to a line. At each line end it begins a new line named `name`.
#[inline(always)]
pub(crate) fn append<B: Buffer>(out: &mut B, name: &str, text: &[u8]) {
    // Most texts are one line: one search, one copy.
    let last = match line_end::find(text) {
        None => text,
        Some(first) => append_lines(out, name, text, first),
    };
    out.put_slice(last);
}

/// Writes all lines but the last, each with the name of the next one after it, and returns the last
/// line. `first` is where the first line ends.
fn append_lines<'t, B: Buffer>(out: &mut B, name: &str, text: &'t [u8], first: usize) -> &'t [u8] {
    let (mut rest, mut found) = (text, Some(first));
    while let Some(len) = found {
        out.put_slice(&rest[..len]);
        out.put_slice(b"\n");
        out.put_slice(name.as_bytes());
        // A CR at the end of the text ends its line even if an LF follows in the next piece.
        rest = &rest[line_end::after(rest, len).unwrap_or(len + 1)..];
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
