//! The measurements as Markdown tables, and the text around them.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A table in Markdown, with notes below it.
pub struct Table {
    title: String,
    about: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    pub fn new(title: impl Into<String>, about: &'static str) -> Self {
        let (head, rows, notes) = (Vec::new(), Vec::new(), Vec::new());
        Table { title: title.into(), about, head, rows, notes }
    }

    pub fn head(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.head = cells.into_iter().map(Into::into).collect();
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Adds a note, once.
    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The table with its columns aligned, so that it reads well as text too.
    pub fn to_markdown(&self) -> String {
        let lines = || std::iter::once(&self.head).chain(&self.rows);
        let width =
            |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.about);
        for (nth, line) in lines().enumerate() {
            for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(text, "| {cell:<width$} |").unwrap(),
                    _ => write!(text, " {cell:>width$} |").unwrap(),
                }
            }
            text.push('\n');
            if nth == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    match column {
                        0 => write!(text, "|{}|", "-".repeat(width + 2)).unwrap(),
                        _ => write!(text, "{}:|", "-".repeat(width + 1)).unwrap(),
                    }
                }
                text.push('\n');
            }
        }
        for (nth, note) in self.notes.iter().enumerate() {
            writeln!(text, "{}- {note}", if nth == 0 { "\n" } else { "" }).unwrap();
        }
        text
    }
}

/// A number of nanoseconds, with its unit where it is another one.
pub fn nanoseconds(nanos: f64) -> String {
    match nanos {
        ..10.0 => format!("{nanos:.1}"),
        ..10_000.0 => format!("{nanos:.0}"),
        _ => duration(Duration::from_nanos(nanos as u64)),
    }
}

/// A duration with its unit.
pub fn duration(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..10_000.0 => format!("{micros:.0} µs"),
        ..10_000_000.0 => format!("{:.0} ms", micros / 1e3),
        _ => format!("{:.1} s", micros / 1e6),
    }
}

pub fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or("–".into(), |ratio| format!("{ratio:.2}"))
}

/// The head of `results.md`: how the numbers came about.
pub fn preface() -> String {
    format!(
        "# sse-proto and its rivals\n\n\
         Written by `cargo run --release -- --write` in `benches/peers` on {}, {}.\n\
         All contenders run in one process on the same bytes, once per round in rotating order; \
         times are medians of CPU time. Only the ratios carry over to other machines. Each is the \
         median over the rounds of our time divided by the best rival's time in the same round, \
         so smaller is better and below 1 is faster. Before anything is timed, the events of each \
         contender are compared with those that the stream was made from; a contender that reads a \
         stream wrongly is not timed on it.\n\n\
         Each reader gets each chunk as a `Bytes` of its own, as an HTTP client hands it out. The \
         chunks are made before the clock starts, and the reader drops each when it has read it; \
         this is in the times of all. `ours` and `frames` borrow their events from the chunk. \
         `by hand` copies each borrowed event into a `String` per field. `BytesDecoder` and \
         `EventStream` make owned events. `scan + validate` and `copy + scan` do less than any \
         decoder has to do.\n\n\
         Rivals: {}.\n",
        today(),
        cpu_model(),
        rivals().join(", "),
    )
}

/// The rivals with their versions, from the lockfile they were built from.
fn rivals() -> Vec<String> {
    const NAMES: [&str; 7] =
        ["axum", "eventsource-stream", "russe", "sse-core", "sse-parse", "sse-stream", "sseer"];
    let version = |name: &&str| {
        let package = include_str!("../Cargo.lock")
            .split(&format!("name = \"{name}\"\nversion = \""))
            .nth(1)?;
        Some(format!("{name} {}", package.split('"').next()?))
    };
    NAMES.iter().filter_map(version).collect()
}

fn cpu_model() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("an unknown CPU".into(), |(_, model)| model.trim().to_owned())
}

/// The date in UTC, as year-month-day (Howard Hinnant's `civil_from_days`).
fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = now.as_secs() / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153; // March is 0.
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}
