//! The standard transcribed once more, in the order in which it is written.

/// The events of a stream: event type, data and last event ID.
///
/// First all of the stream becomes text, then lines, then events, without limits, offsets and
/// frames. The model splits a stream into lines before it decodes text, so it is compared with
/// this.
pub(crate) fn decode_text_first(stream: &[u8]) -> Vec<(String, String, String)> {
    let text = String::from_utf8_lossy(stream).into_owned();
    let text =
        text.strip_prefix('\u{FEFF}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let Some((finished, _discarded)) = text.rsplit_once('\n') else { return Vec::new() };
    let (mut events, mut event_type, mut data, mut id) =
        (Vec::new(), String::new(), String::new(), String::new());
    for line in finished.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match name {
            "" if line.is_empty() => {
                if let Some(data) = data.strip_suffix('\n') {
                    let shown = if event_type.is_empty() { "message" } else { &event_type };
                    events.push((shown.to_owned(), data.to_owned(), id.clone()));
                }
                (event_type, data) = (String::new(), String::new());
            }
            "event" => event_type = value,
            "data" => data = data + &value + "\n",
            "id" if !value.contains('\0') => id = value,
            _ => {}
        }
    }
    events
}
