//! The software of others: how a program on top of it is started, and which version it is.

use std::path::PathBuf;

use tokio::process::Command;

use crate::process::{self, Process, Why};
use crate::programs;

const LOCKFILE: &str = include_str!("../../Cargo.lock");

/// Where things are.
pub struct Software {
    /// The programs of this repository that run on the software of others.
    pub readers: PathBuf,
    pub writers: PathBuf,
    /// What npm installed, what pip installed, and links to `readers` and `writers`: Node looks
    /// for modules beside the program.
    pub installed: PathBuf,
    /// For this run alone.
    pub scratch: PathBuf,
}

/// A program on top of a package of others.
pub struct Program {
    pub runtime: Runtime,
    /// In `readers` or `writers`; for Rust, in `src/bin` here.
    pub file: &'static str,
    /// The package whose version the results name, as its registry calls it.
    pub package: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Runtime {
    /// A page for Chromium. Its package comes from npm, or is Chromium itself.
    Page,
    Node,
    Python,
    Rust,
    /// Debian's Java and its packages.
    Java,
}

impl Software {
    pub fn modules(&self) -> PathBuf {
        self.installed.join("node_modules")
    }

    fn interpreter(&self) -> PathBuf {
        self.installed.join("python/bin/python")
    }

    /// The version of its package; `Missing` if it is not installed.
    pub async fn version(&self, program: &Program) -> Result<String, Why> {
        let Program { runtime, package, .. } = *program;
        let version = match runtime {
            Runtime::Page if package == "chromium" => self.version_of("chromium").await,
            Runtime::Page | Runtime::Node => {
                let file = self.modules().join(package).join("package.json");
                let json: Option<serde_json::Value> =
                    std::fs::read(file).ok().and_then(|json| serde_json::from_slice(&json).ok());
                json.and_then(|json| Some(json["version"].as_str()?.to_owned()))
            }
            Runtime::Python => {
                let code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))";
                process::output(self.interpreter(), &["-c", code, package]).await
            }
            Runtime::Rust => {
                let found = LOCKFILE.split_once(&format!("name = \"{package}\"\nversion = \""));
                found.and_then(|(_, rest)| Some(rest.split('"').next()?.to_owned()))
            }
            Runtime::Java => {
                process::output("dpkg-query", &["-W", "-f", "${Version}", package]).await
            }
        };
        version.ok_or_else(|| Why::Missing(format!("{package} is not installed")))
    }

    /// The first word with a digit of what `--version` prints.
    async fn version_of(&self, name: &str) -> Option<String> {
        let output = process::output(process::find(name).ok()?, &["--version"]).await?;
        let number = |word: &&str| word.contains(|letter: char| letter.is_ascii_digit());
        output.split_whitespace().find(number).map(str::to_owned)
    }

    /// A program of `readers` or `writers`: its arguments are its package and this one.
    pub async fn command(
        &self,
        folder: &str,
        program: &Program,
        argument: &str,
    ) -> Result<Command, Why> {
        let Program { runtime, file, package } = *program;
        self.version(program).await?;
        let mut command = match runtime {
            Runtime::Node => {
                let mut command = Command::new(process::find("node")?);
                command.args(["--preserve-symlinks", "--preserve-symlinks-main"]);
                command.env("NODE_NO_WARNINGS", "1");
                command.arg(self.installed.join(folder).join(file));
                command
            }
            Runtime::Python => {
                let mut command = Command::new(self.interpreter());
                command.arg(self.installed.join(folder).join(file));
                command
            }
            Runtime::Rust => programs::program(file),
            Runtime::Java => crate::java::command(&self.writers.join(file), &self.scratch).await?,
            Runtime::Page => {
                return self.chromium(package, argument);
            }
        };
        command.args([package, argument]);
        Ok(command)
    }

    /// The browser, headless, with this page and a profile of its own.
    pub fn chromium(&self, key: &str, url: &str) -> Result<Command, Why> {
        let mut command = Command::new(process::find("chromium")?);
        command
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--ignore-certificate-errors"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", self.scratch.join(key).display()))
            .arg(url)
            .stderr(std::process::Stdio::null());
        Ok(command)
    }
}

/// Starts a program that prints the port that it listens on.
pub async fn server(command: &mut Command) -> Result<(Process, u16), Why> {
    Process::server(command).await.map_err(Why::failed)
}
