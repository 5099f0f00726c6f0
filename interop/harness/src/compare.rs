//! The items that were found, against the standard, case by case; and the known faults of others.

use crate::cases::{Case, Item, MARK, Read};
use crate::section::code;

/// A known fault: what it makes of that which the standard says. The faults of a reader or writer
/// together predict exactly what comes out.
pub struct Fault {
    pub what: &'static str,
    /// It is given the last event ID that was found before the case.
    pub apply: fn(&Case, &str, &mut Vec<Item>),
}

/// A case that came out otherwise than the standard says.
struct Difference {
    case: Case,
    /// The last event ID before it, by the standard.
    last_event_id: String,
    expected: Vec<Item>,
    found: Vec<Item>,
    /// The faults that it shows by itself, by their index: beside its mark, and not because the
    /// last event ID was off already.
    shows: Vec<usize>,
    is_explained: bool,
}

#[derive(Default)]
pub struct Comparison {
    /// How many events the streams hold, beside the marks.
    events: usize,
    /// How many cases there were.
    pub cases: usize,
    differences: Vec<Difference>,
}

impl Comparison {
    /// Compares what was found in one stream with its cases.
    pub fn add(&mut self, cases: &[Case], found: &[Item], events_only: bool, faults: &[Fault]) {
        let mut last_event_id = String::new();
        let mut found_last_event_id = String::new();
        for ((number, case), found) in cases.iter().enumerate().zip(blocks(found, cases.len())) {
            let before = last_event_id.clone();
            let mut expected = case.items(&mut last_event_id);
            expected.extend(Case::mark(number).items(&mut last_event_id));
            if events_only {
                expected.retain(|item| matches!(item, Item::Event(_)));
            }
            self.cases += 1;
            self.events += usize::from(case.data.is_some());
            let mut predicted = expected.clone();
            for fault in faults {
                (fault.apply)(case, &found_last_event_id, &mut predicted);
            }
            if let Some(Item::Event(Read(_, _, id))) = found.last() {
                found_last_event_id.clone_from(id);
            }
            if found != expected {
                let shows = |fault: &usize| shows(case, &before, &expected, &faults[*fault]);
                self.differences.push(Difference {
                    case: case.clone(),
                    shows: (0..faults.len()).filter(shows).collect(),
                    last_event_id: before,
                    is_explained: found == predicted,
                    expected,
                    found,
                });
            }
        }
    }

    /// How many cases came out as the standard says.
    pub fn same(&self) -> usize {
        self.cases - self.differences.len()
    }

    fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| !difference.is_explained)
    }

    /// For a table: events; blocks; those that came out right; those that a fault explains; those
    /// that nothing explains.
    pub fn counts(&self) -> String {
        let Comparison { events, cases, differences } = self;
        let unexplained = self.unexplained().count();
        let explained = differences.len() - unexplained;
        format!("{events} | {cases} | {} | {explained} | {unexplained}", self.same())
    }

    /// Some of the differences that nothing explains.
    pub fn problems(&self) -> Vec<String> {
        let problem = |Difference { case, last_event_id, expected, found, .. }: &Difference| {
            format!(
                "after the ID {last_event_id:?}, {case:?}\n    should give {expected:?}\n    and gave    {found:?}"
            )
        };
        self.unexplained().take(5).map(problem).collect()
    }

    /// The rows of a table: each fault, how many blocks show it, and the smallest of them that
    /// shows no other.
    pub fn otherwise(&self, who: &str, faults: &[Fault]) -> String {
        let row = |(number, fault): (usize, &Fault)| {
            let explained = self.differences.iter().filter(|difference| difference.is_explained);
            let shown: Vec<_> =
                explained.filter(|difference| difference.shows.contains(&number)).collect();
            let alone = shown.iter().filter(|difference| difference.shows == [number]);
            let smallest = alone.min_by_key(|difference| difference.size());
            let cells = smallest.map_or("not seen any more | |".into(), |shown| shown.in_words());
            format!("| {who} | {} | {} | {cells} |\n", fault.what, shown.len())
        };
        faults.iter().enumerate().map(row).collect()
    }
}

impl Difference {
    fn size(&self) -> usize {
        self.case.encoded().len() + self.last_event_id.len()
    }

    /// The block, what it should give, and what it gives.
    fn in_words(&self) -> String {
        let fields = ["comment", "id", "type", "retry", "data"].into_iter().zip(self.case.texts());
        let mut asked: Vec<_> =
            fields.filter_map(|(name, text)| Some(format!("{name} {}", code(&text?)))).collect();
        if !self.last_event_id.is_empty() {
            asked.push(format!("after the ID {}", code(&self.last_event_id)));
        }
        let [expected, found] = [&self.expected, &self.found].map(|items| in_words(items));
        format!("{} | {expected} | {found}", asked.join(", "))
    }
}

/// The table of rows from [`Comparison::otherwise`].
pub fn otherwise(who: &str, rows: &str) -> String {
    format!(
        "\n### What these {who} do otherwise\n\n\
         Each with the number of blocks that show it by themselves (an ID that came out wrong is seen in later\n\
         blocks too), and with the smallest of them.\n\n\
         | who | what | blocks | shown by | should give | gives |\n|---|---|--:|---|---|---|\n{rows}"
    )
}

/// The items that came, without the mark.
fn in_words(items: &[Item]) -> String {
    let shown = items.iter().filter_map(|item| match item {
        Item::Comment(text) => Some(format!("comment {}", code(text))),
        Item::Retry(time) => Some(format!("retry {time}")),
        Item::Event(Read(event_type, ..)) if event_type == MARK => None,
        Item::Event(Read(event_type, data, id)) => {
            let id = if id.is_empty() { String::new() } else { format!(", ID {}", code(id)) };
            Some(format!("event {} {}{id}", code(event_type), code(data)))
        }
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "nothing".into() } else { shown.join(", ") }
}

/// The items that were found, by case: up to and with its mark.
fn blocks(found: &[Item], count: usize) -> Vec<Vec<Item>> {
    let mut blocks = vec![Vec::new(); count];
    let mut block = Vec::new();
    for item in found {
        block.push(item.clone());
        if let Item::Event(Read(event_type, data, _)) = item
            && event_type == MARK
            && let Some(of_case) =
                data.parse().ok().and_then(|number: usize| blocks.get_mut(number))
        {
            block.sort_by_key(Item::rank);
            *of_case = std::mem::take(&mut block);
        }
    }
    blocks
}

/// Whether this fault changes what comes before the mark, where all was well before.
fn shows(case: &Case, last_event_id: &str, expected: &[Item], fault: &Fault) -> bool {
    let mut items = expected.to_vec();
    (fault.apply)(case, last_event_id, &mut items);
    let before_mark = |items: &[Item]| items.split_last().map(|(_, items)| items.to_vec());
    before_mark(&items) != before_mark(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    fn found(stream: &[Case]) -> Vec<Item> {
        let mut last_event_id = String::new();
        cases::with_marks(stream).iter().flat_map(|case| case.items(&mut last_event_id)).collect()
    }

    fn compared(stream: &[Case], found: &[Item], faults: &[Fault]) -> Comparison {
        let mut comparison = Comparison::default();
        comparison.add(stream, found, false, faults);
        comparison
    }

    #[test]
    fn what_the_standard_says_is_the_same() {
        for stream in cases::streams() {
            assert_eq!(compared(&stream, &found(&stream), &[]).same(), stream.len());
        }
    }

    #[test]
    fn each_change_of_one_item_is_a_difference_of_its_case_alone() {
        for stream in cases::streams() {
            let found = found(&stream);
            for change in 0..found.len().min(60) {
                let mut changed = found.clone();
                match &mut changed[change] {
                    Item::Event(Read(_, _, id)) => id.push('x'),
                    Item::Comment(text) => text.push('x'),
                    Item::Retry(time) => *time += 1,
                }
                let comparison = compared(&stream, &changed, &[]);
                assert_eq!(comparison.unexplained().count(), 1);
                assert_eq!(comparison.same(), stream.len() - 1);
            }
        }
    }

    #[test]
    fn a_lost_event_is_not_explained_by_a_fault_that_does_something_else() {
        let stream = &cases::streams()[0];
        let mut lost = found(stream);
        lost.remove(0);
        let fault = Fault { what: "", apply: |_, _, items| items.clear() };
        assert_eq!(compared(stream, &lost, &[fault]).unexplained().count(), 1);
    }
}
