//! The load of many clients on loopback: this service beside the same one on axum's own
//! `Sse`, in turns, each as a process of its own. Compare only what one run prints.
//!
//! ```text
//! cargo bench --bench load                   2000 clients
//! cargo bench --bench load -- 500            so many
//! ```
//!
//! It takes a minute or so, and needs a file for each client (`ulimit -n`).

mod axum_sse;
mod clients;

use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clients::Clients;
use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

type Why = Box<dyn Error + Send + Sync>;

/// How often each server takes its turn.
const TURNS: usize = 3;

/// Events that are sent as fast as they are acknowledged, by so many writers.
const BURST: usize = 400;
const WRITERS: usize = 4;

/// Events of which each is sent when all clients have the one before it.
const SINGLE: usize = 60;

const MESSAGE: &str = "The build of the branch main has finished after four minutes: passed.";

fn main() -> Result<(), Why> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if let [name, port] = &words[..] {
        assert_eq!(name, "axum-sse");
        return Ok(runtime.block_on(axum_sse::serve(port.parse()?)).map_err(|e| e.to_string())?);
    }
    let clients = words.first().map_or(Ok(2000), |word| word.parse())?;
    let run = async move { timeout(Duration::from_secs(300), run(clients)).await };
    runtime.block_on(run).map_err(|_| "it takes longer than five minutes")?
}

async fn run(clients: usize) -> Result<(), Why> {
    let (mut ours, mut axums) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        for (name, figures) in [("notifications", &mut ours), ("axum's Sse", &mut axums)] {
            let figure = measure(name, clients).await.map_err(|why| format!("{name}: {why}"))?;
            println!("{turn} {name:<14} {figure:?}");
            figures.push(figure);
        }
    }
    println!("\n{clients} clients, the median of {TURNS} turns:");
    println!("{:<46} {:>14} {:>14} {:>8}", "", "notifications", "axum's Sse", "ratio");
    type Column = (&'static str, fn(&Figures) -> f64);
    let columns: [Column; 6] = [
        ("memory per idle client, KiB", |figures| figures.idle),
        ("memory per client at the highest, KiB", |figures| figures.highest),
        ("a burst: events to a client, per second", |figures| figures.burst),
        ("a burst: server's CPU per event and client, µs", |figures| figures.burst_cpu),
        ("one at a time: events to a client, per second", |figures| figures.single),
        ("one at a time: CPU per event and client, µs", |figures| figures.single_cpu),
    ];
    for (what, of) in columns {
        let (ours, axums) = (median(&ours, of), median(&axums, of));
        println!("{what:<46} {ours:>14.2} {axums:>14.2} {:>8.2}", ours / axums);
    }
    Ok(())
}

fn median(figures: &[Figures], of: fn(&Figures) -> f64) -> f64 {
    let mut values: Vec<f64> = figures.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[derive(Debug)]
struct Figures {
    idle: f64,
    highest: f64,
    burst: f64,
    burst_cpu: f64,
    single: f64,
    single_cpu: f64,
}

async fn measure(name: &str, count: usize) -> Result<Figures, Why> {
    let server = Server::start(name).await?;
    let before = server.memory("VmRSS:")?;
    let mut clients = Clients::connect(server.port, count).await?;
    sleep(Duration::from_millis(500)).await;
    let per_client = |bytes: f64| (bytes - before) / count as f64 / 1024.0;
    let idle = per_client(server.memory("VmRSS:")?);

    let (start, cpu) = (Instant::now(), server.cpu()?);
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (client, url) = (Client::new(), server.url());
        writers.spawn(async move {
            for _ in 0..BURST / WRITERS {
                publish(&client, &url).await?;
            }
            Ok::<_, Why>(())
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    clients.each_has(BURST).await?;
    let burst = BURST as f64 / start.elapsed().as_secs_f64();
    let burst_cpu = (server.cpu()? - cpu) / (BURST * count) as f64;

    let (start, cpu) = (Instant::now(), server.cpu()?);
    let (client, url) = (Client::new(), server.url());
    for number in 1..=SINGLE {
        publish(&client, &url).await?;
        clients.each_has(BURST + number).await?;
    }
    let single = SINGLE as f64 / start.elapsed().as_secs_f64();
    let single_cpu = (server.cpu()? - cpu) / (SINGLE * count) as f64;
    let highest = per_client(server.memory("VmHWM:")?);
    Ok(Figures { idle, highest, burst, burst_cpu, single, single_cpu })
}

async fn publish(client: &Client, url: &str) -> Result<(), Why> {
    let event = json!({ "type": "info", "message": MESSAGE });
    let response = client.post(url).json(&event).send().await?.error_for_status()?;
    response.bytes().await?;
    Ok(())
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    async fn start(name: &str) -> Result<Self, Why> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = match name {
            "notifications" => {
                let log = concat!(env!("CARGO_TARGET_TMPDIR"), "/load.log");
                _ = fs::remove_file(log);
                let mut command = Command::new(env!("CARGO_BIN_EXE_notifications"));
                command.args(["--log", log, "--port", &port.to_string()]);
                command
            }
            _ => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["axum-sse", &port.to_string()]);
                command
            }
        };
        let server = Server { child: command.stdout(Stdio::null()).spawn()?, port };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(server);
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err("the server does not listen".into())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/notifications?token=ada-token", self.port)
    }

    /// Bytes, as the kernel says in this line.
    fn memory(&self, line: &str) -> Result<f64, Why> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let value = status.lines().find_map(|text| text.strip_prefix(line));
        let number = value.and_then(|value| value.trim().strip_suffix(" kB"));
        Ok(number.ok_or("no such line in /proc")?.parse::<f64>()? * 1024.0)
    }

    /// Microseconds of CPU until now. The kernel counts in hundredths of a second.
    fn cpu(&self) -> Result<f64, Why> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = text.rsplit_once(") ").ok_or("no fields in /proc")?;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? * 10_000.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
