//! The cookbook: each program does what it says.

mod clients;
mod servers;

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use crate::outcome::Result;
use crate::process::{Process, program};
use crate::section::Section;

/// The longest that a frame may be waited for, and longer than any keep-alive.
const LIMIT: Duration = Duration::from_secs(20);

type Recipe<'a> = (&'static str, &'static str, BoxFuture<'a, Result>);

pub async fn run(scratch: &Path) -> Result<Section> {
    let (base, feed) = &clients::sample_server().await?;
    #[rustfmt::skip]
    let recipes: [Recipe; 10] = [
        ("server_axum", "headers, a room of two, keep-alive after 15 s", servers::axum().boxed()),
        ("server_actix", "headers, JSON, resuming, 204, keep-alive after 15 s", servers::actix().boxed()),
        ("server_hyper", "headers, resuming, keep-alive after 15 s; HTTP/1.1 and HTTP/2", servers::hyper().boxed()),
        ("client_reqwest", "events; a non-ASCII `Last-Event-ID` sent; reconnects; 204", clients::reqwest(base).boxed()),
        ("client_hyper", "frames; HTTP/1.1 and HTTP/2", clients::hyper(base).boxed()),
        ("client_ureq", "events", clients::ureq(base).boxed()),
        ("llm_client", "tokens as they come, in both styles; errors; an answer cut off", clients::llm(base, feed).boxed()),
        ("proxy", "frames changed, in order; `Last-Event-ID` and 204 passed on", servers::proxy(base).boxed()),
        ("replay_server", "headers, resuming, 406; a hole and an unknown ID, told apart; keep-alive after 15 s", servers::replay(scratch).boxed()),
        ("replay_client", "resuming by its journal; 204", clients::replay(base, scratch).boxed()),
    ];
    let mut section = Section::new("| program | what was tried | |\n|---|---|---|\n");
    let outcomes = recipes.map(|(program, tried, outcome)| async move {
        let outcome = outcome.await;
        eprintln!("{program}: {outcome:?}");
        (program, tried, outcome)
    });
    for (program, tried, outcome) in join_all(outcomes).await {
        let cell = section.take(program, outcome).map_or_else(|cell| cell, |()| "works".into());
        section.row(&[&format!("`{program}`"), tried, &cell]);
    }
    Ok(section)
}

/// A server of the cookbook, and its URL.
pub async fn server(name: &str, arguments: &[&str]) -> Result<(Process, String)> {
    let (process, port) = Process::server(program(name).args(arguments)).await?;
    Ok((process, format!("http://127.0.0.1:{port}")))
}
