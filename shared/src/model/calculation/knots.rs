//! Cells that need each other.

use std::sync::Arc;

use super::Calculation;
use crate::model::evaluate::evaluate;
use crate::model::graph::{Knot, Way, ways};
use crate::model::program::{Fault, Program};
use crate::model::{CellErrorCode, CellRef, CellValue, Iteration};

/// How cells that need each other were brought into agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Convergence {
    /// The cells, in the order in which each round calculates them.
    pub cells: Vec<CellRef>,
    /// How many rounds it took.
    pub rounds: u32,
    /// The largest change of a value in the last round, relative to the value where that is above 1. Infinite where a
    /// value came, went or is no number.
    pub change: f64,
    /// Whether the change came down to the tolerance of the model.
    pub has_settled: bool,
}

/// The most bytes of formulas, and cells that they need, that one knot calculates in all its rounds: about a second.
const MAX_ITERATED_BYTES: usize = 500_000_000;

impl Calculation {
    /// As if no knot were calculated yet.
    pub(super) fn unsettled(&self) -> Vec<Convergence> {
        if self.iteration.is_none() {
            return Vec::new();
        }
        let of_knot = |knot: &Knot| Convergence {
            cells: self.refs(&knot.cells),
            rounds: 0,
            change: f64::INFINITY,
            has_settled: false,
        };
        self.graph.knots.iter().map(of_knot).collect()
    }

    /// Brings the cells of a knot into agreement, or says of each how it needs itself. Returns whether it was not
    /// stopped.
    pub(super) fn calculate_knot(&mut self, number: usize, knot: &Knot, stop: &dyn Fn() -> bool) -> bool {
        let Some(iteration) = self.iteration else {
            for (cell, way) in ways(&self.graph.precedents, &knot.cells) {
                let error = self.program.error(cell, cycle(&self.program, &way));
                self.put(cell, CellValue::Error(Arc::new(error)));
            }
            return true;
        };
        let Some((rounds, change, has_settled)) = self.iterate(knot, iteration, stop) else {
            return false;
        };
        if !has_settled {
            for cell in &knot.cells {
                let fault = Fault {
                    code: CellErrorCode::Cycle,
                    message: format!("{} did not settle in {rounds} rounds", self.program.shape.label(*cell)).into(),
                    hint: Some("allow more rounds, or look for what makes it grow or swing"),
                    span: 0..0,
                };
                let error = self.program.error(*cell, fault);
                self.put(*cell, CellValue::Error(Arc::new(error)));
            }
        }
        if let Some(convergence) = self.convergence.get_mut(number) {
            convergence.rounds = rounds;
            convergence.change = change;
            convergence.has_settled = has_settled;
        }
        true
    }

    /// Gauss-Seidel rounds from zero, so that the result hangs on the model alone and not on what was there before.
    ///
    /// What starts at zero may be divided by, and an error in a knot would feed itself for ever. So at first an error
    /// counts as zero for the cells behind it. If errors are left when the rest has settled, they count as what they
    /// are.
    fn iterate(&mut self, knot: &Knot, iteration: Iteration, stop: &dyn Fn() -> bool) -> Option<(u32, f64, bool)> {
        for cell in &knot.cells {
            self.put(*cell, CellValue::Number(0.0));
        }
        let mut are_errors_zero = true;
        let mut errors: Vec<Option<CellValue>> = vec![None; knot.cells.len()];
        let mut change = f64::INFINITY;
        let max_rounds = iteration.max_rounds.min(self.affordable_rounds(knot));
        for round in 1..=max_rounds {
            if stop() {
                return None;
            }
            change = 0.0;
            for (cell, error) in knot.cells.iter().zip(&mut errors) {
                let mut value = evaluate(&self.program, *cell, self.program.shape.period_of(*cell), &self.values);
                let was_error = error.is_some();
                *error = None;
                if are_errors_zero && matches!(value, CellValue::Error(_)) {
                    *error = Some(std::mem::replace(&mut value, CellValue::Number(0.0)));
                }
                if error.is_some() != was_error {
                    change = f64::INFINITY;
                }
                let before = self.values.get(*cell).cloned().unwrap_or_default();
                change = change.max(distance(&before, &value));
                self.put(*cell, value);
            }
            if change > iteration.tolerance {
                continue;
            }
            if errors.iter().all(Option::is_none) {
                return Some((round, change, true));
            }
            are_errors_zero = false;
            for (cell, error) in knot.cells.iter().zip(&mut errors) {
                if let Some(error) = error.take() {
                    self.put(*cell, error);
                }
            }
        }
        Some((max_rounds, change, false))
    }

    /// How many rounds end in a time that people wait for, whatever the knot holds.
    fn affordable_rounds(&self, knot: &Knot) -> u32 {
        let cost = |cell: &usize| {
            let written = self.program.formula(*cell).map_or(0, |formula| formula.stored().len());
            written.saturating_add(self.graph.precedents.of(*cell).len())
        };
        let bytes = knot.cells.iter().map(cost).fold(1, usize::saturating_add);
        u32::try_from(MAX_ITERATED_BYTES / bytes).unwrap_or(u32::MAX).max(1)
    }

    fn put(&mut self, cell: usize, value: CellValue) {
        if let Some(slot) = self.values.get_mut(cell) {
            *slot = value;
        }
    }
}

/// How far a value moved, relative to it where it is above 1.
fn distance(before: &CellValue, after: &CellValue) -> f64 {
    match (before, after) {
        (CellValue::Number(before), CellValue::Number(after)) => (after - before).abs() / after.abs().max(1.0),
        (CellValue::Error(before), CellValue::Error(after)) if before.code == after.code => 0.0,
        (before, after) if before == after => 0.0,
        _ => f64::INFINITY,
    }
}

/// The error of a cell that needs itself along `way`.
fn cycle(program: &Program, way: &Way) -> Fault {
    let mut labels: Vec<String> = way.cells.iter().map(|cell| program.shape.label(*cell)).collect();
    if way.is_cut {
        labels.push("…".to_owned());
    }
    labels.extend(way.cells.first().map(|cell| program.shape.label(*cell)));
    Fault {
        code: CellErrorCode::Cycle,
        message: format!("the value needs itself: {}", labels.join(" → ")).into(),
        hint: None,
        span: 0..0,
    }
}
