//! A notification service: `cargo run`, and open the page that it names.

mod feed;
mod log;
mod redis;
mod web;

use std::{net::Ipv4Addr, num::NonZero, path::PathBuf, time::Duration};

use axum::serve::ListenerExt;
use clap::Parser;
use tokio::signal::{ctrl_c, unix::SignalKind, unix::signal};
use tokio::{net::TcpListener, time::timeout};

use crate::{log::Log, redis::Redis, web::App};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long the end of the server waits for clients that do not read.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// A user and the token that the user sends.
    #[arg(long, value_name = "NAME=TOKEN", value_parser = user, default_values = ["ada=ada-token", "bob=bob-token"])]
    user: Vec<(String, String)>,
}

/// A token, and the name of its user, which is a comment of one line.
fn user(text: &str) -> Result<(String, String), &'static str> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts = text.split_once('=').filter(|(name, _)| is_name(name));
    let (name, token) = parts.ok_or("a name of letters and digits, `=`, and a token are needed")?;
    Ok((token.to_owned(), name.to_owned()))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let options = Options::parse();
    let (store, feed) = match options.redis {
        None => Log::open(options.log, options.keep.get())?,
        Some(url) => Redis::open(&url, options.keep.get()).await?,
    };
    let keep_alive = Duration::try_from_secs_f64(options.keep_alive)?;
    let users = options.user.into_iter().collect();
    let router = web::router(App { users, keep_alive, feed: feed.clone(), store });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    println!("http://{}/", listener.local_addr()?);
    // Each event is a small packet, which is not to wait for the one after it.
    let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
    let (mut ending, mut terminated) = (feed.subscribe(), signal(SignalKind::terminate())?);
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        _ = ending.wait_for(|feed| feed.is_ending).await;
    });
    let server = tokio::spawn(server.into_future());
    tokio::select! { _ = terminated.recv() => {}, _ = ctrl_c() => {} }
    // An open stream has no end: each ends now, and its client comes back later.
    feed.send_modify(|feed| feed.is_ending = true);
    _ = timeout(PATIENCE, server).await;
    Ok(())
}
