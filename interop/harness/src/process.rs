//! Programs of others: started, listened to, and ended by their number, with all they started.

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

/// Why there is nothing to compare.
#[derive(Clone, Debug)]
pub enum Why {
    /// Not installed: its rows are skipped.
    Missing(String),
    /// Installed, and not as it should be: a problem.
    Failed(String),
}

impl Why {
    pub fn failed(reason: impl Display) -> Self {
        Why::Failed(reason.to_string())
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Why::Missing(reason) => write!(f, "skipped: {reason}"),
            Why::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Why::failed(error)
    }
}

/// A program in a process group of its own, which ends with this value.
pub struct Process {
    child: Child,
    group: u32,
}

impl Process {
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).process_group(0).spawn()?;
        let group = child.id().expect("it was not waited for");
        Ok(Process { child, group })
    }

    /// A server, and the port that it prints on its first line: alone, or in a URL.
    pub async fn server(command: &mut Command) -> Result<(Self, u16), String> {
        let mut process =
            Process::start(command.stdout(Stdio::piped())).map_err(|error| error.to_string())?;
        let mut stdout = BufReader::new(process.stdout());
        let mut line = String::new();
        let read = timeout(Duration::from_secs(30), stdout.read_line(&mut line)).await;
        let port =
            line.trim().rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
        match (read, port) {
            (Ok(Ok(_)), Some(port)) => {
                // Its pipe stays open, and is emptied, while it runs.
                tokio::spawn(async move { stdout.read_to_end(&mut Vec::new()).await });
                Ok((process, port))
            }
            _ => Err(format!("it did not name its port, but said {line:?}")),
        }
    }

    pub fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("it was asked for")
    }

    pub fn stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().expect("it was asked for")
    }

    pub fn id(&self) -> u32 {
        self.group
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Kills it, and waits until it is gone: nothing is written any more.
    pub async fn kill(mut self) -> io::Result<()> {
        self.child.kill().await
    }

    pub async fn wait(&mut self) -> io::Result<std::process::ExitStatus> {
        self.child.wait().await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.group);
        let mut kill = std::process::Command::new("kill");
        let _ = kill.args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

/// The output of a program, trimmed, or nothing if it is not there. For versions.
pub async fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(Duration::from_secs(20), command.output()).await.ok()?.ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    output.status.success().then(|| String::from_utf8_lossy(&text).trim().to_owned())
}

/// Where a program is.
pub fn find(program: &str) -> Result<PathBuf, Why> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").into()])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or_else(|| Why::Missing(format!("{program} is not installed")))
}
