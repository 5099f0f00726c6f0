//! A notification service: `cargo run`, and open the page that it names.

mod feed;
mod log;
mod redis;
mod web;

use std::io::{self, Write};
use std::{collections::HashMap, fs, net::Ipv4Addr, num::NonZero, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::serve::ListenerExt;
use clap::Parser;
use futures_util::FutureExt;
use tokio::{net::TcpListener, select, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{log::Log, redis::Redis, web::App};

/// A server that pushes notifications to browsers and other clients.
#[derive(Parser)]
struct Options {
    /// The port on loopback.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The file that keeps the events of one server.
    #[arg(long, default_value = "notifications.log")]
    log: PathBuf,
    /// Keeps the events in Redis instead, for many servers.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// How many events are kept for clients that come back.
    #[arg(long, default_value = "100000")]
    keep: NonZero<usize>,
    /// After how many seconds of silence a client is sent its place; 0.05 to 86400.
    #[arg(long, default_value_t = 15.0)]
    keep_alive: f64,
    /// A file of JSON: an object with the token of each user, and the name of the user.
    #[arg(long, default_value = "users.json")]
    users: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Options { port, log, redis, keep, keep_alive, users } = Options::parse();
    let named = || users.display().to_string();
    let users: HashMap<String, String> =
        serde_json::from_slice(&fs::read(&users).with_context(named)?).with_context(named)?;
    ensure!(users.values().all(|name| !name.contains(['\r', '\n'])), "a user's name is one line");
    ensure!((0.05..=86400.0).contains(&keep_alive), "--keep-alive takes 0.05 to 86400 seconds");
    let keep_alive = Duration::from_secs_f64(keep_alive);
    let (store, feed) = match redis {
        None => Log::open(log, keep.get())?,
        Some(url) => Redis::open(&url, keep.get()).await?,
    };
    let ending = CancellationToken::new();
    let signalled = ending.clone();
    ctrlc::set_handler(move || signalled.cancel())?;
    let router = web::router(App { users, keep_alive, feed, store, ending: ending.clone() });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.with_context(|| format!("port {port}"))?;
    _ = writeln!(io::stdout(), "http://{}/", listener.local_addr()?);
    // Each event is a small packet, which is not to wait for the one after it.
    let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
    let ended = ending.clone().cancelled_owned();
    let server = axum::serve(listener, router).with_graceful_shutdown(ended).into_future();
    // All streams end now. A client that does not read would keep the server running for ever.
    let late = ending.cancelled().then(|()| sleep(Duration::from_secs(5)));
    select! { end = server => Ok(end?), () = late => Ok(()) }
}
