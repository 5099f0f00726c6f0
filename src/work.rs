//! Counts work, for the tests that hold the decoder to linear work: bytes looked
//! at, not time.

extern crate std;

use core::cell::Cell;

/// A counter of this thread.
pub(crate) struct Counter(&'static std::thread::LocalKey<Cell<usize>>);

std::thread_local! {
    static LINE_ENDS_OF_THREAD: Cell<usize> = const { Cell::new(0) };
    static TEXT_OF_THREAD: Cell<usize> = const { Cell::new(0) };
}

/// Bytes searched for a line end.
pub(crate) const LINE_ENDS: Counter = Counter(&LINE_ENDS_OF_THREAD);

/// Bytes validated ahead.
pub(crate) const TEXT: Counter = Counter(&TEXT_OF_THREAD);

impl Counter {
    pub(crate) fn add(&self, bytes: usize) {
        self.0.with(|total| total.set(total.get() + bytes));
    }

    pub(crate) fn take(&self) -> usize {
        self.0.with(Cell::take)
    }
}
