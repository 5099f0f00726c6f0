//! Finding line ends: the hot path of both directions.

/// The offset of the first CR or LF.
#[inline(always)]
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let found = find_near(bytes);
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

/// The offset behind the line end at `offset`, a CRLF as a whole.
///
/// `None` behind a CR that is the last byte: an LF may still come that belongs to it.
#[inline]
pub(crate) fn behind(bytes: &[u8], offset: usize) -> Option<usize> {
    let next = offset + 1;
    if bytes.get(offset) != Some(&b'\r') {
        return Some(next);
    }
    bytes.get(next).map(|&byte| next + usize::from(byte == b'\n'))
}

/// How many bytes are searched inline, before it is worth a call.
#[cfg(target_arch = "x86_64")]
const NEAR: usize = 64;

/// [`find_far`], with the start of it inlined: most lines are short, and a call
/// costs 50 instructions before it has looked at a byte, because `memchr2` picks
/// its instructions at run time. SSE2 is there on every x86-64, and memchr's own
/// search with it, over exactly one register's width, comes to eight instructions.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn find_near(bytes: &[u8]) -> Option<usize> {
    use memchr::arch::x86_64::sse2::memchr::Two;

    const WIDTH: usize = 16;
    let sse2 = Two::new(b'\n', b'\r')?;
    let Some(near) = bytes.first_chunk::<NEAR>() else {
        return match bytes.len() {
            0..WIDTH => bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')),
            _ => find_far(bytes),
        };
    };
    for (index, block) in near.chunks_exact(WIDTH).enumerate() {
        if let Some(offset) = sse2.find(block) {
            return Some(index * WIDTH + offset);
        }
    }
    match &bytes[NEAR..] {
        [] => None,
        far => find_far(far).map(|offset| NEAR + offset),
    }
}

#[cfg(not(target_arch = "x86_64"))]
use find_far as find_near;

/// What `memchr2` does, with its choice made once where there are instructions to choose
/// from: 26 instructions less a call.
#[inline(never)]
fn find_far(bytes: &[u8]) -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    {
        use memchr::arch::x86_64::avx2::memchr::Two;
        use std::sync::LazyLock;

        static AVX2: LazyLock<Option<Two>> = LazyLock::new(|| Two::new(b'\n', b'\r'));
        if let Some(avx2) = &*AVX2 {
            return avx2.find(bytes);
        }
    }
    memchr::memchr2(b'\n', b'\r', bytes)
}
