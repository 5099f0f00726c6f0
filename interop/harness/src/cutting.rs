//! A proxy that cuts connections, between a server and its readers. Its port stays
//! the same, whatever becomes of the server.
//!
//! The head of a response it passes on whole: Chromium takes half a head, without TLS, for a whole
//! one, and stays closed if the media type is missing then, as the standard asks. The cookbook's
//! own tests cut heads too.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
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

/// How a connection is cut: after so many bytes, by a reset or an orderly end.
struct Cut {
    after: u64,
    reset: bool,
}

impl Cut {
    /// Seven connections of eight are cut, after few bytes as often as after many.
    fn random(random: &mut Random) -> Self {
        let magnitude = 1 << random.below(18);
        let after = if random.one_in(8) { u64::MAX } else { random.below(magnitude) };
        Cut { after, reset: random.one_in(2) }
    }
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
                tokio::spawn(pass(reader, passing.clone(), Cut::random(&mut random)));
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

async fn pass(mut reader: TcpStream, state: Arc<State>, cut: Cut) -> io::Result<()> {
    // A server that is not there ends the connection before a byte of a response.
    let mut server = TcpStream::connect(("127.0.0.1", state.upstream.load(Relaxed))).await?;
    let (mut from_server, mut to_server) = server.split();
    let (mut from_reader, mut to_reader) = reader.split();
    let response = async {
        to_reader.write_all(&head(&mut from_server).await?).await?;
        let copied = copy(&mut from_server.take(cut.after), &mut to_reader).await?;
        Ok::<_, io::Error>(copied == cut.after)
    };
    let was_cut = tokio::select! {
        response = response => response?,
        _ = copy(&mut from_reader, &mut to_server) => false,
    };
    if was_cut {
        state.cuts.fetch_add(1, Relaxed);
        if cut.reset {
            reader.set_zero_linger()?;
        }
    }
    Ok(())
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
