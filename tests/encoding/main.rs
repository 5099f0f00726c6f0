//! Encoding, in one call and in pieces.

mod blocks;
mod writer;
