//! The software of others: how a program on top of it is started, and which version it is.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::process::Command;

use crate::outcome::{Missing, Result};
use crate::process;

const LOCKFILE: &str = include_str!("../../Cargo.lock");

/// Where things are.
pub struct Software {
    /// The programs of this repository that read with the software of others.
    pub readers: PathBuf,
    /// The packages of npm and pip, and links to `readers` and `writers`: Node looks
    /// for modules beside the program.
    pub installed: PathBuf,
    /// For this run alone.
    pub scratch: PathBuf,
}

/// A program on top of a package of others: its file in `readers` or `writers` (for Rust, in
/// `src/bin` here), and the package whose version the results name, as its registry calls it.
pub struct Program(pub Runtime, pub &'static str, pub &'static str);

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

/// Debian's jars for programs in Java.
const JARS: &str = "spring3-core spring3-beans spring3-aop spring3-expression spring3-context spring3-web \
    spring3-web.servlet commons-logging jetty9-server jetty9-servlet jetty9-http jetty9-io jetty9-util \
    jetty9-security servlet-api";

impl Software {
    pub fn modules(&self) -> PathBuf {
        self.installed.join("node_modules")
    }

    fn interpreter(&self) -> PathBuf {
        self.installed.join("python/bin/python")
    }

    /// The version of its package, if it is installed.
    pub async fn version(&self, Program(runtime, _, package): &Program) -> Result<String> {
        let version = match runtime {
            Runtime::Page if *package == "chromium" => {
                let output = process::output(package, &["--version"]).await;
                output.and_then(|output| Some(output.split_whitespace().nth(1)?.to_owned()))
            }
            Runtime::Page | Runtime::Node => {
                let json = std::fs::read(self.modules().join(package).join("package.json"));
                let json = serde_json::from_slice(&json.unwrap_or_default());
                json.ok().and_then(|json: serde_json::Value| Some(json["version"].as_str()?.into()))
            }
            Runtime::Python => {
                let code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))";
                process::output(self.interpreter(), &["-c", code, package]).await
            }
            Runtime::Rust => {
                // The newest, if there are several.
                let found = LOCKFILE.rsplit_once(&format!("name = \"{package}\"\nversion = \""));
                found.and_then(|(_, rest)| Some(rest.split('"').next()?.to_owned()))
            }
            Runtime::Java => {
                process::output("dpkg-query", &["-W", "-f", "${Version}", package]).await
            }
        };
        version.ok_or_else(|| Missing((*package).into()).into())
    }

    /// A program of `readers` or `writers`: its arguments are its package and this one. For a page
    /// this is its URL.
    pub fn command(&self, folder: &str, program: &Program, argument: &str) -> Result<Command> {
        let Program(runtime, file, package) = program;
        let file_there = self.installed.join(folder).join(file);
        let mut command = match runtime {
            Runtime::Page => return Ok(self.chromium(argument)),
            Runtime::Rust => process::program(file),
            Runtime::Node => {
                let mut command = Command::new("node");
                command.args(["--preserve-symlinks", "--preserve-symlinks-main"]);
                command.env("NODE_NO_WARNINGS", "1").arg(file_there);
                command
            }
            Runtime::Python => {
                let mut command = Command::new(self.interpreter());
                command.arg(file_there);
                command
            }
            Runtime::Java => {
                let jar = |name| format!("/usr/share/java/{name}.jar");
                let jars: Vec<_> = JARS.split_whitespace().map(jar).collect();
                if let Some(missing) = jars.iter().find(|jar| !Path::new(jar).exists()) {
                    return Err(Missing(format!("Debian's {missing}")).into());
                }
                let mut command = Command::new("java");
                command.args(["-cp", &jars.join(":")]).arg(file_there);
                command
            }
        };
        command.args([package, argument]);
        Ok(command)
    }

    /// The browser, headless, with this page and a profile of its own.
    pub fn chromium(&self, url: &str) -> Command {
        static PROFILES: AtomicUsize = AtomicUsize::new(0);
        let profile = format!("profile-{}", PROFILES.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new("chromium");
        command
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--ignore-certificate-errors"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", self.scratch.join(profile).display()))
            .arg(url)
            .stderr(Stdio::null());
        command
    }
}
