//! The buffers that the encoder writes to.

use alloc::vec::Vec;
use core::ops::Deref;

use bytes::{BufMut, BytesMut};

/// A buffer that the encoder appends to: a `Vec<u8>` or a [`BytesMut`].
///
/// You cannot implement it for other types. On an error the encoder removes what it has written, so
/// it needs a buffer that it can shorten.
#[diagnostic::on_unimplemented(
    message = "an event cannot be encoded into `{Self}`",
    note = "encode it into a `Vec<u8>` or a `BytesMut`, and write that"
)]
pub trait Buffer: BufMut + Deref<Target = [u8]> {
    #[doc(hidden)]
    fn reserve(&mut self, additional: usize, _: Sealed);
    #[doc(hidden)]
    fn truncate(&mut self, len: usize, _: Sealed);
}

/// An argument of the methods of [`Buffer`]. Only this crate can name it, so nobody else can
/// implement or call them.
#[derive(Debug)]
pub struct Sealed;

macro_rules! buffer {
    ($buffer:ty) => {
        impl Buffer for $buffer {
            #[inline]
            fn reserve(&mut self, additional: usize, _: Sealed) {
                <$buffer>::reserve(self, additional);
            }
            #[inline]
            fn truncate(&mut self, len: usize, _: Sealed) {
                <$buffer>::truncate(self, len);
            }
        }
    };
}

buffer!(Vec<u8>);
buffer!(BytesMut);
