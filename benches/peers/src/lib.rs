//! `sse-proto` and its rivals on the same bytes.
//!
//! ```text
//! corpora   the streams, and the events in them     ../../corpora.rs, shared by all benches
//! feed      the shapes in which they arrive: chunks
//! decoders  every decoder as one trait          ┐
//! encoders  every encoder as one type           ├─ checked (check), then timed (measure)
//! growth    one endless line in small chunks    ┘
//! modes     which of them run on what, as tables (report, summary) and a picture (chart)
//! ```

#[path = "../../corpora.rs"]
pub mod corpora;

pub mod chart;
pub mod check;
pub mod decoders;
pub mod encoders;
pub mod feed;
pub mod growth;
pub mod measure;
pub mod modes;
pub mod payload;
pub mod report;
pub mod summary;
