//! A proxy that cuts connections, between a server and its readers. Its port stays
//! the same, whatever becomes of the server.
//!
//! The head of a response it passes on whole: Chromium takes half a head, without TLS, for a whole
//! one, and stays closed if the media type is missing then, as the standard asks. The cookbook's
//! own tests cut heads too.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::random::Random;

pub struct CuttingProxy {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Where it leads to; at first nowhere.
    upstream: AtomicU16,
    /// How many connections were cut, beside those that the server ended.
    cuts: AtomicUsize,
}

/// How a connection is cut: after so many bytes, few as often as many, and by a reset or an orderly
/// end. Before that the server may end it.
fn cut(random: &mut Random) -> (u64, bool) {
    let magnitude = 1 << random.below(18);
    (random.below(magnitude), random.one_in(2))
}

impl CuttingProxy {
    pub async fn start(seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State::default());
        let (passing, mut random) = (state.clone(), Random(seed));
        tokio::spawn(async move {
            while let Ok((reader, _)) = listener.accept().await {
                // An error ends the connection, as anything else does.
                tokio::spawn(pass(reader, passing.clone(), cut(&mut random)));
            }
        });
        Ok(CuttingProxy { port, state })
    }

    /// Leads to this port from now on.
    pub fn lead_to(&self, port: u16) {
        self.state.upstream.store(port, Relaxed);
    }

    pub fn cuts(&self) -> usize {
        self.state.cuts.load(Relaxed)
    }
}

async fn pass(mut reader: TcpStream, state: Arc<State>, cut: (u64, bool)) -> io::Result<()> {
    let (after, reset) = cut;
    // A server that is not there ends the connection before a byte of a response.
    let mut server = TcpStream::connect(("127.0.0.1", state.upstream.load(Relaxed))).await?;
    let (from_server, mut to_server) = server.split();
    let (mut from_reader, mut to_reader) = reader.split();
    let mut from_server = BufReader::new(from_server);
    let response = async {
        let mut head = Vec::new();
        // Up to the empty line.
        while from_server.read_until(b'\n', &mut head).await? > 2 {}
        to_reader.write_all(&head).await?;
        io::Result::Ok(copy(&mut from_server.take(after), &mut to_reader).await? == after)
    };
    let was_cut = tokio::select! {
        response = response => response?,
        _ = copy(&mut from_reader, &mut to_server) => false,
    };
    if was_cut {
        state.cuts.fetch_add(1, Relaxed);
        if reset {
            reader.set_zero_linger()?;
        }
    }
    Ok(())
}
