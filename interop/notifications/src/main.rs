//! A notification service: `cargo run`, and open the page that it names.

mod feed;
mod log;
mod redis;
mod web;

use std::{fs, net::Ipv4Addr, num::NonZero, path::PathBuf, time::Duration};

use axum::serve::ListenerExt;
use clap::Parser;
use tokio::{net::TcpListener, signal::ctrl_c, signal::unix, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{log::Log, redis::Redis, web::App};

type Error = Box<dyn std::error::Error + Send + Sync>;

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
    /// After how many seconds of silence a client is sent its place.
    #[arg(long, default_value_t = 15.0)]
    keep_alive: f64,
    /// A file of JSON: an object with the token of each user, and the name of the user.
    #[arg(long, default_value = "users.json")]
    users: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Options { port, log, redis, keep, keep_alive, users } = Options::parse();
    let users = fs::read(&users).map_err(|error| format!("{}: {error}", users.display()))?;
    let users = serde_json::from_slice(&users)?;
    let keep_alive = Duration::try_from_secs_f64(keep_alive)?;
    let (store, feed) = match redis {
        None => Log::open(log, keep.get())?,
        Some(url) => Redis::open(&url, keep.get()).await?,
    };
    let ending = CancellationToken::new();
    let router = web::router(App { users, keep_alive, feed, store, ending: ending.clone() });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}/", listener.local_addr()?);
    // Each event is a small packet, which is not to wait for the one after it.
    let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
    let ended = ending.clone().cancelled_owned();
    let server = axum::serve(listener, router).with_graceful_shutdown(ended).into_future();
    let (server, mut terminated) =
        (tokio::spawn(server), unix::signal(unix::SignalKind::terminate())?);
    tokio::select! { _ = terminated.recv() => {}, _ = ctrl_c() => {} }
    // An open stream has no end: each ends now, and its client comes back later.
    ending.cancel();
    // A client that does not read would keep the server running for ever.
    _ = timeout(Duration::from_secs(5), server).await;
    Ok(())
}
