//! Comments, and the keep-alive.

use super::{Buffer, lines};

/// The bytes of a keep-alive: one comment line.
///
/// Proxies close a connection that is silent for long. If you have had nothing to send for [about
/// 15 seconds][notes], send this. `stream::KeepAlive` (feature `stream`) does it for you.
///
/// Send it only between two whole blocks, as the encoder writes them. In the middle of a line it
/// would become a part of that line.
///
/// No blank line follows it, because a blank line would end a block without data. Some popular SDKs
/// (openai-python and those built on it) read such a block as an event with empty data if they have
/// seen an ID before, and fail because empty data is not JSON. They ignore a comment line.
///
/// Do not send it to Google's SDKs. They lose the event after it, or fail.
///
/// [notes]: https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n";

/// Appends a comment. Each line of the text becomes a comment line.
///
/// No blank line follows it. Send it only between two whole blocks; [`KEEP_ALIVE`] says why.
///
/// ```
/// let mut out = Vec::new();
/// sse_proto::encode::comment("too slow:\n7 events missed", &mut out);
/// assert_eq!(out, b": too slow:\n: 7 events missed\n");
/// ```
pub fn comment<B: Buffer>(text: &str, out: &mut B) {
    lines::write(out, ": ", text, "\n");
}
