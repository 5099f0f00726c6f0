//! Comments, which are no events.

use super::{Buffer, lines};

/// The bytes of a keep-alive: one comment line.
///
/// Proxies close connections that are silent for long. If you have nothing to send for
/// [about 15 seconds][notes], send this. `stream::KeepAlive`, with the feature `stream`, does
/// that for you.
///
/// No blank line follows it. A blank line would end a block without data, and some popular
/// SDKs (openai-python and those built on it) take such a block for an event with empty
/// data once they have seen an ID, and then fail to parse it as JSON. They ignore a comment
/// line. Google's SDKs lose the event after it, or fail: do not send this to them.
///
/// Send it only between two whole blocks, as the encoder writes them. In the middle of a
/// line it would become a part of that line.
///
/// [notes]: https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n";

/// Appends a comment: one line for each of its lines, and no blank line after them.
///
/// [`KEEP_ALIVE`] says why there is none, and between what you may send a comment.
///
/// ```
/// let mut out = Vec::new();
/// sse_proto::encode::comment("too slow:\n7 events missed", &mut out);
/// assert_eq!(out, b": too slow:\n: 7 events missed\n");
/// ```
pub fn comment<B: Buffer>(text: &str, out: &mut B) {
    lines::write(out, ": ", text, "\n");
}
