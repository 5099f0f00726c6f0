//! Properties of random streams and texts: any stream at any cuts gives what the model gives, and
//! what is encoded is read as it was given.

#[path = "../drive/mod.rs"]
mod drive;
#[path = "../model.rs"]
mod model;

mod encoding;
mod generate;
mod writer;

use generate::{cuts, options, stream};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// No regression files: a failure worth keeping becomes a case of the corpus.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn any_stream_at_any_cuts(stream in stream(), cuts in cuts(), options in options()) {
        let expectation = drive::Expectation::new(&stream, &options);
        expectation.check(&[]);
        expectation.check(&drive::bytewise(&stream));
        expectation.check(&cuts.of(&stream));
    }

    /// The model splits a stream into lines before it decodes text.
    #[test]
    fn the_model_gives_what_decoding_the_text_first_gives(stream in stream()) {
        let options = model::Options { frames: false, ..Default::default() };
        let event = |item| match item {
            model::Item::Event { event_type, data, last_event_id, .. } => {
                Some((event_type, data, last_event_id))
            }
            _ => None,
        };
        let events: Vec<_> =
            model::decode(&stream, &options).what().into_iter().filter_map(event).collect();
        prop_assert_eq!(events, model::decode_text_first(&stream));
    }
}
