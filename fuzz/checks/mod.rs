//! The bodies of the fuzz targets: each takes any bytes and panics if the crate is wrong.

mod decode;
mod encode_pieces;
mod input;
mod limits;
mod roundtrip;

pub use decode::decode;
pub use encode_pieces::encode_pieces;
pub use limits::limits;
pub use roundtrip::roundtrip;

pub type Check = fn(&[u8]);

/// Every check by the name of its target and its corpus.
#[allow(dead_code)]
pub const ALL: [(&str, Check); 4] = [
    ("decode", decode),
    ("encode_pieces", encode_pieces),
    ("limits", limits),
    ("roundtrip", roundtrip),
];
