//! The quick look at a short text, which nearly always says: nothing to do here.
//!
//! Types, IDs and what a serializer writes at a time hold a few bytes. A loop over
//! bytes, made SIMD by the compiler, takes up to 31 of them one by one, and a search
//! by memchr costs a call; this takes eight at a time, and nothing for a constant.

/// Whether each byte is in U+000E to U+007F: then it is UTF-8, and holds neither a line
/// end nor U+0000. Other text may be all of that too, but takes a closer look.
#[inline(always)]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    const FIRST: u8 = b'\r' + 1;
    const FIRSTS: u64 = u64::from_ne_bytes([FIRST; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

    let Some(&last) = bytes.last_chunk::<8>() else {
        return bytes.iter().all(|byte| (FIRST..0x80).contains(byte));
    };
    // The last eight bytes may come twice.
    let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap_or_default());
    let words = words.chain([last]).map(u64::from_ne_bytes);
    // A byte below the first one gets its high bit when that is taken off. So may the
    // next one, from which it borrows: by then there is one to be found.
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
