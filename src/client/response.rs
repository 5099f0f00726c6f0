//! The standard's look at a response.

use super::CloseReason;
use crate::header;

/// Whether a response is an event stream, or why not (`#sse-processing-model`): anything
/// but the status 200 with the right media type fails the connection.
///
/// With `missing_content_type` a response without a type is good, which is the caller's
/// wish and not the standard's.
pub(crate) fn check(
    status: u16,
    content_type: Option<&[u8]>,
    missing_content_type: bool,
) -> Result<(), CloseReason> {
    match status {
        200 if content_type.map_or(missing_content_type, header::is_event_stream) => Ok(()),
        200 => Err(CloseReason::ContentType),
        204 => Err(CloseReason::NoContent),
        status => Err(CloseReason::Status(status)),
    }
}
