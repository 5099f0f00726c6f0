//! Which versions the results are about.

use crate::Folders;
use crate::nginx::Nginx;
use crate::process::{self, Why};
use crate::readers::Reader;
use crate::writers::Writer;

const LOCKFILE: &str = include_str!("../../Cargo.lock");

pub async fn of_reader(reader: Reader, folders: &Folders) -> String {
    let version = match reader {
        Reader::Chromium => program("chromium").await,
        Reader::Polyfill | Reader::Eventsource | Reader::Eventsource4 | Reader::Undici => {
            npm(reader.name(), folders)
        }
        Reader::HttpxSse => python("httpx-sse", folders).await,
    };
    version.unwrap_or_default()
}

pub async fn of_writer(writer: Writer, folders: &Folders) -> String {
    let version = match writer {
        Writer::Axum => cargo("axum"),
        Writer::ActixWebLab => cargo("actix-web-lab"),
        Writer::SseStarlette => python("sse-starlette", folders).await,
        Writer::Node => program("node").await,
        Writer::Spring => debian("libspring-web-java").await,
    };
    version.unwrap_or_default()
}

pub fn of_nginx(nginx: &Result<Nginx, Why>) -> &str {
    nginx.as_ref().map_or("not there", |nginx| &nginx.version)
}

/// The first word with a digit of what `--version` prints.
async fn program(name: &str) -> Option<String> {
    let output = process::output(process::find(name).ok()?, &["--version"]).await?;
    let number = |word: &&str| word.contains(|letter: char| letter.is_ascii_digit());
    output.split_whitespace().find(number).map(|word| word.trim_start_matches('v').to_owned())
}

fn npm(name: &str, folders: &Folders) -> Option<String> {
    let json = std::fs::read(folders.modules.join(name).join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&json).ok()?;
    package["version"].as_str().map(str::to_owned)
}

async fn python(name: &str, folders: &Folders) -> Option<String> {
    let code = format!("import importlib.metadata; print(importlib.metadata.version('{name}'))");
    process::output(&folders.python, &["-c", &code]).await
}

async fn debian(package: &str) -> Option<String> {
    process::output("dpkg-query", &["-W", "-f", "${Version}", package]).await
}

fn cargo(name: &str) -> Option<String> {
    let (_, package) = LOCKFILE.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    package.split('"').next().map(str::to_owned)
}
