use std::sync::Arc;

use super::evaluate::evaluate;
use super::graph::{Graph, Way};
use super::program::{Fault, Program, Source};
use super::{CellErrorCode, CellRef, CellValue, Model};

/// The values of all cells of a model.
///
/// # Laws
///
/// - After any edits, `update` leaves what `new` of the same model gives, to the last bit.
/// - The same model gives the same 64 bits on every machine: powers come from `libm`, sums run from left to right.
#[derive(Clone, Debug)]
pub struct Calculation {
    program: Program,
    graph: Graph,
    values: Vec<CellValue>,
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
        let program = Program::new(model);
        let graph = graph_of(&program);
        let cells = program.places.len();
        let mut calculation = Self { program, graph, values: vec![CellValue::Blank; cells] };
        calculation.recalculate(vec![true; cells]);
        calculation
    }

    /// Follows an edit: calculates the cells whose entry or formula changed, and those that depend on them. When rows
    /// or periods come, go, move or change their names, that is every cell.
    pub fn update(&mut self, model: &Model) -> Recalculated {
        let program = Program::new(model);
        if program.shape != self.program.shape {
            *self = Self::new(model);
            return Recalculated { cells: self.values.len() };
        }
        let mut stale: Vec<bool> = (0..self.values.len()).map(|cell| differs(&program, &self.program, cell)).collect();
        let is_formula_stale = stale.iter().enumerate().any(|(cell, is_stale)| {
            *is_stale && (program.formula(cell).is_some() || self.program.formula(cell).is_some())
        });
        self.program = program;
        if is_formula_stale {
            let graph = graph_of(&self.program);
            for (cell, is_stale) in stale.iter_mut().enumerate() {
                *is_stale |= graph.cycles.get(&cell) != self.graph.cycles.get(&cell);
            }
            self.graph = graph;
        }
        Recalculated { cells: self.recalculate(stale) }
    }

    /// The value of `cell`. A cell that is not there is blank.
    #[must_use]
    pub fn value(&self, cell: &CellRef) -> &CellValue {
        let cell = self.program.shape.cell(cell);
        cell.and_then(|cell| self.values.get(cell)).unwrap_or(&CellValue::Blank)
    }

    /// Calculates the stale cells and their dependents, in order. Returns how many.
    fn recalculate(&mut self, mut stale: Vec<bool>) -> usize {
        let mut count = 0;
        for &cell in &self.graph.order {
            let precedents = self.graph.precedents.get(cell).map_or(&[][..], Vec::as_slice);
            let is_stale = |cell: &usize| stale.get(*cell).copied().unwrap_or_default();
            if !is_stale(&cell) && !precedents.iter().any(is_stale) {
                continue;
            }
            let value = match self.graph.cycles.get(&cell) {
                None => evaluate(&self.program, cell, &self.values),
                Some(way) => CellValue::Error(Arc::new(self.program.error(cell, cycle(&self.program, way)))),
            };
            if let (Some(is_stale), Some(slot)) = (stale.get_mut(cell), self.values.get_mut(cell)) {
                *is_stale = true;
                *slot = value;
                count += 1;
            }
        }
        count
    }
}

fn graph_of(program: &Program) -> Graph {
    Graph::new((0..program.places.len()).map(|cell| program.precedents(cell)).collect())
}

/// Whether the two programs, of one shape, calculate `cell` from different things.
fn differs(a: &Program, b: &Program, cell: usize) -> bool {
    match (a.sources.get(cell), b.sources.get(cell)) {
        (Some(Source::Formula(_)), Some(Source::Formula(_))) => a.formula(cell) != b.formula(cell),
        (Some(Source::Number(a)), Some(Source::Number(b))) => a.to_bits() != b.to_bits(),
        (a, b) => a != b,
    }
}

/// The error of a cell that needs itself along `way`.
fn cycle(program: &Program, way: &Way) -> Fault {
    let mut labels: Vec<String> = way.cells.iter().map(|cell| program.label(*cell)).collect();
    if way.is_cut {
        labels.push("…".to_owned());
    }
    labels.extend(way.cells.first().map(|cell| program.label(*cell)));
    Fault {
        code: CellErrorCode::Cycle,
        message: format!("the value needs itself: {}", labels.join(" → ")),
        hint: None,
        span: 0..0,
    }
}
