//! Finding line ends: the hot path of both directions.

/// The offset of the first CR or LF.
#[inline(always)]
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let found = if cfg!(sse_proto_plain_search) { find_naive(bytes) } else { search(bytes) };
    #[cfg(test)]
    crate::work::LINE_ENDS.add(found.map_or(bytes.len(), |offset| offset + 1));
    found
}

/// Whether a line ends with this byte.
#[inline]
pub(crate) fn is(byte: u8) -> bool {
    #[cfg(test)]
    crate::work::LINE_ENDS.add(1);
    matches!(byte, b'\n' | b'\r')
}

/// Whether the first line is blank.
#[inline]
pub(crate) fn is_at_start(bytes: &[u8]) -> bool {
    matches!(bytes, [b'\n' | b'\r', ..])
}

/// The length of the line end with which `bytes` start, if it is there whole.
#[inline]
pub(crate) fn blank_line(bytes: &[u8]) -> Option<usize> {
    if is_at_start(bytes) { after(bytes, 0) } else { None }
}

/// The offset after the line end at `offset`, a CRLF as a whole.
///
/// `None` after a CR that is the last byte: an LF may still come that belongs to it.
#[inline]
pub(crate) fn after(bytes: &[u8], offset: usize) -> Option<usize> {
    let next = offset + 1;
    if bytes.get(offset) != Some(&b'\r') {
        return Some(next);
    }
    bytes.get(next).map(|&byte| next + usize::from(byte == b'\n'))
}

/// The fastest search that the target has.
#[inline(always)]
fn search(bytes: &[u8]) -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    {
        find_near(bytes, find_far)
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    {
        find_far(bytes)
    }
}

/// Looks at one byte after another. It defines what every other search must return.
#[inline]
fn find_naive(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))
}

/// Searches the first 64 bytes inline, and leaves the others to `far`.
///
/// Most lines are short, and a call of `memchr2` costs 50 instructions before it has looked
/// at a byte, because it chooses its instructions at run time. Here the compiler knows that
/// the target has SSE2, so memchr's search of one register's width comes to eight
/// instructions. Some x86-64 targets have no SSE2, for instance `x86_64-unknown-none`: on
/// those, this function does not exist.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline(always)]
fn find_near(bytes: &[u8], far: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
    use memchr::arch::x86_64::sse2::memchr::Two;

    const NEAR: usize = 64;
    const WIDTH: usize = 16;
    // `None` means that there is no SSE2. It does not mean that there is no line end.
    let Some(sse2) = Two::new(b'\n', b'\r') else { return far(bytes) };
    let Some(near) = bytes.first_chunk::<NEAR>() else {
        return match bytes.len() {
            0..WIDTH => find_naive(bytes),
            _ => far(bytes),
        };
    };
    for (index, block) in near.chunks_exact(WIDTH).enumerate() {
        if let Some(offset) = sse2.find(block) {
            return Some(index * WIDTH + offset);
        }
    }
    match &bytes[NEAR..] {
        [] => None,
        rest => far(rest).map(|offset| NEAR + offset),
    }
}

/// Does what `memchr2` does. If the CPU has AVX2, this saves the 26 instructions and the
/// call by which `memchr2` chooses it.
#[inline(never)]
fn find_far(bytes: &[u8]) -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if let Some(avx2) = avx2() {
        return avx2.find(bytes);
    }
    find_memchr2(bytes)
}

#[inline(always)]
fn find_memchr2(bytes: &[u8]) -> Option<usize> {
    memchr::memchr2(b'\n', b'\r', bytes)
}

/// A search with AVX2, or `None` if the CPU does not have it. It asks the CPU once.
#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[inline(always)]
fn avx2() -> Option<&'static memchr::arch::x86_64::avx2::memchr::Two> {
    use memchr::arch::x86_64::avx2::memchr::Two;
    use std::sync::LazyLock;

    static AVX2: LazyLock<Option<Two>> = LazyLock::new(|| Two::new(b'\n', b'\r'));
    AVX2.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    /// Compares a search with the naive loop, at every length up to 300, every alignment,
    /// and every position of the first line end.
    #[track_caller]
    fn assert_agrees_with_naive(search: impl Fn(&[u8]) -> Option<usize>) {
        const ALIGN: usize = 32;
        const MAX_LEN: usize = 300;
        // These differ from a line end by one bit or by one.
        const OTHERS: [u8; 8] = [b'\t', 0x0B, 0x0C, 0x0E, 0x8A, 0x8D, b'*', b'-'];

        // A search that reads outside of its slice finds a line end there.
        let mut buffer = vec![b'\n'; 2 * ALIGN + MAX_LEN + ALIGN];
        let aligned = buffer.as_ptr().align_offset(ALIGN);
        for start in aligned..aligned + ALIGN {
            for len in 0..=MAX_LEN {
                buffer.fill(b'\n');
                let others = OTHERS.iter().cycle().skip(len).take(len);
                buffer[start..start + len].copy_from_slice(&others.copied().collect::<Vec<_>>());
                assert_eq!(search(&buffer[start..start + len]), None, "{len} bytes at {start}");

                // From the last byte to the first: every byte after the first line end is
                // a line end, too.
                for position in (0..len).rev() {
                    buffer[start + position] = if position % 2 == 0 { b'\n' } else { b'\r' };
                    let bytes = &buffer[start..start + len];
                    let expected = find_naive(bytes);
                    assert_eq!(search(bytes), expected, "{len} bytes at {start}: {bytes:?}");
                }
            }
        }
    }

    #[test]
    fn the_naive_loop_finds_the_first_line_end() {
        assert_eq!(find_naive(b""), None);
        assert_eq!(find_naive(b"a\x0B\x0C\x8A\x8D"), None);
        assert_eq!(find_naive(b"\n\r"), Some(0));
        assert_eq!(find_naive(b"\r\n"), Some(0));
        assert_eq!(find_naive(b"ab\r\n"), Some(2));
        assert_eq!(find_naive(b"abc\n\r"), Some(3));
        assert_eq!(find_naive(b"abcd\r"), Some(4));
    }

    #[test]
    fn find_agrees_with_the_naive_loop() {
        assert_agrees_with_naive(find);
    }

    /// The naive loop takes the place of the search that follows the first 64 bytes.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[test]
    fn sse2_alone_agrees_with_the_naive_loop() {
        assert_agrees_with_naive(|bytes| find_near(bytes, find_naive));
    }

    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    #[test]
    fn avx2_alone_agrees_with_the_naive_loop() {
        let available = std::is_x86_feature_detected!("avx2");
        assert_eq!(avx2().is_some(), available);
        match avx2() {
            Some(avx2) => assert_agrees_with_naive(|bytes| avx2.find(bytes)),
            None => std::eprintln!("not tested: this CPU has no AVX2"),
        }
    }

    #[test]
    fn memchr2_alone_agrees_with_the_naive_loop() {
        assert_agrees_with_naive(find_memchr2);
    }

    /// This takes AVX2 if the CPU has it, and otherwise `memchr2`.
    #[test]
    fn the_far_search_agrees_with_the_naive_loop() {
        assert_agrees_with_naive(find_far);
    }
}
