//! The headers of a request.

use core::iter::FusedIterator;
use core::slice;

use crate::header;

/// Iterates over the headers of a request for an event stream, as names and values.
///
/// These are [`header::REQUEST_HEADERS`], and [`Last-Event-ID`] unless the ID is empty. If a header
/// cannot carry the ID unchanged (see [`header::carries`]), `Last-Event-ID` is left out. The server
/// then sends what it sends to a new client.
///
/// An ID may be any text, and is sent as UTF-8. Many HTTP libraries take a `str` for a header only
/// if it is ASCII, so pass the value as bytes. With the feature `http` you can convert the headers
/// into an `http::HeaderMap`, which has the values as bytes:
///
#[cfg_attr(feature = "http", doc = "```")]
#[cfg_attr(not(feature = "http"), doc = "```ignore")]
/// use http::HeaderMap;
/// use sse_proto::client::RequestHeaders;
///
/// let headers: HeaderMap = RequestHeaders::new("쓰기-7").into();
/// assert_eq!(headers["accept"], "text/event-stream");
/// assert_eq!(headers["last-event-id"].as_bytes(), "쓰기-7".as_bytes());
/// ```
///
/// [`Last-Event-ID`]:
///     https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
#[derive(Clone, Debug)]
pub struct RequestHeaders<'i> {
    always: slice::Iter<'static, (&'static str, &'static str)>,
    last_event_id: Option<&'i str>,
}

impl<'i> RequestHeaders<'i> {
    /// Makes the headers of a client with this last event ID, or of a new client if the ID is
    /// empty.
    #[must_use]
    pub fn new(last_event_id: &'i str) -> Self {
        let always = header::REQUEST_HEADERS;
        let is_sent = !last_event_id.is_empty() && header::carries(last_event_id);
        let last_event_id = is_sent.then_some(last_event_id);
        RequestHeaders { always: always.iter(), last_event_id }
    }
}

impl<'i> Iterator for RequestHeaders<'i> {
    type Item = (&'static str, &'i str);

    fn next(&mut self) -> Option<Self::Item> {
        let id = || self.last_event_id.take().map(|id| (header::LAST_EVENT_ID, id));
        self.always.next().copied().or_else(id)
    }
}

impl FusedIterator for RequestHeaders<'_> {}

#[cfg(feature = "http")]
impl From<RequestHeaders<'_>> for http::HeaderMap {
    fn from(headers: RequestHeaders<'_>) -> Self {
        use http::{HeaderName, HeaderValue};
        let typed = |(name, value): (&'static str, &str)| {
            let value = HeaderValue::from_bytes(value.as_bytes());
            (HeaderName::from_static(name), value.expect("`header::carries` was asked"))
        };
        headers.map(typed).collect()
    }
}
