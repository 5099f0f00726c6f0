//! UTF-8 that comes in pieces.

use crate::utf8::{incomplete_suffix, validate};

/// A part of what was fed to a [`Pieces`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'p> {
    Text(&'p str),
    /// One malformed sequence.
    Malformed,
}

/// Text in pieces that may be cut within a sequence.
///
/// Holds such a sequence: at most three bytes, always the start of a well-formed one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pieces {
    bytes: [u8; 4],
    len: u8,
}

impl Pieces {
    /// Whether the last piece ended between two characters.
    #[inline]
    pub(crate) fn is_whole(&self) -> bool {
        self.len == 0
    }

    /// Reads one piece.
    #[inline]
    pub(crate) fn feed(&mut self, piece: &[u8], mut sink: impl FnMut(Part<'_>)) {
        let rest = if self.len == 0 { piece } else { self.complete(piece, &mut sink) };
        let (whole, cut) = rest.split_at(rest.len() - incomplete_suffix(rest));
        match validate(whole) {
            Some(text) => sink(Part::Text(text)),
            None => split_malformed(whole, &mut sink),
        }
        if !cut.is_empty() {
            self.bytes[..cut.len()].copy_from_slice(cut);
            self.len = cut.len() as u8;
        }
    }

    /// Ends the text: a sequence that is still cut is malformed.
    #[inline]
    pub(crate) fn finish(&mut self, mut sink: impl FnMut(Part<'_>)) {
        if self.len > 0 {
            self.len = 0;
            sink(Part::Malformed);
        }
    }

    /// Completes the cut sequence from the start of `piece`; returns what is left of `piece`.
    #[cold]
    fn complete<'p>(&mut self, piece: &'p [u8], sink: &mut impl FnMut(Part<'_>)) -> &'p [u8] {
        for (taken, &byte) in piece.iter().enumerate() {
            let len = usize::from(self.len);
            self.bytes[len] = byte;
            match core::str::from_utf8(&self.bytes[..=len]) {
                Ok(text) => {
                    sink(Part::Text(text));
                    self.len = 0;
                    return &piece[taken + 1..];
                }
                Err(error) if error.error_len().is_none() => self.len += 1,
                // This byte does not go on with the sequence: it starts something new.
                Err(_) => {
                    self.finish(sink);
                    return &piece[taken..];
                }
            }
        }
        &[]
    }
}

/// Hands out text that is complete: a sequence that is cut at its end is malformed.
#[cold]
fn split_malformed(bytes: &[u8], mut sink: impl FnMut(Part<'_>)) {
    for chunk in bytes.utf8_chunks() {
        sink(Part::Text(chunk.valid()));
        if !chunk.invalid().is_empty() {
            sink(Part::Malformed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::utf8::tests::SAMPLES;
    use alloc::string::String;

    #[test]
    fn pieces_decode_like_the_whole() {
        for a in SAMPLES {
            for b in SAMPLES {
                let bytes = [a, b].concat();
                let expected = String::from_utf8_lossy(&bytes);
                for first in 0..=bytes.len() {
                    for second in first..=bytes.len() {
                        let mut text = String::new();
                        let mut sink = |part: Part<'_>| match part {
                            Part::Text(part) => text.push_str(part),
                            Part::Malformed => text.push('\u{FFFD}'),
                        };
                        let mut pieces = Pieces::default();
                        pieces.feed(&bytes[..first], &mut sink);
                        pieces.feed(&bytes[first..second], &mut sink);
                        pieces.feed(&bytes[second..], &mut sink);
                        pieces.finish(&mut sink);
                        assert_eq!(text, expected, "{bytes:x?} cut at {first} and {second}");
                    }
                }
            }
        }
    }
}
