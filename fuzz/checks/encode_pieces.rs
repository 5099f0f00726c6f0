//! Data written in any pieces, by any of the ways to write, is the data written at
//! once; failed or dropped, it never was.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use bytes::BytesMut;
use sse_proto::encode::Buffer;
use sse_proto::{DataError, DataWriter, EventEncoder};

use super::input::Input;

pub fn encode_pieces(input: &[u8]) {
    let mut input = Input::new(input);
    let dropped = input.below(8) == 0;
    let pieces: Vec<_> = (0..input.below(32)).map(|_| Piece::from(&mut input)).collect();
    let mut vec = b"before".to_vec();
    let mut shared = BytesMut::from(&b"before"[..]);
    let result = write(&pieces, dropped, &mut vec);
    assert_eq!(write(&pieces, dropped, &mut shared), result);
    assert_eq!(shared, vec[..]);

    match result {
        Some(data) => {
            let mut at_once = b"before".to_vec();
            encoder().encode(&data, &mut at_once).unwrap();
            assert_eq!(vec, at_once, "{data:?}");
        }
        None => assert_eq!(vec, b"before"),
    }
}

fn encoder() -> EventEncoder<'static> {
    EventEncoder::new().id("7").event_type("t").comment("c")
}

enum Piece<'i> {
    /// `fmt::Write::write_str`.
    Text(String),
    /// `fmt::Write::write_char`.
    Chars(String),
    /// `write!`, with the text in the middle.
    Formatted(String),
    /// `io::Write::write`.
    Bytes(&'i [u8]),
    /// `io::Write::write_all`, byte by byte.
    Bytewise(&'i [u8]),
    /// `io::Write::write_fmt`, with the text in the middle.
    BytesFormatted(String),
    Flush,
    /// A value whose `Display` fails, in `write!`.
    Fails,
    /// The same, in `io::Write::write_fmt`.
    BytesFail,
}

impl<'i> Piece<'i> {
    fn from(input: &mut Input<'i>) -> Self {
        let kind = input.byte();
        let length = usize::from(input.below(24));
        let bytes = input.take(length);
        let text = String::from_utf8_lossy(bytes).into_owned();
        match kind {
            0..50 => Piece::Text(text),
            50..80 => Piece::Chars(text),
            80..120 => Piece::Formatted(text),
            120..200 => Piece::Bytes(bytes),
            200..235 => Piece::Bytewise(bytes),
            235..245 => Piece::BytesFormatted(text),
            245..252 => Piece::Flush,
            252..254 => Piece::Fails,
            _ => Piece::BytesFail,
        }
    }
}

/// Writes the pieces and finishes, or drops the writer: the whole data, if it was written.
fn write<B: Buffer>(pieces: &[Piece<'_>], dropped: bool, out: &mut B) -> Option<String> {
    let mut writer = encoder().begin(out).unwrap();
    let mut naive = Naive::default();
    for piece in pieces {
        write_piece(piece, &mut writer, &mut naive);
    }
    if dropped {
        return None;
    }
    let expected = naive.data();
    let finished = writer.finish();
    assert_eq!(finished.err(), expected.as_ref().err().copied(), "{}", naive.data.escape_ascii());
    expected.ok()
}

fn write_piece<B: Buffer>(piece: &Piece<'_>, writer: &mut DataWriter<'_, B>, naive: &mut Naive) {
    match piece {
        Piece::Text(text) => {
            naive.data.extend(text.bytes());
            writer.write_str(text).unwrap();
        }
        Piece::Chars(text) => {
            naive.data.extend(text.bytes());
            text.chars().for_each(|character| writer.write_char(character).unwrap());
        }
        Piece::Formatted(text) => {
            naive.data.extend(format!("<{text}>1").bytes());
            assert_eq!(write!(writer, "<{text}>{}", 1).err(), naive.format_error());
        }
        Piece::Bytes(bytes) => {
            naive.data.extend_from_slice(bytes);
            assert_eq!(writer.write(bytes).unwrap(), bytes.len());
        }
        Piece::Bytewise(bytes) => {
            naive.data.extend_from_slice(bytes);
            bytes.chunks(1).for_each(|byte| writer.write_all(byte).unwrap());
        }
        Piece::BytesFormatted(text) => {
            naive.data.extend(format!("<{text}>1").bytes());
            let written = std::io::Write::write_fmt(writer, format_args!("<{text}>{}", 1));
            check_io(&written, naive.format_error());
        }
        Piece::Flush => writer.flush().unwrap(),
        Piece::Fails => {
            naive.format_failed = true;
            assert_eq!(write!(writer, "{Fails}").err(), naive.format_error());
        }
        Piece::BytesFail => {
            naive.format_failed = true;
            let written = std::io::Write::write_fmt(writer, format_args!("{Fails}"));
            check_io(&written, naive.format_error());
        }
    }
}

/// An `io::Error` is of the kind `InvalidData` and holds the `DataError`.
fn check_io<T>(result: &std::io::Result<T>, expected: Option<DataError>) {
    let held = result.as_ref().err().map(|error| {
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        *error.get_ref().unwrap().downcast_ref::<DataError>().unwrap()
    });
    assert_eq!(held, expected);
}

struct Fails;

impl fmt::Display for Fails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a value")?;
        Err(fmt::Error)
    }
}

/// A writer's result, found the slow and obvious way: this keeps them all,
/// and looks at the whole in the end.
#[derive(Default)]
struct Naive {
    data: Vec<u8>,
    format_failed: bool,
}

impl Naive {
    fn format_error(&self) -> Option<DataError> {
        self.format_failed.then_some(DataError::Format)
    }

    /// The data, if it can be an event's.
    fn data(&self) -> Result<String, DataError> {
        match (self.format_error(), std::str::from_utf8(&self.data)) {
            (Some(error), _) => Err(error),
            (None, Ok(text)) => Ok(text.to_owned()),
            (None, Err(error)) => {
                let valid = std::str::from_utf8(&self.data[..error.valid_up_to()]).unwrap();
                Err(DataError::NotUtf8 { valid_up_to: valid.replace("\r\n", "\n").len() })
            }
        }
    }
}
