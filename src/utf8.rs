//! UTF-8: the decoder replaces what is malformed, the encoder refuses it.

use alloc::string::String;

/// Validates UTF-8.
#[inline]
pub(crate) fn validate(bytes: &[u8]) -> Option<&str> {
    // simdutf8 leaves less than this to std, too, but behind a call.
    #[cfg(feature = "simd")]
    if bytes.len() >= 64 {
        return simdutf8::basic::from_utf8(bytes).ok();
    }
    core::str::from_utf8(bytes).ok()
}

/// The text up to the first malformed sequence. Reads little beyond it.
pub(crate) fn valid_prefix(bytes: &[u8]) -> &str {
    #[cfg(feature = "simd")]
    let valid_up_to = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    #[cfg(not(feature = "simd"))]
    let valid_up_to = match core::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    validate(&bytes[..valid_up_to]).unwrap_or_default()
}

/// "UTF-8 decode": malformed sequences become U+FFFD, one for each maximal subpart.
///
/// Sets `text`. Where that is large it gets no more capacity than it needs, which
/// takes a second look: one malformed byte becomes three.
#[cold]
pub(crate) fn decode_lossy(bytes: &[u8], text: &mut String) {
    const LARGE: usize = 16 * 1024;
    text.clear();
    if bytes.len() > LARGE {
        text.reserve_exact(lossy_parts(bytes).map(str::len).sum());
    }
    text.extend(lossy_parts(bytes));
}

fn lossy_parts(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .utf8_chunks()
        .flat_map(|chunk| [chunk.valid(), if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" }])
}

/// A part of what was fed to a [`Pieces`].
#[cfg_attr(not(feature = "std"), allow(dead_code))] // Only `io::Write` brings bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'p> {
    Text(&'p str),
    /// One malformed sequence.
    Malformed,
}

/// Text in pieces that may be cut within a sequence.
#[cfg_attr(not(feature = "std"), allow(dead_code))]
///
/// Holds such a sequence: at most three bytes, always the start of a well-formed one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pieces {
    bytes: [u8; 4],
    len: u8,
}

impl Pieces {
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
pub(crate) fn split_malformed(bytes: &[u8], mut sink: impl FnMut(Part<'_>)) {
    for chunk in bytes.utf8_chunks() {
        sink(Part::Text(chunk.valid()));
        if !chunk.invalid().is_empty() {
            sink(Part::Malformed);
        }
    }
}

/// The length of the sequence at the end of `bytes` that more bytes could complete: 0 to 3.
#[inline]
pub(crate) fn incomplete_suffix(bytes: &[u8]) -> usize {
    match bytes.last() {
        Some(last) if !last.is_ascii() => incomplete_sequence(bytes),
        _ => 0,
    }
}

fn incomplete_sequence(bytes: &[u8]) -> usize {
    let window = &bytes[bytes.len().saturating_sub(3)..];
    // The last byte that is no continuation starts the last sequence.
    let Some(start) = window.iter().rposition(|byte| byte & 0xC0 != 0x80) else {
        return 0;
    };
    match core::str::from_utf8(&window[start..]) {
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => {
            window.len() - start
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Sequences of every length, cut short, overlong, surrogates, out of range.
    const SAMPLES: [&[u8]; 12] = [
        "a한😀é".as_bytes(),
        b"\xF0\x9F\x98",
        b"\xF0\x9F\x98x",
        b"\xED\xA0\x80",
        b"\xC0\xAF",
        b"\xF4\x90\x80\x80",
        b"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF",
        b"\x80\x80\x80\x80",
        b"\xFF\xFE",
        b"\xF0\x80",
        b"ok\xE3\x81",
        b"",
    ];

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

    #[test]
    fn lossy_decoding_is_that_of_std_and_no_larger_than_it_has_to_be() {
        for a in SAMPLES {
            for b in SAMPLES {
                let bytes = [a, b].concat();
                let mut text = String::new();
                decode_lossy(&bytes, &mut text);
                assert_eq!(text, String::from_utf8_lossy(&bytes));
                let large = bytes.repeat(10_000);
                let mut text = String::new();
                decode_lossy(&large, &mut text);
                assert_eq!(text, String::from_utf8_lossy(&large));
                assert!(large.len() < 20_000 || text.capacity() == text.len());
            }
        }
    }

    #[test]
    fn a_valid_prefix_ends_where_std_says() {
        for a in SAMPLES {
            for b in SAMPLES {
                let bytes = [&[b'x'; 100], a, &[b'y'; 100], b].concat();
                let expected = match core::str::from_utf8(&bytes) {
                    Ok(text) => text.len(),
                    Err(error) => error.valid_up_to(),
                };
                assert_eq!(valid_prefix(&bytes).len(), expected, "{a:x?} {b:x?}");
            }
        }
    }
}
