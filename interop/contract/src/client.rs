//! The client under test: `client::Connection`, with reqwest and the frames of a `BytesDecoder`.

use std::convert::Infallible;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use reqwest::{Request, Response};
use sse_proto::client::{Connection, ReadyState};
use sse_proto::{BytesDecoder, OwnedFrame};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::callbacks::Callbacks;
use crate::settings::Settings;

pub struct Client {
    http: reqwest::Client,
    request: Request,
    connection: Connection,
    decoder: BytesDecoder,
    callbacks: Callbacks,
    restart: Arc<Notify>,
    started: Instant,
}

/// Why an attempt ended.
enum End {
    /// The test asked for a new connection.
    Restart,
    Failed(Box<dyn Error + Send + Sync>),
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for End {
    fn from(error: E) -> Self {
        End::Failed(error.into())
    }
}

impl Client {
    pub fn new(settings: Settings, restart: Arc<Notify>) -> Result<Self, Box<dyn Error>> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Client {
            request: settings.request(&http)?,
            connection: Connection::new(settings.policy()),
            callbacks: Callbacks::new(http.clone(), settings.callback_url),
            decoder: BytesDecoder::builder()
                .last_event_id(settings.last_event_id.unwrap_or_default())
                .build(),
            http,
            restart,
            started: Instant::now(),
        })
    }

    /// Reads the stream, and reconnects, until the connection is closed for good.
    pub async fn run(mut self) {
        loop {
            let Err(end) = self.attempt().await;
            match end {
                End::Failed(error) => self.callbacks.error(&error.to_string()).await,
                End::Restart => {
                    self.connection.reconnect_now();
                    continue;
                }
            }
            let Ok(wait) = self.connection.disconnected(&self.decoder, random()) else { return };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.restart.notified() => { self.connection.reconnect_now(); }
            }
        }
    }

    /// One request, and its response to the end.
    async fn attempt(&mut self) -> Result<Infallible, End> {
        let mut request = self.request.try_clone().ok_or("the body cannot be sent again")?;
        let headers: http::HeaderMap = self.connection.request(&mut self.decoder)?.into();
        request.headers_mut().extend(headers);
        let response = self.network(self.http.execute(request)).await?;
        let (status, content_type) = (response.status(), response.headers().get(CONTENT_TYPE));
        match self.connection.response(status.as_u16(), content_type)? {
            ReadyState::Open => self.read(response).await,
            _ => Err(format!("this is no event stream: {status}, {content_type:?}").into()),
        }
    }

    async fn read(&mut self, mut response: Response) -> Result<Infallible, End> {
        loop {
            self.connection.received(self.started.elapsed())?;
            let chunk = self.network(response.chunk()).await?.ok_or("the stream has ended")?;
            self.decoder.push(chunk);
            while let Some(frame) = self.decoder.next_frame().transpose() {
                match frame {
                    Ok(OwnedFrame::Event(event)) => self.callbacks.event(&event).await,
                    Ok(OwnedFrame::Comment(text)) => self.callbacks.comment(&text).await,
                    // The decoder keeps IDs and retries.
                    Ok(_) => {}
                    // One event is lost, and the stream continues.
                    Err(too_large) => self.callbacks.error(&too_large.to_string()).await,
                }
            }
        }
    }

    /// Waits for the network, but not longer than the policy allows, and not after a restart.
    async fn network<T>(
        &self,
        outcome: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, End> {
        let outcome = pin!(outcome);
        let idle = async {
            match self.connection.idle_timeout() {
                Some(timeout) => sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            outcome = outcome => Ok(outcome?),
            () = idle => Err("nothing came for too long".into()),
            () = self.restart.notified() => Err(End::Restart),
        }
    }
}

fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}
