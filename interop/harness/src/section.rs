//! A section of RESULTS.md, and what went wrong while it was made.

use std::fmt::Display;

use crate::outcome::{Missing, Result, in_words};
use crate::software::{Program, Software};

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

    /// Takes down the version of a program's package; `false` if it is not installed.
    pub async fn tests(&mut self, who: &str, software: &Software, program: &Program) -> bool {
        let version = software.version(program).await;
        let version = self.take(who, version).ok();
        self.versions.extend(version.iter().map(|version| (who.to_owned(), version.clone())));
        version.is_some()
    }

    pub fn problem(&mut self, who: impl Display, problem: impl Display) {
        eprintln!("{who}: {problem}");
        self.problems.push(format!("{who}: {problem}"));
    }

    /// The outcome, or the cell of a table for an error, which is taken down.
    pub fn take<T>(&mut self, who: impl Display, outcome: Result<T>) -> Result<T, String> {
        outcome.map_err(|error| {
            if let Some(missing) = error.downcast_ref::<Missing>() {
                eprintln!("{who}: {missing}");
                self.skipped.push(format!("{who}: {missing}"));
                return missing.to_string();
            }
            self.problem(who, in_words(&error));
            "**no**".into()
        })
    }

    /// The cell of a table for an outcome.
    pub fn yes(&mut self, who: impl Display, outcome: Result) -> String {
        self.take(who, outcome).map_or_else(|cell| cell, |()| "yes".into())
    }
}

/// Text as a literal, within a cell of a table.
pub fn code(text: &str) -> String {
    format!("`{text:?}`").replace('|', "\\|")
}
