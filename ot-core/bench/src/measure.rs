//! Taking times in turns, and printing them.

use std::time::{Duration, Instant};

/// One who takes part.
pub(crate) struct Contender<'a> {
    name: String,
    /// In how many rounds it takes part; the slow ones in one.
    rounds: usize,
    run: Box<dyn FnMut() -> Duration + 'a>,
    times: Vec<Duration>,
}

impl<'a> Contender<'a> {
    /// `run` returns how long the part took that counts.
    pub(crate) fn new(name: &str, rounds: usize, run: impl FnMut() -> Duration + 'a) -> Self {
        Self { name: name.to_owned(), rounds, run: Box::new(run), times: Vec::new() }
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

/// Lets everyone run, and prints their medians with the ratio to ours, which is the first.
pub(crate) fn compare(title: &str, count: usize, mut contenders: Vec<Contender<'_>>) {
    let rounds = contenders.iter().map(|contender| contender.rounds).max().unwrap_or(0);
    for round in 0..rounds {
        for contender in &mut contenders {
            if round < contender.rounds {
                let time = (contender.run)();
                contender.times.push(time);
            }
        }
    }
    println!("\n## {title}\n");
    println!("| | ms | ns each | best ns | ot-core takes |\n|---|---|---|---|---|");
    let ours = contenders.first().map(Contender::median).unwrap_or_default();
    for contender in contenders.iter().filter(|contender| contender.rounds > 0) {
        let median = contender.median();
        println!(
            "| {} | {:.2} | {:.0} | {:.0} | {:.2} × |",
            contender.name,
            median.as_secs_f64() * 1e3,
            median.as_secs_f64() * 1e9 / count as f64,
            contender.times.iter().min().copied().unwrap_or_default().as_secs_f64() * 1e9 / count as f64,
            ours.as_secs_f64() / median.as_secs_f64().max(1e-12),
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
