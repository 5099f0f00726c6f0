//! `cargo run --release`: times `sse-proto` against its rivals and prints what came out.

use std::process::{Command, ExitCode};

use peers::modes::{self, Options};
use peers::{chart, corpora, report, summary};

const USAGE: &str = "\
cargo run --release -- [OPTIONS]

  --write         write benches/peers/results.md and benches/chart.svg (not with a filter or
                  --quick)
  --corpus NAME   only this corpus
  --mode NAME     only this mode
  --rounds N      how often each contender is timed, unless that takes too long (41)
  --quick         small corpora, few rounds: to see that all works, not for numbers
";

fn main() -> ExitCode {
    if let Some(code) = restarted_with_steady_memory() {
        return code;
    }
    let (options, mode, write) = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            let names: Vec<_> = corpora::names().collect();
            eprintln!(
                "{error}\n\n{USAGE}\ncorpora: {}\nmodes: {}",
                names.join(", "),
                modes::names().collect::<Vec<_>>().join(", ")
            );
            return ExitCode::from(2);
        }
    };
    // A contender that panics is marked wrong; its message would only tear the tables apart.
    std::panic::set_hook(Box::new(|_| ()));
    let mut page = report::preface();
    print!("{page}");
    let mut publish = |table: &report::Table| {
        let text = format!("\n{}", table.to_markdown());
        print!("{text}");
        page += &text;
    };
    let mut outcomes = Vec::new();
    for name in modes::names().filter(|name| mode.as_deref().is_none_or(|only| only == *name)) {
        let outcome = modes::run(name, &options);
        publish(&outcome.table);
        outcomes.push(outcome);
    }
    for table in summary::tables(&outcomes) {
        publish(&table);
    }
    if write {
        let folder = env!("CARGO_MANIFEST_DIR");
        std::fs::write(format!("{folder}/results.md"), page).expect("benches/peers is writable");
        std::fs::write(format!("{folder}/../chart.svg"), chart::svg(&outcomes))
            .expect("benches is writable");
    }
    ExitCode::SUCCESS
}

/// Runs this program again with glibc told to keep freed memory, and returns how that ended; `None`
/// in the second run. Left alone, glibc hands a freed megabyte back to the kernel and then gets it
/// anew page by page, at a cost that varies wildly and buries that of decoding. That spares those
/// who make a `String` of every event most: the rivals.
fn restarted_with_steady_memory() -> Option<ExitCode> {
    const VARIABLE: &str = "GLIBC_TUNABLES";
    if std::env::var_os(VARIABLE).is_some() {
        return None;
    }
    let status = Command::new(std::env::current_exe().ok()?)
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184")
        .status()
        .ok()?;
    Some(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(code as u8)))
}

fn arguments() -> Result<(Options, Option<String>, bool), String> {
    let mut options =
        Options { corpus: None, rounds: 41, size: corpora::DEFAULT_SIZE, quick: false };
    let (mut mode, mut write) = (None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--write" => write = true,
            "--corpus" => options.corpus = Some(value()?),
            "--mode" => mode = Some(value()?),
            "--rounds" => {
                options.rounds = value()?.parse().map_err(|_| "--rounds needs a number")?
            }
            "--quick" => options = Options { rounds: 5, size: 128 << 10, quick: true, ..options },
            _ => return Err(format!("unknown argument {argument}")),
        }
    }
    if options.corpus.as_deref().is_some_and(|only| !corpora::names().any(|name| name == only)) {
        return Err("no such corpus".into());
    }
    if mode.as_deref().is_some_and(|only| !modes::names().any(|name| name == only)) {
        return Err("no such mode".into());
    }
    if write && (options.corpus.is_some() || mode.is_some() || options.quick) {
        return Err("--write takes everything, at its full size".into());
    }
    Ok((options, mode, write))
}
