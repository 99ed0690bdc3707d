use std::ops::Range;
use std::sync::Arc;

use crate::model::{Function, ItemId};

/// A formula as a tree, at most as deep as the parser lets it be. Spans count code points of the stored form.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// Nothing stands between two commas.
    Omitted,
    Number(f64),
    Text(Arc<str>),
    /// The value of a row here, or the whole row in an item with one value.
    Reference(Reference),
    /// `x[t-2]`: the value of a row so many periods from here; `prev(x)` is `x[t-1]`.
    At {
        reference: Reference,
        offset: isize,
    },
    /// `x[t-3..t]`: the values of a row from one period to another, from here; no bound is the end of the row.
    Range {
        reference: Reference,
        from: Option<isize>,
        to: Option<isize>,
    },
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
        span: Range<usize>,
    },
    /// `left & right`.
    Join {
        left: Box<Expr>,
        right: Box<Expr>,
        span: Range<usize>,
    },
    /// `[a, b]`.
    List {
        items: Vec<Expr>,
        span: Range<usize>,
    },
    /// A function that calculates only the arguments that it needs.
    Form {
        form: Form,
        arguments: Vec<Expr>,
        span: Range<usize>,
    },
    Call {
        function: &'static Function,
        arguments: Vec<Expr>,
        span: Range<usize>,
    },
}

/// A row that a formula names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) target: Target,
    pub(crate) span: Range<usize>,
}

/// How a formula names a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    Id(ItemId),
    /// A name that no row had when the formula was entered.
    Name(String),
}

/// What stands between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

/// What compares two values, and gives 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// The functions that calculate only the arguments that they need, or that look at errors and blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `if(condition, then, [otherwise])`
    If,
    /// `ifs(condition, value, …)`
    Ifs,
    /// `switch(x, case, value, …, [otherwise])`
    Switch,
    /// `choose(index, a, b, …)`
    Choose,
    /// `iferror(x, otherwise)`
    IfError,
    /// `ifna(x, otherwise)`
    IfNotFound,
    /// `iserror(x)`
    IsError,
    /// `isna(x)`
    IsNotFound,
    /// `isblank(x)`
    IsBlank,
    /// `isnumber(x)`
    IsNumber,
    /// `istext(x)`
    IsText,
    /// `coalesce(a, b, …)`, and `prev(x, otherwise)`
    Coalesce,
    /// `and(a, b, …)`
    And,
    /// `or(a, b, …)`
    Or,
}

impl Form {
    /// The form that the function of this name, in lower case, is.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "if" => Self::If,
            "ifs" => Self::Ifs,
            "switch" => Self::Switch,
            "choose" => Self::Choose,
            "iferror" => Self::IfError,
            "ifna" => Self::IfNotFound,
            "iserror" => Self::IsError,
            "isna" => Self::IsNotFound,
            "isblank" => Self::IsBlank,
            "isnumber" => Self::IsNumber,
            "istext" => Self::IsText,
            "coalesce" => Self::Coalesce,
            "and" => Self::And,
            "or" => Self::Or,
            _ => return None,
        })
    }
}

impl Expr {
    /// How many steps lead from the top of the tree to its deepest leaf.
    pub(super) fn height(&self) -> usize {
        let below = match self {
            Self::Omitted
            | Self::Number(_)
            | Self::Text(_)
            | Self::Reference(_)
            | Self::At { .. }
            | Self::Range { .. } => return 0,
            Self::Negate(inner) | Self::Percent(inner) => inner.height(),
            Self::Binary { left, right, .. } | Self::Compare { left, right, .. } | Self::Join { left, right, .. } => {
                left.height().max(right.height())
            }
            Self::List { items: arguments, .. } | Self::Form { arguments, .. } | Self::Call { arguments, .. } => {
                arguments.iter().map(Self::height).max().unwrap_or(0)
            }
        };
        below.saturating_add(1)
    }
}
