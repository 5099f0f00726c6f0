//! A quick check for short texts, nearly all of which are ASCII without a line end.
//!
//! Types and IDs have a few bytes, and a serializer writes a few bytes at a time. A simple loop,
//! which the compiler turns into SIMD, takes up to 31 bytes one by one, and memchr costs a call.
//! This check takes eight bytes at a time, and costs nothing if the text is a constant.

/// Whether each byte is in U+000E to U+007F. Such text is UTF-8 without a line end and without
/// U+0000. If the answer is no, the text may still be that.
#[inline(always)]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    const FIRST: u8 = b'\r' + 1;
    const FIRSTS: u64 = u64::from_ne_bytes([FIRST; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

    let Some(&last) = bytes.last_chunk::<8>() else {
        return bytes.iter().all(|byte| (FIRST..0x80).contains(byte));
    };
    // Some of the last eight bytes may be checked twice.
    let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap_or_default());
    let words = words.chain([last]).map(u64::from_ne_bytes);
    // If a byte is smaller than `FIRST`, the subtraction sets its high bit. It then borrows from
    // the next byte, whose high bit may be set too. That changes nothing, because one is enough.
    words.fold(0, |found, word| found | word | word.wrapping_sub(FIRSTS)) & HIGH_BITS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_of_every_length_is_seen() {
        for length in 0..40 {
            for place in 0..length {
                for other in [0, b'\r', b'\x0E', b' ', 0x7F, 0x80, 0xFF] {
                    for byte in 0..=u8::MAX {
                        let mut bytes = [other; 40];
                        bytes[place] = byte;
                        let bytes = &bytes[..length];
                        let naive = bytes.iter().all(|&byte| byte > b'\r' && byte.is_ascii());
                        assert_eq!(is_plain(bytes), naive, "{bytes:x?}");
                    }
                }
            }
        }
    }
}
