//! The checks of the fuzz targets, with every file that the fuzzer found and with random input.
#![cfg(feature = "std")] // The checks write data through `std::io::Write`.

#[path = "../../fuzz/checks/mod.rs"]
mod checks;
#[path = "../drive/mod.rs"]
mod drive;
mod generate;
#[path = "../model.rs"]
mod model;
mod text_first;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use generate::{input, stream};
use model::{Item, Options};
use proptest::prelude::*;
use proptest::test_runner::Config;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn replay(target: &str) {
    let (_, check) = checks::ALL.into_iter().find(|(name, _)| *name == target).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(corpus().join(target)).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        if let Err(panic) = std::panic::catch_unwind(|| check(&input)) {
            eprintln!("{} fails: {}", path.display(), input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
        files += 1;
    }
    assert!(files > 0, "the corpus of {target} is empty");
}

#[test]
fn the_corpus_of_client_passes() {
    replay("client");
}

#[test]
fn the_corpus_of_decode_passes() {
    replay("decode");
}

#[test]
fn the_corpus_of_encode_pieces_passes() {
    replay("encode_pieces");
}

#[test]
fn the_corpus_of_limits_passes() {
    replay("limits");
}

#[test]
fn the_corpus_of_roundtrip_passes() {
    replay("roundtrip");
}

#[test]
fn every_check_has_a_target_and_a_corpus() {
    let checks: BTreeSet<_> = checks::ALL.into_iter().map(|(name, _)| name.to_owned()).collect();
    let stems = |folder: PathBuf| -> BTreeSet<_> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(stems(corpus()), checks);
    assert_eq!(stems(corpus().with_file_name("fuzz_targets")), checks);
}

/// It writes no regression files, because a failure that is worth keeping becomes a case of the
/// corpus.
fn config() -> Config {
    Config { cases: 1500, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_input_passes_every_check(input in input()) {
        checks::ALL.into_iter().for_each(|(_, check)| check(&input));
    }

    #[test]
    fn the_model_gives_what_decoding_the_text_first_gives(stream in stream()) {
        let options = Options { frames: false, ..Options::default() };
        let event = |item| match item {
            Item::Event { event_type, data, last_event_id, .. } => {
                Some((event_type, data, last_event_id))
            }
            _ => None,
        };
        let events: Vec<_> =
            model::decode(&stream, &options).what().into_iter().filter_map(event).collect();
        prop_assert_eq!(events, text_first::decode_text_first(&stream));
    }
}
