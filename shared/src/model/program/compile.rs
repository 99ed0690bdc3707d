//! From the tree of a formula to one with its rows resolved to cells.

use std::ops::Range;

use super::shape::Row;
use super::{Fault, Node, Shape};
use crate::model::formula::{Expr, Reference, Target, quoted};
use crate::model::{CellErrorCode, Span};

/// The formula, seen from a row of that span. What can't be resolved is a [`Node::Fault`] at its place.
pub(super) fn compile(expr: &Expr, span: Span, shape: &Shape) -> Node {
    Compiler { span, shape }.node(expr)
}

struct Compiler<'a> {
    span: Span,
    shape: &'a Shape,
}

impl Compiler<'_> {
    fn node(&self, expr: &Expr) -> Node {
        let boxed = |expr: &Expr| Box::new(self.node(expr));
        let all = |exprs: &[Expr]| exprs.iter().map(|expr| self.node(expr)).collect();
        match expr {
            Expr::Omitted => Node::Omitted,
            Expr::Number(number) => Node::Number(*number),
            Expr::Text(text) => Node::Text(text.clone()),
            Expr::Reference(reference) => self.reference(reference),
            Expr::At { reference, offset } => self.at(reference, *offset),
            Expr::Range { reference, from, to } => self.range(reference, *from, *to),
            Expr::Negate(inner) => Node::Negate(boxed(inner)),
            Expr::Percent(inner) => Node::Percent(boxed(inner)),
            Expr::Binary { operator, left, right, span } => {
                Node::Binary { operator: *operator, left: boxed(left), right: boxed(right), span: span.clone() }
            }
            Expr::Compare { comparison, left, right, span } => {
                Node::Compare { comparison: *comparison, left: boxed(left), right: boxed(right), span: span.clone() }
            }
            Expr::Join { left, right, span } => {
                Node::Join { left: boxed(left), right: boxed(right), span: span.clone() }
            }
            Expr::List { items, span } => Node::List { items: all(items), span: span.clone() },
            Expr::Form { form, arguments, span } => {
                Node::Form { form: *form, arguments: all(arguments), span: span.clone() }
            }
            Expr::Call { function, arguments, span } => {
                Node::Call { function, arguments: all(arguments), span: span.clone() }
            }
        }
    }

    fn reference(&self, reference: &Reference) -> Node {
        let span = reference.span.clone();
        match self.row(reference) {
            Err(fault) => fault,
            Ok(row) => match (row.span, self.span) {
                (Span::Single, _) => Node::Cell { cell: row.first_cell, span },
                (Span::Period, Span::Period) => Node::Here { first: row.first_cell, offset: 0, span },
                (Span::Period, Span::Single) => Node::Range { first: row.first_cell, from: None, to: None, span },
            },
        }
    }

    fn at(&self, reference: &Reference, offset: isize) -> Node {
        let span = reference.span.clone();
        match self.row(reference) {
            Err(fault) => fault,
            Ok(row) => match (row.span, self.span) {
                (Span::Single, _) => one_value(row, &span),
                (Span::Period, Span::Period) => Node::Here { first: row.first_cell, offset, span },
                (Span::Period, Span::Single) => no_period(&span),
            },
        }
    }

    fn range(&self, reference: &Reference, from: Option<isize>, to: Option<isize>) -> Node {
        let span = reference.span.clone();
        match self.row(reference) {
            Err(fault) => fault,
            Ok(row) => match (row.span, self.span) {
                (Span::Single, _) => one_value(row, &span),
                (Span::Period, Span::Single) if from.is_some() || to.is_some() => no_period(&span),
                (Span::Period, _) => Node::Range { first: row.first_cell, from, to, span },
            },
        }
    }

    fn row(&self, reference: &Reference) -> Result<&Row, Node> {
        let wrong = |code, message: String| fault(code, message, None, &reference.span);
        let row = match &reference.target {
            Target::Id(id) => self.shape.row(id),
            Target::Name(name) => match self.shape.rows_named(name) {
                [row] => self.shape.rows.get(*row),
                [] => return Err(wrong(CellErrorCode::Name, format!("unknown row {}", quoted(name)))),
                _ => return Err(wrong(CellErrorCode::Name, format!("more than one row is called {}", quoted(name)))),
            },
        };
        row.ok_or_else(|| wrong(CellErrorCode::Ref, "the row that stood here was removed".to_owned()))
    }
}

fn one_value(row: &Row, span: &Range<usize>) -> Node {
    let message = format!("{} has one value and none of other periods", row.name);
    fault(CellErrorCode::Argument, message, Some("write its name alone"), span)
}

fn no_period(span: &Range<usize>) -> Node {
    let message = "other periods are counted from a period, and this row has one value".to_owned();
    fault(CellErrorCode::Argument, message, Some("take first, last or index of the row"), span)
}

fn fault(code: CellErrorCode, message: String, hint: Option<&'static str>, span: &Range<usize>) -> Node {
    Node::Fault(Box::new(Fault { code, message: message.into(), hint, span: span.clone() }))
}
