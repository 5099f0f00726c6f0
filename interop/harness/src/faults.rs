//! The known faults of others, each as what it does to the standard's answer.

use crate::cases::{Case, Item, MARK, Read};
use crate::compare::Fault;
use crate::model::{self, Options};

pub const FORGOTTEN_ID: Fault = Fault {
    what: "reports an empty last event ID with an event whose block names none",
    apply: |case, _, items| {
        for item in items {
            if let Item::Event(Read(event_type, _, id)) = item
                && (case.id.is_none() || event_type == MARK)
            {
                id.clear();
            }
        }
    },
};

pub const EMPTY_EVENT: Fault = Fault {
    what: "hands out an event with empty data for a block without data, if the block names a type or a \
           reconnection time, or an ID was seen before",
    apply: |case, last_event_id, items| {
        let id = case.id.as_deref().unwrap_or(last_event_id);
        let event_type = case.event_type.as_deref().unwrap_or_default();
        let names_something = !event_type.is_empty() || case.retry.is_some() || !id.is_empty();
        // Where nothing at all is set, our encoder does not even write a blank line.
        if case.data.is_none() && *case != Case::default() && names_something {
            let event_type = if event_type.is_empty() { "message" } else { event_type };
            items.insert(0, Item::Event(Read(event_type.into(), String::new(), id.into())));
        }
    },
};

pub const TRIMMED_TEXT: Fault = Fault {
    what: "takes away all spaces after the colon and all line ends at the end of data, and reports an empty type",
    apply: |case, last_event_id, items| {
        let trimmed = |text: &str| text.trim_start_matches(' ').to_owned();
        for item in items {
            let Item::Event(Read(event_type, data, id)) = item else { continue };
            *id = case.id.as_deref().map_or(last_event_id.into(), trimmed);
            if event_type != MARK {
                let lines: Vec<_> = data.split('\n').map(trimmed).collect();
                *data = lines.join("\n").trim_end_matches('\n').into();
                *event_type = case.event_type.as_deref().map_or("message".into(), trimmed);
            }
        }
    },
};

pub const NO_EMPTY_DATA: Fault = Fault {
    what: "writes no `data` line for empty data, so there is no event",
    apply: |case, _, items| {
        let is_lost =
            |item: &Item| matches!(item, Item::Event(Read(event_type, ..)) if event_type != MARK);
        items.retain(|item| case.data.as_deref() != Some("") || !is_lost(item));
    },
};

pub const TWO_LINE_ENDS: Fault = Fault {
    what: "takes CRLF in data for two line ends",
    apply: |case, _, items| {
        for item in items {
            if let (Item::Event(Read(event_type, data, _)), Some(asked)) = (item, &case.data)
                && event_type != MARK
            {
                *data = asked.replace('\r', "\n");
            }
        }
    },
};

pub const RAW_TEXT: Fault = Fault {
    what: "writes no space after the colon, and line ends in data and comments as they are, so that a text's own \
           leading space is lost and what follows a line end is taken for a field",
    apply: raw_text,
};

/// The items that the standard finds in the bytes that are written.
fn raw_text(case: &Case, last_event_id: &str, items: &mut Vec<Item>) {
    let fields = ["", "id", "event", "retry", "data"].into_iter().zip(case.texts());
    let lines = fields.filter_map(|(name, text)| Some(format!("{name}:{}\n", text?)));
    let block = lines.collect::<String>() + "\n";

    let Some(mark) = items.pop() else { return };
    let options = Options { last_event_id: last_event_id.into(), ..Options::default() };
    let output = model::decode(block.as_bytes(), &options);
    *items = output.what().into_iter().filter_map(Item::of_model).collect();
    items.push(match mark {
        Item::Event(Read(event_type, data, _)) => {
            Item::Event(Read(event_type, data, output.last_event_id))
        }
        other => other,
    });
    items.sort_by_key(Item::rank);
}
