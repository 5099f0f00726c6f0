//! The standard, transcribed: slow, obvious, and the model that every other test compares with.
//!
//! It reads a whole stream at once, line by line, and says which items the stream gives, and after
//! which byte. It has the buffers and the sentences of the standard
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>, quoted by anchor). So if the
//! decoder gives something else, you can see who is right by reading.
//!
//! It has three things that the standard has not: frames (comments, retries, and the IDs of blocks
//! without data), the limit (`max_event_size`), and the byte at which each item is due.
//!
//! Other tests include it with `mod model;`, fuzz targets with `#[path]`.
#![allow(dead_code, missing_docs, unreachable_pub)]
// The conditions are where the standard has them.
#![allow(clippy::collapsible_match)]

use std::time::Duration;

/// One item of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Event {
        event_type: String,
        /// The value of this block's last `event` line; `Some("")` for an empty one.
        type_field: Option<String>,
        data: String,
        /// The value of this block's last valid `id` line.
        id: Option<String>,
        last_event_id: String,
    },
    Comment(String),
    Retry(Duration),
    Id(String),
    /// A block beyond the limit, or a comment.
    TooLarge,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub max_event_size: usize,
    /// The committed ID a stream starts from (`Last-Event-ID` of the request).
    pub last_event_id: String,
    /// Give all frames, not only events. Without frames, a comment does not count towards the
    /// limit.
    pub frames: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_event_size: 64 << 20, last_event_id: String::new(), frames: true }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Each item with the number of stream bytes that must have been read before it.
    pub items: Vec<(usize, Item)>,
    pub last_event_id: String,
    pub reconnection_time: Option<Duration>,
    pub is_mid_event: bool,
}

/// The state that a stream leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub last_event_id: String,
    pub reconnection_time: Option<Duration>,
    pub is_mid_event: bool,
}

impl Output {
    pub fn state(&self) -> State {
        State {
            last_event_id: self.last_event_id.clone(),
            reconnection_time: self.reconnection_time,
            is_mid_event: self.is_mid_event,
        }
    }

    /// The items without their offsets.
    pub fn what(&self) -> Vec<Item> {
        self.items.iter().map(|(_, item)| item.clone()).collect()
    }
}

/// All items of `stream`, and the state that it leaves.
pub fn decode(stream: &[u8], options: &Options) -> Output {
    let mut model = Model {
        options,
        items: Vec::new(),
        data_buffer: String::new(),
        event_type_buffer: String::new(),
        last_event_id_buffer: options.last_event_id.clone(),
        last_event_id_string: options.last_event_id.clone(),
        reconnection_time: None,
        type_field: None,
        id_field: None,
        count: 0,
        dropping: false,
        line_unfinished: false,
    };
    // #parsing-an-event-stream: "Streams must be decoded using the UTF-8 decode algorithm." – "The
    // UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any." The malformed
    // bytes are replaced line by line further down: CR, LF, colon and space are ASCII, never part
    // of a malformed sequence.
    let mut start = if stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    // #parsing-an-event-stream: "The stream must then be parsed by reading everything line by line,
    // with a U+000D CARRIAGE RETURN U+000A LINE FEED (CRLF) character pair, a single U+000A LINE
    // FEED (LF) character not preceded by a U+000D CARRIAGE RETURN (CR) character, and a single
    // U+000D CARRIAGE RETURN (CR) character not followed by a U+000A LINE FEED (LF) character being
    // the ways in which a line can end."
    while start < stream.len() {
        let rest = &stream[start..];
        match rest.iter().position(|&byte| byte == b'\r' || byte == b'\n') {
            Some(length) => {
                model.line(start, &rest[..length], true);
                let line_end = if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
                start += length + line_end;
            }
            // #event-stream-interpretation: "Once the end of the file is reached, any pending data
            // must be discarded. (If the file ends in the middle of an event, before the final
            // empty line, the incomplete event is not dispatched.)" It can still be too large.
            None => {
                model.line(start, rest, false);
                model.line_unfinished = true;
                start = stream.len();
            }
        }
    }
    // `data` always appends a line feed, so its buffer tells whether the block holds one.
    let block_holds_a_field =
        !model.data_buffer.is_empty() || model.type_field.is_some() || model.id_field.is_some();
    Output {
        is_mid_event: model.line_unfinished || block_holds_a_field || model.dropping,
        items: model.items,
        last_event_id: model.last_event_id_string,
        reconnection_time: model.reconnection_time,
    }
}

struct Model<'o> {
    options: &'o Options,
    items: Vec<(usize, Item)>,
    // #event-stream-interpretation: "When a stream is parsed, a data buffer, an event type buffer,
    // and a last event ID buffer must be associated with it. They must be initialized to the empty
    // string." (The ID buffer to the committed ID, where there is one.)
    data_buffer: String,
    event_type_buffer: String,
    last_event_id_buffer: String,
    // These belong to the event source: "last event ID string", "reconnection time".
    last_event_id_string: String,
    reconnection_time: Option<Duration>,
    // The values of this block's own lines.
    type_field: Option<String>,
    id_field: Option<String>,
    // The limit: what this block counts so far, and whether it was too large and the rest of it is
    // skipped.
    count: usize,
    dropping: bool,
    line_unfinished: bool,
}

impl Model<'_> {
    /// Reads one line, without its line end. `start` is its offset in the stream. If it is not
    /// `ended`, the stream ends within it.
    fn line(&mut self, start: usize, line: &[u8], ended: bool) {
        if self.dropping {
            if line.is_empty() {
                self.dropping = false;
            }
            return;
        }
        let is_comment = line.first() == Some(&b':');

        // The limit. A comment counts alone, everything else on top of its block.
        let mut count = if is_comment { 0 } else { self.count };
        let last = if ended { line.len() } else { line.len() - 1 };
        for index in 0..=last {
            count += self.weight(line, index);
            if count > self.options.max_event_size {
                self.items.push((start + index + 1, Item::TooLarge));
                if !is_comment {
                    self.forget_block();
                    self.last_event_id_buffer = self.last_event_id_string.clone();
                    self.dropping = true;
                }
                return;
            }
        }
        if !is_comment {
            self.count = count;
        }

        if ended {
            self.interpret(start + line.len() + 1, &String::from_utf8_lossy(line));
        }
    }

    /// How much the byte at `index` of `line` adds to the count; `index == line.len()` is the first
    /// byte of its line end.
    fn weight(&self, line: &[u8], index: usize) -> usize {
        let colon = line.iter().position(|&byte| byte == b':');
        if colon == Some(0) {
            return if self.options.frames { 1 } else { 0 };
        }
        let name_ends = colon.unwrap_or(line.len());
        if ![&b"data"[..], b"event", b"id", b"retry"].contains(&&line[..name_ends]) {
            return 0;
        }
        // The name is known at the byte after it, its colon or its line end: that byte brings the
        // name along.
        if index < name_ends {
            0
        } else if index == name_ends {
            name_ends + 1
        } else {
            1
        }
    }

    /// #event-stream-interpretation: "Lines must be processed, in the order they are received, as
    /// follows:"
    fn interpret(&mut self, offset: usize, line: &str) {
        if line.is_empty() {
            // "If the line is empty (a blank line): Dispatch the event, as defined below."
            self.dispatch(offset);
        } else if let Some(comment) = line.strip_prefix(':') {
            // "If the line starts with a U+003A COLON character (:): Ignore the line." A frame if
            // frames are asked for; one space is dropped as it is from a value.
            self.frame(
                offset,
                Item::Comment(comment.strip_prefix(' ').unwrap_or(comment).to_owned()),
            );
        } else if let Some(colon) = line.find(':') {
            // "If the line contains a U+003A COLON character (:): Collect the characters on the
            // line before the first U+003A COLON character (:), and let field be that string.
            // Collect the characters on the line after the first U+003A COLON character (:), and
            // let value be that string. If value starts with a U+0020 SPACE character, remove it
            // from value. Process the field …"
            let field = &line[..colon];
            let mut value = &line[colon + 1..];
            if value.starts_with(' ') {
                value = &value[1..];
            }
            self.process_field(offset, field, value);
        } else {
            // "Otherwise, the string is not empty but does not contain a U+003A COLON character
            // (:): Process the field …, using the whole line as the field name, and the empty
            // string as the field value."
            self.process_field(offset, line, "");
        }
    }

    /// #event-stream-interpretation: "The steps to process the field given a field name and a field
    /// value depend on the field name, as given in the following list. Field names must be compared
    /// literally, with no case folding performed."
    fn process_field(&mut self, offset: usize, name: &str, value: &str) {
        match name {
            // "Set the event type buffer to the field value."
            "event" => {
                self.event_type_buffer = value.to_owned();
                self.type_field = Some(value.to_owned());
            }
            // "Append the field value to the data buffer, then append a single U+000A LINE FEED
            // (LF) character to the data buffer."
            "data" => {
                self.data_buffer.push_str(value);
                self.data_buffer.push('\n');
            }
            // "If the field value does not contain U+0000 NULL, then set the last event ID buffer
            // to the field value. Otherwise, ignore the field."
            "id" => {
                if !value.contains('\0') {
                    self.last_event_id_buffer = value.to_owned();
                    self.id_field = Some(value.to_owned());
                }
            }
            // "If the field value consists of only ASCII digits, then interpret the field value as
            // an integer in base ten, and set the event stream's reconnection time to that integer.
            // Otherwise, ignore the field."
            "retry" => {
                if !value.is_empty() && value.chars().all(|character| character.is_ascii_digit()) {
                    let milliseconds = value.bytes().fold(0u64, |sum, digit| {
                        sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
                    });
                    let time = Duration::from_millis(milliseconds);
                    self.reconnection_time = Some(time);
                    self.frame(offset, Item::Retry(time));
                }
            }
            // "Otherwise: The field is ignored."
            _ => {}
        }
    }

    /// #event-stream-interpretation, "dispatch the event".
    fn dispatch(&mut self, offset: usize) {
        // 1. "Set the last event ID string of the event source to the value of the last event ID
        //    buffer. The buffer does not get reset …"
        self.last_event_id_string = self.last_event_id_buffer.clone();
        // 2. "If the data buffer is an empty string, set the data buffer and the event type buffer
        //    to the empty string and return."
        if self.data_buffer.is_empty() {
            if let Some(id) = self.id_field.clone() {
                self.frame(offset, Item::Id(id));
            }
            self.forget_block();
            return;
        }
        // 3. "If the data buffer's last character is a U+000A LINE FEED (LF) character, then remove
        //    the last character from the data buffer."
        if self.data_buffer.ends_with('\n') {
            self.data_buffer.pop();
        }
        // 4.–6. "Let event be the result of creating an event using MessageEvent … Initialize
        //    event's type attribute to "message", its data attribute to data, …, and its
        //    lastEventId attribute to the last event ID string of the event source. If the event
        //    type buffer has a value other than the empty string, change the type of the newly
        //    created event to equal the value of the event type buffer."
        let mut event_type = "message".to_owned();
        if !self.event_type_buffer.is_empty() {
            event_type = self.event_type_buffer.clone();
        }
        let event = Item::Event {
            event_type,
            type_field: self.type_field.clone(),
            data: self.data_buffer.clone(),
            id: self.id_field.clone(),
            last_event_id: self.last_event_id_string.clone(),
        };
        self.items.push((offset, event));
        // 7. "Set the data buffer and the event type buffer to the empty string."
        self.forget_block();
    }

    /// The end of a block, however it came. The ID buffer is not the block's.
    fn forget_block(&mut self) {
        self.data_buffer.clear();
        self.event_type_buffer.clear();
        self.type_field = None;
        self.id_field = None;
        self.count = 0;
    }

    fn frame(&mut self, offset: usize, item: Item) {
        if self.options.frames {
            self.items.push((offset, item));
        }
    }
}

#[cfg(test)]
#[path = "model/checked_by_hand.rs"]
mod checked_by_hand;
