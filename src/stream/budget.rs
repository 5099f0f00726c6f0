//! The bound on what one poll does before other tasks run.

use core::task::{Context, Poll};

/// The steps that one poll may still take without an item to give.
///
/// A transport is ready for as long as its peer sends bytes. If the bytes have no event in them, a
/// poll without this bound would never end, and no other task of its thread would run.
pub(crate) struct Budget(u32);

impl Budget {
    pub(crate) const fn new() -> Self {
        Budget(64)
    }

    /// Takes a step. If no step is left, it asks to be polled again, and is pending.
    pub(crate) fn spend(&mut self, context: &Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Poll::Ready(())
            }
            None => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
