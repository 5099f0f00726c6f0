//! The processes of a proof, each on a port of its own on loopback, and ended with it.

use std::fs;
use std::net::TcpListener as Std;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::sleep;

pub type Why = Box<dyn std::error::Error + Send + Sync>;

pub const TOKENS: [&str; 2] = ["ada-token", "bob-token"];

/// A port that nobody has now.
pub fn free_port() -> u16 {
    let listener = Std::bind(("127.0.0.1", 0)).expect("loopback has free ports");
    listener.local_addr().expect("it is bound").port()
}

/// An empty directory under the build's own.
pub fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the build's directory can be written");
    path
}

pub struct Process {
    child: Child,
    pub port: u16,
}

impl Process {
    fn spawn(command: &mut Command, port: u16) -> Result<Self, Why> {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        let child = child.spawn();
        let name = command.get_program().display();
        Ok(Process { child: child.map_err(|error| format!("{name}: {error}"))?, port })
    }

    pub async fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).await.is_ok()
    }

    /// Waits until its port takes connections.
    pub async fn ready(mut self) -> Result<Self, Why> {
        for _ in 0..400 {
            if self.listens().await {
                return Ok(self);
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("a program ended at once: {status}").into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(format!("nobody listens on port {}", self.port).into())
    }

    /// A server that may not listen yet.
    pub fn begin_server(port: u16, options: &[&str]) -> Result<Self, Why> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_notifications"));
        Process::spawn(command.args(["--port", &port.to_string()]).args(options), port)
    }

    /// The status and the errors of a server that cannot begin.
    pub fn refused(options: &[&str]) -> Result<(ExitStatus, String), Why> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_notifications"));
        let output = command.args(["--port", "0"]).args(options).output()?;
        Ok((output.status, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    pub async fn server(port: u16, options: &[&str]) -> Result<Self, Why> {
        Process::begin_server(port, options)?.ready().await
    }

    /// Every write is on the disk before it is answered: nothing acknowledged is lost.
    pub async fn redis(port: u16, directory: &Path) -> Result<Self, Why> {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
        command.args(["--appendfsync", "always", "--port", &port.to_string()]);
        Process::spawn(command.arg("--dir").arg(directory), port)?.ready().await
    }

    /// The configuration that is documented, with other ports.
    pub async fn nginx(servers: [u16; 2], directory: &Path) -> Result<Self, Why> {
        let port = free_port();
        let mut text = include_str!("../../nginx.conf").to_owned();
        for (documented, used) in [("3001", servers[0]), ("3002", servers[1]), ("8080", port)] {
            text = text.replace(&format!("127.0.0.1:{documented}"), &format!("127.0.0.1:{used}"));
        }
        let file = directory.join("nginx.conf");
        fs::write(&file, text)?;
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-e", "stderr", "-g", "daemon off; master_process off;"]);
        Process::spawn(command.arg("-p").arg(directory).arg("-c").arg(file), port)?.ready().await
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it by SIGTERM, on which it may close what is open, or else by SIGKILL.
    /// Gives the status of one that has ended by itself.
    pub async fn end(mut self, politely: bool) -> Result<Option<ExitStatus>, Why> {
        if politely {
            Command::new("kill").arg(self.id().to_string()).status()?;
            for _ in 0..400 {
                if let Some(status) = self.child.try_wait()? {
                    return Ok(Some(status));
                }
                sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(None)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A relay to a port that can cut all its connections at once.
pub struct Cutter {
    pub port: u16,
    cut: broadcast::Sender<()>,
}

impl Cutter {
    pub async fn before(target: u16) -> Result<Self, Why> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (port, cut) = (listener.local_addr()?.port(), broadcast::channel(1).0);
        let cuts = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let mut cut = cuts.subscribe();
                tokio::spawn(async move {
                    let Ok(mut to) = TcpStream::connect(("127.0.0.1", target)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
                        _ = cut.recv() => {}
                    }
                });
            }
        });
        Ok(Cutter { port, cut })
    }

    pub fn cut(&self) -> usize {
        self.cut.send(()).unwrap_or(0)
    }
}
