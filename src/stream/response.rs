//! Event streams from an `http::Response`, as reqwest, hyper, axum and tonic have it.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::borrow::Cow;
use std::boxed::Box;
use std::string::String;

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::EventStream;
use crate::client::{self, CloseReason};
use crate::header;

impl<B: Body> EventStream<BodyStream<B>> {
    /// The events of a response: any `http::Response`, or what becomes one, such as a
    /// `reqwest::Response`.
    ///
    /// This is for a response that you read once. It never sends a request, so it is also
    /// the way for a paid POST:
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use sse_proto::stream::EventStream;
    ///
    /// # struct Client;
    /// # impl Client {
    /// #     fn post(&self, _: &str) -> Self { Client }
    /// #     fn json(self, _: &str) -> Self { self }
    /// #     async fn send(self) -> Result<http::Response<String>, std::convert::Infallible> {
    /// #         let tokens = "data: {\"token\":\"Hel\"}\n\ndata: {\"token\":\"lo\"}\n\ndata: [DONE]\n\n";
    /// #         let response = http::Response::builder().header("content-type", "text/event-stream");
    /// #         Ok(response.body(tokens.into()).unwrap())
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
    /// #   answer += token["token"].as_str().unwrap();
    /// }
    /// # assert_eq!(answer, "Hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap().unwrap();
    /// ```
    ///
    /// For a limit or a last event ID of your own, or if the server leaves out the
    /// `Content-Type`, make a [`BodyStream`] of the response, and give it to
    /// [`with_decoder`](Self::with_decoder) or [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`] if it is no event stream: the status is not 200, the media
    /// type is not `text/event-stream`, or the body is compressed. Nothing of the body was
    /// read, and the response is in the error.
    pub fn from_response(response: impl Into<Response<B>>) -> Result<Self, UnexpectedResponse<B>> {
        BodyStream::from_response(response).map(EventStream::new)
    }
}

pin_project! {
    /// The chunks of a body, for an [`EventStream`].
    ///
    /// Trailers are passed over; an empty chunk takes their place. It is `Unpin` if the
    /// body is.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct BodyStream<B> {
        #[pin]
        body: B,
    }
}

impl<B: Body> BodyStream<B> {
    /// The chunks of this body, whatever it is.
    pub fn new(body: B) -> Self {
        BodyStream { body }
    }

    /// The body of a response that is an event stream (`#sse-processing-model`).
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`], as [`EventStream::from_response`] has it.
    pub fn from_response(response: impl Into<Response<B>>) -> Result<Self, UnexpectedResponse<B>> {
        Self::checked(response.into(), false)
    }

    /// The same, and a response without a `Content-Type` is good too: some gateways leave
    /// it out.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`], as [`EventStream::from_response`] has it, if there is a
    /// type and it is a wrong one, and for every other reason.
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

/// Whether a response is an event stream that can be read, or why not.
pub(crate) fn check<B>(
    response: &Response<B>,
    missing_content_type: bool,
) -> Result<(), CloseReason> {
    let content_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    client::response::check(response.status().as_u16(), content_type, missing_content_type)?;
    // The HTTP client undoes a coding and drops the header, if it has the feature. Otherwise
    // the decoder would find no event in the bytes.
    match coding(response) {
        None => Ok(()),
        Some(_) => Err(CloseReason::ContentCoding),
    }
}

/// The coding that the body is compressed with, if there is one.
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

/// A response that is no event stream. Its text says plainly what came: "the server
/// answered 401 Unauthorized with application/json instead of text/event-stream".
///
/// **Consumed:** nothing of the body. **Kept:** the whole response, so that you can read
/// what the server has to say:
///
/// ```
/// use sse_proto::stream::EventStream;
///
/// # let response = http::Response::builder().status(401).header("content-type", "application/json");
/// # let response = response.body(String::from("{\"error\":\"no key\"}")).unwrap();
/// if let Err(error) = EventStream::from_response(response) {
/// #   assert_eq!(error.to_string(), "the server answered 401 Unauthorized with application/json instead of text/event-stream");
///     eprintln!("{error}");
///     let body = error.into_response().into_body();
/// #   assert_eq!(body, "{\"error\":\"no key\"}");
/// }
/// ```
pub struct UnexpectedResponse<B> {
    response: Box<Response<B>>,
    reason: CloseReason,
}

impl<B> UnexpectedResponse<B> {
    pub(crate) fn new(response: Response<B>, reason: CloseReason) -> Self {
        UnexpectedResponse { response: Box::new(response), reason }
    }

    /// The response: its status, its headers, its body.
    #[must_use]
    pub fn response(&self) -> &Response<B> {
        &self.response
    }

    /// The response, to read its body.
    #[must_use]
    pub fn into_response(self) -> Response<B> {
        *self.response
    }

    /// Why it is no event stream.
    #[must_use]
    pub const fn reason(&self) -> CloseReason {
        self.reason
    }
}

impl<B> fmt::Display for UnexpectedResponse<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.response.status();
        write!(f, "the server answered {status}")?;
        match self.response.headers().get(CONTENT_TYPE) {
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

/// Without the body, which may not be `Debug`.
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
