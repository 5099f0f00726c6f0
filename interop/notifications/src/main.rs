//! A notification service: `cargo run -p notifications`, and open the page that it names.
//!
//! ```text
//! notifications [--port 3000] [--log notifications.log | --redis redis://127.0.0.1:6379]
//!               [--keep 100000] [--keep-alive 15] [--user NAME=TOKEN]…
//! ```
//!
//! Without `--user` there are two users for a trial: ada and bob, whose tokens are
//! `ada-token` and `bob-token`.

mod client;
mod feed;
mod log;
mod notification;
mod redis_stream;
mod web;

use std::collections::HashMap;
use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use feed::Feed;
use redis_stream::RedisStream;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

/// How long the end of the server waits for clients that do not read.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut port, mut log, mut redis) = (3000, "notifications.log".to_owned(), None);
    let (mut keep, mut keep_alive, mut users) = (100_000, 15.0, HashMap::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match &*name {
            "--port" => port = value.parse()?,
            "--log" => log = value,
            "--redis" => redis = Some(value),
            "--keep" => keep = value.parse()?,
            "--keep-alive" => keep_alive = value.parse()?,
            "--user" => add_user(&mut users, &value)?,
            _ => return Err(format!("there is no option {name}").into()),
        }
    }
    if users.is_empty() {
        add_user(&mut users, "ada=ada-token")?;
        add_user(&mut users, "bob=bob-token")?;
    }
    let feed = match redis {
        None => Arc::new(Feed::with_log(log.into(), keep)?),
        Some(url) => shared(RedisStream::new(&url, keep)?).await,
    };
    let keep_alive = Duration::from_secs_f64(keep_alive);
    let app = web::App { feed: feed.clone(), users: Arc::new(users), keep_alive };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}/", listener.local_addr()?);
    // Each event is a small packet, which is not to wait for the one after it.
    let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
    let ending = feed.clone();
    let server = axum::serve(listener, web::router(app)).with_graceful_shutdown(async move {
        asked_to_end().await;
        // An open stream would go on for ever: each ends now, and its client comes back later.
        ending.changed.send_replace(true);
    });
    let mut ending = feed.changed.subscribe();
    let too_late = async {
        _ = ending.wait_for(|is_ending| *is_ending).await;
        sleep(PATIENCE).await;
    };
    tokio::select! {
        ended = server => Ok(ended?),
        () = too_late => Ok(()),
    }
}

/// A name is a comment of an event, so it has to be one line; letters and digits will do.
fn add_user(users: &mut HashMap<String, Arc<str>>, text: &str) -> Result<(), Box<dyn Error>> {
    let (name, token) = text.split_once('=').ok_or("--user needs NAME=TOKEN")?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) || token.is_empty()
    {
        return Err("a user's name has only letters and digits, and the token is not empty".into());
    }
    users.insert(token.to_owned(), name.into());
    Ok(())
}

/// The feed of a server that shares its events. It takes no client before it has seen Redis,
/// because it would have no place to give to one that is new.
async fn shared(redis: RedisStream) -> Arc<Feed> {
    let feed = Arc::new(Feed::with_redis(redis.clone()));
    while let Err(error) = redis.fill(&feed).await {
        eprintln!("waiting for Redis: {error}");
        sleep(Duration::from_millis(200)).await;
    }
    let follower = feed.clone();
    tokio::spawn(async move { redis.follow(&follower).await });
    feed
}

async fn asked_to_end() {
    let mut terminated = signal(SignalKind::terminate()).expect("signals can be had");
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
