//! Random streams. Most of their lines follow the grammar.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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

/// U+0000, and bytes that are not UTF-8.
const MALFORMED: &[&[u8]] =
    &[b"\0", b"\x80", b"\xFF", b"\xC3", b"\xED\x95", b"\xF0\x9F\xA6", b"\xED\xA0\x80"];

fn value() -> impl Strategy<Value = Vec<u8>> {
    let atom = prop_oneof![
        6 => one_of(&[b"x", b"yz", b" ", b":", b"7", b"\t", b"data", b"id: 1"]),
        2 => select(&["한", "🦀", "é", "\u{FEFF}", "\u{2028}"][..])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => one_of(MALFORMED),
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

/// Input of a fuzz target, which takes text from its front and choices from its back.
pub(crate) fn input() -> impl Strategy<Value = Vec<u8>> {
    let choice = prop_oneof![2 => 0..8u8, 2 => 0..32u8, 1 => any::<u8>()];
    (stream(), vec(choice, 0..64)).prop_map(|(text, choices)| [text, choices].concat())
}
