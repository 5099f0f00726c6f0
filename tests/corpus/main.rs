//! Every case of `cases.jsonl`: against the model, and in every layer of the crate at every cut.

#[path = "../drive/mod.rs"]
mod drive;
#[path = "../model.rs"]
mod model;

mod case;
#[cfg(feature = "stream")]
mod event_stream;

use std::collections::HashSet;
use std::panic::catch_unwind;

use case::Case;
use drive::{Expectation, Layer, bytewise, chunks};
use model::{Options, State};

/// Checks each case, and names all those that fail.
fn check(what: &str, check: fn(&Case)) {
    let failed = |case: &Case| {
        let place = format!("{what}, {:?} ({})", case.name, case.clause);
        catch_unwind(|| check(case)).err().inspect(|_| eprintln!("fails: {place}")).map(|_| place)
    };
    let failed: Vec<_> = case::all().iter().filter_map(failed).collect();
    assert!(failed.is_empty(), "cases that fail, see above: {failed:#?}");
}

impl Case {
    /// The bytes of each connection.
    fn whole(&self) -> Vec<Vec<u8>> {
        self.streams.iter().map(|chunks| chunks.concat()).collect()
    }

    /// Where to cut each connection: everywhere, or at some hundred places of a long one.
    fn cuts(&self) -> Vec<usize> {
        let whole = self.whole();
        let longest = whole.iter().map(Vec::len).max().unwrap();
        (0..=longest).step_by(longest / 300 + 1).collect()
    }

    /// One layer reads each of its connections in these chunks.
    #[track_caller]
    fn check_layer(&self, layer: Layer, streams: &[Vec<&[u8]>]) {
        let streams: Vec<_> = streams.iter().map(Vec::as_slice).collect();
        let got = drive::run_streams(layer, &streams, &self.options);
        let expected = if layer.hands_out_frames() { &self.frames } else { &self.events };
        assert_eq!(got.what(), *expected, "{layer:?} reads the chunks {streams:?}");
        assert_eq!(got.state(), self.state, "{layer:?} reads the chunks {streams:?}");
    }

    #[track_caller]
    fn check_all_layers(&self, cut: impl Fn(&[u8]) -> Vec<usize>) {
        let whole = self.whole();
        let streams: Vec<_> = whole.iter().map(|bytes| chunks(bytes, &cut(bytes))).collect();
        Layer::ALL.into_iter().for_each(|layer| self.check_layer(layer, &streams));
    }
}

#[test]
fn the_model_reads_each_case() {
    check("the model", |case| {
        for (frames, expected) in [(true, &case.frames), (false, &case.events)] {
            let mut options = Options { frames, ..case.options.clone() };
            let (mut items, mut reconnection_time, mut left) = (Vec::new(), None, None);
            for bytes in case.whole() {
                let output = model::decode(&bytes, &options);
                items.extend(output.what());
                let state = output.state();
                reconnection_time = state.reconnection_time.or(reconnection_time);
                let state = State { reconnection_time, ..state };
                options.last_event_id.clone_from(&state.last_event_id);
                left = Some(state);
            }
            assert_eq!(items, *expected);
            assert_eq!(left.as_ref(), Some(&case.state));
        }
    });
}

#[test]
fn each_layer_reads_each_case_whole_and_bytewise() {
    check("three ways", |case| {
        let streams = case.streams.iter().map(|chunks| chunks.iter().map(Vec::as_slice).collect());
        let streams: Vec<Vec<&[u8]>> = streams.collect();
        Layer::ALL.into_iter().for_each(|layer| case.check_layer(layer, &streams));
        case.check_all_layers(|_| vec![]);
        case.check_all_layers(bytewise);
    });
}

#[test]
fn each_layer_reads_each_case_at_every_cut() {
    check("cut in two", |case| {
        for cut in case.cuts() {
            // With empty chunks before the cut, in it and at the end.
            case.check_all_layers(|bytes| {
                let cut = cut.min(bytes.len());
                vec![0, cut, cut, bytes.len()]
            });
        }
    });
}

#[test]
fn each_layer_hands_out_each_item_in_time() {
    check("in time", |case| {
        let [bytes] = &case.whole()[..] else { return };
        let expectation = Expectation::new(bytes, &case.options);
        expectation.check(&bytewise(bytes));
        case.cuts().into_iter().for_each(|cut| expectation.check(&[cut]));
    });
}

/// A value has no line end in it, so other line ends give the same.
#[test]
fn each_layer_reads_each_case_with_other_line_ends() {
    check("other line ends", |case| {
        if case.whole().concat().contains(&b'\r') {
            return;
        }
        for line_end in ["\r\n", "\r"] {
            let replaced = case.whole().into_iter().map(|bytes| {
                let lines: Vec<_> = bytes.split(|&byte| byte == b'\n').collect();
                vec![lines.join(line_end.as_bytes())]
            });
            let replaced = Case { streams: replaced.collect(), ..case.clone() };
            replaced.check_all_layers(|_| vec![]);
            replaced.check_all_layers(bytewise);
        }
    });
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = case::all();
    let names: HashSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len());
}
