//! Averages, spreads and ranks of a list of numbers, with Excel's conventions.

use super::{FinanceError, FinanceErrorKind};

/// How a quantile counts the ends of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantile {
    /// The least number is at 0 and the greatest at 1 (Excel's `.INC`).
    Inclusive,
    /// The numbers divide 0..1 into equal parts, so that both ends lie beyond them (Excel's `.EXC`).
    Exclusive,
}

/// Whether the numbers are all that there are, or a sample of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// All there are: squares are divided by their count.
    Population,
    /// A sample: squares are divided by their count less one.
    Sample,
}

/// The arithmetic mean.
///
/// # Errors
///
/// There are no numbers (`#DIV/0`).
pub fn mean(numbers: &[f64]) -> Result<f64, FinanceError> {
    if numbers.is_empty() {
        return Err(FinanceError::division_by_zero("there are no numbers to take an average of"));
    }
    FinanceError::finite(sum(numbers) / count(numbers))
}

/// The middle number, or the mean of both.
///
/// # Errors
///
/// There are no numbers.
pub fn median(numbers: &[f64]) -> Result<f64, FinanceError> {
    quantile(numbers, 0.5, Quantile::Inclusive)
}

/// The sum of the squared distances from the mean.
///
/// # Errors
///
/// There are no numbers.
pub fn squared_deviations(numbers: &[f64]) -> Result<f64, FinanceError> {
    let mean = mean(numbers)?;
    FinanceError::finite(numbers.iter().fold(0.0, |sum, number| sum + (number - mean) * (number - mean)))
}

/// The variance.
///
/// # Errors
///
/// There are no numbers, or only one of a sample (`#DIV/0`).
pub fn variance(numbers: &[f64], spread: Spread) -> Result<f64, FinanceError> {
    let parts = match spread {
        Spread::Population => count(numbers),
        Spread::Sample => count(numbers) - 1.0,
    };
    if parts <= 0.0 {
        return Err(FinanceError::division_by_zero("there are too few numbers to tell how far they spread"));
    }
    Ok(squared_deviations(numbers)? / parts)
}

/// The standard deviation.
///
/// # Errors
///
/// As [`variance`].
pub fn standard_deviation(numbers: &[f64], spread: Spread) -> Result<f64, FinanceError> {
    Ok(variance(numbers, spread)?.sqrt())
}

/// The mean distance from the mean.
///
/// # Errors
///
/// There are no numbers.
pub fn average_deviation(numbers: &[f64]) -> Result<f64, FinanceError> {
    let mean = mean(numbers)?;
    Ok(numbers.iter().fold(0.0, |sum, number| sum + (number - mean).abs()) / count(numbers))
}

/// The geometric mean.
///
/// # Errors
///
/// A number is not above 0, or there are none.
pub fn geometric_mean(numbers: &[f64]) -> Result<f64, FinanceError> {
    all_above_zero(numbers)?;
    let logarithms: Vec<f64> = numbers.iter().map(|number| libm::log(*number)).collect();
    FinanceError::finite(libm::exp(mean(&logarithms)?))
}

/// The harmonic mean: the right average of multiples such as price to earnings.
///
/// # Errors
///
/// A number is not above 0, or there are none.
pub fn harmonic_mean(numbers: &[f64]) -> Result<f64, FinanceError> {
    all_above_zero(numbers)?;
    let inverses: Vec<f64> = numbers.iter().map(|number| 1.0 / number).collect();
    FinanceError::finite(1.0 / mean(&inverses)?)
}

/// The skewness of a sample, corrected for its size as Excel's SKEW.
///
/// # Errors
///
/// There are fewer than three numbers, or all are the same (`#DIV/0`).
pub fn skewness(numbers: &[f64]) -> Result<f64, FinanceError> {
    let n = count(numbers);
    let cubes = standardized(numbers, 3, |z| z * z * z)?;
    FinanceError::finite(n / ((n - 1.0) * (n - 2.0)) * cubes)
}

/// The excess kurtosis of a sample, corrected for its size as Excel's KURT.
///
/// # Errors
///
/// There are fewer than four numbers, or all are the same (`#DIV/0`).
pub fn kurtosis(numbers: &[f64]) -> Result<f64, FinanceError> {
    let n = count(numbers);
    let fourths = standardized(numbers, 4, |z| z * z * z * z)?;
    let scale = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
    FinanceError::finite(scale * fourths - 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)))
}

/// The number under which the share `p` of the list lies, between two numbers in proportion.
///
/// # Errors
///
/// There are no numbers; `p` lies outside of 0..1, or, with the ends outside, within a part of an end.
pub fn quantile(numbers: &[f64], p: f64, quantile: Quantile) -> Result<f64, FinanceError> {
    if numbers.is_empty() {
        return Err(FinanceError::domain("there are no numbers in the list"));
    }
    let n = count(numbers);
    let position = match quantile {
        Quantile::Inclusive => p * (n - 1.0),
        Quantile::Exclusive => p * (n + 1.0) - 1.0,
    };
    if !(position >= 0.0 && position <= n - 1.0) {
        return Err(FinanceError::domain("the share lies beyond the ends of the list")
            .with_hint("a share is between 0 and 1, and of an exclusive quantile further in"));
    }
    let sorted = sorted(numbers);
    let at = |position: f64| sorted.get(whole(position)).copied().unwrap_or_default();
    let below = position.floor();
    let fraction = position - below;
    let low = at(below);
    Ok(if fraction == 0.0 { low } else { low + fraction * (at(below + 1.0) - low) })
}

/// The share of the list under `x`, from 0 at the least number to 1 at the greatest, or between the ends outside of it.
/// Three digits are kept, as Excel's PERCENTRANK does.
///
/// # Errors
///
/// `x` lies outside of the list (`#N/A`).
pub fn percent_rank(numbers: &[f64], x: f64, quantile: Quantile) -> Result<f64, FinanceError> {
    let sorted = sorted(numbers);
    let outside = || FinanceError::new(FinanceErrorKind::NotFound, "the number lies outside of the list");
    let below = sorted.iter().take_while(|number| **number < x).count();
    let next = sorted.get(below).copied().ok_or_else(outside)?;
    let position = if next == x {
        float(below)
    } else {
        let before = below.checked_sub(1).and_then(|index| sorted.get(index)).ok_or_else(outside)?;
        float(below) - 1.0 + (x - before) / (next - before)
    };
    let share = match quantile {
        Quantile::Inclusive if sorted.len() == 1 => 1.0,
        Quantile::Inclusive => position / (count(numbers) - 1.0),
        Quantile::Exclusive => (position + 1.0) / (count(numbers) + 1.0),
    };
    Ok((share * 1000.0 + 1e-9).floor() / 1000.0)
}

/// The `k`-th smallest number, from 1.
///
/// # Errors
///
/// There are fewer numbers, or `k` is below 1.
pub fn smallest(numbers: &[f64], k: f64) -> Result<f64, FinanceError> {
    let place = k.floor() - 1.0;
    if !(place >= 0.0 && place < count(numbers)) {
        return Err(FinanceError::domain("the list has no number at this place"));
    }
    let sorted = sorted(numbers);
    Ok(sorted.get(whole(place)).copied().unwrap_or_default())
}

/// The `k`-th largest number, from 1.
///
/// # Errors
///
/// As [`smallest`].
pub fn largest(numbers: &[f64], k: f64) -> Result<f64, FinanceError> {
    smallest(numbers, count(numbers) + 1.0 - k.floor())
}

/// The place of `x` in the list, from 1 for the largest or, if `is_ascending`, the smallest. Equals share the best
/// place.
///
/// # Errors
///
/// `x` is not in the list (`#N/A`).
pub fn rank(x: f64, numbers: &[f64], is_ascending: bool) -> Result<f64, FinanceError> {
    if !numbers.contains(&x) {
        return Err(FinanceError::new(FinanceErrorKind::NotFound, "the number is not in the list"));
    }
    let better = numbers.iter().filter(|number| if is_ascending { **number < x } else { **number > x });
    Ok(float(better.count()) + 1.0)
}

/// The number that comes most often, the first of those.
///
/// # Errors
///
/// None comes twice (`#N/A`).
pub fn mode(numbers: &[f64]) -> Result<f64, FinanceError> {
    let sorted = sorted(numbers);
    let times = |x: f64| sorted.partition_point(|number| *number <= x) - sorted.partition_point(|number| *number < x);
    let mut best = (1, 0.0);
    for number in numbers {
        let times = times(*number);
        if times > best.0 {
            best = (times, *number);
        }
    }
    if best.0 == 1 {
        return Err(FinanceError::new(FinanceErrorKind::NotFound, "no number comes more than once"));
    }
    Ok(best.1)
}

/// The growth rate for one period that leads from the first to the last number.
///
/// # Errors
///
/// There are fewer than two numbers, or the first and the last are not both above 0.
pub fn compound_growth(numbers: &[f64]) -> Result<f64, FinanceError> {
    let [first, .., last] = numbers else {
        return Err(FinanceError::domain("growth needs at least two numbers"));
    };
    if !(*first > 0.0 && *last > 0.0) {
        return Err(FinanceError::domain("compound growth needs a first and a last number above 0"));
    }
    FinanceError::finite(libm::pow(last / first, 1.0 / (count(numbers) - 1.0)) - 1.0)
}

pub(super) fn sum(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |sum, number| sum + number)
}

pub(super) fn count(numbers: &[f64]) -> f64 {
    float(numbers.len())
}

fn standardized(numbers: &[f64], least: usize, power: fn(f64) -> f64) -> Result<f64, FinanceError> {
    let mean = mean(numbers)?;
    if numbers.len() < least {
        return Err(FinanceError::division_by_zero("there are too few numbers for their shape"));
    }
    let deviation = standard_deviation(numbers, Spread::Sample)?;
    if deviation == 0.0 {
        return Err(FinanceError::division_by_zero("numbers that are all the same have no shape"));
    }
    Ok(numbers.iter().fold(0.0, |sum, number| sum + power((number - mean) / deviation)))
}

fn all_above_zero(numbers: &[f64]) -> Result<(), FinanceError> {
    if !numbers.is_empty() && numbers.iter().all(|number| *number > 0.0) {
        return Ok(());
    }
    Err(FinanceError::domain("this mean needs numbers, all above 0"))
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[allow(clippy::as_conversions, reason = "lists are far shorter than 2^53")]
fn float(count: usize) -> f64 {
    count as f64
}

#[allow(clippy::as_conversions, reason = "the position is whole and within the list")]
fn whole(position: f64) -> usize {
    position as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lists and values of these tests are those of Microsoft's documentation of each function.
    fn is_near(actual: Result<f64, FinanceError>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual - expected).abs() < 1e-6 * expected.abs().max(1.0), "{actual}, expected {expected}");
    }

    const STRENGTHS: [f64; 10] = [1345.0, 1301.0, 1368.0, 1322.0, 1310.0, 1370.0, 1318.0, 1350.0, 1303.0, 1299.0];
    const EIGHT: [f64; 8] = [1.0, 2.0, 4.0, 7.0, 8.0, 9.0, 10.0, 12.0];
    const ELEVEN: [f64; 11] = [6.0, 7.0, 15.0, 36.0, 39.0, 40.0, 41.0, 42.0, 43.0, 47.0, 49.0];
    const SHAPED: [f64; 10] = [3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 5.0, 6.0, 4.0, 7.0];

    #[test]
    fn spreads_are_those_of_excel() {
        is_near(standard_deviation(&STRENGTHS, Spread::Sample), 27.463_915_72);
        is_near(standard_deviation(&STRENGTHS, Spread::Population), 26.054_558_14);
        is_near(variance(&STRENGTHS, Spread::Sample), 754.266_666_67);
        is_near(squared_deviations(&[4.0, 5.0, 8.0, 7.0, 11.0, 4.0, 3.0]), 48.0);
        is_near(average_deviation(&[4.0, 5.0, 6.0, 7.0, 5.0, 4.0, 3.0]), 1.020_408);
        is_near(skewness(&SHAPED), 0.359_543_071);
        is_near(kurtosis(&SHAPED), -0.151_799_637);
        is_near(geometric_mean(&[4.0, 5.0, 8.0, 7.0, 11.0, 4.0, 3.0]), 5.476_986_97);
        is_near(harmonic_mean(&[4.0, 5.0, 8.0, 7.0, 11.0, 4.0, 3.0]), 5.028_375_962);
        is_near(mode(&[5.6, 4.0, 4.0, 3.0, 2.0, 4.0]), 4.0);
    }

    #[test]
    fn quantiles_are_those_of_excel() {
        is_near(quantile(&EIGHT, 0.25, Quantile::Inclusive), 3.5);
        is_near(quantile(&[1.0, 2.0, 3.0, 4.0], 0.3, Quantile::Inclusive), 1.9);
        is_near(quantile(&ELEVEN, 0.25, Quantile::Exclusive), 15.0);
        is_near(quantile(&ELEVEN, 0.75, Quantile::Exclusive), 43.0);
        is_near(median(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 3.5);
        is_near(percent_rank(&[13.0, 12.0, 11.0, 8.0, 4.0, 3.0, 2.0, 1.0, 1.0, 1.0], 2.0, Quantile::Inclusive), 0.333);
        is_near(percent_rank(&[13.0, 12.0, 11.0, 8.0, 4.0, 3.0, 2.0, 1.0, 1.0, 1.0], 5.0, Quantile::Inclusive), 0.583);
        assert!(quantile(&[1.0, 2.0], 0.1, Quantile::Exclusive).is_err());
        assert!(quantile(&[1.0, 2.0], 1.1, Quantile::Inclusive).is_err());
        assert!(quantile(&[], 0.5, Quantile::Inclusive).is_err());
    }

    #[test]
    fn ranks_are_those_of_excel() {
        let list = [7.0, 3.5, 3.5, 1.0, 2.0];
        assert_eq!(rank(3.5, &list, true), Ok(3.0));
        assert_eq!(rank(7.0, &list, true), Ok(5.0));
        assert_eq!(rank(7.0, &list, false), Ok(1.0));
        assert!(rank(4.0, &list, true).is_err());
        assert_eq!(largest(&[3.0, 5.0, 3.0, 5.0, 4.0], 3.0), Ok(4.0));
        assert_eq!(smallest(&[3.0, 5.0, 3.0, 5.0, 4.0], 3.0), Ok(4.0));
        assert!(largest(&[1.0], 2.0).is_err() && smallest(&[1.0], 0.0).is_err());
    }

    #[test]
    fn growth_leads_from_the_first_number_to_the_last() {
        is_near(compound_growth(&[100.0, 90.0, 121.0]), 0.1);
        assert!(compound_growth(&[100.0]).is_err());
        assert!(compound_growth(&[-100.0, 100.0]).is_err());
    }

    #[test]
    fn too_few_numbers_have_no_statistics() {
        assert!(mean(&[]).is_err());
        assert!(variance(&[1.0], Spread::Sample).is_err());
        assert_eq!(variance(&[1.0], Spread::Population), Ok(0.0));
        assert!(skewness(&[1.0, 2.0]).is_err());
        assert!(kurtosis(&[2.0; 5]).is_err());
        assert!(mode(&[1.0, 2.0]).is_err());
    }
}
