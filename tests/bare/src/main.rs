//! Runs [`checks`] on targets without an operating system, where the crate's tests cannot
//! run. `.ci/steps/targets` builds this program in two ways:
//!
//! - For `x86_64-unknown-none`, which has no SSE2. It runs as a Linux process, and makes
//!   its two system calls by itself.
//! - For `wasm32-unknown-unknown`. Node loads it and calls `check`.

#![no_std]
#![no_main]

extern crate alloc;

mod checks;
mod memory;
mod platform;

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    platform::abort()
}
