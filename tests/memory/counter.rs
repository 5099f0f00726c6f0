//! An allocator that counts the live bytes, their peak, and the allocations.
//!
//! Each thread has its own counts, so tests that run at the same time do not disturb each other,
//! and the counts are exact. A reallocation counts as the worst case: the old and the new memory
//! are live at the same time for a moment.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone, Copy)]
struct Counts {
    /// Negative if a thread frees memory that another thread has allocated.
    live: isize,
    peak: isize,
    allocations: usize,
}

thread_local! {
    static COUNTS: Cell<Counts> =
        const { Cell::new(Counts { live: 0, peak: 0, allocations: 0 }) };
}

fn count(bytes: isize, allocations: usize) {
    // A thread that ends may free memory after its counts are gone.
    let _ = COUNTS.try_with(|counts| {
        let mut new = counts.get();
        new.live += bytes;
        new.peak = new.peak.max(new.live);
        new.allocations += allocations;
        counts.set(new);
    });
}

// SAFETY: `System` does all of the work. Counting allocates nothing and touches none of the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize, 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize), 0);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize, 1);
        count(-(layout.size() as isize), 0);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Counts from a moment on, for this thread.
pub struct Since {
    live: isize,
    allocations: usize,
}

impl Since {
    pub fn now() -> Self {
        let Counts { live, allocations, .. } = COUNTS.get();
        COUNTS.set(Counts { live, peak: live, allocations });
        Since { live, allocations }
    }

    /// Bytes that are live now and were not then.
    pub fn live(&self) -> usize {
        usize::try_from(COUNTS.get().live - self.live).unwrap_or(0)
    }

    /// The most bytes that were live since then, without those that were live then.
    pub fn peak(&self) -> usize {
        usize::try_from(COUNTS.get().peak - self.live).unwrap_or(0)
    }

    pub fn allocations(&self) -> usize {
        COUNTS.get().allocations - self.allocations
    }
}

#[test]
fn the_counter_counts() {
    let since = Since::now();
    let mut vec: Vec<u8> = Vec::with_capacity(1000);
    assert_eq!((since.live(), since.peak(), since.allocations()), (1000, 1000, 1));
    vec.extend_from_slice(&[0; 1000]);
    vec.reserve_exact(2000);
    assert_eq!((since.live(), since.peak(), since.allocations()), (3000, 4000, 2));
    drop(vec);
    assert_eq!((since.live(), since.peak(), since.allocations()), (0, 4000, 2));
    let again = Since::now();
    assert_eq!((again.live(), again.peak(), again.allocations()), (0, 0, 0));
}
