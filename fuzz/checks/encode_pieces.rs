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
    Flush,
    /// A value whose `Display` fails.
    Fails,
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
            200..245 => Piece::Bytewise(bytes),
            245..253 => Piece::Flush,
            _ => Piece::Fails,
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
    naive.finish();
    assert_eq!(writer.finish().err(), naive.error, "{:?}", naive.data.escape_ascii().to_string());
    match naive.error {
        None => Some(String::from_utf8(naive.data).unwrap()),
        Some(_) => None,
    }
}

fn write_piece<B: Buffer>(piece: &Piece<'_>, writer: &mut DataWriter<'_, B>, naive: &mut Naive) {
    match piece {
        // Whether no text at all ends a character is left open.
        Piece::Text(text) | Piece::Chars(text) if text.is_empty() => {}
        Piece::Text(text) => {
            naive.text(text);
            assert_eq!(writer.write_str(text).is_err(), naive.error.is_some());
        }
        Piece::Chars(text) => {
            for character in text.chars() {
                naive.text(character.encode_utf8(&mut [0; 4]));
                assert_eq!(writer.write_char(character).is_err(), naive.error.is_some());
            }
        }
        Piece::Formatted(text) => {
            naive.text("<");
            naive.text(text);
            naive.text(">1");
            assert_eq!(write!(writer, "<{text}>{}", 1).err(), naive.error);
        }
        Piece::Bytes(bytes) => {
            naive.bytes(bytes);
            let written = writer.write(bytes);
            check_io(&written, naive.error);
            assert!(written.is_err() || written.unwrap() == bytes.len());
        }
        Piece::Bytewise(bytes) => {
            for byte in bytes.chunks(1) {
                naive.bytes(byte);
                check_io(&writer.write_all(byte), naive.error);
            }
        }
        Piece::Flush => writer.flush().unwrap(),
        Piece::Fails => {
            naive.text("half a value");
            naive.fail(DataError::Format);
            assert_eq!(write!(writer, "{Fails}").err(), naive.error);
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

/// The rule, the slow way: all bytes so far are looked at again after each write.
#[derive(Default)]
struct Naive {
    data: Vec<u8>,
    /// The first error, which stays.
    error: Option<DataError>,
}

impl Naive {
    /// Text is whole characters: none may be unfinished in front of it.
    fn text(&mut self, text: &str) {
        self.finish();
        if self.error.is_none() {
            self.data.extend_from_slice(text.as_bytes());
        }
    }

    /// Bytes may be cut within a character, but never be malformed.
    fn bytes(&mut self, bytes: &[u8]) {
        if self.error.is_some() {
            return;
        }
        self.data.extend_from_slice(bytes);
        match std::str::from_utf8(&self.data) {
            Err(error) if error.error_len().is_some() => {
                self.fail(DataError::NotUtf8 { valid_up_to: error.valid_up_to() });
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        if let Err(error) = std::str::from_utf8(&self.data) {
            self.fail(DataError::NotUtf8 { valid_up_to: error.valid_up_to() });
        }
    }

    fn fail(&mut self, error: DataError) {
        self.error.get_or_insert(error);
    }
}
