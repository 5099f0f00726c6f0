//! `client::Subscription`, on a network and a clock that follow a script.

#[path = "../client/check/mod.rs"]
mod check;
mod drive;
mod ends;
#[path = "../fake/mod.rs"]
mod fake;
mod polling;
mod sequences;
mod updates;
mod waits;
