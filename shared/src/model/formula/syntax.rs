use std::ops::Range;

use crate::model::{Function, ItemId};

/// A formula as a tree, at most as deep as the parser lets it be. Spans count code points of the stored form.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) enum Expr {
    Number(f64),
    /// The value of a row here.
    Reference(Reference),
    /// The value of a row in the period before.
    Previous(Reference),
    Negate(Box<Expr>),
    Percent(Box<Expr>),
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
        span: Range<usize>,
    },
    Compare {
        comparison: Comparison,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `[a, b]`.
    List(Vec<Expr>),
    Call {
        function: &'static Function,
        arguments: Vec<Expr>,
        span: Range<usize>,
    },
}

/// A row that a formula names.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) struct Reference {
    pub(in crate::model) target: Target,
    pub(in crate::model) span: Range<usize>,
}

/// How a formula names a row.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) enum Target {
    Id(ItemId),
    /// A name that no row had when the formula was entered.
    Name(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expr {
    /// How many steps lead from the top of the tree to its deepest leaf.
    pub(super) fn height(&self) -> usize {
        let below = match self {
            Self::Number(_) | Self::Reference(_) | Self::Previous(_) => return 0,
            Self::Negate(inner) | Self::Percent(inner) => inner.height(),
            Self::Binary { left, right, .. } | Self::Compare { left, right, .. } => left.height().max(right.height()),
            Self::If { condition, then, otherwise } => condition.height().max(then.height()).max(otherwise.height()),
            Self::List(arguments) | Self::Call { arguments, .. } => {
                arguments.iter().map(Self::height).max().unwrap_or(0)
            }
        };
        below.saturating_add(1)
    }

    /// Calls `visit` with every row that the formula names, and whether it is the value of the period before.
    pub(in crate::model) fn visit_references<'a>(&'a self, visit: &mut impl FnMut(&'a Reference, bool)) {
        match self {
            Self::Number(_) => {}
            Self::Reference(reference) => visit(reference, false),
            Self::Previous(reference) => visit(reference, true),
            Self::Negate(inner) | Self::Percent(inner) => inner.visit_references(visit),
            Self::Binary { left, right, .. } | Self::Compare { left, right, .. } => {
                left.visit_references(visit);
                right.visit_references(visit);
            }
            Self::If { condition, then, otherwise } => {
                condition.visit_references(visit);
                then.visit_references(visit);
                otherwise.visit_references(visit);
            }
            Self::List(arguments) | Self::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| argument.visit_references(visit));
            }
        }
    }
}
