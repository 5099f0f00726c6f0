//! Runs all, and writes RESULTS.md: see the library beside this.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use harness::nginx::Nginx;
use harness::outcome::Result;
use harness::section::Section;
use harness::software::Software;
use harness::{cases, llm, mcp_client, readers, recipes, replay, sdks, surroundings, writers};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(installed) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: harness FOLDER-OF-SOFTWARE [SECTION...]");
        return ExitCode::from(2);
    };
    let only: Vec<_> = arguments.collect();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let software = Software {
        readers: here.join("readers"),
        writers: here.join("writers"),
        installed,
        scratch: std::env::temp_dir().join(format!("sse-proto-interop-{}", std::process::id())),
    };
    // Whatever ends this program ends what it started: dropped, a process is ended.
    let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
    let sections = tokio::select! {
        sections = run(&software, &only) => sections,
        _ = terminate.recv() => Err("terminated".into()),
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    let _ = std::fs::remove_dir_all(&software.scratch);
    let written = sections.and_then(|sections| {
        if only.is_empty() {
            write(&here.join("RESULTS.md"), &sections)?;
        } else {
            sections.iter().for_each(|section| println!("{}", section.text));
        }
        Ok(sections)
    });
    let sections = match written {
        Ok(sections) => sections,
        Err(error) => {
            eprintln!("harness: {error}");
            return ExitCode::FAILURE;
        }
    };
    for skipped in sections.iter().flat_map(|section| &section.skipped) {
        eprintln!("*** SKIPPED *** {skipped}");
    }
    let problems: Vec<_> = sections.iter().flat_map(|section| &section.problems).collect();
    for problem in &problems {
        eprintln!("*** PROBLEM *** {problem}");
    }
    eprintln!("{} problems", problems.len());
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All sections, or those that are named.
async fn run(software: &Software, only: &[String]) -> Result<Vec<Section>> {
    std::fs::create_dir_all(&software.scratch)?;
    let streams = cases::streams();
    let nginx = Nginx::start(&software.scratch).await;
    let mut sections = Vec::new();
    // One by one: the readers are looked at with a clock.
    for name in
        ["readers", "writers", "models", "mcp", "mcp_servers", "surroundings", "replay", "recipes"]
    {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            sections.push(match name {
                "readers" => readers::run(software, &nginx, &streams).await,
                "writers" => writers::run(software, &nginx, &streams).await,
                "models" => sdks::models(software).await?,
                "mcp" => sdks::mcp(software).await?,
                "mcp_servers" => mcp_client::run(software, &llm::deltas()).await,
                "surroundings" => surroundings::run().await?,
                "replay" => replay::run(software).await?,
                _ => recipes::run(&software.scratch).await?,
            });
        }
    }
    if let (Ok(nginx), Some(section)) = (&nginx, sections.first_mut()) {
        section.versions.push(("nginx".into(), nginx.version.clone()));
    }
    Ok(sections)
}

/// Writes the results, unless only versions differ from what is there.
fn write(file: &Path, sections: &[Section]) -> Result {
    const VERSIONS: &str = "\n## Versions\n\n";
    let mut text = String::from(
        "# Interoperability\n\n\
         Written by `interop/run.sh`: sse-proto against software that others wrote, on loopback.\n\
         Each block that is sent is compared, one by one, with what the standard makes of it. Blocks come in all\n\
         shapes: those that someone got wrong somewhere, and more than a thousand by chance. Where the other side\n\
         has a fault of its own, the fault predicts exactly what comes out instead; what no known fault explains\n\
         fails the run.\n",
    );
    text.extend(sections.iter().map(|section| section.text.as_str()));
    let there = std::fs::read_to_string(file).unwrap_or_default();
    if there.split(VERSIONS).next() == Some(&text) {
        eprintln!("RESULTS.md stays as it is");
        return Ok(());
    }
    text += VERSIONS;
    text += "Those of the run that wrote this page. The page is not written again if only they differ.\n\n\
             | package | version |\n|---|---|\n";
    let mut versions: Vec<_> = sections.iter().flat_map(|section| &section.versions).collect();
    versions.sort();
    versions.dedup();
    for (package, version) in versions {
        text += &format!("| {package} | {version} |\n");
    }
    Ok(std::fs::write(file, text)?)
}
