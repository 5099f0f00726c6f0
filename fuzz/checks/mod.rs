//! The bodies of the fuzz targets: each takes any bytes and panics if the crate is wrong.

#[path = "../../tests/client/check/mod.rs"]
mod client;
mod decode;
mod encode_pieces;
mod input;
mod limits;
mod roundtrip;

pub use client::client;
pub use decode::decode;
pub use encode_pieces::encode_pieces;
pub use limits::limits;
pub use roundtrip::roundtrip;

pub type Check = fn(&[u8]);

/// Every check by the name of its target and its corpus.
#[allow(dead_code)]
pub const ALL: [(&str, Check); 5] = [
    ("client", client),
    ("decode", decode),
    ("encode_pieces", encode_pieces),
    ("limits", limits),
    ("roundtrip", roundtrip),
];
