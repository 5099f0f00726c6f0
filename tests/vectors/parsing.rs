//! Bytes to lines: `#parsing-an-event-stream`.
//!
//! P1 UTF-8 and its byte order mark. P2 Line ends. P3 What the end of the stream leaves behind.

use crate::{Says, Vector, comment, id, message, retry, vector};

pub(crate) fn vectors() -> Vec<Vector> {
    [byte_order_marks(), malformed_utf8(), line_ends(), the_end_of_the_stream()]
        .into_iter()
        .flatten()
        .collect()
}

fn byte_order_marks() -> Vec<Vector> {
    vec![
        vector(
            "P1: one leading byte order mark is dropped",
            b"\xEF\xBB\xBFdata: x\n\n",
            [message("x")],
        ),
        vector(
            "P1: the second of two byte order marks is text, so the field is unknown",
            b"\xEF\xBB\xBF\xEF\xBB\xBFdata: x\n\n",
            [],
        ),
        vector(
            "P1: a byte order mark at a later line's start is text",
            b"data: x\n\xEF\xBB\xBFdata: y\n\n",
            [message("x")],
        ),
        vector(
            "P1: a byte order mark at a later block's start is text",
            b"data: x\n\n\xEF\xBB\xBFdata: y\n\n",
            [message("x")],
        ),
        vector(
            "P1: a byte order mark after a leading line feed is text",
            b"\n\xEF\xBB\xBFdata: y\n\n",
            [],
        ),
        vector(
            "P1: a byte order mark in a value stays",
            "data: \u{FEFF}x\u{FEFF}\n\n",
            [message("\u{FEFF}x\u{FEFF}")],
        ),
        vector(
            "P1: a byte order mark before the space of a value keeps the space",
            "data:\u{FEFF} x\n\n",
            [message("\u{FEFF} x")],
        ),
        vector("P1: a byte order mark before a comment", b"\xEF\xBB\xBF: hi\n", [comment("hi")]),
        vector(
            "P1: a byte order mark before a blank line",
            b"\xEF\xBB\xBF\r\ndata: x\n\n",
            [message("x")],
        ),
        vector(
            "P1: a byte order mark alone is nothing, and no unfinished line",
            b"\xEF\xBB\xBF",
            [],
        ),
        vector("P1: one byte of a byte order mark is an unfinished line", b"\xEF", [])
            .ends_mid_event(),
        vector("P1: two bytes of a byte order mark are an unfinished line", b"\xEF\xBB", [])
            .ends_mid_event(),
        vector(
            "P1: one byte of a byte order mark and a field are an unknown field",
            b"\xEFdata: x\n\n",
            [],
        ),
        vector(
            "P1: two bytes of a byte order mark and a field are an unknown field",
            b"\xEF\xBBdata: x\n\ndata: y\n\n",
            [message("y")],
        ),
        vector(
            "P1: half a byte order mark and a line end are an unknown line",
            b"\xEF\xBB\n\xEF\xBB\xBFdata: x\n\n",
            [],
        ),
        vector(
            "P1: the line end right behind half a byte order mark ends the unknown line",
            b"\xEF\ndata: x\n\n",
            [message("x")],
        ),
        vector("P1: half a byte order mark and a colon are no comment", b"\xEF\xBB: x\n", []),
        vector("P1: a false byte order mark is text", b"\xEF\xBB\xBEdata: x\n\n", []),
        vector("P1: a byte order mark in UTF-16 is text", b"\xFF\xFEdata: x\n\n", []),
    ]
}

fn malformed_utf8() -> Vec<Vector> {
    vec![
        vector("P1: Korean, an emoji and an accent", "data: 안녕 🦀 é\n\n", [message("안녕 🦀 é")]),
        vector("P1: a lone continuation byte", b"data: \x80\n\n", [message("\u{FFFD}")]),
        vector(
            "P1: two lone continuation bytes are two replacement characters",
            b"data: a\x80\xBFb\n\n",
            [message("a\u{FFFD}\u{FFFD}b")],
        ),
        vector(
            "P1: bytes that never occur in UTF-8",
            b"data: \xFE\xFF\xF8\n\n",
            [message("\u{FFFD}\u{FFFD}\u{FFFD}")],
        ),
        vector(
            "P1: an overlong slash is two replacement characters",
            b"data: \xC0\xAF\n\n",
            [message("\u{FFFD}\u{FFFD}")],
        ),
        vector(
            "P1: an overlong three-byte sequence is three",
            b"data: \xE0\x80\x80\n\n",
            [message("\u{FFFD}\u{FFFD}\u{FFFD}")],
        ),
        vector(
            "P1: a surrogate is three",
            b"data: \xED\xA0\x80\n\n",
            [message("\u{FFFD}\u{FFFD}\u{FFFD}")],
        ),
        vector(
            "P1: beyond U+10FFFF is four",
            b"data: \xF4\x90\x80\x80\n\n",
            [message("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")],
        ),
        vector(
            "P1: a truncated three-byte sequence is one",
            b"data: \xED\x95x\n\n",
            [message("\u{FFFD}x")],
        ),
        vector(
            "P1: a truncated four-byte sequence is one",
            b"data: \xF0\x9F\xA6x\n\n",
            [message("\u{FFFD}x")],
        ),
        vector(
            "P1: a truncated sequence before a sound one",
            b"data: \xF0\x9F\xED\x95\x9C\n\n",
            [message("\u{FFFD}한")],
        ),
        vector(
            "P1: a sequence that a line end truncates",
            b"data: \xED\x95\ndata: \x9C\r\n\r\n",
            [message("\u{FFFD}\n\u{FFFD}")],
        ),
        vector(
            "P1: a sequence that a blank line truncates",
            b"data: \xF0\x9F\xA6\n\ndata: \x80\n\n",
            [message("\u{FFFD}"), message("\u{FFFD}")],
        ),
        vector(
            "P1: a malformed byte before the value's space keeps the space",
            b"data:\xED x\n\n",
            [message("\u{FFFD} x")],
        ),
        vector(
            "P1: a malformed type, comment and id",
            b": \xC3\nevent: \xC3\nid: \xC3\ndata\n\n",
            [comment("\u{FFFD}"), message("").of_type("\u{FFFD}").with_id("\u{FFFD}")],
        )
        .leaves_id("\u{FFFD}"),
        vector("P1: a malformed field name is unknown", b"data\xC3: x\n\xC3\nda\x80ta\n\n", []),
        vector("P1: a malformed retry is ignored", b"retry: 1\xC3\n", []),
        vector(
            "P1: a C1 control and a line separator end no line",
            "data: a\u{85}b\u{2028}c\u{2029}d\n\n",
            [message("a\u{85}b\u{2028}c\u{2029}d")],
        ),
        vector(
            "P1: controls end no line and stay",
            b"data: \x0B\x0C\x1B\x7F\x1A\n\n",
            [message("\x0B\x0C\x1B\x7F\x1A")],
        ),
    ]
}

fn line_ends() -> Vec<Vector> {
    let two = || [message("a\nb"), message("c")];
    vec![
        vector("P2: lines that end in LF", b"data: a\ndata: b\n\ndata: c\n\n", two()),
        vector("P2: lines that end in CRLF", b"data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", two()),
        vector("P2: lines that end in CR", b"data: a\rdata: b\r\rdata: c\r\r", two()),
        vector("P2: lines that end in each, mixed", b"data: a\r\ndata: b\n\rdata: c\r\r\n", two()),
        vector(
            "P2: LF CR is two line ends",
            b"data: a\n\rdata: b\n\r",
            [message("a"), message("b")],
        ),
        vector(
            "P2: CR CR LF is two line ends",
            b"data: a\r\r\ndata: b\r\r\n",
            [message("a"), message("b")],
        ),
        vector(
            "P2: CRLF LF is two line ends",
            b"data: a\r\n\ndata: b\r\n\n",
            [message("a"), message("b")],
        ),
        vector(
            "P2: CRLF CR is two line ends",
            b"data: a\r\n\rdata: b\r\n\r",
            [message("a"), message("b")],
        ),
        vector(
            "P2: an event is handed out at its CR, though nothing follows",
            b"data: a\r\r",
            [message("a")],
        ),
        vector("P2: one CRLF is no blank line", b"data: a\r\ndata: b\r\n", []).ends_mid_event(),
        vector("P2: leading blank lines of every kind", b"\n\r\r\n\n\rdata: a\n\n", [message("a")]),
        vector(
            "P2: blank lines after an event hand out nothing",
            b"data: a\n\n\n\r\n\r\n\r\r",
            [message("a")],
        ),
        vector("P2: a stream of line ends is silent", b"\r\n\r\n\n\n\r\r", []),
        vector("P2: an empty stream is silent", b"", []),
        vector(
            "P2: a CR after a comment",
            b": a\r: b\r\n: c\n",
            [comment("a"), comment("b"), comment("c")],
        ),
        vector("P2: a CR after a retry", b"retry: 1\rretry: 2\r\n", [retry(1), retry(2)])
            .leaves_retry(2),
        vector(
            "P2: a value that begins at the line end",
            b"data:\rdata\rdata: \r\r",
            [message("\n\n")],
        ),
    ]
}

fn the_end_of_the_stream() -> Vec<Vector> {
    vec![
        vector(
            "P3: an event without its blank line is not handed out",
            b"data: a\n\ndata: b\n",
            [message("a")],
        )
        .ends_mid_event(),
        vector(
            "P3: an event whose last line is unfinished is not handed out",
            b"data: a\n\ndata: b",
            [message("a")],
        )
        .ends_mid_event(),
        vector("P3: an unfinished retry sets nothing", b"retry: 5", []).ends_mid_event(),
        vector("P3: an unfinished comment is not handed out", b": hi", []).ends_mid_event(),
        vector("P3: an id without its blank line is not committed", b"id: 1\n\nid: 2\n", [id("1")])
            .leaves_id("1")
            .ends_mid_event(),
        vector(
            "P3: an id with data but no blank line is not committed",
            b"id: 1\n\nid: 2\ndata\n",
            [id("1")],
        )
        .leaves_id("1")
        .ends_mid_event(),
        vector(
            "P3: a retry in an unfinished block is in force",
            b"data: a\nretry: 5\n",
            [retry(5)],
        )
        .leaves_retry(5)
        .ends_mid_event(),
        vector(
            "P3: a comment in an unfinished block was handed out",
            b"data: a\n: hi\n",
            [comment("hi")],
        )
        .ends_mid_event(),
        vector("P3: an unfinished field name", b"dat", []).ends_mid_event(),
        vector("P3: an unfinished unknown line", b"data: a\n\nnothing", [message("a")])
            .ends_mid_event(),
        vector("P3: an unknown line is no field of its block", b"nothing: here\n", []),
        vector("P3: a sequence cut off by the end", b"data: \xED\x95", []).ends_mid_event(),
        vector(
            "P3: an error body in JSON is one unfinished line",
            br#"{"error":{"message":"no"}}"#,
            [],
        )
        .ends_mid_event(),
        vector("P3: an error body in lines is unknown fields", b"{\n  \"error\": \"no\"\n}\n", []),
    ]
}
