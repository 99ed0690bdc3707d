use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use clap::Args;
use coval_shared::analysis::Subject;
use coval_shared::analysis::simulation::{BlockResult, OutputSummary, Simulation};
use coval_shared::model::{Model, NumberFormat, parse_number};
use serde_json::{Value, json};

use super::model::ModelArguments;
use super::{CliError, VALUE_HAS_ERROR};

/// How to simulate.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval montecarlo model.json --output value_per_share --trials 100000 --seed 7
  coval montecarlo model.json --output value_per_share --above 250 --json
  coval montecarlo model.json --output equity_value --output irr --threads 1

The inputs spread as the model's distributions and correlations say. The same model, seed and number of trials give the
same bits on every machine, with any number of threads. Progress is shown on a terminal. Exit code 3 says that an output
has no value in any trial.")]
pub struct MonteCarlo {
    #[command(flatten)]
    model: ModelArguments,

    /// The output: name, or name@period. May be repeated.
    #[arg(long, value_name = "CELL", required = true)]
    output: Vec<String>,

    /// How many trials, for all outputs together at most 10,000,000.
    #[arg(long, default_value_t = 10_000)]
    trials: u64,

    /// Where the random numbers begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Also say how likely it is that the output is above this, as a market price.
    #[arg(long, value_name = "NUMBER")]
    above: Option<String>,

    /// How many threads; without it, as many as the machine has.
    #[arg(long)]
    threads: Option<NonZero<usize>>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl MonteCarlo {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let cells = self.output.iter().map(|output| model.cell_named(output)).collect::<Result<Vec<_>, _>>()?;
        let above = match self.above.as_deref() {
            None => None,
            Some(text) => {
                Some(parse_number(text).ok_or_else(|| CliError::Argument(format!("--above {text} is no number")))?)
            }
        };
        let simulation = Simulation::new(&model, &cells, self.seed, self.trials)?;
        let available = thread::available_parallelism().map_or(1, NonZero::get);
        let blocks = run_blocks(&simulation, self.threads.map_or(available, NonZero::get));
        let result = simulation.finish(blocks);
        let summary = simulation.summary(&result);
        let shares: Vec<Option<f64>> =
            (0..cells.len()).map(|output| above.and_then(|above| result.probability_above(output, above))).collect();
        let printed = if self.json {
            let mut json = json!(summary);
            for (index, share) in shares.iter().enumerate() {
                let output = json.pointer_mut(&format!("/outputs/{index}")).and_then(Value::as_object_mut);
                if let (Some(output), Some(above), Some(share)) = (output, above, share) {
                    output.insert("above".to_owned(), json!({"value": above, "probability": share}));
                }
            }
            writeln!(out, "{json:#}")
        } else {
            let mut outputs = summary.outputs.iter().zip(&shares);
            outputs.try_for_each(|(output, share)| print(&model, output, above.zip(*share), out))
        };
        printed.map_err(CliError::output)?;
        Ok(if summary.outputs.iter().any(|output| output.spread.is_none()) { VALUE_HAS_ERROR } else { 0 })
    }
}

/// Runs all blocks, each on whichever thread is free.
fn run_blocks(simulation: &Simulation, threads: usize) -> Vec<BlockResult> {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        let mut results = Vec::new();
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= simulation.blocks() {
                return results;
            }
            results.push(simulation.run_block(block));
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let is_shown = io::stderr().is_terminal();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(256)).map(|_| scope.spawn(work)).collect();
        while is_shown && workers.iter().any(|worker| !worker.is_finished()) {
            let share = done.load(Ordering::Relaxed).saturating_mul(100) / simulation.blocks().max(1);
            eprint!("\r{share} %");
            thread::sleep(Duration::from_millis(50));
        }
        if is_shown {
            eprint!("\r      \r");
        }
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    })
}

fn print(model: &Model, output: &OutputSummary, above: Option<(f64, f64)>, out: &mut impl Write) -> io::Result<()> {
    let format = Subject::new(model, &output.cell).map_or(NumberFormat::Decimal, |subject| subject.format);
    writeln!(out, "{}", model.cell_name(&output.cell))?;
    if output.failures > 0 {
        writeln!(out, "  {} trials without a value", output.failures)?;
    }
    let Some(spread) = &output.spread else { return Ok(()) };
    let mut row = |name: &str, value: f64| writeln!(out, "  {name:<20}{:>16}", format.display(value));
    row("mean", spread.mean)?;
    row("standard error", spread.standard_error)?;
    row("standard deviation", spread.sd)?;
    row("lowest", spread.least)?;
    for (percent, value) in &spread.percentiles {
        row(&format!("percentile {percent}"), *value)?;
    }
    row("highest", spread.greatest)?;
    if let Some((limit, share)) = above {
        writeln!(out, "  above {}: {:.2} %", format.display(limit), share * 100.0)?;
    }
    for effect in output.effects.iter().take(10) {
        let name = model.cell_name(&effect.cell);
        writeln!(out, "  moved by {name}: rank correlation {:.2}", effect.rank_correlation)?;
    }
    Ok(())
}
