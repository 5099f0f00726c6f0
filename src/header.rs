//! The HTTP headers of an event stream: names, values, and functions that check them.
//!
//! The names are in lower case, because HTTP/2 and `http::HeaderName::from_static` ask for that.
//! HTTP/1 ignores the case. The functions take each value as bytes, for example as a `&str` or a
//! `&http::HeaderValue`.

/// The request header that says which media types the client reads.
pub const ACCEPT: &str = "accept";

/// The response header that names the media type of the body.
pub const CONTENT_TYPE: &str = "content-type";

/// The request header that carries the [last event ID].
///
/// [last event ID]:
///     https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
pub const LAST_EVENT_ID: &str = "last-event-id";

/// The media type of an event stream.
pub const EVENT_STREAM: &str = "text/event-stream";

/// The headers that each request for an event stream carries, as names and values.
///
/// They say that the client reads an event stream, and that a cache has to ask the server before it
/// answers. The standard sets the request's [cache mode] to "no-store", and browsers send that as
/// `Cache-Control: no-cache`.
///
/// [cache mode]:
///     https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
pub const REQUEST_HEADERS: &[(&str, &str)] =
    &[(ACCEPT, EVENT_STREAM), ("cache-control", "no-cache")];

/// The headers of a response that is an event stream, as names and values.
///
/// They say that the body is an event stream, that no cache may answer instead of the server, and
/// that nothing on the way may change the body. Middleware that compresses the body would hold
/// events back until it has enough of them. `X-Accel-Buffering` tells nginx not to hold events
/// back.
pub const RESPONSE_HEADERS: &[(&str, &str)] = &[
    (CONTENT_TYPE, EVENT_STREAM),
    ("cache-control", "no-cache, no-transform"),
    ("x-accel-buffering", "no"),
];

/// Tells whether a client that sent these `Accept` headers reads an event stream.
///
/// Pass the values of all `Accept` headers, as `http::HeaderMap::get_all` gives them, or an
/// `Option<&str>`. A request that names no media type accepts every media type. Otherwise the most
/// specific range that fits decides, and refuses if its weight is 0. Other parameters do not count.
///
/// ```
/// use sse_proto::header::accepts_event_stream;
///
/// assert!(accepts_event_stream(None::<&str>));
/// assert!(accepts_event_stream(["text/html, text/*;q=0.5"]));
/// assert!(!accepts_event_stream(["application/json"]));
/// assert!(!accepts_event_stream(["*/*", "text/event-stream;q=0"]));
/// ```
pub fn accepts_event_stream<V: AsRef<[u8]>>(accept: impl IntoIterator<Item = V>) -> bool {
    // From the least to the most specific one.
    const RANGES: [&str; 3] = ["*/*", "text/*", EVENT_STREAM];
    let mut accepted = [None; RANGES.len()];
    let mut names_any = false;
    for value in accept {
        for range in split_unquoted(value.as_ref(), b',') {
            let mut parts = split_unquoted(range, b';').map(trim);
            let name = parts.next().unwrap_or_default();
            names_any |= !name.is_empty();
            let fits = |range: &&str| name.eq_ignore_ascii_case(range.as_bytes());
            if let Some(specificity) = RANGES.iter().position(fits) {
                // If a range is named twice, it is enough that one of them accepts.
                let weighs = !parts.any(is_weight_zero);
                accepted[specificity] = Some(accepted[specificity].unwrap_or(false) || weighs);
            }
        }
    }
    !names_any || accepted.into_iter().rev().flatten().next().unwrap_or(false)
}

/// Tells whether a `Content-Type` is that of an event stream.
///
/// Case, parameters and surrounding space do not count. Do not decode a body of any other type.
/// Malformed input is no error, so the decoder would find no events in an error page and report
/// nothing.
///
/// ```
/// use sse_proto::header::is_event_stream;
///
/// assert!(is_event_stream("Text/Event-Stream; charset=utf-8"));
/// assert!(!is_event_stream("text/html"));
/// ```
pub fn is_event_stream(content_type: impl AsRef<[u8]>) -> bool {
    let essence = content_type.as_ref().split(|&byte| byte == b';').next().unwrap_or_default();
    trim(essence).eq_ignore_ascii_case(EVENT_STREAM.as_bytes())
}

/// Tells whether an HTTP header carries this ID unchanged.
///
/// If it does not, a client has to leave `Last-Event-ID` out, as [`client::Connection`] does. A
/// server should not send such an ID in the first place, so [`server::ReplayBuffer`] refuses it.
///
/// By RFC 9110, section 5.5, the value of a header has no control characters except tabs, and no
/// space or tab at its ends. Bytes beyond ASCII are allowed, so it can carry UTF-8. Some HTTP
/// libraries take a `str` for a header only if it is ASCII. Pass them the bytes instead.
///
/// ```
/// use sse_proto::header::carries;
///
/// assert!(carries("쓰기-7"));
/// assert!(!carries("7\r\nset-cookie: forged"));
/// ```
///
/// [`client::Connection`]: crate::client::Connection
/// [`server::ReplayBuffer`]: crate::server::ReplayBuffer
pub fn carries(id: &str) -> bool {
    let id = id.as_bytes();
    trim(id).len() == id.len() && !id.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t')
}

/// Whether a byte is the optional whitespace of HTTP, a space or a tab.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_blank(*first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_blank(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// Splits at a separator, but not within a quoted string.
fn split_unquoted(bytes: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    bytes.split(move |&byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => return byte == separator && !quoted,
        }
        false
    })
}

/// Whether a parameter is the weight 0, in any of its spellings (`q=0`, `Q=0.000`).
fn is_weight_zero(parameter: &[u8]) -> bool {
    let ([b'q' | b'Q', b'=', b'0'] | [b'q' | b'Q', b'=', b'0', b'.', ..]) = parameter else {
        return false;
    };
    parameter[3..].iter().skip(1).all(|&digit| digit == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_forbids_changes_of_its_body() {
        let response = ("cache-control", "no-cache, no-transform");
        assert!(RESPONSE_HEADERS.contains(&response), "{RESPONSE_HEADERS:?}");
    }

    #[test]
    fn an_accept_header_is_read_as_http_has_it() {
        let accepted: [&[&str]; 16] = [
            &[],
            &[""],
            &[" ,, "],
            &["*/*"],
            &["text/*"],
            &["text/event-stream"],
            &["TEXT/Event-Stream ; charset=utf-8"],
            &["application/json, text/event-stream"],
            &["application/json", "text/html,\ttext/event-stream;q=0.001"],
            &["text/event-stream, */*;q=0"],
            &["text/*;q=0, text/event-stream;q=0.1"],
            &["text/event-stream;q=0, text/event-stream"],
            &["text/event-stream;q=1.000"],
            &["text/html;x=\"text/event-stream;q=0, \\\",\", */*"],
            &["text/event-stream;x=\";q=0\""],
            &["text/html;x=\\, text/event-stream"],
        ];
        for accept in accepted {
            assert!(accepts_event_stream(accept), "{accept:?}");
        }
        let refused: [&[&str]; 12] = [
            &["application/json"],
            &["text/html, application/json;q=0.9"],
            &["text/event-streams"],
            &["text /event-stream"],
            &["text/event-stream;q=0"],
            &["text/event-stream;q=0.0"],
            &["text/event-stream; charset=utf-8 ; Q=0.000"],
            &["*/*;q=0"],
            &["*/*", "text/*;q=0"],
            &["text/*", "text/event-stream;q=0."],
            &["text/html;x=\"a, text/event-stream\""],
            &["text/html;x=\"a\\\", text/event-stream"],
        ];
        for accept in refused {
            assert!(!accepts_event_stream(accept), "{accept:?}");
        }
    }

    #[test]
    fn a_content_type_is_compared_by_its_essence() {
        for value in [
            "text/event-stream",
            "Text/EVENT-stream",
            "text/event-stream;charset=utf-8",
            " \ttext/event-stream \t; charset=windows-1252",
            "text/event-stream;",
        ] {
            assert!(is_event_stream(value), "{value:?}");
        }
        for value in [
            "",
            ";text/event-stream",
            "text/event-streams",
            "text/event-strea",
            "text/event stream",
            "text/ event-stream",
            "text/plain;text/event-stream",
            "text/event-stream, text/html",
            "x-text/event-stream",
        ] {
            assert!(!is_event_stream(value), "{value:?}");
        }
        assert!(is_event_stream(b"text/event-stream; title=\xFF"));
    }

    #[test]
    fn a_header_carries_all_but_controls_and_space_at_the_ends() {
        for id in ["", "a", "1 2", "1\t2", "[{\"topic\":\"x\"}]", "한", "\u{80}", "\u{A0}1\u{A0}"]
        {
            assert!(carries(id), "{id:?}");
        }
        for id in [" ", "\t", " 1", "1 ", "\t1", "1\t", "1\r2", "1\n", "\0", "1\x1F2", "\x7F"] {
            assert!(!carries(id), "{id:?}");
        }
    }
}
