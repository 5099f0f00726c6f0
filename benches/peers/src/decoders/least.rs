//! Loops that do less than a decoder has to do. They show how much of a decoder's time is the
//! machine's.

use std::hint::black_box;

use bytes::Bytes;

use super::Decode;
use crate::check::Sink;

/// Finds the line ends and validates the text, and does nothing with either.
pub struct ScanAndValidate;

impl Decode for ScanAndValidate {
    fn read<S: Sink>(chunks: Vec<Bytes>, _: &mut S) -> Result<(), String> {
        for chunk in chunks {
            black_box(memchr::memchr2_iter(b'\r', b'\n', &chunk).count());
            black_box(simdutf8::basic::from_utf8(&chunk).is_ok());
        }
        Ok(())
    }
}

/// Copies each chunk once and finds the line ends in the copy.
pub struct CopyAndScan;

impl Decode for CopyAndScan {
    fn read<S: Sink>(chunks: Vec<Bytes>, _: &mut S) -> Result<(), String> {
        let mut copy = Vec::new();
        for chunk in chunks {
            copy.clear();
            copy.extend_from_slice(&chunk);
            black_box(memchr::memchr2_iter(b'\r', b'\n', &copy).count());
        }
        Ok(())
    }
}
