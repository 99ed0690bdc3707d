//! Taking times in turns, and printing them.

use std::time::{Duration, Instant};

/// One who takes part.
pub(crate) struct Contender<'a> {
    name: String,
    /// In how many rounds it takes part; the slow ones in few.
    rounds: usize,
    run: Box<dyn FnMut() -> Duration + 'a>,
    times: Vec<Duration>,
}

impl<'a> Contender<'a> {
    /// `run` returns how long the part took that counts.
    pub(crate) fn new(name: &str, rounds: usize, run: impl FnMut() -> Duration + 'a) -> Self {
        Self { name: name.to_owned(), rounds, run: Box::new(run), times: Vec::new() }
    }

    fn median(&self) -> f64 {
        median(self.times.clone()).as_secs_f64() * 1e3
    }
}

/// Lets everyone run in turns, so that a noisy machine is noisy for all, and prints their medians with the ratio to
/// ours, which is the first. `aim` is what ours may take, in milliseconds.
pub(crate) fn compare(title: &str, aim: Option<f64>, mut contenders: Vec<Contender<'_>>) {
    let rounds = contenders.iter().map(|contender| contender.rounds).max().unwrap_or(0);
    for round in 0..rounds {
        for contender in &mut contenders {
            if round < contender.rounds {
                let time = (contender.run)();
                contender.times.push(time);
            }
        }
    }
    let ours = contenders.first().map_or(0.0, Contender::median);
    match aim {
        Some(aim) if ours <= aim => println!("\n## {title} (at most {aim} ms: reached)\n"),
        Some(aim) => println!("\n## {title} (at most {aim} ms: missed)\n"),
        None => println!("\n## {title}\n"),
    }
    println!("| | median, ms | best, ms | times ours |\n|---|---|---|---|");
    for contender in &contenders {
        let best = contender.times.iter().min().copied().unwrap_or_default();
        println!(
            "| {} | {:.4} | {:.4} | {:.2} |",
            contender.name,
            contender.median(),
            best.as_secs_f64() * 1e3,
            contender.median() / ours.max(1e-12)
        );
    }
}

/// How long `work` takes. What it returns is dropped afterwards.
pub(crate) fn time<R>(work: impl FnOnce() -> R) -> Duration {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    let time = start.elapsed();
    drop(result);
    time
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
