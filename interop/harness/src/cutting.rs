//! A proxy that cuts connections, between a server and its readers. Its port stays
//! the same, whatever becomes of the server.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::random::Random;

/// Whether the head of a response may be cut too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heads {
    Cut,
    /// Chromium takes half a head, without TLS, for a whole one. Where the media type is
    /// missing then, it stays closed, as the standard asks.
    Spared,
}

pub struct CuttingProxy {
    pub port: u16,
    ways: Arc<Ways>,
    accepting: JoinHandle<io::Result<()>>,
}

struct Ways {
    heads: Heads,
    upstream: Mutex<Option<u16>>,
    random: Mutex<Random>,
    cuts: AtomicUsize,
}

/// How a connection is cut: after so many bytes, by a reset or an orderly end.
struct Cut {
    after: u64,
    reset: bool,
}

impl CuttingProxy {
    pub async fn start(seed: u64, heads: Heads) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (upstream, cuts) = (Mutex::default(), AtomicUsize::default());
        let ways = Arc::new(Ways { heads, upstream, random: Mutex::new(Random(seed)), cuts });
        let accepting = tokio::spawn(accept(listener, ways.clone()));
        Ok(CuttingProxy { port, ways, accepting })
    }

    /// Leads to this port from now on; until then nowhere.
    pub fn lead_to(&self, port: u16) {
        *self.ways.upstream.lock().expect("nobody panics inside") = Some(port);
    }

    /// How many connections were cut, beside those that the server ended.
    pub fn cuts(&self) -> usize {
        self.ways.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, ways: Arc<Ways>) -> io::Result<()> {
    loop {
        let (reader, _) = listener.accept().await?;
        // An error ends the connection, as anything else does.
        tokio::spawn(pass(reader, ways.clone()));
    }
}

async fn pass(mut reader: TcpStream, ways: Arc<Ways>) -> io::Result<()> {
    let upstream = *ways.upstream.lock().expect("nobody panics inside");
    // A server that is not there ends the connection before a byte of a response.
    let mut server = TcpStream::connect(("127.0.0.1", upstream.unwrap_or(1))).await?;
    let cut = ways.cut();
    let was_cut = {
        let (mut from_server, mut to_server) = server.split();
        let (mut from_reader, mut to_reader) = reader.split();
        let response = async {
            if ways.heads == Heads::Spared {
                to_reader.write_all(&head(&mut from_server).await?).await?;
            }
            let most = cut.as_ref().map_or(u64::MAX, |cut| cut.after);
            Ok::<_, io::Error>(copy(&mut from_server.take(most), &mut to_reader).await? == most)
        };
        tokio::select! {
            response = response => response?,
            _ = copy(&mut from_reader, &mut to_server) => false,
        }
    };
    if was_cut {
        ways.cuts.fetch_add(1, Ordering::Relaxed);
        if cut.is_some_and(|cut| cut.reset) {
            reader.set_zero_linger()?;
        }
    }
    Ok(())
}

impl Ways {
    /// Seven connections of eight are cut, after few bytes as often as after many.
    fn cut(&self) -> Option<Cut> {
        let mut random = self.random.lock().expect("nobody panics inside");
        let magnitude = 1 << random.below(18);
        let cut = Cut { after: random.below(magnitude), reset: random.one_in(2) };
        (!random.one_in(8)).then_some(cut)
    }
}

/// All up to the end of the head, and what came with it.
async fn head(from_server: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        if from_server.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}
