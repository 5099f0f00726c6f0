//! If a network cuts every connection between a server that replays and a client that reconnects,
//! every event arrives once and in order.
//!
//! `SSE_LOSSY_CUTS` is the least number of cuts, 60 000 unless set. A million:
//!
//! ```text
//! SSE_LOSSY_CUTS=1000000 cargo test --release --test lossy -- --nocapture
//! ```

#[path = "../client/check/mod.rs"]
mod check;
mod connection;
#[cfg(feature = "http")]
#[path = "../fake/mod.rs"]
mod fake;
mod server;
mod small_buffer;
#[cfg(feature = "http")]
mod subscription;

const DEFAULT_CUTS: usize = 60_000;

fn cuts_wanted() -> usize {
    std::env::var("SSE_LOSSY_CUTS")
        .map_or(DEFAULT_CUTS, |cuts| cuts.parse().expect("SSE_LOSSY_CUTS is a number"))
}

/// How many events the server has before the client comes for the first time: none, some, and more
/// than its buffer holds.
const HISTORIES: [usize; 3] = [0, 3, 20];

/// How a connection is cut.
#[derive(Clone, Copy, Debug)]
enum Cuts {
    /// After one byte more than the last time, until an event has come. So it cuts at every byte of
    /// every event, and at every byte of the place that a new client is sent.
    Creeping,
    /// After 0, 1, 2, … bytes up to several events. So any number of events comes before the one
    /// that is cut.
    Sawtooth,
}

const LONGEST_SAWTOOTH: usize = 700;

impl Cuts {
    /// After how many bytes the next connection is cut.
    fn next(self, length: usize, events_came: bool) -> usize {
        match self {
            Cuts::Creeping if events_came => 0,
            Cuts::Sawtooth if length == LONGEST_SAWTOOTH => 0,
            Cuts::Creeping | Cuts::Sawtooth => length + 1,
        }
    }
}
