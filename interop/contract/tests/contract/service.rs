//! The service's own interface.

use serde_json::{Value, json};

use super::driver::{Service, send, soon};

#[tokio::test]
async fn the_service_says_what_its_clients_can_do_and_stops_when_asked() {
    let mut service = Service::start().await;
    let about: Value = send(service.http.get(&service.url)).await.json().await.unwrap();
    for capability in ["bom", "comments", "headers", "last-event-id", "post", "report"] {
        assert!(about["capabilities"].as_array().unwrap().contains(&capability.into()), "{about}");
    }
    assert_eq!(send(service.http.delete(&service.url)).await.status(), 204);
    assert!(soon(service.process.wait()).await.unwrap().success());
}

#[tokio::test]
async fn a_client_is_gone_after_it_was_closed() {
    let service = Service::start().await;
    let (_server, stream, client) = service.connect(json!({})).await;
    assert_eq!(send(service.http.delete(&client.url)).await.status(), 204);
    stream.closed().await;
    assert_eq!(send(service.http.delete(&client.url)).await.status(), 404);
    let command = service.http.post(&client.url).json(&json!({ "command": "restart" }));
    assert_eq!(send(command).await.status(), 404);
}

#[tokio::test]
async fn settings_and_commands_that_make_no_sense_are_refused() {
    let service = Service::start().await;
    let urls = json!({ "streamUrl": "http://127.0.0.1:9/", "callbackUrl": "http://127.0.0.1:9" });
    for (name, value) in [
        ("streamUrl", json!("no URL")),
        ("streamUrl", Value::Null),
        ("method", json!("NO METHOD")),
        ("headers", json!({ "no header": "" })),
        ("initialDelayMs", json!(-1)),
    ] {
        let mut settings = urls.clone();
        settings[name] = value;
        let response = send(service.http.post(&service.url).json(&settings)).await;
        assert_eq!(response.status(), 400, "{settings}");
    }
    let (_server, _stream, client) = service.connect(json!({})).await;
    let response = send(service.http.post(&client.url).json(&json!({ "command": "dance" }))).await;
    assert_eq!(response.status(), 400);
}
