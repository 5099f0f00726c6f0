//! `DataWriter`: data written in pieces is the data written at once. If the writer fails or is
//! dropped, nothing was written.

use std::fmt::{self, Write as _};

use bytes::BytesMut;
use proptest::prelude::*;
use sse_proto::{DataError, EncodeError, EventEncoder, WriteError};

use crate::cases;
use crate::generate::{cuts, text};

fn encoder() -> EventEncoder<'static> {
    EventEncoder::new().id("1").event_type("t").comment("c")
}

/// The text at once, after "before".
fn at_once(text: &str) -> String {
    let mut out = b"before".to_vec();
    encoder().encode(text, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// `text` cut at the characters next to where `cuts` would cut it.
fn pieces<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for &cut in cuts {
        let end = (cut..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap();
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces.push(&text[start..]);
    pieces
}

struct Fails;

impl fmt::Display for Fails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("half a value")?;
        Err(fmt::Error)
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn text_in_pieces_is_the_text_at_once_or_nothing(
        text in text(),
        cuts in cuts(),
        finished in any::<bool>(),
    ) {
        let (mut vec, mut bytes) = (b"before".to_vec(), BytesMut::from(&b"before"[..]));
        let mut one = encoder().begin(&mut vec).unwrap();
        let mut other = encoder().begin(&mut bytes).unwrap();
        for (nth, piece) in pieces(&text, &cuts.of(text.as_bytes())).into_iter().enumerate() {
            match nth % 2 {
                0 => one.write_str(piece).unwrap(),
                _ => piece.chars().for_each(|character| one.write_char(character).unwrap()),
            }
            write!(other, "{piece}").unwrap();
        }
        let mut expected = "before".to_owned();
        if finished {
            one.finish().unwrap();
            other.finish().unwrap();
            expected = at_once(&text);
        } else {
            drop((one, other));
        }
        prop_assert_eq!(std::str::from_utf8(&vec).unwrap(), expected);
        prop_assert_eq!(vec, &bytes[..]);
    }
}

#[test]
fn a_line_feed_after_a_cr_is_swallowed_across_writes() {
    for pieces in [
        &["a\r", "\nb"][..],
        &["a", "\r", "", "\n", "b"],
        &["a\r\n", "b"],
        &["a", "\r\nb"],
        &["a\r", "b"],
        &["a\n", "b"],
    ] {
        let mut out = b"before".to_vec();
        let mut data = encoder().begin(&mut out).unwrap();
        for piece in pieces {
            data.write_str(piece).unwrap();
        }
        data.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), at_once("a\nb"), "{pieces:?}");
    }
}

#[test]
fn a_value_that_fails_to_format_fails_the_event() {
    let mut out = b"before".to_vec();
    let mut data = encoder().begin(&mut out).unwrap();
    write!(data, "whole ").unwrap();
    assert!(write!(data, "{}", Fails).is_err());
    assert!(write!(data, "more").is_err(), "half a value cannot be made whole");
    assert!(matches!(data.finish(), Err(DataError::Format)));
    assert_eq!(out, b"before");
}

#[test]
fn a_closure_writes_the_data_or_nothing_is_written() {
    let mut out = b"before".to_vec();
    let result = encoder().encode_with(|data| write!(data, "a\r{}", 1), &mut out);
    assert_eq!(result, Ok(()));
    assert_eq!(String::from_utf8(out).unwrap(), at_once("a\r1"));
    let bytes = encoder().to_bytes_with(|data| data.write_str("a\r1")).unwrap();
    assert_eq!(bytes, at_once("a\r1")["before".len()..]);

    let mut out = b"before".to_vec();
    let refused = encoder().id("\n").encode_with(|_| -> fmt::Result { unreachable!() }, &mut out);
    assert!(matches!(refused, Err(WriteError::Field(EncodeError { offset: 0, .. }))));
    let failed = encoder().encode_with(
        |data| {
            data.write_str("half a value")?;
            Err(fmt::Error)
        },
        &mut out,
    );
    assert_eq!(failed, Err(WriteError::Closure(fmt::Error)));
    // The closure keeps the failure to itself.
    let hidden = encoder().encode_with(
        |data| {
            let _ = write!(data, "{}", Fails);
            fmt::Result::Ok(())
        },
        &mut out,
    );
    assert_eq!(hidden, Err(WriteError::Data(DataError::Format)));
    assert_eq!(out, b"before");
}

/// `std::io::Write`, which knows bytes, not characters.
#[cfg(feature = "std")]
mod bytewise {
    use std::io::Write;

    use super::*;
    use crate::drive::{bytewise, chunks};

    /// Writes `pieces`, then finishes.
    fn write_all(out: &mut Vec<u8>, pieces: &[&[u8]]) -> Result<(), DataError> {
        let mut data = encoder().begin(out).unwrap();
        for piece in pieces {
            data.write_all(piece).unwrap();
            data.flush().unwrap();
        }
        data.finish()
    }

    const MALFORMED: &[&[u8]] = &[
        b"\x80",
        b"\xFF",
        b"\xC0\xAF",
        b"\xED\xA0\x80",
        b"\xF0\x9F",
        b"\xED\x95",
        b"\xC3",
        b"\xF4\x90\x80\x80",
    ];

    proptest! {
        #![proptest_config(cases(600))]

        #[test]
        fn bytes_in_pieces_are_the_text_at_once_or_nothing(
            before in text(),
            bad in proptest::option::of(proptest::sample::select(MALFORMED)),
            after in text(),
            cuts in cuts(),
        ) {
            let bytes = [before.as_bytes(), bad.unwrap_or_default(), after.as_bytes()].concat();
            // A CRLF, which is written as one line end, counts as one byte.
            let malformed_at = before.replace("\r\n", "\n").len();
            for cuts in [Vec::new(), cuts.of(&bytes), bytewise(&bytes)] {
                let mut out = b"before".to_vec();
                match (write_all(&mut out, &chunks(&bytes, &cuts)), std::str::from_utf8(&bytes)) {
                    (Ok(()), Ok(text)) => prop_assert_eq!(out, at_once(text).into_bytes()),
                    (Err(DataError::NotUtf8 { valid_up_to, .. }), Err(_)) => {
                        prop_assert_eq!(valid_up_to, malformed_at, "{}", bytes.escape_ascii());
                        prop_assert_eq!(out, b"before");
                    }
                    (result, _) => panic!("{result:?} for {}", bytes.escape_ascii()),
                }
            }
        }
    }

    #[test]
    fn bytes_and_text_may_take_turns_between_whole_characters() {
        let mut out = b"before".to_vec();
        let mut data = encoder().begin(&mut out).unwrap();
        data.write_all(b"a\xED\x95").unwrap();
        data.write_all(b"\x9C\r").unwrap();
        fmt::Write::write_str(&mut data, "\nb").unwrap();
        data.write_all(b"\n").unwrap();
        data.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), at_once("a한\nb\n"));
    }

    #[test]
    fn an_empty_write_changes_nothing() {
        let mut out = b"before".to_vec();
        let mut data = encoder().begin(&mut out).unwrap();
        for piece in [&b"a\xED"[..], b"\x95", b"\x9C\r", b"\nb"] {
            data.write_all(piece).unwrap();
            fmt::Write::write_str(&mut data, "").unwrap();
            data.write_all(b"").unwrap();
            write!(data, "").unwrap();
        }
        data.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), at_once("a한\nb"));
    }

    #[test]
    fn text_in_the_middle_of_a_character_fails_the_event() {
        for text in ["b", "\n", "é"] {
            let mut out = b"before".to_vec();
            let mut data = encoder().begin(&mut out).unwrap();
            data.write_all(b"a\xED\x95").unwrap();
            fmt::Write::write_str(&mut data, text).unwrap();
            data.write_all(b"\x9C").unwrap();
            assert_eq!(data.finish(), Err(DataError::NotUtf8 { valid_up_to: 1 }));
            assert_eq!(out, b"before");
        }
    }

    #[test]
    fn a_character_cut_by_finish_fails_the_event() {
        for whole in ["é", "한", "🦀"] {
            for cut in 1..whole.len() {
                let mut out = b"before".to_vec();
                let mut data = encoder().begin(&mut out).unwrap();
                data.write_all(b"ab").unwrap();
                data.write_all(&whole.as_bytes()[..cut]).unwrap();
                assert!(matches!(data.finish(), Err(DataError::NotUtf8 { valid_up_to: 2, .. })));
                assert_eq!(out, b"before");
            }
        }
    }

    #[test]
    fn json_is_serialised_straight_into_the_event() {
        let value =
            serde_json::json!({ "text": "two\nlines, \u{2028}한 🦀", "list": [1, 2.5, null] });
        for pretty in [false, true] {
            let mut out = b"before".to_vec();
            let mut data = encoder().begin(&mut out).unwrap();
            let text = if pretty {
                serde_json::to_writer_pretty(&mut data, &value).unwrap();
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                serde_json::to_writer(&mut data, &value).unwrap();
                serde_json::to_string(&value).unwrap()
            };
            data.finish().unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), at_once(&text));
        }
    }
}
