//! The programs of the cookbook, run as their users run them.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::process::Process;

/// A program of the cookbook: it lies beside this one.
pub fn program(name: &str) -> Command {
    let here = std::env::current_exe().expect("this program is a file");
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    Command::new(folder.join(name))
}

/// A server of the cookbook, and its URL.
pub async fn server(name: &str, arguments: &[&str]) -> Result<(Process, String), String> {
    let (process, port) = Process::server(program(name).args(arguments)).await?;
    Ok((process, format!("http://127.0.0.1:{port}")))
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
pub async fn run(command: &mut Command, limit: Duration) -> Result<Ran, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = Process::start(command).map_err(|error| error.to_string())?;
    let (stdout, stderr) = (read(process.stdout()), read(process.stderr()));
    let id = process.id();
    let mut peak = 0;
    let watched = async {
        loop {
            peak = peak.max(peak_memory(id));
            sleep(Duration::from_millis(5)).await;
        }
    };
    let status = tokio::select! {
        status = process.wait() => status.ok(),
        () = watched => None,
        () = sleep(limit) => None,
    };
    drop(process);
    Ok(Ran {
        code: status.and_then(|status| status.code()),
        stdout: stdout.await,
        stderr: stderr.await,
        peak,
    })
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
    let kibibytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Waits for text on a pipe.
pub async fn wait_for(
    pipe: &mut (impl AsyncRead + Unpin),
    text: &str,
    limit: Duration,
) -> Result<(), String> {
    let mut read = Vec::new();
    let waiting = async {
        while read.len() < text.len() {
            let mut byte = [0];
            if pipe.read(&mut byte).await.unwrap_or(0) == 0 {
                break;
            }
            read.push(byte[0]);
        }
    };
    let _ = timeout(limit, waiting).await;
    if read == text.as_bytes() {
        Ok(())
    } else {
        Err(format!("{text:?} did not come, but {:?}", String::from_utf8_lossy(&read)))
    }
}
