//! What is sent through everybody's hands: blocks of all shapes, and what the standard makes of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sse_proto::{EventEncoder, encode};

use crate::model;

/// One block, as a caller asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Case {
    pub comment: Option<String>,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// Milliseconds.
    pub retry: Option<u64>,
    pub data: Option<String>,
}

/// An event as readers report it: type, data, last event ID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read(pub String, pub String, pub String);

/// What a reader can find in a stream. A browser shows events only.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Comment(String),
    Retry(u64),
    Event(Read),
}

impl Item {
    /// What the standard, transcribed, finds. A bare ID shows in the events behind it.
    pub fn of_model(item: model::Item) -> Option<Self> {
        match item {
            model::Item::Event { event_type, data, last_event_id, .. } => {
                Some(Item::Event(Read(event_type, data, last_event_id)))
            }
            model::Item::Comment(text) => Some(Item::Comment(text)),
            model::Item::Retry(time) => Some(Item::Retry(time.as_millis() as u64)),
            model::Item::Id(_) | model::Item::TooLarge => None,
        }
    }

    /// Comments first, then retries, then events: writers differ in where in a block
    /// they write them.
    pub fn rank(&self) -> u8 {
        match self {
            Item::Comment(_) => 0,
            Item::Retry(_) => 1,
            Item::Event(_) => 2,
        }
    }
}

/// The type of the event behind each case: by it, what belongs to a case is found again.
pub const MARK: &str = "mark";

/// The type of the event that tells a reader to stop.
pub const END: &str = "end";

impl Case {
    fn data(data: impl Into<String>) -> Self {
        Case { data: Some(data.into()), ..Case::default() }
    }

    pub fn mark(number: usize) -> Self {
        Case { event_type: Some(MARK.into()), ..Case::data(number.to_string()) }
    }

    pub fn end() -> Self {
        Case { event_type: Some(END.into()), ..Case::data("") }
    }

    /// Whether it is a comment and nothing else.
    pub fn is_comment(&self) -> bool {
        self.comment.is_some() && *self == Case { comment: self.comment.clone(), ..Case::default() }
    }

    /// What our encoder writes for it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut encoder = EventEncoder::new();
        if let Some(comment) = &self.comment {
            if self.is_comment() {
                return encode::comment(comment, out);
            }
            encoder = encoder.comment(comment);
        }
        if let Some(id) = &self.id {
            encoder = encoder.id(id);
        }
        if let Some(event_type) = &self.event_type {
            encoder = encoder.event_type(event_type);
        }
        if let Some(retry) = self.retry {
            encoder = encoder.retry(Duration::from_millis(retry));
        }
        let encoded = match &self.data {
            Some(data) => encoder.encode(data, out),
            None => encoder.encode_fields(out),
        };
        encoded.expect("cases hold only what an event can hold");
    }

    pub fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// What a reader finds, by `#event-stream-interpretation`. Line ends come back as LF.
    pub fn items(&self, last_event_id: &mut String) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(comment) = &self.comment {
            items.extend(unix(comment).split('\n').map(|line| Item::Comment(line.into())));
        }
        items.extend(self.retry.map(Item::Retry));
        if let Some(id) = &self.id {
            last_event_id.clone_from(id);
        }
        if let Some(data) = &self.data {
            let event_type = self.event_type.as_deref().filter(|text| !text.is_empty());
            let event_type = event_type.unwrap_or("message").to_owned();
            items.push(Item::Event(Read(event_type, unix(data), last_event_id.clone())));
        }
        items
    }
}

/// With LF for every line end.
pub fn unix(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A stream: each case, each with its mark, and the end.
pub fn with_marks(cases: &[Case]) -> Vec<Case> {
    let marked =
        cases.iter().enumerate().flat_map(|(number, case)| [case.clone(), Case::mark(number)]);
    marked.chain([Case::end()]).collect()
}

/// The streams that every reader reads and every writer writes: first the shapes that
/// someone, somewhere got wrong, then a thousand and more by chance.
pub fn streams() -> Vec<Vec<Case>> {
    let mut random = Random(0x5eed);
    let mut streams = vec![shapes()];
    streams.extend((0..12).map(|_| (0..100).map(|_| random.case()).collect()));
    streams
}

/// All types that occur: readers of the platform's kind must name them beforehand.
pub fn types(streams: &[Vec<Case>]) -> Vec<String> {
    let mut types: Vec<_> =
        streams.iter().flatten().filter_map(|case| case.event_type.clone()).collect();
    types.retain(|event_type| !event_type.is_empty());
    types.extend(["message", MARK, END].map(String::from));
    types.sort();
    types.dedup();
    types
}

fn shapes() -> Vec<Case> {
    let data = [
        "x",
        "",
        "\n",
        "\n\n",
        "a\nb",
        "a\rb",
        "a\r\nb",
        "a\n\rb",
        "a\r\r\nb",
        "\na",
        "\ra",
        "a\n",
        "a\r",
        "a\r\n",
        "a\n\nb",
        " x",
        "  x",
        "\tx",
        "x ",
        ":",
        ": x",
        ":x",
        "data: x",
        "x\ndata: y",
        "x\rid: 9\revent: no",
        "x\n\nevent: no\ndata: forged",
        "retry: 1",
        "\0",
        "a\0b",
        "\u{FEFF}x",
        "x\u{FEFF}",
        "\u{85}",
        "\u{2028}",
        "a\u{2028}b\u{2029}c",
        "\u{B}\u{C}",
        "\u{1B}[0m",
        "\u{7F}",
        "é",
        "한국어\n中文",
        "🦀",
        "👩‍👩‍👧",
        "\u{10FFFF}",
        "\u{FFFD}",
        "[DONE]",
        r#"{"choices":[{"delta":{"content":"\n"}}]}"#,
        "null",
        "undefined",
        "--",
        "\\n",
        "%0A",
    ];
    let types = [
        "message",
        "",
        "token",
        "error",
        " token",
        "token ",
        "한국어",
        "🦀",
        ":",
        "a: b",
        "data",
        "\u{FEFF}",
        "a\0b",
        "a\tb",
    ];
    let ids = [
        "7",
        "",
        "0",
        " 7",
        "7 ",
        "\t7",
        "한글-é-🦀",
        ":",
        "a: b",
        r#"[{"topic":"x","offset":-1}]"#,
        "\u{FEFF}",
        "\u{2028}",
        "%F0",
        "a\tb",
    ];

    let mut cases: Vec<_> = data.into_iter().map(Case::data).collect();
    for event_type in types {
        cases.push(Case { event_type: Some(event_type.into()), ..Case::data("typed") });
        cases.push(Case::data("not typed"));
    }
    for id in ids {
        cases.push(Case { id: Some(id.into()), ..Case::data("with ID") });
        cases.push(Case::data("without"));
        cases.push(Case { event_type: Some("token".into()), ..Case::data("") });
    }
    let comment = |text: &str| Some(text.to_owned());
    cases.extend([
        Case { comment: comment("keep-alive"), ..Case::default() },
        Case { comment: comment(""), ..Case::default() },
        Case { comment: comment(" x"), ..Case::data("behind a comment") },
        Case { comment: comment("data: no\rdata: no\n\ndata: no"), ..Case::data("yes") },
        Case { id: Some("only".into()), ..Case::default() },
        Case::data("behind a block with only an ID"),
        Case { id: Some(String::new()), ..Case::default() },
        Case { event_type: Some("token".into()), ..Case::default() },
        Case::data("behind a block with only a type"),
        Case { retry: Some(4000), ..Case::default() },
        Case { retry: Some(5000), ..Case::data("with retry") },
        Case {
            comment: comment("all"),
            id: Some("8".into()),
            event_type: Some("token".into()),
            retry: Some(3000),
            data: Some("of\nthem".into()),
        },
        Case::data("x".repeat(1 << 20)),
        Case::data("한".repeat(50_000)),
        Case::data("line of some length\n".repeat(500)),
        Case::data("\n".repeat(500)),
    ]);
    cases
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn text(&mut self, pieces: &[&str]) -> String {
        (0..self.below(8)).map(|_| pieces[self.below(pieces.len() as u64) as usize]).collect()
    }

    fn case(&mut self) -> Case {
        const LINE: &[&str] = &[
            "a",
            "token",
            " ",
            "  ",
            ":",
            ": ",
            "data: ",
            "id: 1",
            "event",
            "retry: 1",
            "\t",
            "{\"x\": 1}",
            "한국어",
            "中文",
            "🦀",
            "é",
            "\u{FEFF}",
            "\u{2028}",
            "\u{85}",
            "\\n",
            "the quick brown fox jumps over the lazy dog",
        ];
        const LINES: &[&str] = &[
            "\n",
            "\r\n",
            "\r",
            "\n\n",
            "\0",
            "x",
            "long, longer, longest",
            "data: ",
            ":",
            " ",
            "한",
            "🦀",
        ];
        const TYPES: &[&str] =
            &["token", "message", "", "error", "content_block_delta", "a b", "한국어", ":", " x"];
        let event_type = TYPES[self.below(TYPES.len() as u64) as usize];
        let text = |random: &mut Self| match random.below(4) {
            0 => random.text(LINES),
            1 => random.text(LINE) + "\n" + &random.text(LINE),
            _ => random.text(LINE),
        };
        Case {
            comment: self.one_in(10).then(|| text(self)),
            id: self.one_in(3).then(|| self.text(LINE)),
            event_type: self.one_in(2).then(|| event_type.into()),
            retry: self.one_in(20).then(|| 2000 + self.below(3000)),
            data: (!self.one_in(15)).then(|| text(self)),
        }
    }
}
