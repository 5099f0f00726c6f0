//! A stream with what the model gives for it, compared with the crate at any cuts.

use super::{Layer, bytewise, chunks, run};
use crate::model::{self, Options, Output};

pub struct Expectation<'s> {
    stream: &'s [u8],
    options: Options,
    events: Output,
    frames: Output,
}

impl<'s> Expectation<'s> {
    /// `options.frames` does not count, because some layers give events and some give frames.
    pub fn new(stream: &'s [u8], options: &Options) -> Expectation<'s> {
        Expectation {
            stream,
            options: options.clone(),
            events: model::decode(stream, &Options { frames: false, ..options.clone() }),
            frames: model::decode(stream, &Options { frames: true, ..options.clone() }),
        }
    }

    /// At these cuts every layer gives what the model gives, each item as soon as its last byte is
    /// there.
    #[track_caller]
    pub fn check(&self, cuts: &[usize]) {
        for layer in Layer::ALL {
            self.check_layer(layer, cuts);
        }
    }

    /// Whole, bytewise, and at every cut in two; bytewise and in two also with empty chunks.
    #[track_caller]
    pub fn check_every_cut(&self) {
        self.check(&[]);
        self.check(&bytewise(self.stream));
        self.check(&(0..=self.stream.len()).flat_map(|cut| [cut, cut]).collect::<Vec<_>>());
        for cut in 0..=self.stream.len() {
            self.check(&[cut]);
            self.check(&[0, cut, cut, self.stream.len()]);
        }
    }

    /// Every cut in three.
    #[track_caller]
    pub fn check_every_pair_of_cuts(&self) {
        for first in 0..=self.stream.len() {
            for second in first + 1..=self.stream.len() {
                self.check(&[first, second]);
            }
        }
    }

    #[track_caller]
    fn check_layer(&self, layer: Layer, cuts: &[usize]) {
        let chunks = chunks(self.stream, cuts);
        let expected = if layer.hands_out_frames() { &self.frames } else { &self.events };
        let got = std::panic::catch_unwind(|| run(layer, &chunks, &self.options));
        let Ok(got) = got else {
            panic!("{layer:?} panicked, see above; {}", self.describe(cuts));
        };
        assert_eq!(
            got.what(),
            expected.what(),
            "{layer:?} gives other items; {}",
            self.describe(cuts)
        );
        assert_eq!(
            got.state(),
            expected.state(),
            "{layer:?} leaves another state; {}",
            self.describe(cuts)
        );
        for ((got_at, item), (due_at, _)) in got.items.iter().zip(&expected.items) {
            assert!(
                self.is_on_time(layer, cuts, *got_at, *due_at),
                "{layer:?}: {item:?} is due after byte {due_at}, came after {got_at}; {}",
                self.describe(cuts)
            );
        }
    }

    fn is_on_time(&self, layer: Layer, cuts: &[usize], got_at: usize, due_at: usize) -> bool {
        let chunk_end =
            cuts.iter().copied().find(|&cut| cut >= due_at).unwrap_or(self.stream.len());
        match layer {
            // Exactly then. If the LF of a CRLF is in the chunk, it may be read with the CR.
            Layer::BorrowedEvents | Layer::BorrowedFrames => {
                let with_line_feed =
                    due_at < chunk_end && self.stream[due_at - 1..].starts_with(b"\r\n");
                got_at == due_at || (with_line_feed && got_at == due_at + 1)
            }
            Layer::OwnedEvents | Layer::OwnedFrames => got_at == chunk_end,
            Layer::OwnedEventsPushedFirst | Layer::OwnedFramesPushedFirst => true,
        }
    }

    fn describe(&self, cuts: &[usize]) -> String {
        let chunks = chunks(self.stream, cuts);
        let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.escape_ascii().to_string()).collect();
        let (limit, id) = (self.options.max_event_size, &self.options.last_event_id);
        format!("limit {limit}, last event ID {id:?}, cuts {cuts:?}\n  {}", chunks.join(" | "))
    }
}
