//! Where events go: [`Tally`] counts them while the clock runs, [`Examiner`] holds each against the
//! event that the corpus was made from. A decoder is timed only if it passed the examiner.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::corpora::LogicalEvent;

/// Receives events. The three texts are those of the platform's `MessageEvent`.
pub trait Sink {
    fn event(&mut self, event_type: &str, last_event_id: &str, data: &str);
}

/// Counts, and uses each text just enough that none can be optimised away.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Tally {
    pub events: usize,
    pub data_bytes: usize,
    other_bytes: usize,
}

impl Sink for Tally {
    #[inline]
    fn event(&mut self, event_type: &str, last_event_id: &str, data: &str) {
        self.events += 1;
        self.data_bytes += data.len();
        self.other_bytes += event_type.len() + last_event_id.len();
        black_box(data.as_ptr());
    }
}

/// Compares every event with the one expected.
pub struct Examiner<'e> {
    expected: &'e [LogicalEvent],
    found: Tally,
    fault: Option<String>,
}

impl<'e> Examiner<'e> {
    pub fn new(expected: &'e [LogicalEvent]) -> Self {
        Examiner { expected, found: Tally::default(), fault: None }
    }

    /// Lets a decoder read, catches its panic if it has one, and says what is wrong, if anything
    /// is.
    pub fn verdict(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<Tally, String> {
        let end = catch_unwind(AssertUnwindSafe(|| read(&mut self)));
        let end = end.unwrap_or_else(|_| Err("panicked".into()));
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        end.map_err(|error| format!("gave up after {} events: {error}", self.found.events))?;
        if self.found.events != self.expected.len() {
            return Err(format!("found {} of {} events", self.found.events, self.expected.len()));
        }
        Ok(self.found)
    }
}

impl Sink for Examiner<'_> {
    fn event(&mut self, event_type: &str, last_event_id: &str, data: &str) {
        let nth = self.found.events;
        self.found.event(event_type, last_event_id, data);
        let Some(expected) = self.expected.get(nth) else {
            self.fault.get_or_insert_with(|| "found more events than there are".into());
            return;
        };
        let pairs = [
            ("type", event_type, expected.event_type.as_deref().unwrap_or("message")),
            ("id", last_event_id, expected.id.as_deref().unwrap_or_default()),
            ("data", data, &expected.data),
        ];
        if let Some((what, ..)) = pairs.iter().find(|(_, found, expected)| found != expected) {
            self.fault.get_or_insert_with(|| format!("wrong {what} in event {}", nth + 1));
        }
    }
}
