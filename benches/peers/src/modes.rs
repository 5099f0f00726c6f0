//! The modes of the program. Each checks its contenders, times them, and makes a table of the
//! times.

use std::hint::black_box;
use std::sync::Arc;

use crate::check::{Examiner, Tally};
use crate::corpora::{self, Corpus, LogicalEvent};
use crate::decoders::{DECODERS, Role};
use crate::encoders::{ENCODERS, Encoder, JSON_ENCODERS};
use crate::feed::{Feed, SHAPES, Shape};
use crate::growth;
use crate::measure::{Rounds, Runner, time};
use crate::payload::Payload;
use crate::report::{Table, nanoseconds, ratio};

/// The modes beside those of [`SHAPES`]: one growing line, encoding text, encoding values.
const OTHERS: [&str; 3] = ["grow", "encode", "json"];

/// All modes: decoding in each shape, and the [`OTHERS`].
pub fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|shape| shape.name).chain(OTHERS)
}

/// The corpora that differ for an encoder.
const TO_ENCODE: [&str; 8] =
    ["openai", "anthropic", "tiny", "wikimedia", "multiline", "cjk", "big", "full"];

/// How thoroughly to measure.
pub struct Options {
    /// Only this corpus.
    pub corpus: Option<String>,
    pub rounds: usize,
    /// Bytes per corpus.
    pub size: usize,
    pub quick: bool,
}

/// Nanoseconds per event. Without them: what is wrong with the contender, or why it was left out.
pub type Time = Result<f64, String>;

/// The results for one corpus.
pub struct Row {
    pub corpus: &'static str,
    pub cells: Vec<(&'static str, Role, Time)>,
    pub ratios: Vec<(&'static str, Option<f64>)>,
}

/// The results of one mode.
pub struct Outcome {
    pub mode: &'static str,
    pub table: Table,
    pub rows: Vec<Row>,
}

/// Runs one mode: one of [`names`].
pub fn run(mode: &'static str, options: &Options) -> Outcome {
    let (table, rows) = match mode {
        "grow" => (growth::table(options.quick), Vec::new()),
        "encode" => encode(options),
        "json" => encode_json(options),
        shape => {
            let shape = SHAPES.iter().find(|known| known.name == shape);
            decode(shape.expect("a name from the list"), options)
        }
    };
    Outcome { mode, table, rows }
}

/// A contender that is ready to be timed, or the reason why it is not.
struct Contender<'a> {
    name: &'static str,
    role: Role,
    runner: Result<Runner<'a>, Absence>,
}

/// Why a contender is not timed.
enum Absence {
    /// It failed the check, and how.
    Wrong(String),
    /// It would take minutes, because it searches an unfinished line again at each chunk.
    Slow,
}

/// A column that divides a contender's time by the best of those it is compared with.
pub struct Ratio {
    pub head: &'static str,
    of: &'static str,
    to: fn(&Contender<'_>) -> bool,
}

const OURS_TO_BEST: Ratio = Ratio { head: "ours ÷ best rival", of: "ours", to: is_peer };
const WRITER_TO_BEST: Ratio =
    Ratio { head: "ours ÷ best rival", of: "ours, DataWriter", to: is_peer };

/// The columns of ratios in the tables about decoding.
pub const DECODING_RATIOS: [Ratio; 4] = [
    OURS_TO_BEST,
    Ratio { head: "EventStream ÷ best rival", of: "EventStream", to: is_peer },
    Ratio { head: "by hand ÷ best rival", of: "by hand", to: is_peer },
    Ratio { head: "frames ÷ events", of: "frames", to: |contender| contender.name == "ours" },
];

fn is_peer(contender: &Contender<'_>) -> bool {
    contender.role == Role::Peer
}

/// A line in more chunks than this keeps a decoder that searches it again at each of them busy for
/// minutes.
const MOST_CHUNKS_PER_LINE: usize = 10_000;

fn decode(shape: &Shape, options: &Options) -> (Table, Vec<Row>) {
    let names_of_contenders = DECODERS.iter().map(|decoder| decoder.name);
    let title = format!("Decoding, {}", shape.title);
    let about = "Nanoseconds per event.";
    let mut sheet = Sheet::new(&title, about, names_of_contenders, &DECODING_RATIOS);
    let all: Vec<&str> = corpora::names().collect();
    for corpus in chosen(&all, options.size.min(shape.most), options) {
        let feed = &Feed::shaped(&corpus, shape.name).expect("a shape from the list");
        let events = &corpus.events;
        let longest = events.iter().map(|event| event.data.len()).max().unwrap_or_default();
        let endless = feed.chunks_per_line(longest) > MOST_CHUNKS_PER_LINE;
        let contenders = DECODERS.iter().map(|decoder| {
            let verdict = match decoder.role {
                _ if decoder.rescans && endless => Err(Absence::Slow),
                Role::LeastWork => Ok(Tally::default()),
                _ => Examiner::new(events)
                    .verdict(|examiner| (decoder.examined)(feed.chunks(), examiner))
                    .map_err(Absence::Wrong),
            };
            let run = || {
                let mut tally = Tally::default();
                let read = |chunks| (decoder.timed)(chunks, &mut tally).expect("passed the check");
                let time = time(|| feed.chunks(), read);
                assert!(decoder.role == Role::LeastWork || tally.events == events.len());
                time
            };
            let runner = verdict.map(|_| Box::new(run) as Runner<'_>);
            Contender { name: decoder.name, role: decoder.role, runner }
        });
        sheet.add(&corpus, contenders.collect(), options.rounds);
    }
    (sheet.table, sheet.rows)
}

fn encode(options: &Options) -> (Table, Vec<Row>) {
    let names = ENCODERS.iter().map(|encoder| encoder.name);
    let mut sheet =
        Sheet::new("Encoding from text", "Nanoseconds per event.", names, &[OURS_TO_BEST]);
    for corpus in chosen(&TO_ENCODE, options.size, options) {
        let events = Arc::new(corpus.events.clone());
        let contenders =
            ENCODERS.iter().map(|encoder| encoder_contender(encoder, &events, &events));
        sheet.add(&corpus, contenders.collect(), options.rounds);
    }
    (sheet.table, sheet.rows)
}

fn encode_json(options: &Options) -> (Table, Vec<Row>) {
    let names = JSON_ENCODERS.iter().map(|encoder| encoder.name);
    let about = "From a value to an event with `serde_json`, in nanoseconds per event. Only our \
                 DataWriter and axum write the JSON where it is to stand; the others go through a String.";
    let mut sheet = Sheet::new("Encoding values as JSON", about, names, &[WRITER_TO_BEST]);
    for corpus in chosen(&["openai", "anthropic", "cjk"], options.size, options) {
        let value =
            |event: &LogicalEvent| serde_json::from_str(&event.data).expect("a known payload");
        let values: Vec<Payload> = corpus.events.iter().map(value).collect();
        let message = |value| LogicalEvent {
            data: serde_json::to_string(value).expect("valid"),
            ..LogicalEvent::default()
        };
        let expected: Vec<_> = values.iter().map(message).collect();
        let values = Arc::new(values);
        let contenders =
            JSON_ENCODERS.iter().map(|encoder| encoder_contender(encoder, &values, &expected));
        sheet.add(&corpus, contenders.collect(), options.rounds);
    }
    (sheet.table, sheet.rows)
}

/// An encoder passes if a decoder that is not ours, and reads every corpus right, reads from its
/// bytes what it was given.
fn encoder_contender<'a, I>(
    encoder: &'a Encoder<I>,
    items: &'a Arc<Vec<I>>,
    expected: &[LogicalEvent],
) -> Contender<'a> {
    let verdict = || {
        let mut bytes = Vec::new();
        (encoder.job)(items)(&mut |part| bytes.extend_from_slice(part));
        let feed = Feed::by_size(&bytes, 16 << 10);
        let reader =
            DECODERS.iter().find(|decoder| decoder.name == "sse-parse").expect("it is there");
        Examiner::new(expected).verdict(|examiner| (reader.examined)(feed.chunks(), examiner))
    };
    let verdict = match encoder.role {
        Role::LeastWork => Ok(Tally::default()),
        _ => verdict().map_err(Absence::Wrong),
    };
    let run = || {
        let drop = |part: &[u8]| _ = black_box(part);
        time(|| (encoder.job)(items), |job| job(&mut { drop }))
    };
    let runner = verdict.map(|_| Box::new(run) as Runner<'_>);
    Contender { name: encoder.name, role: encoder.role, runner }
}

fn chosen(names: &[&str], size: usize, options: &Options) -> impl Iterator<Item = Corpus> {
    let wanted = |name: &&&str| options.corpus.as_deref().is_none_or(|only| only == **name);
    names.iter().filter(wanted).filter_map(move |name| Corpus::with_size(name, size))
}

/// A table in the making.
struct Sheet<'r> {
    table: Table,
    rows: Vec<Row>,
    ratios: &'r [Ratio],
}

impl<'r> Sheet<'r> {
    fn new(
        title: &str,
        about: &'static str,
        contenders: impl Iterator<Item = &'static str>,
        ratios: &'r [Ratio],
    ) -> Self {
        let mut table = Table::new(title, about);
        let heads = ["corpus", "B/event"].into_iter().chain(contenders);
        table.head(heads.chain(ratios.iter().map(|ratio| ratio.head)));
        Sheet { table, rows: Vec::new(), ratios }
    }

    /// Times the contenders that passed the check and adds a line for this corpus.
    fn add(&mut self, corpus: &Corpus, mut contenders: Vec<Contender<'_>>, rounds: usize) {
        let mut runners: Vec<_> =
            contenders.iter_mut().map(|contender| contender.runner.as_mut().ok()).collect();
        let measured = Rounds::run(&mut runners, rounds);
        let events = corpus.events.len() as f64;
        let bytes_per_event = format!("{:.0}", corpus.bytes.len() as f64 / events);
        let mut line = vec![corpus.name.to_owned(), bytes_per_event];
        let mut cells = Vec::new();
        for (nth, Contender { name, role, runner }) in contenders.iter().enumerate() {
            let time = match runner {
                Ok(_) => Ok(measured.median(nth).as_nanos() as f64 / events),
                Err(Absence::Wrong(fault)) => Err(format!("{fault}.")),
                Err(Absence::Slow) => Err("left out, see \"One growing line\".".into()),
            };
            line.push(match &time {
                Ok(nanos) => nanoseconds(*nanos),
                Err(_) if matches!(runner, Err(Absence::Slow)) => "–".into(),
                Err(_) => "wrong".into(),
            });
            if let Err(why) = &time {
                self.table.note(format!("{name} on {}: {why}", corpus.name));
            }
            cells.push((*name, *role, time));
        }
        let index = |matches: &dyn Fn(&Contender<'_>) -> bool| -> Vec<usize> {
            (0..contenders.len()).filter(|&nth| matches(&contenders[nth])).collect()
        };
        let divide = |ratio: &Ratio| {
            let of = index(&|contender| contender.name == ratio.of)[0];
            (ratio.head, measured.ratio(of, &index(&ratio.to)))
        };
        let ratios: Vec<_> = self.ratios.iter().map(divide).collect();
        line.extend(ratios.iter().map(|&(_, value)| ratio(value)));
        self.table.row(line);
        self.rows.push(Row { corpus: corpus.name, cells, ratios });
    }
}
