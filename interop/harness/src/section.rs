//! A section of RESULTS.md, and what went wrong while it was made.

use std::fmt::Display;

use crate::process::Why;

#[derive(Default)]
pub struct Section {
    pub text: String,
    /// The faults that make the run fail.
    pub problems: Vec<String>,
    /// The tests that could not be run.
    pub skipped: Vec<String>,
    /// Name and version of each package that was tested.
    pub versions: Vec<(String, String)>,
}

impl Section {
    pub fn new(text: impl Into<String>) -> Self {
        Section { text: text.into(), ..Section::default() }
    }

    pub fn row(&mut self, cells: &[&str]) {
        self.text += &format!("| {} |\n", cells.join(" | "));
    }

    pub fn problem(&mut self, who: impl Display, problem: impl Display) {
        eprintln!("{who}: {problem}");
        self.problems.push(format!("{who}: {problem}"));
    }

    /// Takes down why there is nothing to compare.
    pub fn nothing(&mut self, who: impl Display, why: &Why) {
        eprintln!("{who}: {why}");
        match why {
            Why::Missing(_) => self.skipped.push(format!("{who}: {why}")),
            Why::Failed(_) => self.problems.push(format!("{who}: {why}")),
        }
    }

    /// The cell of a table for an outcome. A problem is taken down.
    pub fn yes(&mut self, who: impl Display, outcome: &Result<(), String>) -> &'static str {
        match outcome {
            Ok(()) => "yes",
            Err(problem) => {
                self.problem(who, problem);
                "**no**"
            }
        }
    }
}

/// Text as a literal, within a cell of a table.
pub fn code(text: &str) -> String {
    format!("`{text:?}`").replace('|', "\\|")
}
