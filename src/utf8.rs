//! UTF-8: the decoder replaces what is malformed, the encoder refuses it.

use alloc::string::String;

/// Validates UTF-8.
#[inline]
pub(crate) fn validate(bytes: &[u8]) -> Option<&str> {
    // simdutf8 gives less than this to std, too, but that takes a call more.
    #[cfg(feature = "simd")]
    if bytes.len() >= 64 {
        return simdutf8::basic::from_utf8(bytes).ok();
    }
    core::str::from_utf8(bytes).ok()
}

/// The result of "UTF-8 decode", before it is written anywhere.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    Valid(&'a str),
    Malformed(&'a [u8]),
}

impl<'a> Text<'a> {
    #[inline]
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        validate(bytes).map_or(Text::Malformed(bytes), Text::Valid)
    }

    /// How many bytes there are to decode.
    pub(crate) fn size(self) -> usize {
        match self {
            Text::Valid(text) => text.len(),
            Text::Malformed(bytes) => bytes.len(),
        }
    }

    /// The length of the text in bytes.
    #[inline]
    pub(crate) fn len(self) -> usize {
        match self {
            Text::Valid(text) => text.len(),
            Text::Malformed(bytes) => lossy_len(bytes),
        }
    }

    #[inline]
    pub(crate) fn into_string(self) -> String {
        let mut text = String::with_capacity(self.len());
        self.push_to(&mut text);
        text
    }

    /// Appends the text.
    #[inline]
    pub(crate) fn push_to(self, text: &mut String) {
        match self {
            Text::Valid(valid) => text.push_str(valid),
            Text::Malformed(bytes) => push_lossy(text, bytes),
        }
    }
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
    validate(&bytes[..valid_up_to]).expect("bytes before the first malformed one are valid")
}

/// "UTF-8 decode": malformed sequences become U+FFFD, one for each maximal subpart.
///
/// Appends to `text`. Where that is much it gets no more capacity than it needs,
/// which takes a second look: one malformed byte becomes three.
#[cold]
pub(crate) fn push_lossy(text: &mut String, bytes: &[u8]) {
    const LARGE: usize = 16 * 1024;
    if bytes.len() > LARGE {
        text.reserve_exact(lossy_len(bytes));
    }
    text.extend(lossy_parts(bytes));
}

#[cold]
fn lossy_len(bytes: &[u8]) -> usize {
    lossy_parts(bytes).map(str::len).sum()
}

/// Where little is malformed, std, which looks at each byte, is asked only about the
/// stretches around it. Where much is, asking about less would cost more.
fn lossy_parts(mut bytes: &[u8]) -> impl Iterator<Item = &str> {
    const FAR: usize = 128;
    core::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let valid = valid_prefix(bytes);
        let size = if valid.len() < FAR { 8 * FAR } else { FAR / 4 };
        let stretch = &bytes[valid.len()..];
        let stretch = match stretch.get(..size) {
            Some(start) => &start[..size - incomplete_suffix(start)],
            None => stretch,
        };
        bytes = &bytes[valid.len() + stretch.len()..];
        Some(core::iter::once(valid).chain(replaced(stretch)))
    })
    .flatten()
}

fn replaced(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .utf8_chunks()
        .flat_map(|chunk| [chunk.valid(), if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" }])
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
pub(crate) mod tests {
    use super::*;
    /// Sequences of every length, cut short, overlong, surrogates, out of range.
    pub(crate) const SAMPLES: [&[u8]; 12] = [
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
    fn lossy_decoding_is_that_of_std_and_no_larger_than_it_has_to_be() {
        for a in SAMPLES {
            for b in SAMPLES {
                let bytes = [a, b].concat();
                let mut text = String::new();
                push_lossy(&mut text, &bytes);
                assert_eq!(text, String::from_utf8_lossy(&bytes));
                let large = [a, &[b'y'; 300], b].concat().repeat(100);
                let mut text = String::new();
                push_lossy(&mut text, &large);
                assert_eq!(text, String::from_utf8_lossy(&large));
                let large = bytes.repeat(10_000);
                let mut text = String::new();
                push_lossy(&mut text, &large);
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
