//! Random streams, mostly by the grammar, and random texts for the encoder.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::model::Options;

fn bytes(literal: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    Just(literal.to_vec())
}

fn one_of(literals: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    select(literals).prop_map(<[u8]>::to_vec)
}

fn line_end() -> impl Strategy<Value = Vec<u8>> {
    one_of(&[
        b"\n",
        b"\n",
        b"\r\n",
        b"\r\n",
        b"\r",
        b"\n\n",
        b"\r\n\r\n",
        b"\r\r",
        b"\n\r",
        b"\r\n\n",
    ])
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let atom = prop_oneof![
        6 => one_of(&[b"x", b"yz", b" ", b":", b"7", b"\t", b"data", b"id: 1"]),
        2 => select(&["한", "🦀", "é", "\u{FEFF}", "\u{2028}"][..])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => one_of(&[b"\0", b"\x80", b"\xFF", b"\xC3", b"\xED\x95", b"\xF0\x9F\xA6", b"\xED\xA0\x80"]),
        1 => "[a-z {}\":,]{0,70}".prop_map(String::into_bytes),
    ];
    vec(atom, 0..5).prop_map(|atoms| atoms.concat())
}

fn digits() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[0-9]{1,5}".prop_map(String::into_bytes),
        1 => "[0-9]{18,24}".prop_map(String::into_bytes),
        1 => one_of(&[b"18446744073709551615", b"18446744073709551616", b"", b"1x", b" 1", b"1\0"]),
    ]
}

/// One line, mostly with its end.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let colon = || one_of(&[b":", b": ", b": ", b":  ", b""]);
    let name = one_of(&[b"data", b"data", b"data", b"event", b"id"]);
    let other = one_of(&[
        b"Data",
        b" data",
        b"data ",
        b"dat",
        b"datax",
        b"ids",
        b"x",
        b"",
        b"\xEF\xBB\xBFdata",
        b"\xEF\xBB",
    ]);
    let field = |(name, colon, value): (Vec<u8>, Vec<u8>, Vec<u8>)| [name, colon, value].concat();
    let content = prop_oneof![
        8 => (name, colon(), value()).prop_map(field),
        1 => one_of(&[b"data", b"event", b"id", b"retry"]),
        2 => (bytes(b"retry"), colon(), digits()).prop_map(field),
        2 => (bytes(b":"), value()).prop_map(|(colon, text)| [colon, text].concat()),
        1 => (other, colon(), value()).prop_map(field),
        3 => bytes(b""),
    ];
    (content, line_end()).prop_map(|(content, line_end)| [content, line_end].concat())
}

pub(crate) fn stream() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        8 => bytes(b""),
        2 => bytes(b"\xEF\xBB\xBF"),
        1 => one_of(&[b"\xEF", b"\xEF\xBB", b"\xEF\xBB\xBF\xEF\xBB\xBF", b"\xEF\xBB\xBE"]),
    ];
    let noise = vec(select(&b"\r\n: 0\0dati\xEF\xBB\xBF\xF0\x9F\xA6\x80\xC3"[..]), 0..12);
    let piece = prop_oneof![20 => line(), 1 => noise, 1 => value()];
    (start, vec(piece, 0..24)).prop_map(|(start, pieces)| [start, pieces.concat()].concat())
}

/// Where a stream is cut, whatever its length: up to eight places, equal ones for empty chunks.
#[derive(Clone, Debug)]
pub(crate) struct Cuts(Vec<Index>);

impl Cuts {
    pub(crate) fn of(&self, stream: &[u8]) -> Vec<usize> {
        let mut cuts: Vec<_> = self.0.iter().map(|index| index.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        cuts
    }
}

pub(crate) fn cuts() -> impl Strategy<Value = Cuts> {
    vec(any::<Index>(), 0..8).prop_map(Cuts)
}

pub(crate) fn options() -> impl Strategy<Value = Options> {
    let limit = prop_oneof![1 => Just(64 << 20), 1 => 0usize..120, 1 => 5usize..30];
    (limit, select(&["", "7", "쓰기"][..]), any::<bool>()).prop_map(
        |(max_event_size, last_event_id, frames)| Options {
            max_event_size,
            last_event_id: last_event_id.to_owned(),
            frames,
        },
    )
}

/// Any text, with line ends of every kind and everything that could be taken for a field.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let atoms = &[
        "\r", "\n", "\r\n", "\n\n", "data", "id", "event", "retry", ":", ": ", " ", "\0",
        "\u{FEFF}", "x", "한", "🦀", "é", "7", "\u{85}",
    ][..];
    prop_oneof![
        8 => vec(select(atoms), 0..10).prop_map(|atoms| atoms.concat()),
        1 => any::<String>(),
        1 => "[ -~\r\n]{0,200}",
    ]
}

/// Text that `event` can hold.
pub(crate) fn type_text() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(['\r', '\n'], ""))
}

/// Text that `id` can hold.
pub(crate) fn id_text() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(['\r', '\n', '\0'], ""))
}

pub(crate) fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0u64..100_000).prop_map(Duration::from_millis),
        any::<Duration>(),
        select(vec![
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::MAX,
            Duration::from_millis(u64::MAX)
        ]),
    ]
}
