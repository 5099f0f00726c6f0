//! The checks that hold on every target: line ends are found, in both directions.

use alloc::vec::Vec;

use sse_proto::{Chunk, Decoder, EventEncoder};

/// Each check has a name, and a function that returns whether it holds.
pub(crate) const CHECKS: [(&str, fn() -> bool); 3] = [
    ("a short event is decoded", a_short_event_is_decoded),
    ("line ends are found at every distance", line_ends_are_found_at_every_distance),
    ("data cannot forge a field", data_cannot_forge_a_field),
];

fn a_short_event_is_decoded() -> bool {
    let mut decoder = Decoder::new();
    let mut chunk = Chunk::new(b"event: token\ndata: Hello\n\n");
    matches!(
        decoder.next_event(&mut chunk),
        Ok(Some(event)) if event.event_type() == "token" && event.data() == "Hello"
    )
}

/// Each search for a line end has a part for short lines and another for long ones.
fn line_ends_are_found_at_every_distance() -> bool {
    (0..300).all(|length| {
        let mut stream = Vec::from(b"data: ");
        stream.resize(stream.len() + length, b'x');
        stream.extend_from_slice(b"\r\rdata: next\n\n");

        let mut decoder = Decoder::new();
        let mut chunk = Chunk::new(&stream);
        let long = decoder.next_event(&mut chunk);
        let is_read = matches!(long, Ok(Some(event)) if event.data().len() == length);
        let next = decoder.next_event(&mut chunk);
        is_read && matches!(next, Ok(Some(event)) if event.data() == "next")
    })
}

fn data_cannot_forge_a_field() -> bool {
    let mut out = Vec::new();
    let encoded = EventEncoder::new().encode("a\nevent: forged", &mut out);
    encoded.is_ok() && out == b"data: a\ndata: event: forged\n\n"
}
