//! From uniform and normal numbers to the values of inputs.

use super::column::Column;
use crate::analysis::{AnalysisError, AnalysisErrorCode};
use crate::finance::beta::Beta;
use crate::finance::elementary::{exp, ln};
use crate::finance::normal;
use crate::model::Distribution;

/// A distribution ready to be sampled by its inverse.
#[derive(Clone, Debug)]
pub(in crate::analysis) enum Sampler {
    Normal {
        mean: f64,
        sd: f64,
    },
    /// The mean and the standard deviation of the logarithm.
    Lognormal {
        mean: f64,
        sd: f64,
    },
    /// `split` is the probability under the mode, `up` and `down` the products of the widths on both sides.
    Triangular {
        low: f64,
        high: f64,
        split: f64,
        up: f64,
        down: f64,
    },
    Pert {
        low: f64,
        width: f64,
        beta: Beta,
    },
    Uniform {
        low: f64,
        width: f64,
    },
    /// The values with the probability up to each.
    Discrete(Vec<(f64, f64)>),
}

/// The least and the greatest uniform number.
const ENDS: (f64, f64) = (1.0 / 9_007_199_254_740_992.0, 1.0 - 1.0 / 9_007_199_254_740_992.0);

impl Sampler {
    pub(in crate::analysis) fn new(place: &str, distribution: &Distribution) -> Result<Self, AnalysisError> {
        let wrong = || {
            AnalysisError::new(
                AnalysisErrorCode::OutOfRange,
                place,
                "the distribution has no values",
                "give it finite numbers in ascending order, and a spread above 0",
            )
        };
        let sampler = match distribution {
            Distribution::Normal { mean, sd } => Self::Normal { mean: *mean, sd: *sd },
            Distribution::Lognormal { mean, sd } => {
                let ratio = sd / mean;
                let variance = libm::log1p(ratio * ratio);
                Self::Lognormal { mean: libm::log(*mean) - variance / 2.0, sd: variance.sqrt() }
            }
            Distribution::Triangular { low, mode, high } => {
                let width = high - low;
                Self::Triangular {
                    low: *low,
                    high: *high,
                    split: (mode - low) / width,
                    up: width * (mode - low),
                    down: width * (high - mode),
                }
            }
            Distribution::Pert { low, mode, high } => {
                let width = high - low;
                let beta = Beta::new(1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width);
                Self::Pert { low: *low, width, beta: beta.map_err(|_| wrong())? }
            }
            Distribution::Uniform { low, high } => Self::Uniform { low: *low, width: high - low },
            Distribution::Discrete { values, weights } => {
                let total = weights.iter().fold(0.0, |sum, weight| sum + weight);
                let mut sum = 0.0;
                let up_to = weights.iter().map(|weight| {
                    sum += weight;
                    sum / total
                });
                let mut steps: Vec<(f64, f64)> = values.iter().copied().zip(up_to).collect();
                // What can't come is left out, so that its neighbours keep the ends of 0..1.
                let mut before = 0.0;
                steps.retain(|(_, up_to)| std::mem::replace(&mut before, *up_to) < *up_to);
                if steps.is_empty() {
                    return Err(wrong());
                }
                Self::Discrete(steps)
            }
        };
        if sampler.is_sound() { Ok(sampler) } else { Err(wrong()) }
    }

    fn is_sound(&self) -> bool {
        match self {
            Self::Normal { mean, sd } | Self::Lognormal { mean, sd } => {
                mean.is_finite() && sd.is_finite() && *sd >= 0.0
            }
            Self::Triangular { split, up, down, .. } => split.is_finite() && up.is_finite() && down.is_finite(),
            Self::Pert { low, width, .. } | Self::Uniform { low, width } => low.is_finite() && width.is_finite(),
            Self::Discrete(steps) => steps.iter().all(|(value, up_to)| value.is_finite() && up_to.is_finite()),
        }
    }

    /// Whether it starts from a normal number rather than from a uniform one.
    pub(super) fn is_of_normal(&self) -> bool {
        matches!(self, Self::Normal { .. } | Self::Lognormal { .. })
    }

    /// The value that is not exceeded with a probability, above 0 and below 1.
    pub(in crate::analysis) fn quantile(&self, probability: f64) -> f64 {
        let column = Column::default();
        column.fill(if self.is_of_normal() { normal::inverse_cdf(probability) } else { probability });
        self.apply(&column);
        column.lane(0)
    }

    /// Makes values of the numbers in the column, normal or uniform as [`Sampler::is_of_normal`] says.
    #[inline(always)]
    pub(super) fn apply(&self, column: &Column) {
        match self {
            Self::Normal { mean, sd } => {
                let (mean, sd) = (*mean, *sd);
                column.map(column, |z| (mean + sd * z).clamp(f64::MIN, f64::MAX));
            }
            Self::Lognormal { mean, sd } => {
                let (mean, sd) = (*mean, *sd);
                column.map_long(|z| exp(mean + sd * z).min(f64::MAX));
            }
            Self::Triangular { low, high, split, up, down } => {
                let (low, high, split, up, down) = (*low, *high, *split, *up, *down);
                column.map(column, |u| {
                    let left = low + (u * up).sqrt();
                    let right = high - ((1.0 - u) * down).sqrt();
                    if u < split { left } else { right }
                });
            }
            Self::Uniform { low, width } => {
                let (low, width) = (*low, *width);
                column.map(column, |u| low + width * u);
            }
            Self::Pert { low, width, beta } => column.map(column, |u| low + width * beta.inverse_cdf(u)),
            Self::Discrete(steps) => column.map(column, |u| {
                let index = steps.partition_point(|(_, up_to)| *up_to <= u);
                steps.get(index).or(steps.last()).map_or(f64::NAN, |(value, _)| *value)
            }),
        }
    }
}

/// Makes normal numbers of uniform ones: [`normal::inverse_cdf`], to the last bit, without branches.
#[inline(always)]
pub(super) fn normals(column: &Column) {
    if cfg!(target_arch = "wasm32") && !cfg!(target_feature = "simd128") {
        // Without vectors most numbers are spared the logarithm.
        column.map(column, normal::inverse_cdf);
        return;
    }
    let is_far = column.any(|u| u.min(1.0 - u) < FARTHEST);
    if is_far {
        column.map(column, normal::inverse_cdf);
        return;
    }
    column.map_long(normal_of);
}

/// [`normal::inverse_cdf`] from [`FARTHEST`] to 1 less that.
#[inline(always)]
fn normal_of(u: f64) -> f64 {
    let q = u - 0.5;
    let tail = if q < 0.0 { u } else { 1.0 - u };
    let distance = normal::tail_within((-ln(tail)).sqrt());
    let outer = if q < 0.0 { -distance } else { distance };
    let inner = normal::central(q);
    if q.abs() <= normal::CENTRAL { inner } else { outer }
}

/// Under this probability the third approximation holds, with a margin.
const FARTHEST: f64 = 1.4e-11;

/// Makes uniform numbers of normal ones.
pub(super) fn uniforms(column: &Column) {
    column.map(column, |z| normal::cdf(z).clamp(ENDS.0, ENDS.1));
}

#[cfg(test)]
mod tests {
    use super::super::column::LANES;
    use super::*;

    /// The values at the middle of many equal parts of 0..1, and at both ends.
    fn values(distribution: &Distribution) -> Vec<f64> {
        let sampler = Sampler::new("x", distribution).unwrap();
        let parts = 64 * LANES;
        let mut values = Vec::new();
        for start in (0..parts).step_by(LANES) {
            let column = Column::default();
            for lane in 0..LANES {
                let part = u32::try_from(start + lane).unwrap();
                column.set_lane(lane, (f64::from(part) + 0.5) / f64::from(u32::try_from(parts).unwrap()));
            }
            if sampler.is_of_normal() {
                normals(&column);
            }
            sampler.apply(&column);
            values.extend((0..LANES).map(|lane| column.lane(lane)));
        }
        values
    }

    fn moments(values: &[f64]) -> (f64, f64) {
        let count = f64::from(u32::try_from(values.len()).unwrap());
        let mean = values.iter().sum::<f64>() / count;
        (mean, (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt())
    }

    #[test]
    fn distributions_have_the_moments_of_the_textbooks() {
        let pert_sd = ((1.9_f64 - 1.0) * (4.0 - 1.9) / 7.0).sqrt();
        for (distribution, mean, sd) in [
            (Distribution::Normal { mean: 3.0, sd: 2.0 }, 3.0, 2.0),
            (Distribution::Lognormal { mean: 10.0, sd: 4.0 }, 10.0, 4.0),
            (Distribution::Uniform { low: -1.0, high: 5.0 }, 2.0, 3.0_f64.sqrt()),
            (Distribution::Triangular { low: 0.0, mode: 1.0, high: 5.0 }, 2.0, (21.0_f64 / 18.0).sqrt()),
            (Distribution::Pert { low: 1.0, mode: 1.6, high: 4.0 }, 1.9, pert_sd),
            (Distribution::Discrete { values: vec![1.0, 2.0, 9.0], weights: vec![2.0, 2.0, 0.0] }, 1.5, 0.5),
        ] {
            let (actual_mean, actual_sd) = moments(&values(&distribution));
            assert!((actual_mean - mean).abs() < 2e-3 * mean.abs(), "{distribution:?}: mean {actual_mean}, not {mean}");
            assert!((actual_sd - sd).abs() < 5e-3 * sd, "{distribution:?}: deviation {actual_sd}, not {sd}");
        }
    }

    #[test]
    fn values_stay_within_their_bounds() {
        for distribution in [
            Distribution::Triangular { low: 1.0, mode: 1.0, high: 2.0 },
            Distribution::Pert { low: 1.0, mode: 2.0, high: 2.0 },
            Distribution::Uniform { low: 1.0, high: 2.0 },
        ] {
            assert!(values(&distribution).iter().all(|value| (1.0..=2.0).contains(value)), "{distribution:?}");
        }
    }

    #[test]
    fn columns_of_normal_numbers_have_the_bits_of_single_ones() {
        let column = Column::default();
        for start in 0..200_u32 {
            let uniform = |lane: usize| {
                let number = f64::from(start * 64 + u32::try_from(lane).unwrap());
                (number + 0.5) / 12_800.0 * if start == 199 && lane > 60 { 1e-14 } else { 1.0 }
            };
            (0..LANES).for_each(|lane| column.set_lane(lane, uniform(lane)));
            normals(&column);
            for lane in 0..LANES {
                assert_eq!(column.lane(lane).to_bits(), normal::inverse_cdf(uniform(lane)).to_bits());
            }
        }
    }
}
