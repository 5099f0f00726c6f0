//! The page in Chromium, in a process of its own.

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::clients::{Seen, id};
use crate::world::Why;

pub struct Browser {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct Shown {
    /// Type, ID and message of each event.
    shown: Vec<(String, String, String)>,
    reconnects: usize,
}

impl Browser {
    /// Opens the page, and waits until it listens.
    pub async fn open(port: u16) -> Result<Self, Why> {
        let mut command = Command::new("node");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/follow.mjs"));
        command.arg(format!("http://127.0.0.1:{port}/")).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut browser = Browser { child, lines };
        browser.expect("open").await?;
        Ok(browser)
    }

    async fn line(&mut self) -> Result<String, Why> {
        let line = timeout(Duration::from_secs(60), self.lines.next_line());
        Ok(line.await??.ok_or("the browser ended")?)
    }

    async fn expect(&mut self, wanted: &str) -> Result<(), Why> {
        let line = self.line().await?;
        if line == wanted { Ok(()) } else { Err(format!("{line:?} instead of {wanted}").into()) }
    }

    /// Writes a screenshot below target/browser.
    pub async fn screenshot(&mut self, name: &str) -> Result<(), Why> {
        let input = self.child.stdin.as_mut().expect("it is piped");
        input.write_all(format!("{name}\n").as_bytes()).await?;
        self.expect(name).await
    }

    /// The events that the page has shown, after the event `end`.
    pub async fn end(mut self) -> Result<Seen, Why> {
        let shown: Shown = serde_json::from_str(&self.line().await?)?;
        let mut seen = Seen { interruptions: shown.reconnects, ..Seen::default() };
        for (event_type, event_id, message) in shown.shown {
            match &*event_type {
                "info" => seen.events.push((id(&event_id).ok_or("an ID of Redis")?, message)),
                "end" => {}
                _ => seen.notices += 1,
            }
        }
        Ok(seen)
    }
}
