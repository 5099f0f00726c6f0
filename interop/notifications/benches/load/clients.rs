//! Clients that only count events, so that the servers get most of the machine.

use std::time::Duration;

use memchr::memmem::Finder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch::{self, Receiver};
use tokio::time::timeout;

use crate::Why;

/// Each event has this once, and messages do not.
const MARK: &[u8] = b"\ndata: ";

/// How many events each client has got.
pub struct Clients(Vec<Receiver<usize>>);

impl Clients {
    /// Half of them are ada's, half bob's.
    pub async fn connect(port: u16, count: usize) -> Result<Self, Why> {
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            let user = if number % 2 == 0 { "ada" } else { "bob" };
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
            let request = format!(
                "GET /api/notifications?token={user}-token HTTP/1.1\r\nhost: load\r\n\
                 accept: text/event-stream\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await?;
            let mut head = [0; 4096];
            let length = stream.read(&mut head).await?;
            if !head[..length].starts_with(b"HTTP/1.1 200 ") {
                return Err(String::from_utf8_lossy(&head[..length]).into());
            }
            let (sender, counted) = watch::channel(0);
            tokio::spawn(async move {
                let (finder, mut bytes) = (Finder::new(MARK), [0; 4096]);
                // The end of what was read before may be the start of a mark.
                let mut kept = 0;
                while let Ok(length @ 1..) = stream.read(&mut bytes[kept..]).await {
                    let whole = &bytes[..kept + length];
                    let count = finder.find_iter(whole).count();
                    sender.send_if_modified(|total| {
                        *total += count;
                        count > 0
                    });
                    let end = whole.len();
                    let next = end.saturating_sub(MARK.len() - 1);
                    kept = end - next;
                    bytes.copy_within(next..end, 0);
                }
            });
            clients.push(counted);
        }
        Ok(Clients(clients))
    }

    /// Waits until each client has got so many events, and fails if one has got more.
    pub async fn each_has(&mut self, events: usize) -> Result<(), Why> {
        for counted in &mut self.0 {
            let wait = timeout(Duration::from_secs(60), counted.wait_for(|&count| count >= events));
            let count = *wait.await.map_err(|_| "a client did not get all events")??;
            if count > events {
                return Err("a client got an event twice".into());
            }
        }
        Ok(())
    }
}
