//! Event streams from an `http::Response`, which reqwest, hyper, axum and tonic have in common.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::borrow::Cow;
use std::boxed::Box;
use std::string::String;

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::EventStream;
use crate::client::{self, CloseReason};
use crate::header;

impl<B: Body> EventStream<BodyStream<B>> {
    /// Makes a stream of the events of a response, if the response is an event stream.
    ///
    /// It takes an `http::Response`, or a type that becomes one, such as a `reqwest::Response`. It
    /// never sends a request, so you can use it for a POST that costs money:
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// use futures_util::TryStreamExt;
    /// use sse_proto::stream::EventStream;
    ///
    /// # struct Client;
    /// # impl Client {
    /// #     fn post(&self, _: &str) -> Self { Client }
    /// #     fn json(self, _: &str) -> Self { self }
    /// #     async fn send(self) -> Result<http::Response<String>, std::convert::Infallible> {
    /// #         let events = ["{\"token\":\"Hel\"}", "{\"token\":\"lo\"}", "[DONE]"];
    /// #         let body = events.map(|data| format!("data: {data}\n\n")).concat();
    /// #         let response = http::Response::builder();
    /// #         Ok(response.header("content-type", "text/event-stream").body(body).unwrap())
    /// #     }
    /// # }
    /// # let (client, url, prompt, mut answer) = (Client, "", "", String::new());
    /// # futures_util::FutureExt::now_or_never(async {
    /// let response = client.post(url).json(&prompt).send().await?;
    /// let mut events = EventStream::from_response(response)?;
    /// while let Some(event) = events.try_next().await? {
    ///     if event.data() == "[DONE]" {
    ///         break;
    ///     }
    ///     let token: serde_json::Value = serde_json::from_str(event.data())?;
    ///     print!("{}", token["token"].as_str().unwrap_or_default());
    ///     std::io::stdout().flush()?;
    /// #   answer += token["token"].as_str().unwrap();
    /// }
    /// # assert_eq!(answer, "Hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap().unwrap();
    /// ```
    ///
    /// If you need a limit or a last event ID of your own, make a [`BodyStream`] of the response,
    /// and pass it to [`with_decoder`](Self::with_decoder). If the server leaves out the
    /// `Content-Type`, pass [`BodyStream::from_untyped_response`] to [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`] if the status is not 200, if the media type is not
    /// `text/event-stream`, or if the body is compressed. Nothing of the body was read, and the
    /// error holds the whole response.
    pub fn from_response(response: impl Into<Response<B>>) -> Result<Self, UnexpectedResponse<B>> {
        BodyStream::from_response(response).map(EventStream::new)
    }
}

pin_project! {
    /// Turns the body of a response into a `Stream` of chunks, for an [`EventStream`].
    ///
    /// If the body has trailers, the stream gives an empty chunk in their place. It is `Unpin` if
    /// the body is.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct BodyStream<B> {
        #[pin]
        body: B,
    }
}

impl<B: Body> BodyStream<B> {
    /// Makes a stream of the chunks of this body. Nothing is checked.
    pub fn new(body: B) -> Self {
        BodyStream { body }
    }

    /// Makes a stream of the chunks of a response, if the response is an event stream.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`], for the same reasons as [`EventStream::from_response`].
    pub fn from_response(response: impl Into<Response<B>>) -> Result<Self, UnexpectedResponse<B>> {
        Self::checked(response.into(), false)
    }

    /// Makes a stream of the chunks of a response, even if the response has no `Content-Type`.
    ///
    /// Some gateways leave that header out.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`], for the same reasons as [`EventStream::from_response`]. Only a
    /// missing `Content-Type` is no error.
    pub fn from_untyped_response(
        response: impl Into<Response<B>>,
    ) -> Result<Self, UnexpectedResponse<B>> {
        Self::checked(response.into(), true)
    }

    fn checked(
        response: Response<B>,
        missing_content_type: bool,
    ) -> Result<Self, UnexpectedResponse<B>> {
        match check(&response, missing_content_type) {
            Ok(()) => Ok(BodyStream::new(response.into_body())),
            Err(reason) => Err(UnexpectedResponse::new(response, reason)),
        }
    }
}

/// Whether a response is an event stream that the decoder can read, or why not.
pub(crate) fn check<B>(
    response: &Response<B>,
    missing_content_type: bool,
) -> Result<(), CloseReason> {
    let content_type = content_type(response.headers()).map(HeaderValue::as_bytes);
    client::response::check(response.status().as_u16(), content_type, missing_content_type)?;
    // An HTTP client that decompresses the body removes the header. If the header is there, the
    // decoder would find no event in the bytes.
    match coding(response) {
        None => Ok(()),
        Some(_) => Err(CloseReason::ContentCoding),
    }
}

/// The media type of a response. If a server sends several, the last one counts, as in browsers
/// (Fetch, "extract a MIME type").
pub(crate) fn content_type(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get_all(CONTENT_TYPE).iter().next_back()
}

/// The coding with which the body is compressed, if there is one.
fn coding<B>(response: &Response<B>) -> Option<&HeaderValue> {
    response.headers().get_all(CONTENT_ENCODING).iter().find(|value| {
        let value = value.as_bytes().trim_ascii();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"identity")
    })
}

impl<B: Body> Stream for BodyStream<B> {
    type Item = Result<Bytes, B::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().body.poll_frame(context).map_ok(|frame| match frame.into_data() {
            Ok(mut data) => data.copy_to_bytes(data.remaining()),
            Err(_trailers) => Bytes::new(),
        })
    }
}

/// The error for a response that is not an event stream.
///
/// Its text names the status and the media type, for example "the server answered 401 Unauthorized
/// with application/json instead of text/event-stream".
///
/// **Consumed:** nothing of the body. **Kept:** the whole response. Often the body says what went
/// wrong: [`into_response`](Self::into_response) shows how to read it.
pub struct UnexpectedResponse<B> {
    response: Box<Response<B>>,
    reason: CloseReason,
}

impl<B> UnexpectedResponse<B> {
    pub(crate) fn new(response: Response<B>, reason: CloseReason) -> Self {
        UnexpectedResponse { response: Box::new(response), reason }
    }

    /// Borrows the response, with its status and its headers.
    #[must_use]
    pub fn response(&self) -> &Response<B> {
        &self.response
    }

    /// Returns the response, so that you can read its body.
    ///
    /// The body is that of your HTTP client, so read it as your HTTP client does. With reqwest:
    ///
    /// ```
    /// use sse_proto::stream::EventStream;
    ///
    /// # mod reqwest {
    /// #     pub struct Response(http::Response<String>);
    /// #     impl From<http::Response<String>> for Response {
    /// #         fn from(response: http::Response<String>) -> Self { Response(response) }
    /// #     }
    /// #     impl Response {
    /// #         pub async fn text(self) -> std::io::Result<String> { Ok(self.0.into_body()) }
    /// #     }
    /// # }
    /// # let response = http::Response::builder().status(401).header("content-type", "text/plain");
    /// # let response = response.body(String::from("no such key")).unwrap();
    /// # futures_util::FutureExt::now_or_never(async {
    /// if let Err(error) = EventStream::from_response(response) {
    ///     eprintln!("{error}");
    /// #   let text = "the server answered 401 Unauthorized with text/plain instead of ";
    /// #   assert_eq!(error.to_string(), format!("{text}text/event-stream"));
    ///     let body = reqwest::Response::from(error.into_response()).text().await?;
    ///     eprintln!("{body}");
    /// #   assert_eq!(body, "no such key");
    /// }
    /// # Ok::<(), std::io::Error>(()) }).unwrap().unwrap();
    /// ```
    ///
    /// With another HTTP client, collect the body with `BodyExt::collect` of the crate
    /// `http-body-util`.
    #[must_use]
    pub fn into_response(self) -> Response<B> {
        *self.response
    }

    /// Returns why the response is not an event stream.
    #[must_use]
    pub const fn reason(&self) -> CloseReason {
        self.reason
    }
}

impl<B> fmt::Display for UnexpectedResponse<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.response.status();
        write!(f, "the server answered {status}")?;
        match content_type(self.response.headers()) {
            Some(value) if header::is_event_stream(value) => write!(f, " with {}", text(value))?,
            Some(value) => {
                write!(f, " with {} instead of {}", text(value), header::EVENT_STREAM)?;
            }
            None if status == StatusCode::OK => {
                write!(f, " without a Content-Type instead of {}", header::EVENT_STREAM)?;
            }
            None => {}
        }
        match coding(&self.response) {
            Some(value) => write!(f, ", compressed with {}", text(value)),
            None => Ok(()),
        }
    }
}

fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Shows everything but the body, which may not be `Debug`.
impl<B> fmt::Debug for UnexpectedResponse<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnexpectedResponse")
            .field("reason", &self.reason)
            .field("status", &self.response.status())
            .field("headers", self.response.headers())
            .finish_non_exhaustive()
    }
}

impl<B> core::error::Error for UnexpectedResponse<B> {}
