//! The proofs of the notification service: each is a word on the command line. Without a
//! word all of them run, with a small load.
//!
//! ```text
//! cargo test --test proof -- bad                   bad input
//! cargo test --test proof -- alone                 one server: slow readers, its end, its log
//! cargo test --test proof -- away                  Redis gone, trimmed, emptied
//! cargo test --test proof -- many 20000 20         events, kills
//! cargo test --test proof -- many 20000 20 page    and the page, see proof.sh
//! ```

mod alone;
mod away;
mod bad;
mod browser;
mod clients;
mod many;
mod reader;
mod world;

use std::process::ExitCode;
use std::time::Duration;

/// The claims that were looked at, and how they came out.
#[derive(Default)]
pub struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    pub fn check(&mut self, claim: &str, holds: bool, seen: impl std::fmt::Debug) {
        let (count, word) = match holds {
            true => (&mut self.passed, "ok    "),
            false => (&mut self.failed, "FAILED"),
        };
        *count += 1;
        println!("{word} {claim}: {seen:?}");
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| {
        words.get(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let which = words.first().map_or("small", |word| word);
    let mut checks = Checks::default();
    let proof = async {
        if matches!(which, "small" | "bad") {
            bad::prove(&mut checks).await?;
        }
        if matches!(which, "small" | "alone") {
            alone::prove(&mut checks).await?;
        }
        if matches!(which, "small" | "away") {
            away::prove(&mut checks).await?;
        }
        if matches!(which, "small" | "many") {
            let with_page = words.get(3).is_some_and(|word| word == "page");
            many::prove(&mut checks, number(1, 1000), number(2, 4), with_page).await?;
        }
        Ok::<_, world::Why>(())
    };
    match tokio::time::timeout(Duration::from_secs(600), proof).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => checks.check("the proof runs to its end", false, error.to_string()),
        Err(_) => checks.check("the proof ends within ten minutes", false, "it does not"),
    }
    println!("{} passed, {} failed", checks.passed, checks.failed);
    if checks.failed == 0 && checks.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
