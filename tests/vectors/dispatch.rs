//! A block to an event: `#event-stream-interpretation`, "dispatch the event".
//!
//! D1 The ID is committed. D2 Without data nothing is handed out. D3 One line feed is dropped. D4 The type, the
//! carried ID. D5 Data and type are forgotten.

use crate::{Says, Vector, comment, id, message, retry, vector};

pub(crate) fn vectors() -> Vec<Vector> {
    vec![
        vector("D1: an ID-only block commits the ID", b"id: 1\n\n", [id("1")]).leaves_id("1"),
        vector(
            "D1: the next event carries an ID-only block's ID",
            b"id: 1\n\ndata: x\n\n",
            [id("1"), message("x").carrying("1")],
        )
        .leaves_id("1"),
        vector("D1: an ID-only block resets the ID", b"id: 1\n\nid\n\n", [id("1"), id("")]),
        vector("D1: an ID-only block hands out its last id", b"id: 1\nid: 2\n\n", [id("2")])
            .leaves_id("2"),
        vector(
            "D1: an id with a type but no data is committed",
            b"event: t\nid: 1\n\ndata: x\n\n",
            [id("1"), message("x").carrying("1")],
        )
        .leaves_id("1"),
        vector(
            "D1: an ID-only block between comments comes at its blank line",
            b": a\nid: 1\n: b\n\n: c\n",
            [comment("a"), comment("b"), id("1"), comment("c")],
        )
        .leaves_id("1"),
        vector(
            "D1: a retry comes before its block's ID",
            b"id: 1\nretry: 5\n\n",
            [retry(5), id("1")],
        )
        .leaves_id("1")
        .leaves_retry(5),
        vector("D1: blank lines keep the ID", b"id: 1\n\n\n\n\r\n", [id("1")]).leaves_id("1"),
        vector(
            "D1: the ID is not reset by an event",
            b"id: 1\ndata: a\n\ndata: b\n\ndata: c\n\n",
            [message("a").with_id("1"), message("b").carrying("1"), message("c").carrying("1")],
        )
        .leaves_id("1"),
        vector("D2: a block without data hands out nothing", b"event: t\n\n", []),
        vector("D2: a type without data is forgotten", b"event: t\n\ndata: x\n\n", [message("x")]),
        vector(
            "D2: a retry-only block hands out no event",
            b"retry: 5\n\ndata: x\n\n",
            [retry(5), message("x")],
        )
        .leaves_retry(5),
        vector("D2: a comment-only block hands out no event", b": hi\n\n", [comment("hi")]),
        vector("D2: bare data hands out the empty event", b"data\n\n", [message("")]),
        vector(
            "D2: data with an empty value hands out the empty event",
            b"data:\n\n",
            [message("")],
        ),
        vector(
            "D2: the priming event of MCP, an id and an empty data line",
            b"id: 1\nretry: 500\ndata: \n\n",
            [retry(500), message("").with_id("1")],
        )
        .leaves_id("1")
        .leaves_retry(500),
        vector(
            "D2: a typed event without text",
            b"event: ping\ndata\n\n",
            [message("").of_type("ping")],
        ),
        vector("D3: only one line feed is dropped", b"data: x\ndata\ndata\n\n", [message("x\n\n")]),
        vector(
            "D3: two empty lines keep one line feed",
            b"data\ndata\n\ndata\n\n",
            [message("\n"), message("")],
        ),
        vector(
            "D4: an empty type is message",
            b"event:\ndata: x\n\n",
            [message("x").of_empty_type()],
        ),
        vector(
            "D4: a type is of its own event only",
            b"event: t\ndata: a\n\ndata: b\n\n",
            [message("a").of_type("t"), message("b")],
        ),
        vector(
            "D4: an id that changes nothing is still its block's",
            b"id\ndata: x\n\n",
            [message("x").with_id("")],
        ),
        vector(
            "D4: all four fields",
            b": c\nid: 1\nevent: t\nretry: 5\ndata: x\ndata: y\n\n",
            [comment("c"), retry(5), message("x\ny").of_type("t").with_id("1")],
        )
        .leaves_id("1")
        .leaves_retry(5),
        vector(
            "D4: all four fields in CRLF, in another order",
            b"data: x\r\nretry: 5\r\nevent: t\r\nid: 1\r\n: c\r\ndata: y\r\n\r\n",
            [retry(5), comment("c"), message("x\ny").of_type("t").with_id("1")],
        )
        .leaves_id("1")
        .leaves_retry(5),
        vector(
            "D4: ids that change from event to event",
            b"id: 1\ndata: a\n\nid: 22\ndata: b\n\nid: 3\ndata: c\n\n",
            [message("a").with_id("1"), message("b").with_id("22"), message("c").with_id("3")],
        )
        .leaves_id("3"),
        vector(
            "D5: data is of its own event only",
            b"data: a\n\ndata: b\n\ndata\n\n",
            [message("a"), message("b"), message("")],
        ),
        vector(
            "D5: an event's type is forgotten though the next block has no data",
            b"event: a\ndata: x\n\nevent: b\n\ndata: y\n\n",
            [message("x").of_type("a"), message("y")],
        ),
        vector(
            "D5: an id line of one block is not the next block's",
            b"id: 1\ndata: a\n\nevent: t\ndata: b\n\n",
            [message("a").with_id("1"), message("b").of_type("t").carrying("1")],
        )
        .leaves_id("1"),
    ]
}
