//! Which responses are an event stream.

use super::CloseReason;
use crate::header;

/// The standard's look at a response (`#sse-processing-model`): anything but the status
/// 200 with the right media type fails the connection. Gives why it does.
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
