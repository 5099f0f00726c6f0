//! Finding line ends: the hot path of both directions.

/// The offset of the first CR or LF.
#[inline]
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let found = memchr::memchr2(b'\n', b'\r', bytes);
    #[cfg(test)]
    crate::work::LINE_ENDS.add(found.map_or(bytes.len(), |offset| offset + 1));
    found
}
