//! The clock. Contenders run interleaved in one process, once per round in rotating order: if
//! something slows the machine down, it slows down all of them. Trust the ratio within a round, not
//! the times.
//!
//! The clock counts the CPU time of this thread. It stands still while another program has the
//! core.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// One contender: prepares untimed, then runs and returns how long that took.
pub type Runner<'a> = Box<dyn FnMut() -> Duration + 'a>;

/// A contender that is this many times slower than the first one does not run in every round.
const SLOW: u32 = 20;
/// How often slow contenders run.
const SLOW_ROUNDS: usize = 3;
/// After this time there are no more rounds, if there were a few.
const ENOUGH: Duration = Duration::from_secs(15);
const FEW_ROUNDS: usize = 7;

/// The times that were measured: for each contender one per round that it took part in.
pub struct Rounds(Vec<Vec<Duration>>);

impl Rounds {
    /// Times all contenders that are there. The first one says what is slow.
    pub fn run(runners: &mut [Option<&mut Runner<'_>>], rounds: usize) -> Self {
        let warm_up = runners.iter_mut().map(|runner| runner.as_mut().map(|run| run()));
        let warm_up: Vec<Option<Duration>> = warm_up.collect();
        let slow =
            |index: usize| warm_up[0].is_some_and(|first| warm_up[index] > Some(first * SLOW));
        let mut times = vec![Vec::new(); runners.len()];
        let start = Instant::now();
        for round in 0..rounds {
            if round >= FEW_ROUNDS && start.elapsed() > ENOUGH {
                break;
            }
            for place in 0..runners.len() {
                let index = (round + place) % runners.len();
                let Some(run) = &mut runners[index] else { continue };
                if round < SLOW_ROUNDS || !slow(index) {
                    times[index].push(run());
                }
            }
        }
        Rounds(times)
    }

    /// A contender's median time.
    pub fn median(&self, index: usize) -> Duration {
        Duration::from_secs_f64(median(self.0[index].iter().map(Duration::as_secs_f64).collect()))
    }

    /// The median over the rounds of: the time of `index`, divided by the best time among `others`
    /// in the same round. `None` without others.
    pub fn ratio(&self, index: usize, others: &[usize]) -> Option<f64> {
        let in_round = |round: usize| {
            let times = others.iter().filter_map(|&other| self.0[other].get(round));
            let best = times.min()?;
            Some(self.0[index].get(round)?.as_secs_f64() / best.as_secs_f64())
        };
        let ratios: Vec<f64> = (0..self.0[index].len()).filter_map(in_round).collect();
        (!ratios.is_empty()).then(|| median(ratios))
    }
}

/// Times one run, without what `prepare` does.
pub fn time<T>(prepare: impl FnOnce() -> T, run: impl FnOnce(T)) -> Duration {
    let prepared = prepare();
    let start = cpu_time();
    run(prepared);
    cpu_time() - start
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}
