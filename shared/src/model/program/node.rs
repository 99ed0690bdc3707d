use std::ops::Range;
use std::sync::Arc;

use super::Fault;
use crate::model::Function;
use crate::model::formula::{Comparison, Form, Operator};

/// A formula whose rows are resolved to cells. Spans count code points of the stored formula.
///
/// One tree serves all cells of a row: what it takes from another row over periods is said from the period of the cell
/// that is calculated ("here").
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Nothing stands between two commas.
    Omitted,
    Number(f64),
    Text(Arc<str>),
    /// The cell of an item with one value.
    Cell {
        cell: usize,
        span: Range<usize>,
    },
    /// The value, `offset` periods from here, of the row over periods that begins with the cell `first`. Blank outside
    /// the periods.
    Here {
        first: usize,
        offset: isize,
        span: Range<usize>,
    },
    /// The values of the row that begins with `first`, from a period to another, both from here and both included, cut
    /// where there are no periods. No bound is the end of the row.
    Range {
        first: usize,
        from: Option<isize>,
        to: Option<isize>,
        span: Range<usize>,
    },
    Negate(Box<Node>),
    /// A hundredth.
    Percent(Box<Node>),
    Binary {
        operator: Operator,
        left: Box<Node>,
        right: Box<Node>,
        span: Range<usize>,
    },
    /// 1 where it holds, 0 where not.
    Compare {
        comparison: Comparison,
        left: Box<Node>,
        right: Box<Node>,
        span: Range<usize>,
    },
    /// Two texts as one.
    Join {
        left: Box<Node>,
        right: Box<Node>,
        span: Range<usize>,
    },
    /// The values of all items, one after the other.
    List {
        items: Vec<Node>,
        span: Range<usize>,
    },
    /// A function that calculates only the arguments that it needs.
    Form {
        form: Form,
        arguments: Vec<Node>,
        span: Range<usize>,
    },
    /// A function that calculates all its arguments first.
    Call {
        function: &'static Function,
        arguments: Vec<Node>,
        span: Range<usize>,
    },
    /// What is wrong at this place of the formula, wherever it is needed.
    Fault(Box<Fault>),
}

/// Cells that a formula takes values of, seen from one of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// As [`Node::Cell`].
    Cell(usize),
    /// As [`Node::Here`].
    Here { first: usize, offset: isize },
    /// As [`Node::Range`].
    Range { first: usize, from: Option<isize>, to: Option<isize> },
}

impl Need {
    /// The cells, seen from the period `period` of so many. A row of one value sees whole rows.
    pub(crate) fn cells(self, period: Option<usize>, periods: usize) -> Range<usize> {
        match self {
            Self::Cell(cell) => cell..cell + 1,
            Self::Here { first, offset } => match at(period, offset, periods) {
                Some(index) => first + index..first + index + 1,
                None => 0..0,
            },
            Self::Range { first, from, to } => {
                let cut = cut(period, from, to, periods);
                first + cut.start..first + cut.end
            }
        }
    }
}

/// The period `offset` periods from `period`, if there is one.
pub(crate) fn at(period: Option<usize>, offset: isize, periods: usize) -> Option<usize> {
    period?.checked_add_signed(offset).filter(|index| *index < periods)
}

/// The periods from `from` to `to`, seen from `period`.
pub(crate) fn cut(period: Option<usize>, from: Option<isize>, to: Option<isize>, periods: usize) -> Range<usize> {
    let here = period.unwrap_or(0);
    let start = from.map_or(0, |from| here.saturating_add_signed(from).min(periods));
    let end = to.map_or(periods, |to| here.saturating_add(1).saturating_add_signed(to).min(periods));
    start..end.max(start)
}

impl Node {
    /// The part of the formula that it is.
    pub(crate) fn span(&self) -> Range<usize> {
        match self {
            Self::Omitted | Self::Number(_) | Self::Text(_) => 0..0,
            Self::Negate(inner) | Self::Percent(inner) => inner.span(),
            Self::Fault(fault) => fault.span.clone(),
            Self::Cell { span, .. }
            | Self::Here { span, .. }
            | Self::Range { span, .. }
            | Self::Binary { span, .. }
            | Self::Compare { span, .. }
            | Self::Join { span, .. }
            | Self::List { span, .. }
            | Self::Form { span, .. }
            | Self::Call { span, .. } => span.clone(),
        }
    }

    /// The parts that it is made of.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        let (pair, list): ([Option<&Self>; 2], &[Self]) = match self {
            Self::Omitted
            | Self::Number(_)
            | Self::Text(_)
            | Self::Cell { .. }
            | Self::Here { .. }
            | Self::Range { .. }
            | Self::Fault(_) => ([None, None], &[]),
            Self::Negate(inner) | Self::Percent(inner) => ([Some(inner), None], &[]),
            Self::Binary { left, right, .. } | Self::Compare { left, right, .. } | Self::Join { left, right, .. } => {
                ([Some(left), Some(right)], &[])
            }
            Self::List { items: parts, .. }
            | Self::Form { arguments: parts, .. }
            | Self::Call { arguments: parts, .. } => ([None, None], parts),
        };
        pair.into_iter().flatten().chain(list)
    }

    /// The cells that it takes a value of itself, without its parts.
    pub(crate) fn need(&self) -> Option<Need> {
        match self {
            Self::Cell { cell, .. } => Some(Need::Cell(*cell)),
            Self::Here { first, offset, .. } => Some(Need::Here { first: *first, offset: *offset }),
            Self::Range { first, from, to, .. } => Some(Need::Range { first: *first, from: *from, to: *to }),
            _ => None,
        }
    }

    /// Calls `visit` with all that the formula needs, from left to right, whichever way its conditions go.
    pub(crate) fn visit_needs(&self, visit: &mut impl FnMut(Need)) {
        if let Some(need) = self.need() {
            visit(need);
        }
        self.parts().for_each(|part| part.visit_needs(visit));
    }
}
