//! nginx in front of any server: `/to/PORT/…`, in several manners.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::outcome::{Missing, Result, ensure, in_words};
use crate::process::{self, Process};

/// By which way a stream comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Direct,
    /// HTTP/2 without TLS, straight to the server.
    DirectHttp2,
    /// nginx's defaults: responses are buffered, upstream speaks HTTP/1.0.
    Defaults,
    /// Upstream speaks HTTP/1.1, here and below.
    Buffered,
    Unbuffered,
    /// HTTP/2 without TLS to nginx, HTTP/1.1 from nginx to the server.
    Http2,
    /// HTTP/2 over TLS, as browsers have it.
    Http2Tls,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Way::Direct => "direct",
            Way::DirectHttp2 => "direct, HTTP/2",
            Way::Defaults => "nginx's defaults",
            Way::Buffered => "nginx, buffering on",
            Way::Unbuffered => "nginx, buffering off",
            Way::Http2 | Way::Http2Tls => "nginx, HTTP/2",
        }
    }
}

/// For each way through nginx: how it listens, and how it speaks to the server.
const SERVERS: [(Way, &str, &str); 5] = [
    (Way::Defaults, "", ""),
    (Way::Buffered, "", HTTP_1_1),
    (Way::Unbuffered, "", UNBUFFERED),
    (Way::Http2, "http2", UNBUFFERED),
    (Way::Http2Tls, "ssl http2", UNBUFFERED),
];

const HTTP_1_1: &str = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
const UNBUFFERED: &str =
    "proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off;";

const NGINX: &str = "/usr/sbin/nginx";

pub struct Nginx {
    _process: Process,
    pub version: String,
    /// One for each of [`SERVERS`].
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
        let ports = free_ports()?;
        std::fs::write(folder.join("nginx.conf"), configuration(&ports))?;
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
pub fn base(nginx: &Result<Nginx>, port: u16, way: Way) -> Result<String> {
    let Some(server) = SERVERS.iter().position(|(of, ..)| *of == way) else {
        return Ok(format!("http://127.0.0.1:{port}"));
    };
    let scheme = if way == Way::Http2Tls { "https" } else { "http" };
    match nginx {
        Ok(nginx) => Ok(format!("{scheme}://127.0.0.1:{}/to/{port}", nginx.ports[server])),
        Err(error) => match error.downcast_ref::<Missing>() {
            Some(missing) => Err(missing.clone().into()),
            None => Err(in_words(error).into()),
        },
    }
}

fn configuration(ports: &[u16]) -> String {
    let server = |((_, listen, manner), port): (&(Way, &str, &str), &u16)| {
        format!(
            "server {{
                listen 127.0.0.1:{port} {listen};
                location ~ ^/to/(\\d+)/(.*)$ {{
                    proxy_pass http://127.0.0.1:$1/$2$is_args$args;
                    proxy_set_header X-Client-Protocol $server_protocol;
                    {manner}
                }}
            }}"
        )
    };
    let servers: String = SERVERS.iter().zip(ports).map(server).collect();
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            client_max_body_size 256m;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            ssl_certificate certificate.pem; ssl_certificate_key key.pem;
            {servers}
        }}"
    )
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
    let listeners = SERVERS.map(|_| TcpListener::bind("127.0.0.1:0"));
    listeners.into_iter().map(|listener| Ok(listener?.local_addr()?.port())).collect()
}
