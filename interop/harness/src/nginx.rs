//! nginx in front of any server: `/to/PORT/…`, in several manners.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::outcome::{Missing, Result, ensure};
use crate::process::{self, Process};

/// By which way a stream comes: directly, or through nginx as its configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Direct,
    /// HTTP/2 without TLS, straight to the server.
    DirectHttp2,
    Defaults,
    Buffered,
    Unbuffered,
    /// HTTP/2 without TLS to nginx.
    Http2,
    /// HTTP/2 over TLS, as browsers have it.
    Http2Tls,
}

/// The ways through nginx, in the order of its ports.
const WAYS: [(Way, &str); 5] = [
    (Way::Defaults, "nginx's defaults"),
    (Way::Buffered, "nginx, buffering on"),
    (Way::Unbuffered, "nginx, buffering off"),
    (Way::Http2, "nginx, HTTP/2"),
    (Way::Http2Tls, "nginx, HTTP/2"),
];

impl Way {
    fn through_nginx(self) -> Option<usize> {
        WAYS.iter().position(|(way, _)| *way == self)
    }

    pub fn name(self) -> &'static str {
        let direct = if self == Way::Direct { "direct" } else { "direct, HTTP/2" };
        self.through_nginx().map_or(direct, |number| WAYS[number].1)
    }

    pub fn is_http2(self) -> bool {
        matches!(self, Way::DirectHttp2 | Way::Http2 | Way::Http2Tls)
    }
}

const NGINX: &str = "/usr/sbin/nginx";

pub struct Nginx {
    _process: Process,
    pub version: String,
    /// One for each of [`WAYS`].
    ports: Vec<u16>,
}

impl Nginx {
    pub async fn start(folder: &Path) -> Result<Self> {
        let version = process::output(NGINX, &["-v"]).await;
        let version = version.ok_or_else(|| Missing("nginx".into()))?;
        let version = version.rsplit('/').next().unwrap_or_default().to_owned();
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        certificate(&folder).await?;
        let mut configuration = include_str!("../nginx.conf").to_owned();
        let ports = free_ports()?;
        for (number, port) in ports.iter().enumerate() {
            configuration = configuration.replace(&format!("PORT{number}"), &port.to_string());
        }
        std::fs::write(folder.join("nginx.conf"), configuration)?;
        let mut command = Command::new(NGINX);
        command.arg("-p").arg(&folder).args(["-e", "stderr", "-c", "nginx.conf"]);
        let process = Process::start(&mut command)?;
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", ports[0])).await.is_ok() {
                return Ok(Nginx { _process: process, version, ports });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err("nginx did not start".into())
    }
}

/// Where the server at this port is found, by this way.
pub fn base(nginx: &Option<Nginx>, port: u16, way: Way) -> Result<String> {
    let Some(number) = way.through_nginx() else {
        return Ok(format!("http://127.0.0.1:{port}"));
    };
    let scheme = if way == Way::Http2Tls { "https" } else { "http" };
    let nginx = nginx.as_ref().ok_or_else(|| Missing("nginx".into()))?;
    Ok(format!("{scheme}://127.0.0.1:{}/to/{port}", nginx.ports[number]))
}

async fn certificate(folder: &Path) -> Result {
    const REQUEST: &str = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem";
    let mut command = Command::new("openssl");
    command.args(REQUEST.split_whitespace()).current_dir(folder);
    let ran = process::run(&mut command, Duration::from_secs(20)).await?;
    ensure(ran.code == Some(0), || format!("openssl: {}", ran.stderr))
}

fn free_ports() -> Result<Vec<u16>> {
    // All are held until all are known, so that they differ.
    let listeners: Vec<_> = WAYS.iter().map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    listeners.into_iter().map(|listener| Ok(listener?.local_addr()?.port())).collect()
}
