//! The pointer to what several values share.

// Targets without compare-and-swap have no `Arc`. A value that is shared there stays in its thread.
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use alloc::rc::Rc as Arc;
#[cfg(target_has_atomic = "ptr")]
pub(crate) use alloc::sync::Arc;
