//! Options: a tree, and many values of the closed formula.

use std::error::Error;

use coval_shared::finance::binomial::{self, Exercise};
use coval_shared::finance::black_scholes::{self, OptionKind, Vanilla};

use crate::measure::{Contender, compare, time};

const OPTIONS: usize = 100_000;
const STEPS: u32 = 1_000;

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let put = Vanilla { kind: OptionKind::Put, strike: 105.0, ..option(0) };
    let mut check = binomial::value(&put, Exercise::American, STEPS)?;
    compare(
        "an American put in a tree of 1,000 steps",
        Some(1.0),
        vec![
            Contender::new("American", 201, || {
                time(|| check = binomial::value(&put, Exercise::American, STEPS).unwrap_or(f64::NAN))
            }),
            Contender::new("European", 201, || time(|| binomial::value(&put, Exercise::European, STEPS))),
        ],
    );
    // Within a tree, the right to exercise early can't cost anything.
    let european = binomial::value(&put, Exercise::European, STEPS)?;
    if check.is_nan() || check < european {
        return Err(format!("the American put came to {check}, the European one to {european}").into());
    }
    let options: Vec<Vanilla> = (0..OPTIONS).map(option).collect();
    let mut values = vec![0.0; OPTIONS];
    compare(
        "100,000 values of Black, Scholes and Merton's formula, all different",
        Some(10.0),
        vec![
            Contender::new("all at once", 51, || time(|| black_scholes::values(&options, &mut values))),
            Contender::new("one by one", 51, || {
                time(|| options.iter().filter_map(|option| option.value().ok()).sum::<f64>())
            }),
        ],
    );
    Ok(())
}

/// One of many different options, calls and puts in turns.
fn option(index: usize) -> Vanilla {
    let share = |period: usize| (index % period) as f64 / period as f64;
    Vanilla {
        kind: if index.is_multiple_of(2) { OptionKind::Call } else { OptionKind::Put },
        spot: 100.0,
        strike: 70.0 + 60.0 * share(997),
        years: 0.1 + 2.0 * share(101),
        rate: 0.01 + 0.05 * share(53),
        volatility: 0.1 + 0.4 * share(211),
        dividend_yield: 0.03 * share(31),
    }
}
