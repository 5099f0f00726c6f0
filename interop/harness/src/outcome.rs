//! The errors of all tests: something is missing, or something is wrong.

use std::fmt::{Debug, Display};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// The name of what is not installed: its rows are skipped. Any other error is a problem.
#[derive(Clone, Debug)]
pub struct Missing(pub String);

impl Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "skipped: {} is not installed", self.0)
    }
}

impl std::error::Error for Missing {}

/// An error with its causes.
pub fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

pub fn expect<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Result {
    ensure(found == expected, || format!("{what}: {found:?}, not {expected:?}"))
}

pub fn ensure<E: Into<Error>>(holds: bool, problem: impl FnOnce() -> E) -> Result {
    if holds { Ok(()) } else { Err(problem().into()) }
}
