//! nginx in front of any server: `/to/PORT/…`, in four manners.

use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::process::{self, Process, Why};

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

pub struct Nginx {
    _process: Process,
    pub version: String,
    ports: Ports,
}

struct Ports {
    defaults: u16,
    buffered: u16,
    unbuffered: u16,
    http2: u16,
    http2_tls: u16,
}

impl Nginx {
    pub async fn start(folder: &Path) -> Result<Self, Why> {
        let program = process::find("nginx")?;
        let version = process::output(&program, &["-v"]).await.unwrap_or_default();
        let version = version.rsplit('/').next().unwrap_or_default().to_owned();
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        certificate(&folder).await?;

        let [defaults, buffered, unbuffered, http2, http2_tls] = free_ports()?;
        let server = |listen: String, manner: &str| {
            format!(
                "server {{
                    listen 127.0.0.1:{listen};
                    location ~ ^/to/(\\d+)/(.*)$ {{
                        proxy_pass http://127.0.0.1:$1/$2$is_args$args;
                        proxy_set_header X-Client-Protocol $server_protocol;
                        {manner}
                    }}
                }}"
            )
        };
        const HTTP_1_1: &str = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
        let unbuffered_1_1 = format!("{HTTP_1_1} proxy_buffering off;");
        let configuration = [
            "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
            events { worker_connections 256; }
            http {
                access_log off;
                client_max_body_size 256m;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                ssl_certificate certificate.pem; ssl_certificate_key key.pem;"
                .to_owned(),
            server(format!("{defaults}"), ""),
            server(format!("{buffered}"), HTTP_1_1),
            server(format!("{unbuffered}"), &unbuffered_1_1),
            server(format!("{http2} http2"), &unbuffered_1_1),
            server(format!("{http2_tls} ssl http2"), &unbuffered_1_1),
            "}".to_owned(),
        ];
        std::fs::write(folder.join("nginx.conf"), configuration.concat())?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder).args(["-e", "stderr", "-c", "nginx.conf"]);
        let process = Process::start(&mut command)?;
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", http2_tls)).await.is_ok() {
                let ports = Ports { defaults, buffered, unbuffered, http2, http2_tls };
                return Ok(Nginx { _process: process, version, ports });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(Why::failed("nginx did not start"))
    }

    /// Where the server at this port is found, by this way.
    fn base(&self, port: u16, way: Way) -> Option<String> {
        let (scheme, nginx) = match way {
            Way::Direct | Way::DirectHttp2 => return None,
            Way::Defaults => ("http", self.ports.defaults),
            Way::Buffered => ("http", self.ports.buffered),
            Way::Unbuffered => ("http", self.ports.unbuffered),
            Way::Http2 => ("http", self.ports.http2),
            Way::Http2Tls => ("https", self.ports.http2_tls),
        };
        Some(format!("{scheme}://127.0.0.1:{nginx}/to/{port}"))
    }
}

/// Where the server at this port is found, by this way.
pub fn base(nginx: &Result<Nginx, Why>, port: u16, way: Way) -> Result<String, Why> {
    let direct = format!("http://127.0.0.1:{port}");
    match nginx {
        _ if matches!(way, Way::Direct | Way::DirectHttp2) => Ok(direct),
        Ok(nginx) => Ok(nginx.base(port, way).unwrap_or(direct)),
        Err(why) => Err(why.clone()),
    }
}

async fn certificate(folder: &Path) -> Result<(), Why> {
    let mut command = Command::new(process::find("openssl")?);
    command
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("certificate.pem"))
        .kill_on_drop(true);
    let output = command.output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Why::failed(format!("openssl: {said}"))) }
}

fn free_ports<const N: usize>() -> std::io::Result<[u16; N]> {
    // All are held until all are known, so that they differ.
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
