//! What is written to.

use alloc::vec::Vec;
use core::ops::Deref;

use bytes::{BufMut, BytesMut};

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

/// What the encoder needs of a buffer: to append, to read what is there, to cut it back.
pub trait Sealed: BufMut + Deref<Target = [u8]> {
    fn reserve(&mut self, additional: usize);
    fn truncate(&mut self, len: usize);
}

macro_rules! sealed {
    ($buffer:ty) => {
        impl Sealed for $buffer {
            #[inline]
            fn reserve(&mut self, additional: usize) {
                <$buffer>::reserve(self, additional);
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
