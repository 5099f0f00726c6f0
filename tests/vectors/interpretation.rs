//! A line to a field: `#event-stream-interpretation`, "lines must be processed" and "process the field".
//!
//! I1 Blank lines (see dispatch). I2 Comments. I3 The first colon, one space. I4 No colon. I5 Names are literal.
//! I6 `event`. I7 `data`. I8 `id`. I9 `retry`. I10 Unknown fields.

use crate::{Says, Vector, comment, id, message, retry, vector};

pub(crate) fn vectors() -> Vec<Vector> {
    [comments(), colons_and_spaces(), names(), events_and_data(), ids(), retries()]
        .into_iter()
        .flatten()
        .collect()
}

fn comments() -> Vec<Vector> {
    vec![
        vector(
            "I2: a comment's text is what follows the colon and one space",
            b": hi\n",
            [comment("hi")],
        ),
        vector("I2: a comment without a space", b":hi\n", [comment("hi")]),
        vector("I2: a comment keeps its second space", b":  hi \n", [comment(" hi ")]),
        vector("I2: a comment keeps a tab", b":\thi\n", [comment("\thi")]),
        vector("I2: a colon alone is the empty comment", b":\n", [comment("")]),
        vector("I2: a colon and a space are the empty comment", b": \n", [comment("")]),
        vector("I2: two colons are the comment of one", b"::\n", [comment(":")]),
        vector(
            "I2: a comment that looks like a field",
            b":data: x\n: event: y\n\n",
            [comment("data: x"), comment("event: y")],
        ),
        vector(
            "I2: a comment between the lines of an event comes before it",
            b"data: a\n: c\ndata: b\n\n",
            [comment("c"), message("a\nb")],
        ),
        vector(
            "I2: a comment alone, with a blank line after it",
            b": ping\n\n: ping\n\n",
            [comment("ping"), comment("ping")],
        ),
        vector("I2: a comment with U+0000", b": a\0b\n", [comment("a\0b")]),
        vector("I2: a space before the colon makes an unknown field", b" : x\n", []),
    ]
}

fn colons_and_spaces() -> Vec<Vector> {
    vec![
        vector(
            "I3: the first colon splits, the others stay",
            b"data: a:b: c\n\n",
            [message("a:b: c")],
        ),
        vector("I3: a value that begins with a colon", b"data::x\n\n", [message(":x")]),
        vector("I3: a value that is a colon after the space", b"data: :\n\n", [message(":")]),
        vector("I3: a value without a space", b"data:x\n\n", [message("x")]),
        vector("I3: only one space is dropped", b"data:   x\n\n", [message("  x")]),
        vector("I3: a value of one space is empty", b"data: \n\n", [message("")]),
        vector("I3: a value of two spaces is one", b"data:  \n\n", [message(" ")]),
        vector("I3: a tab is not dropped", b"data:\tx\n\n", [message("\tx")]),
        vector("I3: a space is dropped before a tab", b"data: \tx\n\n", [message("\tx")]),
        vector("I3: a no-break space is not dropped", "data:\u{A0}x\n\n", [message("\u{A0}x")]),
        vector("I3: trailing spaces stay", b"data: x  \n\n", [message("x  ")]),
        vector(
            "I3: one space is dropped from type and id",
            b"event:  t\nid:  1\ndata\n\n",
            [message("").of_type(" t").with_id(" 1")],
        )
        .leaves_id(" 1"),
        vector(
            "I4: a line without a colon is a name with an empty value",
            b"data\n\n",
            [message("")],
        ),
        vector("I4: two bare data lines are one line feed", b"data\ndata\n\n", [message("\n")]),
        vector(
            "I4: a bare event line empties the type",
            b"event: t\nevent\ndata: x\n\n",
            [message("x").of_empty_type()],
        ),
        vector(
            "I4: a bare id line resets the ID",
            b"id: 1\n\nid\ndata: x\n\n",
            [id("1"), message("x").with_id("")],
        ),
        vector("I4: a name and a space but no colon is unknown", b"data x\n\n", []),
    ]
}

fn names() -> Vec<Vector> {
    vec![
        vector(
            "I5: a name in capitals is unknown",
            b"Data: x\nDATA: x\nEvent: t\nID: 1\nRetry: 5\n\n",
            [],
        ),
        vector(
            "I5: a name with a leading space is unknown",
            b" data: x\n event: t\n id: 1\n retry: 5\n\n",
            [],
        ),
        vector(
            "I5: a name with a trailing space is unknown",
            b"data : x\nevent : t\nid : 1\nretry : 5\n\n",
            [],
        ),
        vector("I5: a name with a tab is unknown", b"\tdata: x\ndata\t: x\n\n", []),
        vector("I5: a name with U+0000 is unknown", b"data\0: x\n\0data: x\nda\0ta: x\n\n", []),
        vector(
            "I5: the beginning of a name is unknown",
            b"d: x\nda: x\ndat: x\neven: x\ni: 1\nretr: 5\n\n",
            [],
        ),
        vector(
            "I5: more than a name is unknown",
            b"datax: x\nevents: x\nids: 1\nid2: 1\nretryy: 5\ndatadata: x\n\n",
            [],
        ),
        vector("I5: a name in fullwidth letters is unknown", "ｄａｔａ: x\n\n", []),
        vector(
            "I5: a name of another field is not its value's",
            b"data: event: t\ndata: id: 1\n\n",
            [message("event: t\nid: 1")],
        ),
        vector(
            "I10: unknown fields are ignored",
            b"foo: bar\nbaz\ndata: x\nfoo:\nqux: data: y\n\n",
            [message("x")],
        ),
        vector("I10: a block of unknown fields hands out nothing", b"foo: bar\n\nbaz\n\n", []),
        vector("I10: JSON without a field name is unknown", b"{\"data\": \"x\"}\n\n", []),
        vector(
            "I10: a later unknown line leaves the earlier fields alone",
            b"event: t\ndata: x\nnothing\n\n",
            [message("x").of_type("t")],
        ),
    ]
}

fn events_and_data() -> Vec<Vector> {
    vec![
        vector(
            "I6: the last type of a block wins",
            b"event: a\nevent: b\ndata: x\n\n",
            [message("x").of_type("b")],
        ),
        vector(
            "I6: an empty type empties the type",
            b"event: a\nevent:\ndata: x\n\n",
            [message("x").of_empty_type()],
        ),
        vector(
            "I6: a type after the data counts",
            b"data: x\nevent: a\n\n",
            [message("x").of_type("a")],
        ),
        vector(
            "I6: a type after an empty one counts",
            b"event\nevent: a\ndata: x\n\n",
            [message("x").of_type("a")],
        ),
        vector(
            "I6: the type message, said aloud",
            b"event: message\ndata: x\n\n",
            [message("x").of_type("message")],
        ),
        vector(
            "I6: a type with U+0000",
            b"event: a\0b\ndata: x\n\n",
            [message("x").of_type("a\0b")],
        ),
        vector("I6: a type of spaces", b"event:   \ndata: x\n\n", [message("x").of_type("  ")]),
        vector("I6: a type in Korean", "event: 소식\ndata: x\n\n", [message("x").of_type("소식")]),
        vector(
            "I7: data lines are joined by line feeds",
            b"data: a\ndata: b\ndata: c\n\n",
            [message("a\nb\nc")],
        ),
        vector(
            "I7: empty data lines are line feeds",
            b"data:\ndata:\ndata:\n\n",
            [message("\n\n")],
        ),
        vector("I7: an empty line first, then text", b"data\ndata: a\n\n", [message("\na")]),
        vector("I7: text first, then an empty line", b"data: a\ndata\n\n", [message("a\n")]),
        vector(
            "I7: other fields between data lines do not part them",
            b"data: a\nevent: t\nfoo\nid: 1\ndata: b\n\n",
            [message("a\nb").of_type("t").with_id("1")],
        )
        .leaves_id("1"),
        vector("I7: data with U+0000", b"data: a\0b\0\n\n", [message("a\0b\0")]),
        vector(
            "I7: JSON with escaped line feeds is one line",
            b"data: {\"a\":\"b\\n\\nc\"}\n\n",
            [message("{\"a\":\"b\\n\\nc\"}")],
        ),
        vector(
            "I7: five hundred lines",
            "data: x\n".repeat(500) + "\n",
            [message(&["x"; 500].join("\n"))],
        ),
        vector(
            "I7: one long line",
            "data: ".to_owned() + &"0123456789".repeat(100) + "\n\n",
            [message(&"0123456789".repeat(100))],
        ),
    ]
}

fn ids() -> Vec<Vector> {
    vec![
        vector(
            "I8: an id is the event's, and the stream's from then on",
            b"id: 1\ndata: a\n\ndata: b\n\n",
            [message("a").with_id("1"), message("b").carrying("1")],
        )
        .leaves_id("1"),
        vector(
            "I8: the last id of a block wins",
            b"id: 1\nid: 2\ndata\n\n",
            [message("").with_id("2")],
        )
        .leaves_id("2"),
        vector(
            "I8: an empty id resets the ID",
            b"id: 1\ndata: a\n\nid:\ndata: b\n\ndata: c\n\n",
            [message("a").with_id("1"), message("b").with_id(""), message("c")],
        ),
        vector(
            "I8: an empty id after another resets the ID",
            b"id: 1\nid\ndata\n\n",
            [message("").with_id("")],
        ),
        vector(
            "I8: an id with U+0000 is ignored",
            b"id: 1\n\nid: 2\0\ndata\n\n",
            [id("1"), message("").carrying("1")],
        )
        .leaves_id("1"),
        vector("I8: an id of U+0000 alone is ignored", b"id: \0\nid:\0\ndata\n\n", [message("")]),
        vector(
            "I8: an id with U+0000 leaves an earlier id of its block standing",
            b"id: 1\nid: \x002\ndata\n\n",
            [message("").with_id("1")],
        )
        .leaves_id("1"),
        vector(
            "I8: an id after one with U+0000 counts",
            b"id: \0\nid: 2\ndata\n\n",
            [message("").with_id("2")],
        )
        .leaves_id("2"),
        vector("I8: a refused id makes no ID-only block", b"id: \0\n\n", []),
        vector("I8: a refused id is no field of its block", b"id: \0\n", []),
        vector(
            "I8: a malformed byte in an id does not hide its U+0000",
            b"id: \xC3\0\ndata\n\n",
            [message("")],
        ),
        vector(
            "I8: an id need not be a number",
            "id: [{\"topic\":\"쓰기\",\"offset\":-1}]\ndata\n\n",
            [message("").with_id("[{\"topic\":\"쓰기\",\"offset\":-1}]")],
        )
        .leaves_id("[{\"topic\":\"쓰기\",\"offset\":-1}]"),
        vector("I8: an id of spaces", b"id:   \ndata\n\n", [message("").with_id("  ")])
            .leaves_id("  "),
        vector(
            "I8: the same id again is set again",
            b"id: 1\n\nid: 1\ndata\n\n",
            [id("1"), message("").with_id("1")],
        )
        .leaves_id("1"),
    ]
}

fn retries() -> Vec<Vector> {
    vec![
        vector(
            "I9: a retry is in force at its line end, without a blank line",
            b"retry: 5\n",
            [retry(5)],
        )
        .leaves_retry(5),
        vector("I9: a retry without a space", b"retry:5\n", [retry(5)]).leaves_retry(5),
        vector("I9: a retry of zero", b"retry: 0\n", [retry(0)]).leaves_retry(0),
        vector("I9: leading zeros are decimal", b"retry: 0010\n", [retry(10)]).leaves_retry(10),
        vector(
            "I9: the last retry is in force",
            b"retry: 1\nretry: 2\n\nretry: 3\n",
            [retry(1), retry(2), retry(3)],
        )
        .leaves_retry(3),
        vector("I9: an empty retry is ignored", b"retry: 7\nretry:\nretry: \nretry\n", [retry(7)])
            .leaves_retry(7),
        vector(
            "I9: a retry that is not all digits is ignored",
            b"retry: 5x\nretry: x5\nretry: 5 \nretry: 1 2\n",
            [],
        ),
        vector("I9: a second space is no digit", b"retry:  5\n", []),
        vector(
            "I9: signs, points and exponents are no digits",
            b"retry: -5\nretry: +5\nretry: 5.0\nretry: 5e3\nretry: 0x5\nretry: 5_0\n",
            [],
        ),
        vector(
            "I9: digits that are not ASCII are none",
            "retry: ５\nretry: ٥\nretry: 5\u{B2}\n",
            [],
        ),
        vector("I9: U+0000 is no digit", b"retry: 5\0\n", []),
        vector("I9: the largest retry", b"retry: 18446744073709551615\n", [retry(u64::MAX)])
            .leaves_retry(u64::MAX),
        vector("I9: one more saturates", b"retry: 18446744073709551616\n", [retry(u64::MAX)])
            .leaves_retry(u64::MAX),
        vector(
            "I9: thirty nines saturate",
            b"retry: 999999999999999999999999999999\n",
            [retry(u64::MAX)],
        )
        .leaves_retry(u64::MAX),
        vector(
            "I9: forty zeros before a digit are no overflow",
            "retry: ".to_owned() + &"0".repeat(40) + "5\n",
            [retry(5)],
        )
        .leaves_retry(5),
        vector(
            "I9: digits after an overflow that are none are ignored",
            b"retry: 99999999999999999999999x\n",
            [],
        ),
        vector(
            "I9: a retry comes before the event of its block",
            b"data: a\nretry: 5\ndata: b\n\n",
            [retry(5), message("a\nb")],
        )
        .leaves_retry(5),
    ]
}
