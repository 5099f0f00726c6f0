//! Text to lines: the one place where the text of a caller meets the stream.
//!
//! LF, CRLF and a lone CR each end a line for a reader, so each of them has to end
//! the field here: what is behind it goes on a line of its own, with its own name.

use super::buffer::Buffer;
use crate::line_end;

/// Splits text that may come in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Splitter {
    /// A CR ended the last line: an LF that comes next belongs to it.
    after_cr: bool,
}

impl Splitter {
    /// Writes a piece of text, with `name` at the start of each new line.
    ///
    /// The first line's name and the last line's end are the caller's.
    #[inline]
    pub(crate) fn write<B: Buffer>(&mut self, out: &mut B, name: &str, piece: &str) {
        let mut rest = piece.as_bytes();
        if self.after_cr && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(len) = line_end::find(rest) {
            let (line, end) = rest.split_at(len);
            out.put(line);
            out.put(b"\n");
            out.put(name.as_bytes());
            rest = match end {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_cr = true;
                    return;
                }
                _ => &end[1..],
            };
        }
        out.put(rest);
    }
}

/// Writes a whole text: one line named `name` for each of its lines, and at least one.
#[inline]
pub(crate) fn write<B: Buffer>(out: &mut B, name: &str, text: &str) {
    out.put(name.as_bytes());
    Splitter::default().write(out, name, text);
    out.put(b"\n");
}
