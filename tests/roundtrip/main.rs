//! Properties of streams nobody wrote by hand: any stream at any cuts is what the model says, and what is encoded
//! decodes to what was given.

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

/// No regression files: a failure worth keeping becomes a vector.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn any_stream_at_any_cuts_gives_what_the_model_gives(stream in stream(), cuts in cuts(), options in options()) {
        let expectation = drive::Expectation::new(&stream, &options);
        expectation.check(&[]);
        expectation.check(&drive::bytewise(&stream));
        expectation.check(&cuts.of(&stream));
    }

    #[test]
    fn any_stream_gives_the_same_after_any_stream_and_a_reconnection(first in stream(), second in stream(), options in options()) {
        let limit = options.max_event_size;
        let before = model::decode(&first, &options);
        let expected = model::decode(&second, &model::Options { last_event_id: before.last_event_id, ..options.clone() });
        let mut decoder = drive::decoder(&options);
        let mut chunk = sse_proto::Chunk::new(&first);
        while drive::pull(&mut decoder, &mut chunk, options.frames, limit).is_some() {}
        decoder.reconnect();
        let mut chunk = sse_proto::Chunk::new(&second);
        let got: Vec<_> = std::iter::from_fn(|| drive::pull(&mut decoder, &mut chunk, options.frames, limit)).collect();
        prop_assert_eq!(got, expected.what());
        prop_assert_eq!(decoder.last_event_id(), expected.last_event_id);
        prop_assert_eq!(decoder.reconnection_time(), expected.reconnection_time.or(before.reconnection_time));
        prop_assert_eq!(decoder.is_mid_event(), expected.is_mid_event);
    }

    #[test]
    fn the_model_itself_gives_what_decoding_before_splitting_gives(stream in stream()) {
        let events: Vec<_> = model::decode(&stream, &model::Options { frames: false, ..Default::default() })
            .what()
            .into_iter()
            .filter_map(|item| match item {
                model::Item::Event { event_type, data, last_event_id, .. } => Some((event_type, data, last_event_id)),
                _ => None,
            })
            .collect();
        prop_assert_eq!(events, model::decode_text_first(&stream));
    }
}
