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
pub trait Buffer: Sealed {}

impl Buffer for Vec<u8> {}
impl Buffer for BytesMut {}

/// What the encoder does with a buffer.
pub trait Sealed {
    fn as_bytes(&self) -> &[u8];
    fn reserve(&mut self, additional: usize);
    fn put(&mut self, bytes: &[u8]);
    fn truncate(&mut self, len: usize);
}

macro_rules! sealed {
    ($buffer:ty) => {
        impl Sealed for $buffer {
            #[inline]
            fn as_bytes(&self) -> &[u8] {
                self
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

sealed!(Vec<u8>);
sealed!(BytesMut);
