//! What the trials of a simulation show together.

use serde::{Deserialize, Serialize};

use crate::analysis::Figure;
use crate::model::CellRef;

/// What a simulation found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulationSummary {
    /// How many trials ran.
    pub trials: u64,
    /// The seed of their random numbers.
    pub seed: u64,
    /// Each output.
    pub outputs: Vec<OutputSummary>,
}

/// How an output spreads. Trials in which it is no number count only as failures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputSummary {
    /// The output.
    pub cell: CellRef,
    /// How many trials gave no number.
    pub failures: u64,
    /// The first of those, and what it gave instead.
    pub first_failure: Option<(u64, Figure)>,
    /// The figures; none if no trial gave a number.
    pub spread: Option<Spread>,
    /// The running mean as the trials grow: it should settle.
    pub convergence: Vec<Checkpoint>,
    /// How the inputs bear on the output, the strongest first.
    pub effects: Vec<InputEffect>,
}

/// The figures of a distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample; 0 of a single number.
    pub sd: f64,
    /// How far the mean may be off: the standard deviation over the root of the number of trials.
    pub standard_error: f64,
    /// The least number.
    pub least: f64,
    /// The greatest number.
    pub greatest: f64,
    /// The percentiles of [`PERCENTILES`], each with its number, as Excel's PERCENTILE.
    pub percentiles: Vec<(f64, f64)>,
    /// How often numbers fall where.
    pub histogram: Histogram,
}

/// The percentiles of a summary, in percent.
pub const PERCENTILES: [f64; 9] = [1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0];

/// How often numbers fall where, in bars of one width, from the 0.5th percentile to the 99.5th.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// How many numbers lie under the first bar.
    pub below: u64,
    /// The bars, upwards.
    pub bars: Vec<Bar>,
    /// How many numbers lie over the last bar.
    pub above: u64,
}

/// One bar of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Where it begins, included.
    pub from: f64,
    /// Where it ends, excluded but of the last.
    pub to: f64,
    /// How many numbers lie in it.
    pub count: u64,
}

/// Where the mean was after some trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// How many trials had run.
    pub trials: u64,
    /// Their mean.
    pub mean: f64,
    /// How far it might be off.
    pub standard_error: f64,
}

/// How an input bears on an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputEffect {
    /// The input.
    pub cell: CellRef,
    /// The rank correlation (Spearman) of both in the first trials.
    pub rank_correlation: f64,
}

const CHECKPOINTS: usize = 40;
const BARS: u8 = 40;

/// How often the values are above `x`, of those that are numbers.
pub(super) fn share_above(values: &[f64], x: f64) -> Option<f64> {
    let numbers = values.iter().filter(|value| value.is_finite());
    let (count, above) =
        numbers.fold((0_u64, 0_u64), |(count, above), value| (count + 1, above + u64::from(*value > x)));
    (count > 0).then(|| float(above) / float(count))
}

/// The figures and the convergence of the values of trials, in their order.
pub(super) fn describe(values: &[f64]) -> (Option<Spread>, Vec<Checkpoint>) {
    let mut convergence = Vec::with_capacity(CHECKPOINTS);
    let mut all = Moments::default();
    let part = values.len().div_ceil(CHECKPOINTS).max(1);
    let mut trials = 0_u64;
    for values in values.chunks(part) {
        all = all.with(&Moments::of(values));
        trials += whole(values.len());
        if all.count > 0.0 {
            convergence.push(Checkpoint { trials, mean: all.mean, standard_error: all.standard_error() });
        }
    }
    let mut numbers: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if numbers.is_empty() {
        return (None, convergence);
    }
    let mut wanted = vec![0.0, 0.5];
    wanted.extend(PERCENTILES);
    wanted.extend([99.5, 100.0]);
    let found = percentiles(&mut numbers, &wanted);
    let at = |index: usize| found.get(index).copied().unwrap_or_default();
    let last = found.len().saturating_sub(1);
    let spread = Spread {
        mean: all.mean,
        sd: all.deviation(),
        standard_error: all.standard_error(),
        least: at(0),
        greatest: at(last),
        percentiles: PERCENTILES.into_iter().zip(found.iter().copied().skip(2)).collect(),
        histogram: histogram(&numbers, at(1), at(last.saturating_sub(1))),
    };
    (Some(spread), convergence)
}

/// The rank correlation of two lists, item by item; 0 where one is all the same.
pub(super) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (Moments::ranks(a), Moments::ranks(b));
    crate::finance::regression::Pairs::new(&a, &b).and_then(|pairs| pairs.correlation()).unwrap_or(0.0)
}

/// Count, mean and sum of squared distances from it.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let numbers = || values.iter().filter(|value| value.is_finite());
        let (count, sum) = numbers().fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
        if count == 0.0 {
            return Self::default();
        }
        let mean = sum / count;
        let squares = numbers().fold(0.0, |squares, value| squares + (value - mean) * (value - mean));
        Self { count, mean, squares }
    }

    /// Those of both parts together (Chan, Golub and LeVeque, *Updating formulae and a pairwise algorithm for computing
    /// sample variances*, 1979).
    fn with(&self, other: &Self) -> Self {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return *self;
        }
        let gap = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + gap * (other.count / count),
            squares: self.squares + other.squares + gap * gap * (self.count * other.count / count),
        }
    }

    fn deviation(&self) -> f64 {
        if self.count > 1.0 { (self.squares / (self.count - 1.0)).sqrt() } else { 0.0 }
    }

    fn standard_error(&self) -> f64 {
        self.deviation() / self.count.sqrt()
    }

    /// The rank of each number, equals sharing the mean of theirs.
    fn ranks(numbers: &[f64]) -> Vec<f64> {
        let mut order: Vec<(f64, usize)> = numbers.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut ranks = vec![0.0; numbers.len()];
        let mut before = 0.0;
        for equals in order.chunk_by(|a, b| a.0 == b.0) {
            let count = float(whole(equals.len()));
            for (_, index) in equals {
                if let Some(slot) = ranks.get_mut(*index) {
                    *slot = before + (count + 1.0) / 2.0;
                }
            }
            before += count;
        }
        ranks
    }
}

/// The percentiles of the numbers, in ascending order of `wanted`, between two numbers in proportion. Partly sorts the
/// numbers.
fn percentiles(numbers: &mut [f64], wanted: &[f64]) -> Vec<f64> {
    let last = float(whole(numbers.len())) - 1.0;
    let mut sorted_to = 0;
    let mut found = Vec::with_capacity(wanted.len());
    for percent in wanted {
        let position = percent / 100.0 * last;
        let below = position.floor();
        let low = nth(numbers, &mut sorted_to, index(below));
        let fraction = position - below;
        found.push(if fraction == 0.0 {
            low
        } else {
            low + fraction * (nth(numbers, &mut sorted_to, index(below + 1.0)) - low)
        });
    }
    found
}

/// The number at `place` in the order of numbers, those before `sorted_to` being in place and below the rest.
fn nth(numbers: &mut [f64], sorted_to: &mut usize, place: usize) -> f64 {
    if place >= *sorted_to
        && let Some(rest) = numbers.get_mut(*sorted_to..)
        && place - *sorted_to < rest.len()
    {
        rest.select_nth_unstable_by(place - *sorted_to, f64::total_cmp);
        *sorted_to = place + 1;
    }
    numbers.get(place).copied().unwrap_or_default()
}

fn histogram(numbers: &[f64], from: f64, to: f64) -> Histogram {
    let bars = if to > from { BARS } else { 1 };
    let width = (to - from) / f64::from(bars);
    let edge = |bar: u8| if bar == bars { to } else { from + width * f64::from(bar) };
    let mut counts = vec![0_u64; usize::from(bars)];
    let (mut below, mut above) = (0, 0);
    for number in numbers {
        if *number < from {
            below += 1;
        } else if *number > to {
            above += 1;
        } else {
            let bar = if width > 0.0 { index((number - from) / width) } else { 0 };
            let bar = bar.min(counts.len() - 1);
            if let Some(count) = counts.get_mut(bar) {
                *count += 1;
            }
        }
    }
    let bars = (0..bars).zip(counts).map(|(bar, count)| Bar { from: edge(bar), to: edge(bar + 1), count });
    Histogram { below, bars: bars.collect(), above }
}

#[allow(clippy::as_conversions, reason = "counts are far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[allow(clippy::as_conversions, reason = "the place is not negative, and cut to a whole number")]
fn index(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finance::statistics::{self, Quantile};

    /// Numbers in a wild order, with a failure among them.
    fn values() -> Vec<f64> {
        let mut values: Vec<f64> = (0..1000_u32).map(|number| f64::from((number * 7919) % 1009) / 7.0).collect();
        values.insert(500, f64::NAN);
        values
    }

    #[test]
    fn a_summary_has_the_figures_of_the_statistics() {
        let (spread, convergence) = describe(&values());
        let spread = spread.unwrap();
        let numbers: Vec<f64> = values().into_iter().filter(|value| value.is_finite()).collect();
        assert!((spread.mean - statistics::mean(&numbers).unwrap()).abs() < 1e-12);
        let sd = statistics::standard_deviation(&numbers, statistics::Spread::Sample).unwrap();
        assert!((spread.sd - sd).abs() < 1e-12);
        for (percent, number) in &spread.percentiles {
            assert_eq!(*number, statistics::quantile(&numbers, percent / 100.0, Quantile::Inclusive).unwrap());
        }
        assert_eq!(spread.least, 0.0);
        let inside: u64 = spread.histogram.bars.iter().map(|bar| bar.count).sum();
        assert_eq!(inside + spread.histogram.below + spread.histogram.above, 1000);
        let last = convergence.last().unwrap();
        assert_eq!((last.trials, last.mean, last.standard_error), (1001, spread.mean, spread.standard_error));
    }

    #[test]
    fn without_numbers_there_is_no_spread() {
        assert_eq!(describe(&[f64::NAN; 3]), (None, vec![]));
        assert_eq!(share_above(&[f64::NAN], 0.0), None);
        assert_eq!(share_above(&[1.0, 2.0, f64::NAN, 3.0, 4.0], 2.0), Some(0.5));
        let (spread, _) = describe(&[5.0]);
        assert_eq!(spread.map(|spread| (spread.mean, spread.sd, spread.histogram.bars.len())), Some((5.0, 0.0, 1)));
    }

    #[test]
    fn equal_numbers_share_their_rank() {
        assert_eq!(Moments::ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert!((rank_correlation(&[1.0, 2.0, 30.0], &[-1.0, 5.0, 6.0]) - 1.0).abs() < 1e-12);
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0);
    }
}
