//! Inputs that go together: a Gaussian copula from rank correlations.

use std::f64::consts::PI;

use crate::analysis::{AnalysisError, AnalysisErrorCode};

/// What makes correlated normal numbers of independent ones: a lower triangular matrix without the rows of inputs that
/// correlate with nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Copula {
    /// In ascending order of their inputs.
    pub(super) rows: Vec<Row>,
}

/// How the number of one input is made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) input: usize,
    /// How much of its own independent number goes in.
    pub(super) own: f64,
    /// How much goes in of those of inputs before it.
    pub(super) others: Vec<(usize, f64)>,
}

impl Copula {
    /// From pairs of inputs, by number, with their rank correlation (Spearman).
    ///
    /// The correlation of the normal numbers is 2·sin(π·ρ/6) (Kruskal, *Ordinal measures of association*, Journal of
    /// the American Statistical Association 53, 1958). The later of two that name the same pair counts.
    ///
    /// # Errors
    ///
    /// The correlations contradict each other: their matrix is not positive semidefinite.
    pub(super) fn new(pairs: &[(usize, usize, f64)]) -> Result<Self, AnalysisError> {
        let mut inputs: Vec<usize> = pairs.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
        inputs.sort_unstable();
        inputs.dedup();
        let size = inputs.len();
        let place = |input: usize| inputs.partition_point(|known| *known < input);
        let mut matrix = vec![vec![0.0; size]; size];
        let mut enter = |row: usize, column: usize, value: f64| {
            if let Some(slot) = matrix.get_mut(row).and_then(|row| row.get_mut(column)) {
                *slot = value;
            }
        };
        for (a, b, rho) in pairs {
            let normal = if rho.abs() == 1.0 { *rho } else { 2.0 * libm::sin(PI * rho / 6.0) };
            enter(place(*a), place(*b), normal);
            enter(place(*b), place(*a), normal);
        }
        (0..size).for_each(|index| enter(index, index, 1.0));
        let factor = cholesky(&matrix)?;
        let rows = inputs.iter().zip(factor).map(|(input, mut row)| {
            let own = row.pop().unwrap_or_default();
            let others = inputs.iter().copied().zip(row).filter(|(_, weight)| *weight != 0.0);
            Row { input: *input, own, others: others.collect() }
        });
        Ok(Self { rows: rows.collect() })
    }
}

/// The lower triangle L with L·Lᵀ = matrix, where a variance that is used up leaves a column of zeros.
fn cholesky(matrix: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, AnalysisError> {
    const TOLERANCE: f64 = 1e-10;
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (index, wanted) in matrix.iter().enumerate() {
        let mut row: Vec<f64> = Vec::with_capacity(index + 1);
        for above in &factor {
            let wanted = wanted.get(row.len()).copied().unwrap_or_default();
            let rest = wanted - dot(&row, above);
            let pivot = above.last().copied().unwrap_or_default();
            if pivot > 0.0 {
                row.push(rest / pivot);
            } else if rest.abs() <= 1e-7 {
                row.push(0.0);
            } else {
                return Err(contradiction());
            }
        }
        let variance = 1.0 - dot(&row, &row);
        if variance < -TOLERANCE {
            return Err(contradiction());
        }
        row.push(if variance <= TOLERANCE { 0.0 } else { variance.sqrt() });
        factor.push(row);
    }
    Ok(factor)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

fn contradiction() -> AnalysisError {
    AnalysisError::new(
        AnalysisErrorCode::OutOfRange,
        "correlations",
        "the correlations contradict each other: their matrix is not positive semidefinite",
        "bring correlations closer to 0, or give the pairs between strongly correlated inputs a correlation too",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_gives_the_correlations_back() {
        let copula = Copula::new(&[(4, 1, 0.5), (1, 2, -0.3), (2, 4, 0.1)]).unwrap();
        let weight = |row: usize, input: usize| {
            let row = &copula.rows[row];
            let other = row.others.iter().find(|(known, _)| *known == input).map_or(0.0, |(_, weight)| *weight);
            if row.input == input { row.own } else { other }
        };
        assert_eq!(copula.rows.iter().map(|row| row.input).collect::<Vec<_>>(), [1, 2, 4]);
        let product =
            |a: usize, b: usize| [1, 2, 4].iter().map(|input| weight(a, *input) * weight(b, *input)).sum::<f64>();
        for (a, b, rho) in [(0, 2, 0.5), (0, 1, -0.3), (1, 2, 0.1)] {
            assert!((product(a, b) - 2.0 * libm::sin(PI * rho / 6.0)).abs() < 1e-15);
        }
        for row in 0..3 {
            assert!((product(row, row) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn two_inputs_may_go_wholly_together() {
        let copula = Copula::new(&[(0, 1, 1.0), (0, 2, -1.0), (1, 2, -1.0)]).unwrap();
        assert_eq!(copula.rows[1], Row { input: 1, own: 0.0, others: vec![(0, 1.0)] });
        assert_eq!(copula.rows[2], Row { input: 2, own: 0.0, others: vec![(0, -1.0)] });
    }

    #[test]
    fn correlations_that_contradict_each_other_are_refused() {
        let error = Copula::new(&[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]).unwrap_err();
        assert_eq!((error.code, &*error.place), (AnalysisErrorCode::OutOfRange, "correlations"));
        assert!(Copula::new(&[(0, 1, 1.0), (0, 2, 1.0), (1, 2, 0.2)]).is_err());
    }
}
