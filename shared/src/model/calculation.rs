//! The values of all cells, kept up with edits and with what-ifs.

mod knots;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evaluate::evaluate;
use super::graph::{Graph, Links};
use super::program::{Program, Source};
use super::{CellRef, CellValue, Iteration, Model};
pub use knots::Convergence;

/// After how many cells a calculation asks whether it is to stop.
const CELLS_BETWEEN: usize = 16;

/// The values of all cells of a model.
///
/// # Laws
///
/// - After any edits, `update` leaves what `new` of the same model gives, to the last bit.
/// - After `set`, the values are those that `new` gives of the model with these numbers in place of what the cells hold.
/// - The same model gives the same 64 bits on every machine: powers come from `libm`, sums run from left to right.
#[derive(Clone, Debug)]
pub struct Calculation {
    program: Arc<Program>,
    graph: Arc<Graph>,
    values: Vec<CellValue>,
    iteration: Option<Iteration>,
    /// How the knots settled, in their order, where the model iterates.
    convergence: Vec<Convergence>,
    /// What the cells hold in the model that `set` put a number in.
    replaced: BTreeMap<usize, Source>,
    /// Whether a cell that `set` put a number in was in a knot, which the number cuts.
    is_cut: bool,
}

/// How much an update calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recalculated {
    /// The cells that were calculated anew.
    pub cells: usize,
}

impl Calculation {
    /// Calculates every cell of `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self::unless(model, &|| false).unwrap_or_else(|| Self::uncalculated(Program::new(model), model.iteration))
    }

    /// As [`Calculation::new`], but gives up as soon as `stop` says so. It is asked every few cells.
    #[must_use]
    pub fn unless(model: &Model, stop: &dyn Fn() -> bool) -> Option<Self> {
        let mut calculation = Self::uncalculated(Program::new(model), model.iteration);
        let everything: Vec<usize> = (0..calculation.values.len()).collect();
        calculation.calculate(&everything, stop).then_some(calculation)
    }

    /// Follows an edit: calculates the cells whose entry or formula changed, and those that depend on them. When rows
    /// or periods come, go, move or change, that is every cell. Numbers that `set` put are gone.
    pub fn update(&mut self, model: &Model) -> Recalculated {
        self.update_unless(model, &|| false).unwrap_or(Recalculated { cells: 0 })
    }

    /// As [`Calculation::update`], but gives up as soon as `stop` says so. Then the values are those of no model, and
    /// the calculation is to be thrown away.
    #[must_use]
    pub fn update_unless(&mut self, model: &Model, stop: &dyn Fn() -> bool) -> Option<Recalculated> {
        let program = Program::after(&self.program, model);
        if program.shape != self.program.shape {
            *self = Self::uncalculated(program, model.iteration);
            let everything: Vec<usize> = (0..self.values.len()).collect();
            return self.calculate(&everything, stop).then_some(Recalculated { cells: everything.len() });
        }
        let mut stale: Vec<usize> = (0..program.len()).filter(|cell| !program.is_same(&self.program, *cell)).collect();
        let is_formula_stale =
            stale.iter().any(|cell| program.formula(*cell).is_some() || self.program.formula(*cell).is_some());
        self.program = Arc::new(program);
        self.replaced.clear();
        self.is_cut = false;
        if is_formula_stale {
            self.relink();
        }
        if self.iteration != model.iteration {
            self.iteration = model.iteration;
            stale.extend(self.graph.knots.iter().flat_map(|knot| &knot.cells));
            self.convergence = self.unsettled();
        }
        Some(Recalculated { cells: self.recalculate(&stale, stop)? })
    }

    /// Puts a number in a cell to see what follows from it, and calculates the cells that depend on it. None puts back
    /// what the cell holds in the model. A cell that is not there, and a number that is not finite, change nothing.
    pub fn set(&mut self, cell: &CellRef, number: Option<f64>) -> Recalculated {
        match self.program.shape.cell(cell) {
            Some(cell) => self.set_cell(cell, number),
            None => Recalculated { cells: 0 },
        }
    }

    /// The value of `cell`. A cell that is not there is blank.
    #[must_use]
    pub fn value(&self, cell: &CellRef) -> &CellValue {
        let cell = self.program.shape.cell(cell);
        cell.and_then(|cell| self.values.get(cell)).unwrap_or(&CellValue::Blank)
    }

    /// The cells that the formula of `cell` takes values of, whichever way its conditions go; each once.
    #[must_use]
    pub fn precedents(&self, cell: &CellRef) -> Vec<CellRef> {
        let Some(cell) = self.program.shape.cell(cell).filter(|cell| self.program.formula(*cell).is_some()) else {
            return Vec::new();
        };
        self.refs(self.graph.precedents.of(cell))
    }

    /// The cells whose formulas take the value of `cell`, row by row.
    #[must_use]
    pub fn dependents(&self, cell: &CellRef) -> Vec<CellRef> {
        let cell = self.program.shape.cell(cell);
        cell.map_or_else(Vec::new, |cell| self.refs(self.graph.dependents.of(cell)))
    }

    /// The number that the cell holds, if it is not calculated: entered, or put there by [`Calculation::set`].
    pub(super) fn source(&self, cell: &CellRef) -> Option<f64> {
        match self.program.sources.get(self.program.shape.cell(cell)?)? {
            Source::Number(number) => Some(*number),
            Source::Blank | Source::Formula(_) => None,
        }
    }

    /// How the cells that need each other settled, each knot of them by itself. Empty in a model that does not iterate.
    #[must_use]
    pub fn convergence(&self) -> &[Convergence] {
        &self.convergence
    }

    /// The compiled model.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// What needs what.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The values of all cells by their number.
    pub(crate) fn values(&self) -> &[CellValue] {
        &self.values
    }

    /// As [`Calculation::set`], of a cell by its number.
    pub(crate) fn set_cell(&mut self, cell: usize, number: Option<f64>) -> Recalculated {
        let cells = if self.replace(cell, number) { self.recalculate(&[cell], &|| false) } else { None };
        Recalculated { cells: cells.unwrap_or_default() }
    }

    /// As [`Calculation::set`] of one cell after the other, but calculates what depends on them once.
    pub(crate) fn set_cells(&mut self, numbers: impl Iterator<Item = (usize, f64)>) -> Recalculated {
        let changed: Vec<usize> =
            numbers.filter(|(cell, number)| self.replace(*cell, Some(*number))).map(|(cell, _)| cell).collect();
        let cells = if changed.is_empty() { None } else { self.recalculate(&changed, &|| false) };
        Recalculated { cells: cells.unwrap_or_default() }
    }

    /// Puts a number, or what the model has, in a cell. Returns whether it holds something else now.
    fn replace(&mut self, cell: usize, number: Option<f64>) -> bool {
        let Some(now) = self.program.sources.get(cell).copied() else {
            return false;
        };
        let own = self.replaced.get(&cell).copied().unwrap_or(now);
        let source = match number {
            Some(number) if number.is_finite() => Source::Number(number),
            Some(_) => return false,
            None => own,
        };
        let is_same = match (now, source) {
            (Source::Number(a), Source::Number(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a == b,
        };
        if number.is_some() {
            self.replaced.insert(cell, own);
        } else {
            self.replaced.remove(&cell);
        }
        if is_same {
            return false;
        }
        let is_in_knot = self.graph.positions.get(cell).is_some_and(|position| self.graph.knot_at(*position).is_some());
        if let Some(slot) = Arc::make_mut(&mut self.program).sources.get_mut(cell) {
            *slot = source;
        }
        if is_in_knot || (self.is_cut && matches!(own, Source::Formula(_))) {
            self.is_cut = true;
            self.relink();
        }
        true
    }

    fn uncalculated(program: Program, iteration: Option<Iteration>) -> Self {
        let values = vec![CellValue::Blank; program.len()];
        let graph = Arc::new(Graph::new(links(&program)));
        let mut calculation = Self {
            program: Arc::new(program),
            graph,
            values,
            iteration,
            convergence: Vec::new(),
            replaced: BTreeMap::new(),
            is_cut: false,
        };
        calculation.convergence = calculation.unsettled();
        calculation
    }

    /// Finds anew what needs what. Knots that stay keep how they settled.
    fn relink(&mut self) {
        let graph = Graph::new(links(&self.program));
        let before = std::mem::replace(&mut self.graph, Arc::new(graph));
        let settled: BTreeMap<&[usize], Convergence> =
            before.knots.iter().map(|knot| knot.cells.as_slice()).zip(std::mem::take(&mut self.convergence)).collect();
        let mut convergence = self.unsettled();
        for (knot, slot) in self.graph.knots.iter().zip(&mut convergence) {
            if let Some(known) = settled.get(knot.cells.as_slice()) {
                slot.clone_from(known);
            }
        }
        self.convergence = convergence;
    }

    /// Calculates the stale cells and all that depend on them. Returns how many; nothing when it was stopped.
    fn recalculate(&mut self, stale: &[usize], stop: &dyn Fn() -> bool) -> Option<usize> {
        let mut is_stale = vec![false; self.values.len()];
        let mut waiting: Vec<usize> = Vec::new();
        let mut reach = |cell: usize, waiting: &mut Vec<usize>| {
            if let Some(is_stale) = is_stale.get_mut(cell)
                && !*is_stale
            {
                *is_stale = true;
                waiting.push(cell);
            }
        };
        stale.iter().for_each(|cell| reach(*cell, &mut waiting));
        let mut next = 0;
        while let Some(cell) = waiting.get(next).copied() {
            next += 1;
            self.graph.dependents.of(cell).iter().for_each(|dependent| reach(*dependent, &mut waiting));
        }
        let mut positions: Vec<usize> =
            waiting.iter().filter_map(|cell| self.graph.positions.get(*cell).copied()).collect();
        positions.sort_unstable();
        self.calculate(&positions, stop).then_some(positions.len())
    }

    /// Calculates the cells at these positions of the order, which ascend. A cell of a knot stands there with all of it.
    /// Returns whether it was not stopped.
    fn calculate(&mut self, positions: &[usize], stop: &dyn Fn() -> bool) -> bool {
        let graph = Arc::clone(&self.graph);
        let program = Arc::clone(&self.program);
        let mut knots = graph.knots.iter().enumerate().peekable();
        let mut end_of_knot = 0;
        for (count, &position) in positions.iter().enumerate() {
            if count % CELLS_BETWEEN == 0 && stop() {
                return false;
            }
            if position < end_of_knot {
                continue;
            }
            while knots.next_if(|(_, knot)| knot.start < position).is_some() {}
            if let Some((number, knot)) = knots.next_if(|(_, knot)| knot.start == position) {
                end_of_knot = position + knot.cells.len();
                if !self.calculate_knot(number, knot, stop) {
                    return false;
                }
                continue;
            }
            let Some(&cell) = graph.order.get(position) else { continue };
            let period = program.shape.period_of(cell);
            let value = evaluate(&program, cell, period, &self.values);
            if let Some(slot) = self.values.get_mut(cell) {
                *slot = value;
            }
        }
        true
    }

    fn refs(&self, cells: &[usize]) -> Vec<CellRef> {
        cells.iter().map(|cell| self.program.shape.cell_ref(*cell)).collect()
    }
}

/// For each cell, the cells that it needs.
fn links(program: &Program) -> Links {
    let periods = program.shape.periods.len();
    let mut links = Links::default();
    for (cells, span) in program.shape.row_cells() {
        let first = cells.start;
        for cell in cells {
            let period = (span == super::Span::Period).then_some(cell - first);
            let needs = program.formula(cell).map_or(&[][..], |formula| &formula.needs);
            links.push(needs.iter().flat_map(|need| need.cells(period, periods)));
        }
    }
    links
}
