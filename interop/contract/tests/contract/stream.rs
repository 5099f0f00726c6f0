//! The server of the stream, byte by byte: it answers as a test says, and cuts where it says.

use std::collections::HashMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::driver::soon;

pub struct StreamServer {
    pub url: String,
    listener: TcpListener,
}

impl StreamServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        StreamServer { url: format!("http://{}/", listener.local_addr().unwrap()), listener }
    }

    /// The next request.
    pub async fn request(&self) -> Request {
        soon(async {
            let (socket, _) = self.listener.accept().await.unwrap();
            Request::read(socket).await
        })
        .await
    }

    /// Whether no connection waits to be accepted.
    pub async fn is_quiet(&self) -> bool {
        tokio::select! {
            biased;
            _ = self.listener.accept() => false,
            () = tokio::task::yield_now() => true,
        }
    }
}

/// A request that waits for its response.
pub struct Request {
    pub method: String,
    /// With names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
    socket: TcpStream,
}

impl Request {
    async fn read(mut socket: TcpStream) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let (first, rest) = head.split_once("\r\n").unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_ascii_lowercase(), value.to_owned()))
        };
        let headers: HashMap<_, _> = rest.split("\r\n").filter_map(header).collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.unwrap();
        let method = first.split(' ').next().unwrap().to_owned();
        Request { method, headers, body: String::from_utf8(body).unwrap(), socket }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Answers with this status, this line of a header if there is one, and no body.
    pub async fn refuse(mut self, status: &str, header: Option<&str>) {
        let header = header.map(|header| format!("{header}\r\n")).unwrap_or_default();
        // A 204 has no body, and so no length of it.
        let length = if status.starts_with("204") { "" } else { "Content-Length: 0\r\n" };
        let head = format!("HTTP/1.1 {status}\r\n{header}{length}Connection: close\r\n\r\n");
        self.socket.write_all(head.as_bytes()).await.unwrap();
        self.socket.shutdown().await.unwrap();
    }

    /// Answers with an event stream.
    pub async fn open(mut self) -> Stream {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\
                    Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        self.socket.write_all(head.as_bytes()).await.unwrap();
        Stream { request: self }
    }
}

/// A connection that is open. Drop it, and the stream is cut.
pub struct Stream {
    pub request: Request,
}

impl Stream {
    /// Sends a chunk of HTTP. The client's HTTP library hands on each by itself, whatever the
    /// network joins, so that the stream is cut in these places for certain.
    pub async fn send(&mut self, piece: impl AsRef<[u8]>) {
        let piece = piece.as_ref();
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend(piece);
        chunk.extend(b"\r\n");
        self.request.socket.write_all(&chunk).await.unwrap();
    }

    pub async fn send_in_pieces(&mut self, text: &str, size: usize) {
        for piece in text.as_bytes().chunks(size) {
            self.send(piece).await;
        }
    }

    /// Waits until the client closes the connection.
    pub async fn closed(mut self) {
        let read = soon(self.request.socket.read(&mut [0])).await;
        assert!(!matches!(read, Ok(1..)), "after its request a client sends nothing");
    }

    /// The response ends as HTTP has it.
    pub async fn end(mut self) {
        self.request.socket.write_all(b"0\r\n\r\n").await.unwrap();
    }
}
