//! The plan that readers are given, and the lines that they answer with.
//!
//! A reader is a program. It is started with the name of its package and a plan, in JSON:
//! `{"types": ["message"], "urls": [["http://…/a", "http://…/b"], ["http://…/c"]]}`. It reads the
//! streams of each list one by one, and the lists at the same time. For each thing that it reads it
//! prints a line of JSON, `["http://…/a", ["message", "data", "last event ID"]]`, and for the end of
//! a stream a line that says how it ended: `["http://…/a", "end"]`. A page in a browser posts the
//! lines.

use std::collections::{BTreeSet, HashMap};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

use crate::outcome::Result;
use crate::process::Process;
use crate::software::{Program, Runtime, Software};

/// The longest that a reader may take.
const LIMIT: Duration = Duration::from_secs(120);

#[derive(Default, Deserialize, Serialize)]
pub struct Plan {
    /// The types that occur: the platform's readers must name them beforehand.
    pub types: BTreeSet<String>,
    pub urls: Vec<Vec<String>>,
}

impl Plan {
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("texts are JSON")
    }
}

/// A line says one of these about a URL.
#[derive(Deserialize)]
#[serde(untagged)]
enum What {
    Item(Vec<String>),
    End(String),
}

/// The items that were read of one stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub items: Vec<Vec<String>>,
    /// How it ended, by the reader's own words.
    pub end: Option<String>,
}

/// The items that were read, by URL.
pub type Readings = HashMap<String, Reading>;

/// Runs a reader until each stream of the plan has ended, or nothing more can come. Tells of each
/// thing as it comes. The lines come by this channel; a page posts them to a server that has its
/// other end, and is given its own URL in place of the plan.
pub async fn read(
    software: &Software,
    program: &Program,
    argument: &str,
    plan: &Plan,
    (sender, mut lines): (UnboundedSender<String>, UnboundedReceiver<String>),
    on_item: impl FnMut(&str),
) -> Result<Readings> {
    let mut command = software.command("readers", program, argument)?;
    let mut process = Process::start(command.stdout(Stdio::piped()))?;
    if program.0 != Runtime::Page {
        let mut stdout = BufReader::new(process.stdout()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = stdout.next_line().await {
                let _ = sender.send(line);
            }
        });
    }
    let streams = plan.urls.iter().flatten().count();
    let gathered = timeout(LIMIT, gather(&mut lines, streams, on_item)).await;
    let gathered = gathered.unwrap_or_else(|_| Err("not all streams ended".into()));
    gathered
        .map_err(|problem| format!("{problem}; its exit: {:?}", process.child.try_wait()).into())
}

/// The lines of so many streams, until each has ended.
pub async fn gather(
    lines: &mut UnboundedReceiver<String>,
    streams: usize,
    mut on_item: impl FnMut(&str),
) -> Result<Readings> {
    let mut readings = Readings::new();
    let mut open = streams;
    while open > 0 {
        let line = lines.recv().await.ok_or("it stopped early")?;
        let (url, what): (String, What) =
            serde_json::from_str(&line).map_err(|_| format!("it said {line}"))?;
        let reading = readings.entry(url.clone()).or_default();
        match what {
            What::Item(item) => {
                reading.items.push(item);
                on_item(&url);
            }
            What::End(end) => {
                open -= usize::from(reading.end.is_none());
                reading.end = Some(end);
            }
        }
    }
    Ok(readings)
}
