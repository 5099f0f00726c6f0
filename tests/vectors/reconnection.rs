//! What a stream starts from and what a reconnection keeps: R1, `#sse-processing-model`, "reestablish the connection".

use std::time::Duration;

use sse_proto::Chunk;

use crate::drive;
use crate::model::{self, Item, Options};
use crate::{Says, Vector, id, message, vector};

pub(crate) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "R1: events carry the ID the stream starts from",
            b"data: x\n\n",
            [message("x").carrying("7")],
        )
        .starts_from("7")
        .leaves_id("7"),
        vector("R1: the ID a stream starts from is committed without an event", b"", [])
            .starts_from("7")
            .leaves_id("7"),
        vector(
            "R1: an id line replaces the ID the stream starts from",
            b"id: 8\n\ndata\n\n",
            [id("8"), message("").carrying("8")],
        )
        .starts_from("7")
        .leaves_id("8"),
        vector(
            "R1: an empty id line resets the ID the stream starts from",
            b"id\ndata\n\n",
            [message("").with_id("")],
        )
        .starts_from("7"),
        vector(
            "R1: a refused id line leaves the ID the stream starts from",
            b"id: \0\ndata\n\n",
            [message("").carrying("7")],
        )
        .starts_from("7")
        .leaves_id("7"),
        vector(
            "R1: an unfinished block leaves the ID the stream starts from",
            b"id: 8\ndata\n",
            [],
        )
        .starts_from("7")
        .leaves_id("7")
        .ends_mid_event(),
    ]
}

/// A first stream, then `reconnect()`, then a second; the items of both, the ID and reconnection time at the end.
struct Reconnection {
    name: &'static str,
    first: &'static [u8],
    second: &'static [u8],
    items: Vec<Item>,
    last_event_id: &'static str,
    retry: Option<u64>,
}

fn reconnections() -> Vec<Reconnection> {
    vec![
        Reconnection {
            name: "web-platform-tests format-data-before-final-empty-line: an uncommitted id is dropped",
            first: b"retry:1000\ndata:test1\n\nid:test\ndata:test2\n",
            second: b"retry:1000\ndata:test1\n\nid:test\ndata:test2\n",
            items: vec![
                Item::Retry(Duration::from_secs(1)),
                message("test1"),
                Item::Retry(Duration::from_secs(1)),
                message("test1"),
            ],
            last_event_id: "",
            retry: Some(1000),
        },
        Reconnection {
            name: "web-platform-tests format-field-id-2: the committed ID is kept",
            first: "id: …\nretry: 200\ndata: hello\n\n".as_bytes(),
            second: "data: …\n\ndata: …\n\n".as_bytes(),
            items: vec![
                Item::Retry(Duration::from_millis(200)),
                message("hello").with_id("…"),
                message("…").carrying("…"),
                message("…").carrying("…"),
            ],
            last_event_id: "…",
            retry: Some(200),
        },
        Reconnection {
            name: "the second stream may begin with a byte order mark of its own",
            first: b"\xEF\xBB\xBFdata: a\n\n",
            second: b"\xEF\xBB\xBFdata: b\n\n",
            items: vec![message("a"), message("b")],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "data, type and id of an unfinished block are forgotten",
            first: b"id: 1\n\nevent: t\nid: 2\ndata: a\n",
            second: b"data: b\n\n",
            items: vec![id("1"), message("b").carrying("1")],
            last_event_id: "1",
            retry: None,
        },
        Reconnection {
            name: "an unfinished line is forgotten",
            first: b"data: a\n\ndata: b",
            second: b"data: c\n\n",
            items: vec![message("a"), message("c")],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "half a byte order mark is forgotten",
            first: b"\xEF\xBB",
            second: b"\xBFdata: a\n\n\xEF\xBB\xBF\n",
            items: vec![],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "a line feed that was pending after a CR is a blank line of the second stream",
            first: b"data: a\r\r",
            second: b"\ndata: b\n\n",
            items: vec![message("a"), message("b")],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "a byte order mark after a leading line feed is text, also when a CR was pending",
            first: b"data: a\r",
            second: b"\n\xEF\xBB\xBFdata: b\n\n",
            items: vec![],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "an unfinished retry sets nothing, nor do its digits go on",
            first: b"retry: 1\nretry: 2",
            second: b"3\nretry: 4",
            items: vec![Item::Retry(Duration::from_millis(1))],
            last_event_id: "",
            retry: Some(1),
        },
        Reconnection {
            name: "an unfinished comment is forgotten",
            first: b": a",
            second: b"data: b\n\n",
            items: vec![message("b")],
            last_event_id: "",
            retry: None,
        },
        Reconnection {
            name: "an unfinished sequence is forgotten",
            first: b"data: \xED\x95",
            second: b"\x9C\ndata: b\n\n",
            items: vec![message("b")],
            last_event_id: "",
            retry: None,
        },
    ]
}

#[test]
fn a_reconnection_keeps_the_committed_id_and_the_reconnection_time_and_nothing_else() {
    for Reconnection { name, first, second, items, last_event_id, retry } in reconnections() {
        let retry = retry.map(Duration::from_millis);

        // The model: a new stream that starts from the committed ID.
        let before = model::decode(first, &Options::default());
        let after = model::decode(
            second,
            &Options { last_event_id: before.last_event_id.clone(), ..Options::default() },
        );
        assert_eq!([before.what(), after.what()].concat(), items, "the model's items: {name}");
        assert_eq!(after.last_event_id, last_event_id, "the model's last event ID: {name}");
        assert_eq!(
            after.reconnection_time.or(before.reconnection_time),
            retry,
            "the model's reconnection time: {name}"
        );

        let limit = Options::default().max_event_size;
        for frames in [true, false] {
            let is_wanted = |item: &&Item| frames || matches!(item, Item::Event { .. });
            let expected: Vec<_> = items.iter().filter(is_wanted).cloned().collect();
            for cut in 0..=first.len().max(second.len()) {
                let mut decoder = drive::decoder(&Options::default());
                let mut owned = drive::bytes_decoder(&Options::default());
                let (mut got, mut got_owned) = (Vec::new(), Vec::new());
                for stream in [first, second] {
                    for bytes in drive::chunks(stream, &[cut.min(stream.len())]) {
                        let mut chunk = Chunk::new(bytes);
                        got.extend(std::iter::from_fn(|| {
                            drive::pull(&mut decoder, &mut chunk, frames, limit)
                        }));
                        owned.push(bytes.to_vec());
                        got_owned.extend(std::iter::from_fn(|| {
                            drive::pull_owned(&mut owned, frames, limit)
                        }));
                    }
                    if stream == first {
                        decoder.reconnect();
                        owned.reconnect();
                        assert!(
                            !decoder.is_mid_event() && !owned.is_mid_event(),
                            "mid-event: {name}"
                        );
                    }
                }
                assert_eq!(got, expected, "{name}, cut at {cut}");
                assert_eq!(got_owned, expected, "owned: {name}, cut at {cut}");
                assert_eq!(
                    (decoder.last_event_id(), decoder.reconnection_time()),
                    (last_event_id, retry),
                    "{name}"
                );
                assert_eq!(
                    (owned.last_event_id(), owned.reconnection_time()),
                    (last_event_id, retry),
                    "owned: {name}"
                );
            }
        }
    }
}
