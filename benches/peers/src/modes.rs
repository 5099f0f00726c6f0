//! What is measured: each mode checks its contenders, times them, and makes a table of it.

use std::hint::black_box;
use std::sync::Arc;

use crate::check::{Examiner, Tally};
use crate::corpora::{self, Corpus, LogicalEvent};
use crate::decoders::{DECODERS, Feed, Role};
use crate::encoders::{ENCODERS, Encoder, JSON_ENCODERS};
use crate::growth;
use crate::measure::{Rounds, Runner, time};
use crate::payload::Payload;
use crate::report::{Table, nanoseconds, ratio};

/// All modes: decoding in four kinds of chunks and one growing line, encoding text and values.
pub const NAMES: [&str; 7] = ["16k", "event", "64b", "1b", "grow", "encode", "json"];

/// The corpora worth feeding in chunks of 64 bytes, and those that differ for an encoder.
const SMALL: [&str; 8] =
    ["openai", "anthropic", "tiny", "wikimedia", "multiline", "cjk", "bad-utf8", "full"];
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

/// The result of one corpus: nanoseconds per event, or what is wrong, for each contender.
pub struct Row {
    pub corpus: &'static str,
    pub cells: Vec<(&'static str, Role, Result<f64, String>)>,
}

/// Runs one mode. `None` if there is no such mode.
pub fn run(mode: &str, options: &Options) -> Option<(Table, Vec<Row>)> {
    let all: Vec<&str> = corpora::names().collect();
    Some(match mode {
        "16k" => decode("Decoding, chunks of 16 KiB", &all, options.size, options, |corpus| {
            Feed::by_size(&corpus.bytes, 16 << 10)
        }),
        "event" => decode("Decoding, one event per chunk", &all, options.size, options, |corpus| {
            Feed::by_ends(&corpus.bytes, &corpus.ends)
        }),
        "64b" => {
            let size = options.size.min(512 << 10);
            decode("Decoding, chunks of 64 bytes", &SMALL, size, options, |corpus| {
                Feed::by_size(&corpus.bytes, 64)
            })
        }
        "1b" => {
            let size = options.size.min(128 << 10);
            decode("Decoding, chunks of one byte", &["openai"], size, options, |corpus| {
                Feed::by_size(&corpus.bytes, 1)
            })
        }
        "grow" => (growth::table(options.quick), Vec::new()),
        "encode" => encode(options),
        "json" => encode_json(options),
        _ => return None,
    })
}

/// One who takes part: ready to be timed, or what the check found wrong.
struct Contender<'a> {
    name: &'static str,
    role: Role,
    runner: Result<Runner<'a>, String>,
}

/// A column that divides a contender's time by the best of those it is compared with.
struct Ratio {
    head: &'static str,
    of: &'static str,
    to: fn(&Contender<'_>) -> bool,
}

const OURS_TO_BEST: Ratio = Ratio { head: "ours ÷ best rival", of: "ours", to: is_peer };
const OWNED_TO_BEST: Ratio = Ratio { head: "owned ÷ best rival", of: "ours, owned", to: is_peer };
const FRAMES_TO_OURS: Ratio =
    Ratio {
        head: "frames ÷ events", of: "ours, frames", to: |contender| contender.name == "ours"
    };
const WRITER_TO_BEST: Ratio =
    Ratio { head: "ours ÷ best rival", of: "ours, DataWriter", to: is_peer };

fn is_peer(contender: &Contender<'_>) -> bool {
    contender.role == Role::Peer
}

fn decode(
    title: &str,
    names: &[&str],
    size: usize,
    options: &Options,
    cut: fn(&Corpus) -> Feed,
) -> (Table, Vec<Row>) {
    const RATIOS: [Ratio; 3] = [OURS_TO_BEST, OWNED_TO_BEST, FRAMES_TO_OURS];
    let names_of_contenders = DECODERS.iter().map(|decoder| decoder.name);
    let mut sheet = Sheet::new(title, "Nanoseconds per event.", names_of_contenders, &RATIOS);
    for corpus in chosen(names, size, options) {
        let feed = &cut(&corpus);
        let events = &corpus.events;
        let contenders = DECODERS.iter().map(|decoder| {
            let verdict = match decoder.role {
                Role::Floor => Ok(Tally::default()),
                _ => Examiner::new(events).verdict((decoder.examined)(feed)),
            };
            let run = || {
                let mut tally = Tally::default();
                let job = || (decoder.timed)(feed);
                let time = time(job, |job| job(&mut tally).expect("passed the check"));
                assert!(decoder.role == Role::Floor || tally.events == events.len());
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

/// An encoder passes if a decoder that is not ours, and reads every corpus right, reads from its bytes
/// what it was given.
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
        Examiner::new(expected).verdict((reader.examined)(&feed))
    };
    let verdict = if encoder.role == Role::Floor { Ok(Tally::default()) } else { verdict() };
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

    /// Times those who passed the check and adds a line for this corpus.
    fn add(&mut self, corpus: &Corpus, mut contenders: Vec<Contender<'_>>, rounds: usize) {
        let mut runners: Vec<_> =
            contenders.iter_mut().map(|contender| contender.runner.as_mut().ok()).collect();
        let measured = Rounds::run(&mut runners, rounds);
        let events = corpus.events.len() as f64;
        let results =
            contenders.iter().enumerate().map(|(nth, contender)| match &contender.runner {
                Ok(_) => Ok(measured.median(nth).as_nanos() as f64 / events),
                Err(why) => Err(why.clone()),
            });
        let results: Vec<Result<f64, String>> = results.collect();

        let mut line =
            vec![corpus.name.to_owned(), format!("{:.0}", corpus.bytes.len() as f64 / events)];
        for (contender, result) in contenders.iter().zip(&results) {
            line.push(result.as_ref().map_or("wrong".into(), |&nanos| nanoseconds(nanos)));
            if let Err(why) = result {
                self.table.note(format!("{} on {}: {why}.", contender.name, corpus.name));
            }
        }
        let index = |matches: &dyn Fn(&Contender<'_>) -> bool| -> Vec<usize> {
            (0..contenders.len()).filter(|&nth| matches(&contenders[nth])).collect()
        };
        for Ratio { of, to, .. } in self.ratios {
            let of = index(&|contender| contender.name == *of)[0];
            line.push(ratio(measured.ratio(of, &index(to))));
        }
        self.table.row(line);
        let cells = contenders.iter().zip(results);
        let cells =
            cells.map(|(contender, result)| (contender.name, contender.role, result)).collect();
        self.rows.push(Row { corpus: corpus.name, cells });
    }
}
