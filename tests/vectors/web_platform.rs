//! The streams of web-platform-tests' `eventsource/format-*`, as its server sends them, and what its pages expect.
//!
//! Its server ends each message with LF LF LF, or with one LF where a test asks for none. What needs two
//! connections is under reconnection too; `format-mime-*` are about the response's head, which this codec never
//! sees: their bodies decode like any other.

use crate::{Says, Vector, comment, message, retry, vector};

pub(crate) fn vectors() -> Vec<Vector> {
    let long = "x".repeat(2 * 1024);
    vec![
        vector("format-bom", b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n\n", [message("1"), message("3")]),
        vector("format-bom-2", b"\xEF\xBB\xBF\xEF\xBB\xBFdata:1\n\ndata:2\n\ndata:3\n\n\n", [message("2"), message("3")]),
        vector(
            "format-comments",
            format!("data:1\r:\0\n:\r\ndata:2\n:{long}\rdata:3\n:data:fail\r:{long}\ndata:4\n\n"),
            [
                comment("\0"),
                comment(""),
                comment(&long),
                comment("data:fail"),
                comment(&long),
                message("1\n2\n3\n4"),
            ],
        ),
        vector("format-data-before-final-empty-line", b"retry:1000\ndata:test1\n\nid:test\ndata:test2\n", [retry(1000), message("test1")])
            .leaves_retry(1000)
            .ends_mid_event(),
        vector("format-field-data", b"data:\n\ndata\ndata\n\ndata:test\n\n\n", [message(""), message("\n"), message("test")]),
        vector("format-field-event", b"event:test\ndata:x\n\ndata:x\n\n\n", [message("x").of_type("test"), message("x")]),
        vector("format-field-event-empty", b"event: \ndata:data\n\n\n", [message("data").of_empty_type()]),
        vector("format-field-id", "id: …\nretry: 200\ndata: hello\n\n", [retry(200), message("hello").with_id("…")])
            .leaves_id("…")
            .leaves_retry(200),
        vector("format-field-id-2: the answer to Last-Event-ID", "data: …\n\n", [message("…").carrying("…")]).starts_from("…").leaves_id("…"),
        vector("format-field-id-3: the ID persists", b"id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata:3\n\ndata:4\n\n", [
            message("1").with_id("1"),
            message("2").carrying("1"),
            message("3").with_id("2"),
            message("4").carrying("2"),
        ])
        .leaves_id("2"),
        vector("format-field-id-3: the ID resets", b"id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n", [
            message("1").with_id("1"),
            message("2").with_id(""),
            message("3"),
        ]),
        vector("format-field-id-3: the ID resets without a colon", b"id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n", [
            message("1").with_id("1"),
            message("2").with_id(""),
            message("3"),
        ]),
        vector("format-field-id-null: two NULs", b"id: \0\0\nretry: 200\ndata: hello\n\n", [retry(200), message("hello")]).leaves_retry(200),
        vector("format-field-id-null: a NUL first", b"id: \0x\nretry: 200\ndata: hello\n\n", [retry(200), message("hello")]).leaves_retry(200),
        vector("format-field-id-null: a NUL last", b"id: x\0\nretry: 200\ndata: hello\n\n", [retry(200), message("hello")]).leaves_retry(200),
        vector("format-field-id-null: a NUL within", b"id: x\0x\nretry: 200\ndata: hello\n\n", [retry(200), message("hello")]).leaves_retry(200),
        vector("format-field-id-null: a space and a NUL", b"id:  \0\nretry: 200\ndata: hello\n\n", [retry(200), message("hello")]).leaves_retry(200),
        vector(
            "format-field-parsing",
            b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
            [message("\0\n 2\n1\n3\n\n4")],
        ),
        vector("format-field-retry", b"retry:02000\ndata:x\n\n\n", [retry(2000), message("x")]).leaves_retry(2000),
        vector("format-field-retry-bogus", b"retry:2000\nretry:1000x\ndata:x\n\n\n", [retry(2000), message("x")]).leaves_retry(2000),
        vector("format-field-retry-empty", b"retry\ndata:test\n\n\n", [message("test")]),
        vector("format-field-unknown", b"data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n\n", [
            comment("thisisacommentyay"),
            message("test\n\ntest"),
        ]),
        vector("format-leading-space", b"data:\ttest\rdata: \ndata:test\n\n\n", [message("\ttest\n\ntest")]),
        vector("format-mime-*: the default body", b"data: data\n\n\n", [message("data")]),
        vector("format-newlines", b"data:test\r\ndata\ndata:test\r\n\r\n", [message("test\n\ntest")]),
        vector("format-null-character", b"data:\0\n\n\n\n\n", [message("\0")]),
        vector("format-utf-8", "data:ok…\n\n\n", [message("ok…")]),
    ]
}
