//! A model as numbered cells, each with what it is calculated from: what calculation, simulation and explanation run on.

mod compile;
mod node;
mod shape;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::formula::{Displayed, Expr, SyntaxError, parse};
use super::{CellError, CellErrorCode, Entry, LineItem, Model, Span};
use compile::compile;
pub(crate) use node::{Need, Node, at, cut};
pub(crate) use shape::Shape;

/// What a cell is calculated from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// Nothing.
    Blank,
    /// A number that somebody entered.
    Number(f64),
    /// The formula of that number of the program.
    Formula(usize),
}

/// A formula of a model, shared by all cells of its row.
#[derive(Debug)]
pub(crate) struct Formula {
    stored: String,
    parsed: Arc<Result<Expr, SyntaxError>>,
    /// The formula with its rows resolved to cells.
    pub(crate) node: Node,
    /// What it needs, whichever way its conditions go; each once.
    pub(crate) needs: Vec<Need>,
    displayed: OnceLock<Displayed>,
}

/// A model ready to be calculated.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) shape: Shape,
    /// What each cell is calculated from.
    pub(crate) sources: Vec<Source>,
    formulas: Vec<Arc<Formula>>,
    /// The formulas by their text and the span of their rows.
    numbers: HashMap<(String, Span), usize>,
}

/// The program of the model as it was before an edit.
#[derive(Clone, Copy)]
struct Before<'a> {
    program: &'a Program,
    has_same_shape: bool,
}

/// What is wrong with a formula at one of its places.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: CellErrorCode,
    pub(crate) message: Cow<'static, str>,
    pub(crate) hint: Option<&'static str>,
    /// In code points of the stored formula.
    pub(crate) span: Range<usize>,
}

impl Program {
    pub(crate) fn new(model: &Model) -> Self {
        Self::with_shape(model, Shape::new(model), None)
    }

    /// The program of `model`, with the formulas of `before` that mean the same there.
    pub(super) fn after(before: &Self, model: &Model) -> Self {
        let shape = Shape::new(model);
        let has_same_shape = shape == before.shape;
        Self::with_shape(model, shape, Some(Before { program: before, has_same_shape }))
    }

    /// A program of one formula and no model: its cell 0 stands in no row.
    pub(super) fn of_expression(text: &str) -> Self {
        let shape = Shape::default();
        let formula = Formula::new(text, Span::Single, Arc::new(parse(text)), &shape);
        Self { shape, sources: vec![Source::Formula(0)], formulas: vec![Arc::new(formula)], numbers: HashMap::new() }
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    /// The formula of the cell, if it has one.
    pub(crate) fn formula(&self, cell: usize) -> Option<&Arc<Formula>> {
        match self.sources.get(cell)? {
            Source::Formula(formula) => self.formulas.get(*formula),
            Source::Blank | Source::Number(_) => None,
        }
    }

    /// Whether this program and `other`, of one shape, calculate the cell from the same.
    pub(super) fn is_same(&self, other: &Self, cell: usize) -> bool {
        match (self.sources.get(cell), other.sources.get(cell)) {
            (Some(Source::Number(a)), Some(Source::Number(b))) => a.to_bits() == b.to_bits(),
            (Some(Source::Formula(_)), Some(Source::Formula(_))) => match (self.formula(cell), other.formula(cell)) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            },
            (Some(Source::Blank), Some(Source::Blank)) => true,
            _ => false,
        }
    }

    /// The error of the cell, with its place in words.
    pub(crate) fn error(&self, cell: usize, fault: Fault) -> CellError {
        let shown = |position| match self.formula(cell) {
            Some(formula) => formula.displayed(&self.shape).position(position),
            None => position,
        };
        let span = shown(fault.span.start)..shown(fault.span.end);
        let message = match fault.code {
            CellErrorCode::Cycle => fault.message.into_owned(),
            _ => {
                let row = match self.shape.label(cell) {
                    label if label.is_empty() => label,
                    label => format!(" in row {label}"),
                };
                format!("{} at character {}{row}", fault.message, span.start.saturating_add(1))
            }
        };
        CellError {
            code: fault.code,
            message,
            hint: fault.hint.map(Cow::Borrowed),
            origin: self.shape.cell_ref(cell),
            span: Some(span),
        }
    }

    fn with_shape(model: &Model, shape: Shape, before: Option<Before<'_>>) -> Self {
        let mut program =
            Self { sources: Vec::with_capacity(shape.len()), shape, formulas: Vec::new(), numbers: HashMap::new() };
        for item in model.items() {
            program.add_row(item, model.periods.len(), before);
        }
        program
    }

    fn add_row(&mut self, item: &LineItem, periods: usize, before: Option<Before<'_>>) {
        let of_row = match &item.formula {
            Some(stored) => self.formula_source(stored, item.span, before),
            None => Source::Blank,
        };
        let first = self.sources.len();
        let cells = if item.span == Span::Single { 1 } else { periods };
        self.sources.resize(first + cells, of_row);
        let single = item.value.iter().filter(|_| item.span == Span::Single).map(|entry| (Some(0), entry));
        let over_periods = item.values.iter().filter(|_| item.span == Span::Period);
        let over_periods = over_periods.map(|(period, entry)| (self.shape.period(period), entry));
        let entries: Vec<_> = single.chain(over_periods).collect();
        for (index, entry) in entries {
            let source = match entry {
                Entry::Number(number) => Source::Number(*number),
                Entry::Formula(stored) => self.formula_source(stored, item.span, before),
            };
            if let Some(slot) = index.and_then(|index| self.sources.get_mut(first + index)) {
                *slot = source;
            }
        }
    }

    fn formula_source(&mut self, stored: &str, span: Span, before: Option<Before<'_>>) -> Source {
        let key = (stored.to_owned(), span);
        if let Some(number) = self.numbers.get(&key) {
            return Source::Formula(*number);
        }
        let known = before.and_then(|Before { program, has_same_shape }| {
            let known = program.formulas.get(*program.numbers.get(&key)?)?;
            Some((known, has_same_shape))
        });
        let formula = match known {
            Some((known, true)) => Arc::clone(known),
            Some((known, false)) => Arc::new(Formula::new(stored, span, Arc::clone(&known.parsed), &self.shape)),
            None => Arc::new(Formula::new(stored, span, Arc::new(parse(stored)), &self.shape)),
        };
        let number = self.formulas.len();
        self.formulas.push(formula);
        self.numbers.insert(key, number);
        Source::Formula(number)
    }
}

impl Formula {
    fn new(stored: &str, span: Span, parsed: Arc<Result<Expr, SyntaxError>>, shape: &Shape) -> Self {
        let node = match &*parsed {
            Ok(expr) => compile(expr, span, shape),
            Err(error) => Node::Fault(Box::new(Fault {
                code: if error.is_unknown_function { CellErrorCode::Name } else { CellErrorCode::Syntax },
                message: error.message.clone().into(),
                hint: None,
                span: error.span.clone(),
            })),
        };
        let mut needs = Vec::new();
        node.visit_needs(&mut |need| {
            if !needs.contains(&need) {
                needs.push(need);
            }
        });
        Self { stored: stored.to_owned(), parsed, node, needs, displayed: OnceLock::new() }
    }

    /// The formula in stored form.
    pub(crate) fn stored(&self) -> &str {
        &self.stored
    }

    /// The formula as people see it: where each place of the stored one is.
    fn displayed(&self, shape: &Shape) -> &Displayed {
        self.displayed.get_or_init(|| Displayed::new(&self.stored, |id| shape.name_of(id)))
    }
}
