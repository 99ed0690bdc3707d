//! Monte Carlo, beside NumPy with the same model in whole arrays.

use std::env;
use std::error::Error;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use coval_shared::model::Model;
use serde_json::Value;

use crate::measure::{median, time};
use crate::{dcf, wasm};

/// How many trials each runs: as many as still fit NumPy's caches best, and many.
const TRIALS: [u64; 2] = [100_000, 1_000_000];
const ROUNDS: usize = 9;
/// How often everyone takes a turn.
const TURNS: usize = 3;

/// What NumPy measured.
struct Peer {
    trials_per_second: f64,
    mean: f64,
    sd: f64,
}

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let model = dcf::model().map_err(|error| error.to_string())?;
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let python = env::var_os("COVAL_BENCH_PYTHON");
    let module = env::var_os("COVAL_BENCH_WASM");
    for trials in TRIALS {
        let (mut one, mut all, mut node, mut peers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            if let Some(python) = &python {
                peers.push(numpy(Path::new(python), trials)?);
            }
            let per_second = |threads| -> Result<f64, Box<dyn Error>> {
                let mut times = Vec::new();
                for _ in 0..ROUNDS {
                    times.push(simulate(&model, trials, threads)?.0);
                }
                Ok(trials as f64 / median(times).as_secs_f64())
            };
            one.push(per_second(1)?);
            all.push(per_second(threads)?);
            if let Some(module) = &module {
                let figures = wasm::node(Path::new(module), &[&trials.to_string()])?;
                node.push(figures.get("trialsPerSecond").and_then(Value::as_f64).ok_or("Node gave no figure")?);
            }
        }
        let theirs = middle(peers.iter().map(|peer| peer.trials_per_second).collect());
        println!("\n## Simulation: a ten-year DCF with 5 correlated normal inputs, {trials} trials\n");
        println!("| | million trials a second | times NumPy | aim |\n|---|---|---|---|");
        let line = |name: &str, per_second: Option<f64>, aim: &str| {
            let Some(per_second) = per_second else { return };
            let ratio = theirs.map_or_else(|| "–".to_owned(), |theirs| format!("{:.2}", per_second / theirs));
            println!("| {name} | {:.1} | {ratio} | {aim} |", per_second / 1e6);
        };
        line(&format!("Coval on {threads} threads"), middle(all), "2.5");
        line("Coval on one thread", middle(one), "–");
        line("Coval on WebAssembly, one thread of Node", middle(node), "0.5");
        line("NumPy on one thread", theirs, "–");
        if let Some(peer) = peers.last() {
            agree(&simulate(&model, trials, threads)?.1, peer)?;
        }
    }
    Ok(())
}

/// Runs all trials, preparations included.
fn simulate(model: &Model, trials: u64, threads: usize) -> Result<(Duration, Vec<f64>), Box<dyn Error>> {
    let mut values = Vec::new();
    let mut failure = None;
    let duration = time(|| {
        let simulation = match dcf::simulation(model, trials) {
            Ok(simulation) => simulation,
            Err(error) => return failure = Some(error.to_string()),
        };
        let next = AtomicU64::new(0);
        let work = || {
            let mut blocks = Vec::new();
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= simulation.blocks() {
                    return blocks;
                }
                blocks.push(simulation.run_block(block));
            }
        };
        let blocks = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            own.into_iter().chain(others.into_iter().flat_map(|other| other.join().unwrap_or_default())).collect()
        });
        values = simulation.finish(blocks).values.pop().unwrap_or_default();
    });
    match failure {
        Some(error) => Err(error.into()),
        None => Ok((duration, values)),
    }
}

/// Runs NumPy.
fn numpy(packages: &Path, trials: u64) -> Result<Peer, Box<dyn Error>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("dcf.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(trials.to_string()).env("PYTHONPATH", packages);
    for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        python.env(library, "1");
    }
    let output = python.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    let figure = |name: &str| figures.get(name).and_then(Value::as_f64).ok_or("NumPy gave no figure");
    Ok(Peer { trials_per_second: figure("trials_per_second")?, mean: figure("mean")?, sd: figure("sd")? })
}

/// Both have other random numbers, and must find the same distribution.
fn agree(values: &[f64], peer: &Peer) -> Result<(), Box<dyn Error>> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let error = (2.0 / count).sqrt() * sd;
    if (mean - peer.mean).abs() < 5.0 * error && (sd / peer.sd - 1.0).abs() < 0.05 {
        Ok(())
    } else {
        Err(format!("NumPy has the mean {} and deviation {}, Coval {mean} and {sd}", peer.mean, peer.sd).into())
    }
}

fn middle(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
