//! JSON in the styles that servers write it in.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Style {
    /// One line, text as it is.
    Plain,
    /// One line, all of it ASCII: see `interop/READERS.md`.
    Ascii,
    /// As people like to read it.
    Lines,
}

pub fn write(out: impl Write, value: &Value, style: Style) -> serde_json::Result<()> {
    match style {
        Style::Plain => serde_json::to_writer(out, value),
        Style::Ascii => value.serialize(&mut Serializer::with_formatter(out, AsciiFormatter)),
        Style::Lines => {
            value.serialize(&mut Serializer::with_formatter(out, PrettyFormatter::new()))
        }
    }
}

/// Escapes all that is not ASCII.
struct AsciiFormatter;

impl Formatter for AsciiFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        for character in text.chars() {
            if character.is_ascii() {
                out.write_all(&[character as u8])?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
