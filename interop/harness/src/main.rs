//! sse-proto against software that others wrote. `interop/run.sh` installs that software and starts this.
//!
//! | file | job |
//! |---|---|
//! | `cases` | what is sent, and what the standard makes of it |
//! | `server`, `readers` | our encoder, read by others |
//! | `writers` | our decoder, reading others |
//! | `compare`, `faults` | case by case; what the other side is known to do otherwise |
//! | `surroundings` | what comes where an event stream should be |
//! | `recipes`, `programs` | the cookbook's programs |
//! | `replay`, `cutting` | server and readers killed, connections cut |
//! | `nginx`, `process` | software of others, started and ended |
//! | `results`, `versions` | RESULTS.md |

mod cases;
mod compare;
mod cutting;
mod faults;
#[path = "../../../tests/model.rs"]
mod model;
mod nginx;
mod process;
mod programs;
mod readers;
mod recipes;
mod replay;
mod results;
mod server;
mod surroundings;
mod versions;
mod writers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::nginx::Nginx;
use crate::readers::Reader;
use crate::writers::Writer;

/// Where things are.
pub struct Folders {
    /// The programs of this repository that run on the software of others.
    pub readers: PathBuf,
    pub writers: PathBuf,
    /// What npm installed.
    pub modules: PathBuf,
    /// The interpreter with what pip installed.
    pub python: PathBuf,
    /// For this run alone.
    pub scratch: PathBuf,
}

/// All that was found.
pub struct Everything {
    pub nginx: String,
    pub readers: Vec<readers::Row>,
    pub reader_versions: Vec<String>,
    pub writers: Vec<writers::Row>,
    pub writer_versions: Vec<String>,
    pub surroundings: Vec<surroundings::Row>,
    pub replay: Vec<replay::Row>,
    pub recipes: Vec<recipes::Row>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(software) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: harness FOLDER-OF-SOFTWARE");
        return ExitCode::from(2);
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = Folders {
        readers: here.join("readers"),
        writers: here.join("writers"),
        modules: software.join("node_modules"),
        python: software.join("python/bin/python"),
        scratch: std::env::temp_dir().join(format!("sse-proto-interop-{}", std::process::id())),
    };
    // Whatever ends this program ends what it started: dropped, a process is ended.
    let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
    let everything = tokio::select! {
        everything = run(&folders) => everything,
        _ = terminate.recv() => Err(std::io::Error::other("terminated")),
        _ = tokio::signal::ctrl_c() => Err(std::io::Error::other("interrupted")),
    };
    let _ = std::fs::remove_dir_all(&folders.scratch);
    let everything = match everything {
        Ok(everything) => everything,
        Err(error) => {
            eprintln!("harness: {error}");
            return ExitCode::FAILURE;
        }
    };

    let written = std::fs::write(here.join("RESULTS.md"), results::render(&everything));
    for skipped in results::skipped(&everything) {
        eprintln!("*** SKIPPED *** {skipped}");
    }
    let problems = results::problems(&everything);
    for problem in &problems {
        eprintln!("*** PROBLEM *** {problem}");
    }
    eprintln!("{} problems; RESULTS.md: {written:?}", problems.len());
    if problems.is_empty() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(folders: &Folders) -> std::io::Result<Everything> {
    std::fs::create_dir_all(&folders.scratch)?;
    let streams = cases::streams();
    let nginx = Nginx::start(&folders.scratch).await;

    // The readers are looked at with a clock, so nothing runs beside them.
    let files = vec![folders.readers.clone(), folders.modules.join("event-source-polyfill/src")];
    let (shared, port) = server::start(streams.clone(), files).await?;
    let bench = readers::Bench { shared: &shared, port, nginx: &nginx, folders, streams: &streams };
    let readers = readers::run(&bench).await;
    let replay = replay::run(folders).await?;
    let (writers, surroundings, recipes) = tokio::join!(
        writers::run(&nginx, folders, &streams),
        surroundings::run(),
        recipes::run(&folders.scratch)
    );

    let (mut reader_versions, mut writer_versions) = (Vec::new(), Vec::new());
    for reader in Reader::ALL {
        reader_versions.push(versions::of_reader(reader, folders).await);
    }
    for writer in Writer::ALL {
        writer_versions.push(versions::of_writer(writer, folders).await);
    }
    Ok(Everything {
        nginx: versions::of_nginx(&nginx).to_owned(),
        readers,
        reader_versions,
        writers,
        writer_versions,
        surroundings: surroundings?,
        replay,
        recipes: recipes?,
    })
}
