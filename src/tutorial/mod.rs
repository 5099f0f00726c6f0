//! A tutorial: from the bytes of a stream to a client and a server that lose no event.
//!
//! [Reading](reading), from a byte slice to limits and errors:
//!
//! 1. [From bytes to events](reading#from-bytes-to-events)
//! 2. [Chunks](reading#chunks)
//! 3. [Keeping events](reading#keeping-events)
//! 4. [Frames](reading#frames)
//! 5. [Limits and errors](reading#limits-and-errors)
//!
//! [Writing](writing), and then both ends of a connection:
//!
//! 6. [Encoding](writing#encoding)
//! 7. [JSON](writing#json)
//! 8. [HTTP by hand](writing#http-by-hand)
//! 9. [Reconnecting](writing#reconnecting)
//! 10. [Serving and replaying](writing#serving-and-replaying)
//! 11. [Testing your handler](writing#testing-your-handler)
//!
//! Each step is a program that compiles. If you use reqwest, hyper or axum, read steps 1, 3, 6
//! and 7, and then the programs in the README.

pub mod reading;
pub mod writing;
