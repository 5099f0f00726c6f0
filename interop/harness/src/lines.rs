//! The plan that readers are given, and the lines that they answer with.
//!
//! A reader is a program. It is started with the name of its package and a plan, in JSON:
//! `{"types": ["message"], "urls": [["http://…/a", "http://…/b"], ["http://…/c"]]}`. It reads the
//! streams of each list one by one, and the lists at the same time. For each thing that it reads it
//! prints a line of JSON, `["http://…/a", ["message", "data", "last event ID"]]`, and for the end of
//! a stream a line that says how it ended: `["http://…/a", "end"]`. A page in a browser posts the
//! lines.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

#[derive(Deserialize, Serialize)]
pub struct Plan {
    /// The types that occur: the platform's readers must name them beforehand.
    pub types: Vec<String>,
    pub urls: Vec<Vec<String>>,
}

/// The URL, and what was read there.
#[derive(Deserialize)]
struct Line(String, What);

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

/// Passes the lines of a program on.
pub fn forward(pipe: impl AsyncRead + Send + Unpin + 'static, lines: UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut pipe = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = pipe.next_line().await {
            let _ = lines.send(line);
        }
    });
}

/// Gathers lines until each stream of the plan has ended, or nothing more can come. Tells of each
/// thing as it comes.
pub async fn gather(
    lines: &mut UnboundedReceiver<String>,
    plan: &Plan,
    limit: Duration,
    mut on_item: impl FnMut(&str),
) -> Result<Readings, String> {
    let mut readings = Readings::new();
    let mut open = plan.urls.iter().flatten().count();
    let gathering = async {
        while open > 0 {
            let Some(line) = lines.recv().await else { return Err("it stopped early".into()) };
            let Line(url, what) =
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
        Ok(())
    };
    match timeout(limit, gathering).await {
        Ok(Ok(())) => Ok(readings),
        Ok(Err(problem)) => Err(problem),
        Err(_) => Err(format!("{open} streams did not end")),
    }
}
