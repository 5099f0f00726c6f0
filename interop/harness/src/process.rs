//! Programs: started, listened to, and ended by their number, with all they started.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::outcome::{Error, Missing, Result};

/// A program in a process group of its own, which ends with this value.
pub struct Process {
    pub child: Child,
    pub id: u32,
}

impl Process {
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).process_group(0).spawn();
        let child =
            child.map_err(|error| match command.as_std().get_program().to_string_lossy() {
                // A program of others, not of this workspace.
                name if error.kind() == ErrorKind::NotFound && !name.contains('/') => {
                    Missing(name.into()).into()
                }
                name => Error::from(format!("{name}: {error}")),
            })?;
        let id = child.id().expect("it was not waited for");
        Ok(Process { child, id })
    }

    /// A server, and the port that it prints on its first line: alone, or in a URL.
    pub async fn server(command: &mut Command) -> Result<(Self, u16)> {
        let mut process = Process::start(command.stdout(Stdio::piped()))?;
        let mut stdout = BufReader::new(process.stdout());
        let mut line = String::new();
        timeout(Duration::from_secs(30), stdout.read_line(&mut line)).await??;
        let port = line.trim().rsplit(':').next().and_then(|rest| rest.split('/').next());
        let port = port.and_then(|port| port.parse().ok());
        let port = port.ok_or_else(|| format!("it did not name its port, but said {line:?}"))?;
        // Its pipe stays open, and is emptied, while it runs.
        tokio::spawn(async move { stdout.read_to_end(&mut Vec::new()).await });
        Ok((process, port))
    }

    pub fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("it was asked for")
    }

    pub fn stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().expect("it was asked for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.id);
        let mut kill = std::process::Command::new("kill");
        let _ = kill.args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

/// The outcome of a program.
#[derive(Debug)]
pub struct Ran {
    /// `None` if it had to be ended.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// The most memory it held, in bytes.
    pub peak: u64,
}

/// Runs a program to its end.
pub async fn run(command: &mut Command, limit: Duration) -> Result<Ran> {
    let mut process = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (read(process.stdout()), read(process.stderr()));
    let id = process.id;
    let mut peak = 0;
    let watched = async {
        loop {
            peak = peak.max(peak_memory(id));
            sleep(Duration::from_millis(5)).await;
        }
    };
    let status = tokio::select! {
        status = process.child.wait() => Some(status?),
        () = watched => None,
        () = sleep(limit) => None,
    };
    drop(process);
    let code = status.and_then(|status| status.code());
    Ok(Ran { code, stdout: stdout.await, stderr: stderr.await, peak })
}

/// Reads from now on, also while nobody waits for it.
pub fn read(mut pipe: impl AsyncRead + Send + Unpin + 'static) -> impl Future<Output = String> {
    let reading = tokio::spawn(async move {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    });
    async { reading.await.unwrap_or_default() }
}

/// The most memory that a process has held so far, in bytes; 0 when it is gone.
pub fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// The output of a program, or its errors if it prints nothing, if it succeeds. For versions.
pub async fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let ran = run(Command::new(program).args(arguments), Duration::from_secs(20)).await.ok()?;
    let text = if ran.stdout.is_empty() { ran.stderr } else { ran.stdout };
    (ran.code == Some(0)).then(|| text.trim().to_owned())
}

/// A program of this workspace, one of the cookbook's for example: it lies beside this one.
pub fn program(name: &str) -> Command {
    let here = std::env::current_exe().expect("this program is a file");
    Command::new(here.with_file_name(name))
}
