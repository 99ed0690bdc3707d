//! What stands beside the rows: scenarios, distributions, correlations, iteration, ranges.

use serde_json::Value;

use super::ModelError;
use super::fields::{by_cell, cell, entry, field, id, list, name, number, object, optional, text, text_or_empty};
use crate::model::{Correlation, Distribution, ItemId, Iteration, RangeId, Scenario, ScenarioId, ValueRange};

const MAX_SCENARIO_ENTRIES: usize = 5_000;
const MAX_VALUES: usize = 100;
const MAX_ROUNDS: u64 = 1_000;

pub(super) fn scenario(value: &Value) -> Result<Scenario, ModelError> {
    let scenario = object(value)?;
    Ok(Scenario {
        id: ScenarioId(field(scenario, "id", id)?),
        name: field(scenario, "name", name)?,
        label: field(scenario, "label", text)?,
        note: text_or_empty(scenario, "note")?,
        entries: optional(scenario, "entries", |value| by_cell(value, MAX_SCENARIO_ENTRIES, entry))?
            .unwrap_or_default(),
    })
}

pub(super) fn distribution(value: &Value) -> Result<Distribution, ModelError> {
    const KINDS: &str = "this is `normal`, `lognormal`, `triangular`, `pert`, `uniform` or `discrete`";
    let distribution = object(value)?;
    let number = |key| field(distribution, key, number);
    let kind = field(distribution, "kind", text)?;
    match kind.as_str() {
        "normal" | "lognormal" => {
            let (mean, sd) = (number("mean")?, number("sd")?);
            if sd < 0.0 {
                return Err(ModelError::new("sd", "a standard deviation is not below zero"));
            }
            if kind == "normal" {
                return Ok(Distribution::Normal { mean, sd });
            }
            if mean <= 0.0 {
                return Err(ModelError::new("mean", "the mean of a lognormal distribution is above zero"));
            }
            Ok(Distribution::Lognormal { mean, sd })
        }
        "triangular" | "pert" => {
            let (low, mode, high) = (number("low")?, number("mode")?, number("high")?);
            check_bounds(low, high)?;
            if mode < low || mode > high {
                return Err(ModelError::new("mode", "the mode lies between `low` and `high`"));
            }
            Ok(match kind.as_str() {
                "pert" => Distribution::Pert { low, mode, high },
                _ => Distribution::Triangular { low, mode, high },
            })
        }
        "uniform" => {
            let (low, high) = (number("low")?, number("high")?);
            check_bounds(low, high)?;
            Ok(Distribution::Uniform { low, high })
        }
        "discrete" => {
            let numbers = |key| field(distribution, key, |value| list(value, MAX_VALUES, super::fields::number));
            discrete(numbers("values")?, numbers("weights")?)
        }
        _ => Err(ModelError::new("kind", KINDS)),
    }
}

fn check_bounds(low: f64, high: f64) -> Result<(), ModelError> {
    if low < high && (high - low).is_finite() {
        return Ok(());
    }
    Err(ModelError::new("low", "this is below `high`"))
}

fn discrete(values: Vec<f64>, weights: Vec<f64>) -> Result<Distribution, ModelError> {
    if values.is_empty() {
        return Err(ModelError::new("values", "there is at least one value"));
    }
    if weights.len() != values.len() {
        return Err(ModelError::new("weights", "there are as many weights as values"));
    }
    if let Some(index) = weights.iter().position(|weight| *weight < 0.0) {
        return Err(ModelError::new(format!("weights[{index}]"), "a weight is not below zero"));
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return Err(ModelError::new("weights", "the weights have a sum above zero"));
    }
    Ok(Distribution::Discrete { values, weights })
}

pub(super) fn correlation(value: &Value) -> Result<Correlation, ModelError> {
    let correlation = object(value)?;
    let (a, b) = (field(correlation, "a", cell)?, field(correlation, "b", cell)?);
    if a == b {
        return Err(ModelError::new("b", "this is another cell than `a`"));
    }
    let rho = field(correlation, "rho", number)?;
    if rho.abs() > 1.0 {
        return Err(ModelError::new("rho", "a correlation is −1 to 1"));
    }
    Ok(Correlation { a, b, rho })
}

/// Of a pair that is there more than once, as two people may have entered it at once, the last counts.
pub(super) fn without_repetition(correlations: Vec<Correlation>) -> Vec<Correlation> {
    let mut kept: Vec<Correlation> = Vec::with_capacity(correlations.len());
    let mut places = std::collections::HashMap::new();
    for correlation in correlations {
        let (a, b) = (correlation.a.clone(), correlation.b.clone());
        let place = *places.entry(if a < b { (a, b) } else { (b, a) }).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(before) => *before = correlation,
            None => kept.push(correlation),
        }
    }
    kept
}

pub(super) fn iteration(value: &Value) -> Result<Iteration, ModelError> {
    let iteration = object(value)?;
    let rounds = |value: &Value| {
        let rounds = value.as_u64().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds));
        rounds
            .and_then(|rounds| u32::try_from(rounds).ok())
            .ok_or_else(|| ModelError::new("", "this is a whole number, 1 to 1000"))
    };
    let max_rounds = field(iteration, "max_rounds", rounds)?;
    let tolerance = field(iteration, "tolerance", number)?;
    if tolerance <= 0.0 {
        return Err(ModelError::new("tolerance", "this is above zero"));
    }
    Ok(Iteration { max_rounds, tolerance })
}

pub(super) fn range(value: &Value) -> Result<ValueRange, ModelError> {
    let range = object(value)?;
    Ok(ValueRange {
        id: RangeId(field(range, "id", id)?),
        label: field(range, "label", text)?,
        low: ItemId(field(range, "low", id)?),
        high: ItemId(field(range, "high", id)?),
    })
}
