//! An allocator for a program that ends soon: it never takes memory back.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 1 << 20;

#[repr(align(64))]
struct Arena {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: No two allocations share a byte, because `used` only grows, and atomically.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena { bytes: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

// SAFETY: What is returned lies within `bytes`, and `used` is moved beyond it.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Each size is rounded up, so that each start is aligned.
        let size = layout.size().next_multiple_of(64);
        let start = self.used.fetch_add(size, Ordering::Relaxed);
        if layout.align() > 64 || start.saturating_add(size) > SIZE {
            return null_mut();
        }
        // SAFETY: `start` is less than `SIZE`, as was just asked.
        unsafe { self.bytes.get().cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
