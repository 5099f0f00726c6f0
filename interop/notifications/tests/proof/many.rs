//! Many servers: two behind nginx, killed and started in turn, connections cut, Redis
//! restarted, under a steady load. Subscriptions listen, and the page in Chromium. Every
//! acknowledged event comes to every client that may see it, once and in order.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Checks;
use crate::browser::Browser;
use crate::clients::{Acknowledged, Id, Seen, listen, publish, write};
use crate::world::{Cutter, Process, TOKENS, Why, directory, free_port};

const CLIENTS: usize = 8;
const WRITERS: usize = 4;

pub async fn prove(
    checks: &mut Checks,
    events: usize,
    kills: usize,
    with_browser: bool,
) -> Result<(), Why> {
    let start = Instant::now();
    let mut fleet = Fleet::start().await?;
    let nginx = Process::nginx(fleet.ports, &fleet.directory).await?;
    let cutter = Cutter::before(nginx.port).await?;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (port, which) = (cutter.port, number % TOKENS.len());
        clients.spawn(async move { (which, listen(port, TOKENS[which]).await) });
    }
    let mut browser = match with_browser {
        true => Some(Browser::open(cutter.port).await?),
        false => None,
    };
    sleep(Duration::from_millis(500)).await;

    // A kill every two seconds or so, and the load for as long as there are kills.
    let every = Duration::from_secs(2) * (kills * WRITERS) as u32 / events.max(1) as u32;
    let (mut writers, acknowledged) = (JoinSet::new(), Acknowledged::default());
    for first in 0..WRITERS {
        let numbers = (first..events).step_by(WRITERS);
        writers.spawn(write(nginx.port, numbers, every, acknowledged.clone()));
    }
    let mut cuts = 0;
    for kill in 0..kills {
        sleep(Duration::from_millis(800)).await;
        if let Some(browser) = browser.as_mut().filter(|_| kill == 0) {
            browser.screenshot("nginx-before").await?;
        }
        cuts += cutter.cut();
        sleep(Duration::from_millis(400)).await;
        fleet.kill(kill).await?;
        sleep(Duration::from_millis(600)).await;
        if let Some(browser) = browser.as_mut().filter(|_| kill == 1) {
            browser.screenshot("nginx-after").await?;
        }
    }
    let mut repeated = 0;
    while let Some(writer) = writers.join_next().await {
        repeated += writer??;
    }
    publish(&Client::new(), nginx.port, &json!({ "type": "end", "message": "" })).await?;

    let mut of_user: [Vec<Seen>; 2] = Default::default();
    let all = async {
        while let Some(client) = clients.join_next().await {
            let (which, seen) = client?;
            of_user[which].push(seen?);
        }
        Ok::<_, Why>(())
    };
    timeout(Duration::from_secs(60), all).await.map_err(|_| "a client never got the end")??;
    if let Some(browser) = browser {
        let seen = browser.end().await?;
        checks.check("the page in Chromium came back", seen.interruptions > 0, seen.interruptions);
        of_user[0].push(seen);
    }
    compare(checks, &acknowledged.lock().unwrap(), &of_user, events, repeated);
    checks.check("servers that were asked to end did", fleet.asked == fleet.ended, fleet.ended);
    println!(
        "many: {events} events, {kills} kills, {} restarts of Redis, {cuts} connections cut, \
         {CLIENTS} clients{}, {repeated} POSTs repeated, {:.1} s",
        fleet.redis_restarts,
        if with_browser { " and Chromium" } else { "" },
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Redis and two servers.
struct Fleet {
    directory: PathBuf,
    redis: Option<Process>,
    redis_port: u16,
    servers: [Option<Process>; 2],
    ports: [u16; 2],
    redis_restarts: usize,
    /// How many servers were asked to end, and how many of them did.
    asked: usize,
    ended: usize,
}

impl Fleet {
    async fn start() -> Result<Self, Why> {
        let (directory, redis_port) = (directory("many"), free_port());
        let redis = Some(Process::redis(redis_port, &directory).await?);
        let ports = [free_port(), free_port()];
        let (servers, redis_restarts, asked, ended) = ([None, None], 0, 0, 0);
        let mut fleet =
            Fleet { directory, redis, redis_port, servers, ports, redis_restarts, asked, ended };
        fleet.start_server(0).await?;
        fleet.start_server(1).await?;
        Ok(fleet)
    }

    async fn start_server(&mut self, which: usize) -> Result<(), Why> {
        let url = format!("redis://127.0.0.1:{}", self.redis_port);
        let options = ["--redis", &url, "--keep-alive", "2"];
        self.servers[which] = Some(Process::server(self.ports[which], &options).await?);
        Ok(())
    }

    /// Ends a server, the one or the other, at once or politely, and starts it again. Each
    /// fourth time Redis is restarted too, while the server is away.
    async fn kill(&mut self, number: usize) -> Result<(), Why> {
        let (which, politely) = (number % 2, number % 4 < 2);
        let server = self.servers[which].take().expect("it was started again");
        let status = server.end(politely).await?;
        self.asked += usize::from(politely);
        self.ended += usize::from(status.is_some_and(|status| status.success()));
        sleep(Duration::from_millis(200)).await;
        if number % 4 == 3 {
            self.redis.take().expect("it was started again").end(number % 8 == 3).await?;
            sleep(Duration::from_millis(300)).await;
            self.redis = Some(Process::redis(self.redis_port, &self.directory).await?);
            self.redis_restarts += 1;
        }
        self.start_server(which).await
    }
}

/// Compares the events that the clients of each user have seen with those that were acknowledged.
fn compare(
    checks: &mut Checks,
    acknowledged: &BTreeMap<Id, (String, bool)>,
    of_user: &[Vec<Seen>; 2],
    events: usize,
    repeated: usize,
) {
    checks.check("events acknowledged", acknowledged.len() == events, acknowledged.len());
    for (user, clients) in ["ada", "bob"].iter().zip(of_user) {
        let mine: Vec<_> = acknowledged
            .iter()
            .filter(|(_, (_, is_for_ada))| *user == "ada" || !is_for_ada)
            .map(|(id, (message, _))| (*id, message.clone()))
            .collect();
        let is_in_order = clients.iter().all(|seen| seen.events.is_sorted_by(|a, b| a.0 < b.0));
        checks.check(&format!("{user}: in order, each once"), is_in_order, clients.len());
        let has_all =
            |seen: &Seen| mine.iter().all(|event| seen.events.binary_search(event).is_ok());
        let whole = clients.iter().filter(|seen| has_all(seen)).count();
        let is_whole = whole == clients.len() && whole >= CLIENTS / 2;
        checks.check(&format!("{user}: clients that have all {}", mine.len()), is_whole, whole);
        let are_same = clients.iter().all(|seen| seen.events == clients[0].events);
        checks.check(&format!("{user}: every client has the same"), are_same, are_same);
        // An answer that was lost: the event is there, and once more after it was sent again.
        let extra = clients[0].events.len().saturating_sub(mine.len());
        checks.check(&format!("{user}: stored, but not acknowledged"), extra <= repeated, extra);
    }
    let all = || of_user.iter().flatten();
    let notices: usize = all().map(|seen| seen.notices).sum();
    checks.check("no client was told of a gap", notices == 0, notices);
    let interruptions: usize = all().map(|seen| seen.interruptions).sum();
    checks.check("clients came back", interruptions > 0, interruptions);
}
