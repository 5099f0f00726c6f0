//! A network and a clock without either: bodies, responses and sleeps that follow a script.
#![allow(dead_code, unused_imports)]

mod body;
mod clock;
mod net;

pub use body::{BodyError, FakeBody, Step, chunk};
pub use clock::{Clock, Sleep};
pub use net::{Answer, Net, NetError, Reply};
