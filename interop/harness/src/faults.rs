//! The known faults of others, each as what it does to the standard's answer.

use crate::cases::{Case, Item, MARK, Read, unix};
use crate::compare::{Before, Fault};
use crate::model::{self, Options};

pub const FORGOTTEN_ID: Fault = Fault {
    what: "reports an empty last event ID with an event whose block names none",
    apply: forgotten_id,
};

pub const EMPTY_EVENT: Fault = Fault {
    what: "hands out an event with empty data for a block without data, if the block names a type or a \
           reconnection time, or an ID was seen before",
    apply: empty_event,
};

pub const NO_EMPTY_DATA: Fault = Fault {
    what: "writes no `data` line for empty data, so there is no event",
    apply: no_empty_data,
};

pub const TWO_LINE_ENDS: Fault =
    Fault { what: "takes CRLF in data for two line ends", apply: two_line_ends };

pub const NO_SPACE: Fault = Fault {
    what: "writes no space after the colon, so a text's own leading space is lost",
    apply: no_space,
};

pub const RAW_LINE_ENDS: Fault = Fault {
    what: "writes line ends in data and comments as they are, so that what follows is taken for a field",
    apply: raw_line_ends,
};

fn forgotten_id(case: &Case, _: &Before, items: &mut Vec<Item>) {
    for item in items {
        if let Item::Event(Read(event_type, _, id)) = item
            && (case.id.is_none() || event_type == MARK)
        {
            id.clear();
        }
    }
}

fn empty_event(case: &Case, before: &Before, items: &mut Vec<Item>) {
    let last_event_id = case.id.as_ref().unwrap_or(&before.last_event_id);
    let event_type = case.event_type.clone().unwrap_or_default();
    let names_something =
        !event_type.is_empty() || case.retry.is_some() || !last_event_id.is_empty();
    // Where nothing at all is set, our encoder does not even write a blank line.
    if case.data.is_none() && *case != Case::default() && names_something {
        let event_type = if event_type.is_empty() { "message".into() } else { event_type };
        items.insert(0, Item::Event(Read(event_type, String::new(), last_event_id.clone())));
    }
}

fn no_empty_data(case: &Case, _: &Before, items: &mut Vec<Item>) {
    if case.data.as_deref() == Some("") {
        items.retain(
            |item| !matches!(item, Item::Event(Read(event_type, ..)) if event_type != MARK),
        );
    }
}

fn two_line_ends(case: &Case, _: &Before, items: &mut Vec<Item>) {
    for item in items {
        if let (Item::Event(Read(event_type, data, _)), Some(asked)) = (item, &case.data)
            && event_type != MARK
        {
            *data = asked.replace('\r', "\n");
        }
    }
}

fn no_space(case: &Case, before: &Before, items: &mut Vec<Item>) {
    let split = |text: &Option<String>| text.as_ref().map(|text| unix(text));
    spring(
        &Case { comment: split(&case.comment), data: split(&case.data), ..case.clone() },
        before,
        items,
        true,
    );
}

fn raw_line_ends(case: &Case, before: &Before, items: &mut Vec<Item>) {
    spring(case, before, items, false);
}

/// The items that the standard finds in the bytes that Spring writes.
fn spring(case: &Case, before: &Before, items: &mut Vec<Item>, split: bool) {
    let mut bytes = String::new();
    let mut field = |name: &str, text: &Option<String>| {
        let Some(text) = text else { return };
        let lines: Vec<_> = if split { text.split('\n').collect() } else { vec![text] };
        bytes.extend(lines.iter().flat_map(|line| [name, ":", line, "\n"]));
    };
    field("", &case.comment);
    field("id", &case.id);
    field("event", &case.event_type);
    field("retry", &case.retry.map(|time| time.to_string()));
    field("data", &case.data);
    bytes += "\n";

    let Some(mark) = items.pop() else { return };
    let options =
        Options { last_event_id: before.found_last_event_id.clone(), ..Options::default() };
    let output = model::decode(bytes.as_bytes(), &options);
    *items = output.what().into_iter().filter_map(Item::of_model).collect();
    items.push(match mark {
        Item::Event(Read(event_type, data, _)) => {
            Item::Event(Read(event_type, data, output.last_event_id))
        }
        other => other,
    });
    items.sort_by_key(Item::rank);
}
