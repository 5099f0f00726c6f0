//! Runs all, and writes RESULTS.md: see the library beside this.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use harness::nginx::Nginx;
use harness::outcome::{Result, in_words};
use harness::section::Section;
use harness::software::Software;
use harness::{cases, llm, mcp_client, readers, recipes, replay, sdks, surroundings, writers};
use tokio::signal::unix::{SignalKind, signal};

/// RESULTS.md without the tables: the name of each section is where its table comes.
const TEMPLATE: &str = include_str!("../results.md");

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(installed) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: harness FOLDER-OF-SOFTWARE [SECTION...]");
        return ExitCode::from(2);
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let software = Software {
        readers: here.join("readers"),
        installed,
        scratch: std::env::temp_dir().join(format!("sse-proto-interop-{}", std::process::id())),
    };
    // Whatever ends this program ends what it started: dropped, a process is ended.
    let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
    let (only, results) = (arguments.collect::<Vec<_>>(), here.join("RESULTS.md"));
    let problems = tokio::select! {
        problems = run(&software, &only, &results) => problems,
        _ = terminate.recv() => Err("terminated".into()),
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    let _ = std::fs::remove_dir_all(&software.scratch);
    match &problems {
        Ok(problems) => eprintln!("{problems} problems"),
        Err(error) => eprintln!("harness: {}", in_words(error)),
    }
    if matches!(problems, Ok(0)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the sections that are named, or all and writes the results. Gives the number of problems.
async fn run(software: &Software, only: &[String], results: &Path) -> Result<usize> {
    std::fs::create_dir_all(&software.scratch)?;
    let streams = cases::streams();
    let mut of_nginx = Section::default();
    let nginx = of_nginx.take("nginx", Nginx::start(&software.scratch).await).ok();
    of_nginx.versions.extend(nginx.iter().map(|nginx| ("nginx".into(), nginx.version.clone())));
    let mut sections = vec![("nginx", of_nginx)];
    // One by one: the readers are looked at with a clock.
    for name in
        ["readers", "writers", "models", "mcp", "mcp_servers", "surroundings", "replay", "recipes"]
    {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        let section = match name {
            "readers" => readers::run(software, &nginx, &streams).await,
            "writers" => writers::run(software, &nginx, &streams).await,
            "models" => sdks::models(software).await?,
            "mcp" => sdks::mcp(software).await?,
            "mcp_servers" => mcp_client::run(software, &llm::deltas()).await,
            "surroundings" => surroundings::run().await?,
            "replay" => replay::run(software).await?,
            _ => recipes::run(&software.scratch).await?,
        };
        sections.push((name, section));
    }
    if only.is_empty() {
        write(results, &sections)?;
    } else {
        sections.iter().for_each(|(_, section)| println!("{}", section.text));
    }
    let sections = || sections.iter().map(|(_, section)| section);
    for skipped in sections().flat_map(|section| &section.skipped) {
        eprintln!("*** SKIPPED *** {skipped}");
    }
    for problem in sections().flat_map(|section| &section.problems) {
        eprintln!("*** PROBLEM *** {problem}");
    }
    Ok(sections().map(|section| section.problems.len()).sum())
}

/// Writes the results, unless only versions differ from what is there.
fn write(file: &Path, sections: &[(&str, Section)]) -> Result {
    let mut versions: Vec<_> = sections.iter().flat_map(|(_, section)| &section.versions).collect();
    versions.sort();
    versions.dedup();
    let rows = versions.iter().map(|(package, version)| format!("| {package} | {version} |\n"));
    let text = sections.iter().fold(TEMPLATE.to_owned(), |text, (name, section)| {
        text.replace(&format!("{{{name}}}\n"), &section.text)
    });
    let text = text.replace("{versions}\n", &rows.collect::<String>());
    let there = std::fs::read_to_string(file).unwrap_or_default();
    let without_versions = |text: &str| text.split("\n## Versions\n").next().map(str::to_owned);
    if without_versions(&there) == without_versions(&text) {
        eprintln!("RESULTS.md stays as it is");
        return Ok(());
    }
    Ok(std::fs::write(file, text)?)
}
