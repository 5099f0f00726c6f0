//! Many servers: two behind nginx, killed and started in turn, connections cut, Redis
//! restarted, under a steady load. Every acknowledged event comes to every client that may
//! see it, once and in order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use sse_proto::client::{Policy, SubscriptionBuilder, Update};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::Checks;
use crate::world::{Cutter, Process, TOKENS, Why, directory, free_port};

const CLIENTS: usize = 8;
const WRITERS: usize = 4;

/// An ID of Redis, so that IDs can be put in order.
type Id = (u64, u64);

/// The events that were acknowledged: their messages, and whether they are for ada alone.
type Acknowledged = Arc<Mutex<BTreeMap<Id, (String, bool)>>>;

#[derive(Default)]
struct Seen {
    events: Vec<(Id, String)>,
    interruptions: usize,
    /// The server said that something is missing.
    notices: usize,
}

fn id(text: &str) -> Option<Id> {
    let (time, number) = text.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

async fn listen(port: u16, token: &'static str) -> Result<Seen, Why> {
    let policy = Policy::new()
        .wait_between(Duration::from_millis(50), Duration::from_secs(1))
        .backoff(Duration::from_millis(50), Duration::from_millis(500))
        .healthy_after(Duration::ZERO)
        .retry_statuses([502, 503, 504])
        .idle_timeout(Duration::from_secs(10));
    let (client, url) = (Client::new(), format!("http://127.0.0.1:{port}/api/notifications"));
    let mut updates = SubscriptionBuilder::new()
        .policy(policy)
        .build(|headers| client.get(&url).bearer_auth(token).headers(headers).send(), sleep);
    let mut seen = Seen::default();
    loop {
        match updates.next_update().await.ok_or("the stream has ended")? {
            Update::Event(event) if event.event_type() == "end" => return Ok(seen),
            Update::Event(event) if event.event_type() == "info" => {
                let id = id(event.last_event_id()).ok_or("an ID that is not Redis's")?;
                seen.events.push((id, event.data().to_owned()));
            }
            Update::Event(_) => seen.notices += 1,
            Update::Interrupted { .. } => seen.interruptions += 1,
            Update::Closed { reason, .. } => return Err(format!("closed: {reason:?}").into()),
            _ => {}
        }
    }
}

/// Sends one event until it is acknowledged, and counts the attempts that were not.
async fn publish(client: &Client, port: u16, event: &Value) -> Result<(Id, usize), Why> {
    let url = format!("http://127.0.0.1:{port}/api/notifications");
    for attempt in 0..600 {
        let request = client.post(&url).bearer_auth(TOKENS[0]).json(event);
        if let Ok(response) = request.timeout(Duration::from_secs(5)).send().await {
            match response.status().as_u16() {
                // An answer that was cut off acknowledges nothing.
                201 => {
                    if let Ok(answer) = response.json::<Value>().await {
                        let id = answer["id"].as_str().and_then(id).ok_or("no ID")?;
                        return Ok((id, attempt));
                    }
                }
                502..=504 => {}
                status => return Err(format!("a POST was answered with {status}").into()),
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err("no server took an event for 30 s".into())
}

async fn write(
    port: u16,
    numbers: impl Iterator<Item = usize>,
    every: Duration,
    acknowledged: Acknowledged,
) -> Result<usize, Why> {
    let (client, mut due, mut attempts) = (Client::new(), interval(every), 0);
    for number in numbers {
        due.tick().await;
        let (message, is_for_ada) = (format!("number {number}\n🦀"), number % 5 == 0);
        let user = is_for_ada.then_some("ada");
        let event = json!({ "type": "info", "message": message, "user": user });
        let (id, failed) = publish(&client, port, &event).await?;
        attempts += failed;
        acknowledged.lock().unwrap().insert(id, (message, is_for_ada));
    }
    Ok(attempts)
}

pub async fn prove(checks: &mut Checks, events: usize, kills: usize) -> Result<(), Why> {
    let (start, directory) = (Instant::now(), directory("many"));
    let (redis_port, ports) = (free_port(), [free_port(), free_port()]);
    let mut redis = Some(Process::redis(redis_port, &directory).await?);
    let url = format!("redis://127.0.0.1:{redis_port}");
    let options = ["--redis", &url, "--keep-alive", "2"];
    let mut servers = [None, None];
    for (server, port) in servers.iter_mut().zip(ports) {
        *server = Some(Process::server(port, &options).await?);
    }
    let nginx = Process::nginx(ports, &directory).await?;
    let cutter = Cutter::before(nginx.port).await?;

    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (port, which) = (cutter.port, number % TOKENS.len());
        clients.spawn(async move { (which, listen(port, TOKENS[which]).await) });
    }
    sleep(Duration::from_millis(500)).await;
    // A kill every two seconds or so, and the load for as long as there are kills.
    let every = Duration::from_secs(2) * (kills * WRITERS) as u32 / events.max(1) as u32;
    let (mut writers, acknowledged) = (JoinSet::new(), Acknowledged::default());
    for first in 0..WRITERS {
        let numbers = (first..events).step_by(WRITERS);
        writers.spawn(write(nginx.port, numbers, every, acknowledged.clone()));
    }
    let (mut cuts, mut restarts, mut polite_ends) = (0, 0, (0, 0));
    for kill in 0..kills {
        sleep(Duration::from_millis(800)).await;
        cuts += cutter.cut();
        sleep(Duration::from_millis(400)).await;
        let (which, politely) = (kill % 2, kill % 4 < 2);
        let server = servers[which].take().expect("it was started again");
        let status = server.end(politely).await?;
        polite_ends.0 += usize::from(politely);
        polite_ends.1 += usize::from(status.is_some_and(|status| status.success()));
        sleep(Duration::from_millis(200)).await;
        // Redis too, now and then, while one server is away.
        if kill % 4 == 3 {
            redis.take().expect("it was started again").end(kill % 8 == 3).await?;
            sleep(Duration::from_millis(300)).await;
            redis = Some(Process::redis(redis_port, &directory).await?);
            restarts += 1;
        }
        servers[which] = Some(Process::server(ports[which], &options).await?);
        sleep(Duration::from_millis(600)).await;
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

    let acknowledged = acknowledged.lock().unwrap();
    checks.check("events acknowledged", acknowledged.len() == events, acknowledged.len());
    for (user, clients) in ["ada", "bob"].iter().zip(&of_user) {
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
        checks.check(
            &format!("{user}: clients that have all {}", mine.len()),
            whole == CLIENTS / 2,
            whole,
        );
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
    checks.check("clients came back", interruptions > 0 || kills == 0, interruptions);
    let (asked, ended) = polite_ends;
    checks.check("servers that were asked to end did", asked == ended, ended);
    println!(
        "many: {events} events, {kills} kills, {restarts} restarts of Redis, {cuts} connections cut, \
         {CLIENTS} clients, {repeated} POSTs repeated, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    drop(redis);
    Ok(())
}
