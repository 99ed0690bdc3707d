//! Why a function has no value.

use std::borrow::Cow;
use std::fmt;

/// Why a function has no value for its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinanceError {
    /// The kind of the error, for code to act on.
    pub kind: FinanceErrorKind,
    /// What is wrong, for people.
    pub message: Cow<'static, str>,
    /// What to do about it, where something helps.
    pub hint: Option<&'static str>,
}

/// The kinds of errors of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FinanceErrorKind {
    /// An argument lies where the function has no value (`#NUM`).
    Domain,
    /// No number solves the equation, or the search found none (`#NUM`).
    NoRoot,
    /// The result is no finite number (`#NUM`).
    NotFinite,
    /// A division by zero (`#DIV/0`).
    DivisionByZero,
    /// The arguments don't fit each other, such as lists of different lengths (`#VALUE`).
    Mismatch,
    /// Nothing was found (`#N/A`).
    NotFound,
}

impl FinanceErrorKind {
    /// The code of the error in a cell, without the `#`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Domain | Self::NoRoot | Self::NotFinite => "NUM",
            Self::DivisionByZero => "DIV/0",
            Self::Mismatch => "VALUE",
            Self::NotFound => "N/A",
        }
    }
}

impl FinanceError {
    /// An error of that kind.
    #[must_use]
    pub fn new(kind: FinanceErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// An argument lies where the function has no value.
    #[must_use]
    pub fn domain(message: &'static str) -> Self {
        Self::new(FinanceErrorKind::Domain, message)
    }

    /// No number solves the equation.
    #[must_use]
    pub fn no_root(message: &'static str) -> Self {
        Self::new(FinanceErrorKind::NoRoot, message)
    }

    /// A division by zero.
    #[must_use]
    pub fn division_by_zero(message: &'static str) -> Self {
        Self::new(FinanceErrorKind::DivisionByZero, message)
    }

    /// The arguments don't fit each other.
    #[must_use]
    pub fn mismatch(message: &'static str) -> Self {
        Self::new(FinanceErrorKind::Mismatch, message)
    }

    /// The same error with what to do about it.
    #[must_use]
    pub fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// `number` if it is finite.
    ///
    /// # Errors
    ///
    /// It is infinite or not a number.
    pub fn finite(number: f64) -> Result<f64, Self> {
        if number.is_finite() {
            return Ok(number);
        }
        Err(Self::new(FinanceErrorKind::NotFinite, "the result is not a finite number"))
    }
}

impl fmt::Display for FinanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FinanceError {}
