//! Every file of the fuzzer's corpus, through the check it was found for.

#[path = "../fuzz/checks/mod.rs"]
mod checks;
mod drive;
mod model;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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
