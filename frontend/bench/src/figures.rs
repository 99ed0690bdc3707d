//! Figures of what was measured often.

use serde_json::Value;

use crate::Failure;

/// Times in milliseconds, the shortest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Times(Vec<f64>);

impl Times {
    /// Times in any order.
    pub fn new(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The times that a page told as a list of numbers, at least one.
    pub fn told(value: Value) -> Result<Self, Failure> {
        let times: Vec<f64> = serde_json::from_value(value)?;
        if times.is_empty() { Err("nothing was measured".into()) } else { Ok(Self::new(times)) }
    }

    /// The least time that `percent` of all do not exceed; `NaN` when nothing was measured.
    pub fn at(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(index).copied().unwrap_or(f64::NAN)
    }

    /// Prints them as a line.
    pub fn print(&self, what: &str) {
        println!(
            "{what:<58} median {:>7.1} ms   p95 {:>7.1} ms   longest {:>7.1} ms   of {}",
            self.at(50),
            self.at(95),
            self.at(100),
            self.0.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let times = Times::new((1..=20).rev().map(f64::from).collect());
        assert_eq!((times.at(50), times.at(95), times.at(100)), (10.0, 19.0, 20.0));
        assert!(Times::new(Vec::new()).at(50).is_nan());
    }
}
