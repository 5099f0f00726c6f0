//! How the program is entered, and how it tells the result.

use crate::checks::CHECKS;

/// Returns 0 when every check holds, or else the number of the first that does not.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
extern "C" fn check() -> usize {
    CHECKS.iter().position(|(_, holds)| !holds()).map_or(0, |index| index + 1)
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn abort() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(target_arch = "x86_64")]
pub(crate) use linux::abort;

/// For other targets the program compiles, but it cannot be entered.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(crate) fn abort() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(target_arch = "x86_64")]
mod linux {
    use super::CHECKS;
    use core::arch::{asm, global_asm};

    // Linux starts a process with an aligned stack, and a function expects that `call` has
    // pushed 8 bytes on it.
    global_asm!(
        ".global _start",
        "_start:",
        "call {start}",
        "ud2",
        start = sym start
    );

    extern "C" fn start() -> ! {
        let mut status = 0;
        for (name, holds) in CHECKS {
            let holds = holds();
            write(name);
            write(if holds { ": holds\n" } else { ": DOES NOT HOLD\n" });
            status |= usize::from(!holds);
        }
        exit(status)
    }

    pub(crate) fn abort() -> ! {
        write("panicked\n");
        exit(101)
    }

    fn write(text: &str) {
        const WRITE: usize = 1;
        const STANDARD_OUTPUT: usize = 1;
        system_call(WRITE, STANDARD_OUTPUT, text.as_ptr().expose_provenance(), text.len());
    }

    fn exit(status: usize) -> ! {
        const EXIT: usize = 60;
        loop {
            system_call(EXIT, status, 0, 0);
        }
    }

    fn system_call(number: usize, first: usize, second: usize, third: usize) {
        // SAFETY: `write` passes a text that lives until it returns, and its length. `exit`
        // passes no pointer. The kernel overwrites rax, rcx and r11, and nothing else.
        unsafe {
            asm!(
                "syscall",
                inlateout("rax") number => _,
                in("rdi") first,
                in("rsi") second,
                in("rdx") third,
                out("rcx") _,
                out("r11") _,
                options(nostack)
            );
        }
    }
}
