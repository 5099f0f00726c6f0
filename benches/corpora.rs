//! The streams that every bench and test reads, generated here, so that nothing has to be
//! downloaded and every machine reads the same bytes.
//!
//! ```text
//! Recipe: fn(&mut Rng) -> LogicalEvent   what an event says
//! Form::write_event                      how it is written in the stream
//! Corpus                                 the stream, its events, and where each of them ends
//! ```
//!
//! The events that a decoder should find are known: a recipe makes the event first, and the
//! bytes come from it. No decoder takes part, so none can vouch for itself.
//!
//! Include it with `#[path = "…/benches/corpora.rs"] mod corpora;`. It needs only std.
#![allow(dead_code)] // Each user takes a part of it.

/// About how many bytes a corpus has unless somebody asks for less.
pub const DEFAULT_SIZE: usize = 2 << 20;

/// All corpora, in the order in which tables show them.
const CORPORA: [Form; 14] = [
    plain("openai", openai),
    Form { space: "", ..plain("nospace", openai) },
    plain("anthropic", anthropic),
    plain("tiny", tiny),
    plain("wikimedia", wikimedia),
    plain("multiline", multiline),
    Form { every_sixtieth: Some(large), ..plain("mixed", openai) },
    Form { comment: ": ping", ..plain("keep-alive", small) },
    Form { line_end: "\r\n", ..plain("crlf", openai) },
    Form { line_end: "\r", ..plain("cr", openai) },
    plain("cjk", cjk),
    plain("big", big),
    plain("bad-utf8", bad_utf8),
    plain("full", full),
];

/// How the events of a corpus are made and written.
struct Form {
    name: &'static str,
    line_end: &'static str,
    /// Between the colon and the value. The standard lets a server leave the space out, and many
    /// do.
    space: &'static str,
    /// A block of its own before each event. None if it is empty.
    comment: &'static str,
    recipe: Recipe,
    /// Makes every sixtieth event instead.
    every_sixtieth: Option<Recipe>,
}

const fn plain(name: &'static str, recipe: Recipe) -> Form {
    Form { name, line_end: "\n", space: " ", comment: "", recipe, every_sixtieth: None }
}

type Recipe = fn(&mut Rng) -> LogicalEvent;

/// The names of all corpora.
pub fn names() -> impl Iterator<Item = &'static str> {
    CORPORA.iter().map(|form| form.name)
}

/// The content of one event, apart from how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogicalEvent {
    /// The value of the `event` line, if there is one.
    pub event_type: Option<String>,
    /// The value of the `id` line. Within one corpus every event has one, or none has.
    pub id: Option<String>,
    /// The value of the `retry` line, in milliseconds.
    pub retry: Option<u64>,
    /// The data as a reader gets it: lines joined with LF, malformed UTF-8 already replaced.
    pub data: String,
}

/// A stream, and what a reader of it must find.
#[derive(Clone, Debug)]
pub struct Corpus {
    pub name: &'static str,
    /// The stream. It ends with a whole event.
    pub bytes: Vec<u8>,
    /// The events in it, in order: a reader must find as many.
    pub events: Vec<LogicalEvent>,
    /// For each event the offset just after its blank line.
    pub ends: Vec<usize>,
}

impl Corpus {
    /// The corpus of this name at its usual size; `None` if there is no such corpus.
    pub fn named(name: &str) -> Option<Self> {
        Self::with_size(name, DEFAULT_SIZE)
    }

    /// The same stream, cut after the first event that reaches `size` bytes, but not before the
    /// fourth event. A smaller corpus is a prefix of a larger one.
    pub fn with_size(name: &str, size: usize) -> Option<Self> {
        let form = CORPORA.iter().find(|form| form.name == name)?;
        let (mut bytes, mut events, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut rng = Rng(0x9E37_79B9_7F4A_7C15);
        while bytes.len() < size || events.len() < 4 {
            if !form.comment.is_empty() {
                let block = [form.comment, form.line_end, form.line_end].concat();
                bytes.extend_from_slice(block.as_bytes());
            }
            // The thirtieth, the ninetieth, …: a small corpus has small events on both sides of it.
            let recipe = form.every_sixtieth.filter(|_| events.len() % 60 == 29);
            let event = recipe.unwrap_or(form.recipe)(&mut rng);
            form.write_event(&event, &mut bytes);
            events.push(event);
            ends.push(bytes.len());
        }
        Some(Corpus { name: form.name, bytes, events, ends })
    }

    /// All corpora at their usual size.
    pub fn all() -> impl Iterator<Item = Self> {
        names().filter_map(Self::named)
    }

    /// How many bytes of data those events hold together, as UTF-8 and after replacement.
    pub fn data_bytes(&self) -> usize {
        self.events.iter().map(|event| event.data.len()).sum()
    }

    /// The stream in chunks of one event each (and the comment before it), as tokens arrive.
    pub fn chunks_by_event(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends);
        ranges.map(|(&start, &end)| &self.bytes[start..end]).collect()
    }
}

impl Form {
    fn write_event(&self, event: &LogicalEvent, out: &mut Vec<u8>) {
        let mut line = |name: &str, value: &[u8]| {
            for part in [name, ":", self.space] {
                out.extend_from_slice(part.as_bytes());
            }
            out.extend_from_slice(value);
            out.extend_from_slice(self.line_end.as_bytes());
        };
        if let Some(event_type) = &event.event_type {
            line("event", event_type.as_bytes());
        }
        if let Some(id) = &event.id {
            line("id", id.as_bytes());
        }
        if let Some(retry) = event.retry {
            line("retry", retry.to_string().as_bytes());
        }
        for text in event.data.split('\n') {
            line("data", &spoil(text));
        }
        out.extend_from_slice(self.line_end.as_bytes());
    }
}

/// Puts malformed UTF-8 in place of a run of U+FFFD, such that a reader makes that run of it: one
/// U+FFFD for every maximal subpart. Where the run is decides which malformed bytes are put there.
fn spoil(text: &str) -> Vec<u8> {
    const ONE: [&[u8]; 5] = [
        b"\xff",         // never a byte of UTF-8
        b"\x80",         // continues nothing
        b"\xc3",         // one byte of two
        b"\xe2\x82",     // two bytes of three
        b"\xf0\x9f\x98", // three bytes of four
    ];
    let Some(at) = text.find('\u{FFFD}') else {
        return text.as_bytes().to_vec();
    };
    let rest = text[at..].trim_start_matches('\u{FFFD}');
    let malformed = match (text.len() - at - rest.len()) / '\u{FFFD}'.len_utf8() {
        1 => ONE[at % ONE.len()],
        2 => b"\xc0\xaf",     // a '/' in more bytes than it needs
        3 => b"\xed\xa0\x80", // a surrogate
        more => panic!("no malformed sequence becomes {more} U+FFFD"),
    };
    [&text.as_bytes()[..at], malformed, &spoil(rest)].concat()
}

fn message(data: String) -> LogicalEvent {
    LogicalEvent { data, ..LogicalEvent::default() }
}

/// A chat completion chunk, 345 bytes on average: one token and a lot of envelope. The length
/// varies from event to event as in the real stream, where `obfuscation` is there to do just that.
fn openai(rng: &mut Rng) -> LogicalEvent {
    let padding = 14 + rng.below(16);
    message(format!(
        r#"{{"id":"chatcmpl-{}","object":"chat.completion.chunk","created":{},"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_7c73f36d5a","choices":[{{"index":0,"delta":{{"content":" {}"}},"logprobs":null,"finish_reason":null}}],"usage":null,"obfuscation":"{}"}}"#,
        rng.alphanumeric(29),
        1_760_000_000 + rng.below(10_000_000),
        rng.word(WORDS),
        rng.alphanumeric(padding),
    ))
}

/// A named text delta, 138 bytes on average.
fn anthropic(rng: &mut Rng) -> LogicalEvent {
    delta(&rng.text(WORDS, " ", 20))
}

fn delta(text: &str) -> LogicalEvent {
    let event = message(format!(
        r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
    ));
    LogicalEvent { event_type: Some("content_block_delta".into()), ..event }
}

/// `data: 1`: nine bytes, so that only the cost per event counts.
fn tiny(rng: &mut Rng) -> LogicalEvent {
    message(rng.below(10).to_string())
}

/// A recent change of a wiki: a type, a JSON array of 150 bytes as `id`, and 1.5 KB of JSON.
fn wikimedia(rng: &mut Rng) -> LogicalEvent {
    let time = 1_760_000_000_000 + rng.below(1 << 30) as u64;
    let comment = rng.text(WORDS, " ", 1_400);
    LogicalEvent {
        event_type: Some("message".into()),
        id: Some(format!(
            r#"[{{"topic":"eqiad.mediawiki.recentchange","partition":0,"timestamp":{time}}},{{"topic":"codfw.mediawiki.recentchange","partition":0,"offset":-1}}]"#
        )),
        ..message(format!(
            r#"{{"$schema":"/mediawiki/recentchange/1.0.0","meta":{{"dt":{time}}},"comment":"{comment}","bot":false}}"#
        ))
    }
}

/// Twenty `data` lines of 60 bytes of text: bound by the copies that join them.
fn multiline(rng: &mut Rng) -> LogicalEvent {
    message([(); 20].map(|()| rng.alphanumeric(60)).join("\n"))
}

/// A small event, to stand between keep-alives.
fn small(rng: &mut Rng) -> LogicalEvent {
    message(format!(r#"{{"n":{}}}"#, rng.below(10)))
}

/// A named text delta in raw Korean or Chinese: 300 to 350 bytes, two thirds of them in characters
/// of three.
fn cjk(rng: &mut Rng) -> LogicalEvent {
    let (words, space) = [(KOREAN, " "), (CHINESE, "")][rng.below(2)];
    let length = 180 + rng.below(40);
    delta(&rng.text(words, space, length))
}

/// One line of 1 MiB in base64, as images travel.
fn big(rng: &mut Rng) -> LogicalEvent {
    message(rng.alphanumeric((1 << 20) - 2) + "==")
}

/// The result of a tool: 100 KB in one line, as it comes now and then among tokens.
fn large(rng: &mut Rng) -> LogicalEvent {
    message(format!(r#"{{"type":"tool_result","content":"{}"}}"#, rng.alphanumeric(100_000)))
}

/// [`openai`], with malformed UTF-8 in every fifth event or so; `spoil` writes it.
fn bad_utf8(rng: &mut Rng) -> LogicalEvent {
    let mut event = openai(rng);
    if rng.below(5) == 0 {
        let replacements = "\u{FFFD}".repeat(1 + rng.below(3));
        let at = rng.below(event.data.len());
        event.data.insert_str(at, &replacements);
    }
    event
}

/// All four fields in every event.
fn full(rng: &mut Rng) -> LogicalEvent {
    let step = rng.below(1_000_000);
    LogicalEvent {
        event_type: Some("progress".into()),
        id: Some(format!("0198f3c2-77aa-7{:03x}-9b1d-5a60c2{step:06}", step % 4096)),
        retry: Some(1_000 + rng.below(9_000) as u64),
        data: format!(
            r#"{{"job":7,"step":{step},"of":1000000,"note":"{}"}}"#,
            rng.text(WORDS, " ", 60)
        ),
    }
}

const WORDS: &str = "the stream of tokens and then another sentence is written here slowly";
const KOREAN: &str = "안녕하세요 이벤트 스트림은 한 줄씩 도착합니다. 그리고 다음 문장이";
const CHINESE: &str = "你好， 事件流 一行一行地 到达。 然后下一个 句子 继续传输，";

/// xorshift64: small, quick, and the same everywhere.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % bound as u64) as usize
    }

    /// One of the words of `from`, which single spaces separate.
    fn word<'a>(&mut self, from: &'a str) -> &'a str {
        let count = from.split(' ').count();
        from.split(' ').nth(self.below(count)).unwrap_or_default()
    }

    /// So many words of `from`, each after `space`, that they make up at least `length` bytes.
    fn text(&mut self, from: &str, space: &str, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            text = text + space + self.word(from);
        }
        text
    }

    fn alphanumeric(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| char::from(ALPHABET[self.below(ALPHABET.len())])).collect()
    }
}
