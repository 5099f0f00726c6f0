//! `DataWriter`: data in pieces gives the same block as data at once. If the writer fails or is
//! dropped, nothing is written.

use std::fmt::{self, Write as _};

use sse_proto::{DataError, DataWriter, EncodeError, EventEncoder, WriteError};

fn encoder() -> EventEncoder<'static> {
    EventEncoder::new().id("1").event_type("t").comment("c")
}

/// The text at once, after "before".
fn at_once(text: &str) -> String {
    let mut out = b"before".to_vec();
    encoder().encode(text, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Writes in pieces, and returns the result of `finish` and what the buffer has then.
fn in_pieces(write: impl FnOnce(&mut DataWriter<'_, Vec<u8>>)) -> (Result<(), DataError>, String) {
    let mut out = b"before".to_vec();
    let mut data = encoder().begin(&mut out).unwrap();
    write(&mut data);
    let ended = data.finish();
    (ended, String::from_utf8(out).unwrap())
}

struct Fails;

impl fmt::Display for Fails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("half a value")?;
        Err(fmt::Error)
    }
}

#[test]
fn formatting_through_a_trait_is_the_text_at_once() {
    fn format(out: &mut impl fmt::Write) {
        write!(out, "one {}\ntwo", 1).unwrap();
    }
    assert_eq!(in_pieces(|data| format(data)), (Ok(()), at_once("one 1\ntwo")));
}

#[test]
fn a_value_that_fails_to_format_fails_the_event() {
    let (ended, out) = in_pieces(|data| {
        write!(data, "whole ").unwrap();
        assert!(write!(data, "{}", Fails).is_err());
        assert!(write!(data, "more").is_err(), "half a value cannot be made whole");
    });
    assert!(matches!(ended, Err(DataError::Format)));
    assert_eq!(out, "before");
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
    // The closure does not return the failure.
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

/// `std::io::Write`, which takes bytes and not characters.
#[cfg(feature = "std")]
mod bytewise {
    use std::io::Write;

    use super::*;

    #[test]
    fn formatting_through_a_trait_is_the_text_at_once() {
        fn format(out: &mut impl Write) {
            write!(out, "one {}\ntwo", 1).unwrap();
        }
        assert_eq!(in_pieces(|data| format(data)), (Ok(()), at_once("one 1\ntwo")));
    }

    #[test]
    fn bytes_and_text_may_take_turns_between_whole_characters() {
        let written = in_pieces(|data| {
            data.write_all(b"a\xED\x95").unwrap();
            data.write_all(b"\x9C\r").unwrap();
            fmt::Write::write_str(data, "\nb").unwrap();
            data.write_all(b"\n").unwrap();
        });
        assert_eq!(written, (Ok(()), at_once("a한\nb\n")));
    }

    #[test]
    fn an_empty_write_changes_nothing() {
        let written = in_pieces(|data| {
            for piece in [&b"a\xED"[..], b"\x95", b"\x9C\r", b"\nb"] {
                data.write_all(piece).unwrap();
                fmt::Write::write_str(data, "").unwrap();
                data.write_all(b"").unwrap();
                write!(data, "").unwrap();
            }
        });
        assert_eq!(written, (Ok(()), at_once("a한\nb")));
    }

    #[test]
    fn text_in_the_middle_of_a_character_fails_the_event() {
        for text in ["b", "\n", "é"] {
            let (ended, out) = in_pieces(|data| {
                data.write_all(b"a\xED\x95").unwrap();
                fmt::Write::write_str(data, text).unwrap();
                data.write_all(b"\x9C").unwrap();
            });
            assert_eq!(ended, Err(DataError::NotUtf8 { valid_up_to: 1 }));
            assert_eq!(out, "before");
        }
    }

    #[test]
    fn a_character_cut_by_finish_fails_the_event() {
        for whole in ["é", "한", "🦀"] {
            for cut in 1..whole.len() {
                let (ended, out) = in_pieces(|data| {
                    data.write_all(b"ab").unwrap();
                    data.write_all(&whole.as_bytes()[..cut]).unwrap();
                });
                assert!(matches!(ended, Err(DataError::NotUtf8 { valid_up_to: 2, .. })));
                assert_eq!(out, "before");
            }
        }
    }

    #[test]
    fn json_is_serialised_straight_into_the_event() {
        let value =
            serde_json::json!({ "text": "two\nlines, \u{2028}한 🦀", "list": [1, 2.5, null] });
        for pretty in [false, true] {
            let mut text = String::new();
            let written = in_pieces(|data| {
                text = if pretty {
                    serde_json::to_writer_pretty(data, &value).unwrap();
                    serde_json::to_string_pretty(&value).unwrap()
                } else {
                    serde_json::to_writer(data, &value).unwrap();
                    serde_json::to_string(&value).unwrap()
                };
            });
            assert_eq!(written, (Ok(()), at_once(&text)));
        }
    }
}
