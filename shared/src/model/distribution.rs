use serde_json::{Value, json};

use super::CellRef;

/// How the values of an uncertain input spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// The normal distribution.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation, not below zero.
        sd: f64,
    },
    /// The lognormal distribution, by the mean and the standard deviation of the variable itself, not of its logarithm.
    Lognormal {
        /// Its mean, above zero.
        mean: f64,
        /// Its standard deviation, not below zero.
        sd: f64,
    },
    /// The triangular distribution; `low` ≤ `mode` ≤ `high`, and `low` < `high`.
    Triangular {
        /// Its least value.
        low: f64,
        /// Its most likely value.
        mode: f64,
        /// Its greatest value.
        high: f64,
    },
    /// The PERT distribution, a beta distribution with the mean (`low` + 4 `mode` + `high`) / 6; bounds as for
    /// [`Distribution::Triangular`].
    Pert {
        /// Its least value.
        low: f64,
        /// Its most likely value.
        mode: f64,
        /// Its greatest value.
        high: f64,
    },
    /// Every value between two is as likely; `low` < `high`.
    Uniform {
        /// Its least value.
        low: f64,
        /// Its greatest value.
        high: f64,
    },
    /// One of some values.
    Discrete {
        /// The values: 1 to 100.
        values: Vec<f64>,
        /// How likely each is, relative to their sum: as many, none below zero, not all zero.
        weights: Vec<f64>,
    },
}

/// How two uncertain inputs go together.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// One of them.
    pub a: CellRef,
    /// The other.
    pub b: CellRef,
    /// Spearman's rank correlation, −1 to 1.
    pub rho: f64,
}

impl Distribution {
    /// The distribution as documents hold it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Normal { mean, sd } => json!({"kind": "normal", "mean": mean, "sd": sd}),
            Self::Lognormal { mean, sd } => json!({"kind": "lognormal", "mean": mean, "sd": sd}),
            Self::Triangular { low, mode, high } => {
                json!({"kind": "triangular", "low": low, "mode": mode, "high": high})
            }
            Self::Pert { low, mode, high } => json!({"kind": "pert", "low": low, "mode": mode, "high": high}),
            Self::Uniform { low, high } => json!({"kind": "uniform", "low": low, "high": high}),
            Self::Discrete { values, weights } => json!({"kind": "discrete", "values": values, "weights": weights}),
        }
    }
}
