//! The items that were found, against the standard, case by case; and the known faults of others.

use crate::cases::{Case, Item, MARK, Read};
use crate::section::code;

/// A known fault: what it makes of that which the standard says.
///
/// A difference is explained only if the faults of its reader or writer, applied to
/// the standard's answer, give exactly what was found.
pub struct Fault {
    pub what: &'static str,
    pub apply: fn(&Case, &Before, &mut Vec<Item>),
}

/// The state before a case.
pub struct Before {
    /// The last event ID by the standard.
    pub last_event_id: String,
    /// The last event ID that was found with the mark of the case before.
    pub found_last_event_id: String,
}

/// A case that came out otherwise than the standard says.
pub struct Difference {
    pub case: Case,
    /// The last event ID before it.
    pub last_event_id: String,
    pub expected: Vec<Item>,
    pub found: Vec<Item>,
    /// Whether it shows a fault by itself: beside its mark, and not because the last event
    /// ID was off already.
    pub shows: bool,
    /// The faults that explain it, by their index; none if nothing does.
    pub explained: Vec<usize>,
}

#[derive(Default)]
pub struct Comparison {
    /// How many events the streams hold, beside the marks.
    pub events: usize,
    /// How many cases there were, and how many came out as the standard says.
    pub cases: usize,
    pub same: usize,
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Compares what was found in one stream with its cases.
    pub fn add(&mut self, cases: &[Case], found: &[Item], events_only: bool, faults: &[Fault]) {
        let mut found = blocks(found, cases.len());
        let mut before =
            Before { last_event_id: String::new(), found_last_event_id: String::new() };
        for (number, case) in cases.iter().enumerate() {
            let mut last_event_id = before.last_event_id.clone();
            let mut expected = case.items(&mut last_event_id);
            expected.extend(Case::mark(number).items(&mut last_event_id));
            if events_only {
                expected.retain(|item| matches!(item, Item::Event(_)));
            }
            let found = std::mem::take(&mut found[number]);
            self.cases += 1;
            self.events += usize::from(case.data.is_some());
            let found_last_event_id = match found.last() {
                Some(Item::Event(Read(_, _, id))) => id.clone(),
                _ => before.found_last_event_id.clone(),
            };
            if found == expected {
                self.same += 1;
            } else {
                let explained = explain(case, &before, &expected, &found, faults);
                let shows = shows(case, &before.last_event_id, &expected, &explained, faults);
                self.differences.push(Difference {
                    case: case.clone(),
                    last_event_id: before.last_event_id.clone(),
                    expected,
                    found,
                    shows,
                    explained,
                });
            }
            before = Before { last_event_id, found_last_event_id };
        }
    }

    /// For a table: events; blocks; those that came out right; those that a fault explains; those
    /// that nothing explains.
    pub fn counts(&self) -> String {
        let unexplained = self.unexplained().count();
        let explained = self.differences.len() - unexplained;
        format!("{} | {} | {} | {explained} | {unexplained}", self.events, self.cases, self.same)
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

    /// The rows of a table: each fault, how many blocks show it, and the smallest of them.
    pub fn otherwise(
        &self,
        who: &str,
        faults: &[Fault],
        input: impl Fn(&Difference) -> String,
    ) -> String {
        let row = |(number, fault): (usize, &Fault)| {
            let (what, count) = (fault.what, self.count(number));
            match self.smallest(number) {
                None => format!("| {who} | {what} | {count} | not seen any more | | |\n"),
                Some(shown) => {
                    let [expected, found] =
                        [&shown.expected, &shown.found].map(|items| in_words(items));
                    format!(
                        "| {who} | {what} | {count} | {} | {expected} | {found} |\n",
                        input(shown)
                    )
                }
            }
        };
        faults.iter().enumerate().map(row).collect()
    }

    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.explained.is_empty())
    }

    /// The smallest case that shows this fault, and no other, by itself.
    pub fn smallest(&self, fault: usize) -> Option<&Difference> {
        let shows = |difference: &&Difference| difference.shows && difference.explained == [fault];
        let size = |difference: &&Difference| {
            difference.case.encoded().len() + difference.last_event_id.len()
        };
        self.differences.iter().filter(shows).min_by_key(size)
    }

    /// How many cases show this fault by themselves.
    pub fn count(&self, fault: usize) -> usize {
        let shows =
            |difference: &&Difference| difference.shows && difference.explained.contains(&fault);
        self.differences.iter().filter(shows).count()
    }
}

/// A table of rows from [`Comparison::otherwise`].
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
        Item::Event(Read(event_type, data, id)) if id.is_empty() => {
            Some(format!("event {} {}", code(event_type), code(data)))
        }
        Item::Event(Read(event_type, data, id)) => {
            Some(format!("event {} {}, ID {}", code(event_type), code(data), code(id)))
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
        if let Item::Event(Read(event_type, data, _)) = item {
            let number =
                data.parse::<usize>().ok().filter(|number| event_type == MARK && *number < count);
            if let Some(number) = number {
                block.sort_by_key(Item::rank);
                blocks[number] = std::mem::take(&mut block);
            }
        }
    }
    blocks
}

/// The fewest faults that lead from what the standard says to what was found.
fn explain(
    case: &Case,
    before: &Before,
    expected: &[Item],
    found: &[Item],
    faults: &[Fault],
) -> Vec<usize> {
    let mut sets: Vec<u32> = (1..1 << faults.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    for set in sets {
        let chosen: Vec<_> = (0..faults.len()).filter(|fault| set & (1 << fault) != 0).collect();
        let mut items = expected.to_vec();
        for &fault in &chosen {
            (faults[fault].apply)(case, before, &mut items);
        }
        if items == found {
            return chosen;
        }
    }
    Vec::new()
}

/// Whether these faults change what comes before the mark, where all was well before.
fn shows(
    case: &Case,
    last_event_id: &str,
    expected: &[Item],
    chosen: &[usize],
    faults: &[Fault],
) -> bool {
    let [last_event_id, found_last_event_id] = [last_event_id; 2].map(str::to_owned);
    let before = Before { last_event_id, found_last_event_id };
    let mut items = expected.to_vec();
    for &fault in chosen {
        (faults[fault].apply)(case, &before, &mut items);
    }
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

    #[test]
    fn what_the_standard_says_is_the_same() {
        for stream in cases::streams() {
            let mut comparison = Comparison::default();
            comparison.add(&stream, &found(&stream), false, &[]);
            assert_eq!(comparison.same, stream.len());
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
                let mut comparison = Comparison::default();
                comparison.add(&stream, &changed, false, &[]);
                assert_eq!(comparison.unexplained().count(), 1);
                assert_eq!(comparison.same, stream.len() - 1);
            }
        }
    }

    #[test]
    fn a_lost_event_is_not_explained_by_a_fault_that_does_something_else() {
        let stream = &cases::streams()[0];
        let mut lost = found(stream);
        lost.remove(0);
        let fault = Fault { what: "", apply: |_, _, items| items.clear() };
        let mut comparison = Comparison::default();
        comparison.add(stream, &lost, false, &[fault]);
        assert_eq!(comparison.unexplained().count(), 1);
    }
}
