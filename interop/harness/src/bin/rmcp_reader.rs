//! rmcp as a client of the Model Context Protocol.

use std::error::Error;
use std::sync::{Arc, Mutex};

use harness::peer;
use rmcp::model::{CallToolRequestParams, ProgressNotificationParam};
use rmcp::service::NotificationContext;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientHandler, RoleClient, ServiceExt};

/// Takes down each text, with its step: notifications are handled at the same time.
#[derive(Clone, Default)]
struct Client(Arc<Mutex<Vec<(f64, String)>>>);

impl ClientHandler for Client {
    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let item = (params.progress, params.message.unwrap_or_default());
        self.0.lock().expect("nobody panics inside").push(item);
    }
}

#[tokio::main]
async fn main() {
    for url in peer::urls() {
        let end = match call(&url).await {
            Ok(()) => "end".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        peer::say(&url, end);
    }
}

async fn call(url: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::default();
    let transport = StreamableHttpClientTransport::from_uri(url);
    let service = client.clone().serve(transport).await?;
    let result = service.call_tool(CallToolRequestParams::new("answer")).await?;
    service.cancel().await?;
    let mut items = std::mem::take(&mut *client.0.lock().expect("nobody panics inside"));
    items.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (_, text) in items {
        peer::say(url, [text]);
    }
    let text = result.content.first().and_then(|content| content.as_text());
    peer::say(url, [text.map(|text| text.text.clone()).unwrap_or_default()]);
    Ok(())
}
