//! What is written to.

use alloc::vec::Vec;

use bytes::BytesMut;

/// A buffer that the encoder appends to: a `Vec<u8>` or a [`BytesMut`].
///
/// Sealed: an encoder that promises to leave a buffer as it was on errors must be
/// able to cut it back.
#[diagnostic::on_unimplemented(
    message = "an event cannot be encoded into `{Self}`",
    note = "encode it into a `Vec<u8>` or a `BytesMut`, and write that"
)]
pub trait Buffer: sealed::Buffer {}

impl Buffer for Vec<u8> {}
impl Buffer for BytesMut {}

pub(crate) mod sealed {
    pub trait Buffer {
        fn len(&self) -> usize;
        fn reserve(&mut self, additional: usize);
        fn put(&mut self, bytes: &[u8]);
        fn truncate(&mut self, len: usize);
    }
}

macro_rules! buffer {
    ($buffer:ty) => {
        impl sealed::Buffer for $buffer {
            #[inline]
            fn len(&self) -> usize {
                <$buffer>::len(self)
            }
            #[inline]
            fn reserve(&mut self, additional: usize) {
                <$buffer>::reserve(self, additional);
            }
            #[inline]
            fn put(&mut self, bytes: &[u8]) {
                self.extend_from_slice(bytes);
            }
            #[inline]
            fn truncate(&mut self, len: usize) {
                <$buffer>::truncate(self, len);
            }
        }
    };
}

buffer!(Vec<u8>);
buffer!(BytesMut);
