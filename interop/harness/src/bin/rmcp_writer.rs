//! rmcp as a server of the Model Context Protocol. Its tool answers with all texts as notifications of
//! progress, and with the last as its result.

use std::sync::{Arc, Mutex};

use futures_util::stream;
use harness::peer;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock,
    ProgressNotificationParam, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::{
    EventStore, EventStoreError, EventStream, ServerSseMessage,
};
use rmcp::{ErrorData, RoleServer, ServerHandler};

#[derive(Clone)]
struct Server(Arc<Vec<String>>);

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let token = context.meta.get_progress_token().expect("a token for progress");
        for (step, text) in (1..).zip(self.0.iter()) {
            let progress = ProgressNotificationParam::new(token.clone(), f64::from(step));
            let sent = context.peer.notify_progress(progress.with_message(text)).await;
            sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        }
        let last = self.0.last().cloned().unwrap_or_default();
        Ok(CallToolResult::success(vec![ContentBlock::text(last)]).into())
    }
}

/// The texts that were sent, with the stream of each message.
#[derive(Default)]
struct Events(Mutex<Vec<(String, ServerSseMessage)>>);

#[async_trait::async_trait]
impl EventStore for Events {
    async fn store_event(
        &self,
        stream: &str,
        message: &ServerSseMessage,
    ) -> Result<String, EventStoreError> {
        let mut events = self.0.lock().expect("nobody panics inside");
        let id = events.len().to_string();
        let mut message = message.clone();
        message.event_id = Some(id.clone());
        events.push((stream.to_owned(), message));
        Ok(id)
    }

    async fn replay_events_after(&self, last: &str) -> Result<EventStream, EventStoreError> {
        let last: usize = last.parse()?;
        let events = self.0.lock().expect("nobody panics inside");
        let (stream, _) = events.get(last).ok_or("no such event")?;
        let later = events[last + 1..].iter().filter(|(other, _)| other == stream);
        let later: Vec<_> = later.map(|(_, message)| message.clone()).collect();
        Ok(Box::pin(stream::iter(later)))
    }
}

#[tokio::main]
async fn main() {
    let texts: Arc<Vec<String>> = Arc::new(peer::given());
    // Without a store it forgets what a call said as soon as the call has ended.
    let sessions = LocalSessionManager::default().with_event_store(Arc::new(Events::default()));
    let server = move || Ok(Server(texts.clone()));
    let service = StreamableHttpService::new(server, Arc::new(sessions), Default::default());
    peer::serve(axum::Router::new().nest_service("/mcp", service)).await;
}
