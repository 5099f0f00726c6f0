//! The standard's check of a response.

use super::CloseReason;
use crate::header;

/// Whether a response is an event stream, or why not. By `#sse-processing-model`, anything but the
/// status 200 with the right media type fails the connection.
///
/// If the caller sets `missing_content_type`, a response without a media type is good too. The
/// standard does not allow that.
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
