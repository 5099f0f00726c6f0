//! `client::Subscription` over hyper and over reqwest, through real sockets on loopback:
//! a server that cuts its connections and goes away, and one that provokes a storm.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::TokioExecutor;
use sse_proto::client::{CloseReason, Policy, SubscriptionBuilder, SubscriptionError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

const EVENTS: usize = 500;
/// The server goes away after so many connections.
const CONNECTIONS_OF_A_LIFE: usize = 15;
const LONGEST_ANSWER: u64 = 700;
/// Far more than any of these tests needs.
const MOST_CONNECTIONS: usize = 10_000;
const LONGEST_TEST: Duration = Duration::from_secs(120);

const HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

fn over_hyper(url: String) -> impl FnMut(HeaderMap) -> ResponseFuture {
    let client = Client::builder(TokioExecutor::new()).build_http();
    move |headers| {
        let mut request = Request::get(&url).body(Empty::<Bytes>::new()).unwrap();
        *request.headers_mut() = headers;
        client.request(request)
    }
}

type ReqwestFuture = BoxFuture<'static, Result<reqwest::Response, reqwest::Error>>;

fn over_reqwest(url: String) -> impl FnMut(HeaderMap) -> ReqwestFuture {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    move |headers| client.get(&url).headers(headers).send().boxed()
}

/// Reads the head of a request, in lower case. `None` if the client goes before its end.
async fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        head.push(connection.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap().to_ascii_lowercase())
}

/// The number of the last event that the client has, 0 if none.
fn place(request: &str) -> usize {
    let id = request.lines().find_map(|line| line.strip_prefix("last-event-id:"));
    id.map_or(0, |id| id.trim().parse().unwrap())
}

fn data(number: usize) -> String {
    format!("event {number} {}", "é".repeat(number % 20))
}

#[derive(Default)]
struct Counts {
    /// That reached the server.
    requests: AtomicUsize,
    lives: AtomicUsize,
}

/// Serves a log of events, each connection only up to some byte, the head's bytes included.
/// Now and then nobody listens for a while, and then somebody does on the same port.
async fn serve_cut(first: TcpListener, counts: Arc<Counts>) {
    let address = first.local_addr().unwrap();
    let mut listener = Some(first);
    let mut random: u64 = 42;
    for number in 1..=MOST_CONNECTIONS {
        if listener.is_none() {
            sleep(Duration::from_millis(50)).await;
            listener = Some(TcpListener::bind(address).await.unwrap());
            counts.lives.fetch_add(1, Ordering::Relaxed);
        }
        let (mut connection, _) = listener.as_ref().unwrap().accept().await.unwrap();
        let Some(request) = read_request(&mut connection).await else { continue };
        counts.requests.fetch_add(1, Ordering::Relaxed);
        let place = place(&request);
        if place == EVENTS {
            connection.write_all(NO_CONTENT.as_bytes()).await.unwrap();
            continue;
        }
        let mut answer = HEAD.to_owned();
        for number in place + 1..=EVENTS {
            answer += &format!("id: {number}\ndata: {}\n\n", data(number));
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let length = ((random >> 33) % LONGEST_ANSWER) as usize;
        let cut = &answer.as_bytes()[..length.min(answer.len())];
        connection.write_all(cut).await.unwrap();
        if number % CONNECTIONS_OF_A_LIFE == 0 {
            listener = None;
        }
    }
}

/// Answers each request with a good head and `retry: 0`, and closes at once.
async fn serve_storm(listener: TcpListener, counts: Arc<Counts>) {
    for _ in 0..MOST_CONNECTIONS {
        let (mut connection, _) = listener.accept().await.unwrap();
        if read_request(&mut connection).await.is_some() {
            counts.requests.fetch_add(1, Ordering::Relaxed);
            let answer = format!("{HEAD}retry: 0\n\n");
            // The client may have gone.
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

/// Both clients' types in one bound.
macro_rules! helper {
    ($(async fn $name:ident($connect:ident, $($argument:ident: $type:ty),*) $body:block)*) => {$(
        async fn $name<C, F, R, E, B>($connect: C, $($argument: $type),*)
        where
            C: FnMut(HeaderMap) -> F,
            F: Future<Output = Result<R, E>>,
            R: Into<Response<B>>,
            E: Debug,
            B: hyper::body::Body,
            B::Error: Debug,
        $body
    )*};
}

helper! {
    async fn gets_each_event_once(connect, listener: TcpListener) {
        let counts = Arc::new(Counts::default());
        let server = tokio::spawn(serve_cut(listener, counts.clone()));
        let policy = Policy::new()
            .reconnection_time(Duration::from_millis(1))
            .wait_between(Duration::from_millis(1), Duration::from_millis(5))
            .backoff(Duration::ZERO, Duration::ZERO)
            .healthy_after(Duration::ZERO);
        let mut sent = 0;
        let mut connect = connect;
        let count_and_connect = |headers| {
            sent += 1;
            connect(headers)
        };
        let mut events = SubscriptionBuilder::new().policy(policy).build(count_and_connect, sleep);
        let all = async {
            for number in 1..=EVENTS {
                let event = events.next().await.unwrap().unwrap();
                assert_eq!(event.last_event_id(), number.to_string());
                assert_eq!(event.data(), data(number));
            }
            assert!(events.next().await.is_none(), "more events than there are");
        };
        timeout(LONGEST_TEST, all).await.expect("in time");
        assert_eq!(events.close_reason(), Some(CloseReason::NoContent));
        drop(events);
        server.abort();
        let reached = counts.requests.load(Ordering::Relaxed);
        let lives = counts.lives.load(Ordering::Relaxed);
        println!("{sent} requests sent, {reached} reached the server, {lives} restarts");
        assert!(lives >= 3, "the server was to go away a few times");
        assert!(sent > reached, "some requests were to find nobody");
    }

    async fn sends_no_storm(connect, listener: TcpListener, policy: Policy, waits: Waits) {
        let counts = Arc::new(Counts::default());
        let server = tokio::spawn(serve_storm(listener, counts.clone()));
        let start = Instant::now();
        let mut events = SubscriptionBuilder::new().policy(policy).build(connect, sleep);
        let ended = timeout(Duration::from_secs(3), events.next()).await;
        assert!(ended.is_err(), "it was to try without end: {ended:?}");
        drop(events);
        let requests = counts.requests.load(Ordering::Relaxed);
        let most = waits.most_requests(start.elapsed());
        server.abort();
        println!("{requests} requests, {most} allowed");
        assert!(requests >= 2, "it was to come back");
        assert!(requests <= most, "{requests} requests, {most} allowed");
    }

    async fn gives_up(connect, listener: TcpListener) {
        let counts = Arc::new(Counts::default());
        let server = tokio::spawn(serve_storm(listener, counts.clone()));
        let policy = Policy::new()
            .wait_between(Duration::from_millis(1), Duration::from_millis(5))
            .max_attempts(5);
        let mut events = SubscriptionBuilder::new().policy(policy).build(connect, sleep);
        let end = timeout(LONGEST_TEST, events.next()).await.expect("in time").unwrap();
        let is_expected = matches!(
            end,
            Err(SubscriptionError::Closed { reason: CloseReason::MaxAttempts, .. })
        );
        assert!(is_expected, "{end:?}");
        assert!(events.next().await.is_none());
        assert_eq!(counts.requests.load(Ordering::Relaxed), 5);
        server.abort();
    }
}

/// The shortest waits that a policy allows after `retry: 0`.
#[derive(Clone, Copy)]
struct Waits {
    least: Duration,
    first: Duration,
    cap: Duration,
}

impl Waits {
    /// The sequence that the documentation of `Policy::new` says.
    const DEFAULT: Waits = Waits {
        least: Duration::from_millis(500),
        first: Duration::from_secs(1),
        cap: Duration::from_secs(30),
    };
    const SHORT: Waits = Waits {
        least: Duration::from_millis(20),
        first: Duration::from_millis(40),
        cap: Duration::from_millis(300),
    };

    fn policy(self) -> Policy {
        Policy::new()
            .wait_between(self.least, Duration::from_secs(300))
            .backoff(self.first, self.cap)
            .healthy_after(Duration::from_millis(500))
    }

    /// The first reconnect comes after the least wait; before each further one half of the
    /// backoff is certain, which doubles up to the cap.
    fn most_requests(self, time: Duration) -> usize {
        let (mut requests, mut at, mut window) = (1, self.least, self.first);
        while at <= time && requests < MOST_CONNECTIONS {
            requests += 1;
            at += (window.min(self.cap) / 2).max(self.least);
            window = (window * 2).min(self.cap);
        }
        requests
    }
}

#[tokio::test]
async fn every_event_arrives_once_and_in_order_over_hyper() {
    let (listener, url) = listen().await;
    gets_each_event_once(over_hyper(url), listener).await;
}

#[tokio::test]
async fn every_event_arrives_once_and_in_order_over_reqwest() {
    let (listener, url) = listen().await;
    gets_each_event_once(over_reqwest(url), listener).await;
}

#[tokio::test]
async fn the_default_policy_sends_no_storm_over_hyper() {
    let (listener, url) = listen().await;
    sends_no_storm(over_hyper(url), listener, Policy::new(), Waits::DEFAULT).await;
}

#[tokio::test]
async fn the_default_policy_sends_no_storm_over_reqwest() {
    let (listener, url) = listen().await;
    sends_no_storm(over_reqwest(url), listener, Policy::new(), Waits::DEFAULT).await;
}

#[tokio::test]
async fn a_policy_with_short_waits_sends_no_storm_over_hyper() {
    let (listener, url) = listen().await;
    sends_no_storm(over_hyper(url), listener, Waits::SHORT.policy(), Waits::SHORT).await;
}

#[tokio::test]
async fn a_policy_with_short_waits_sends_no_storm_over_reqwest() {
    let (listener, url) = listen().await;
    sends_no_storm(over_reqwest(url), listener, Waits::SHORT.policy(), Waits::SHORT).await;
}

#[tokio::test]
async fn a_storm_ends_after_as_many_attempts_as_are_allowed_over_hyper() {
    let (listener, url) = listen().await;
    gives_up(over_hyper(url), listener).await;
}

#[tokio::test]
async fn a_storm_ends_after_as_many_attempts_as_are_allowed_over_reqwest() {
    let (listener, url) = listen().await;
    gives_up(over_reqwest(url), listener).await;
}
