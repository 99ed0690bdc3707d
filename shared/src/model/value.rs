use std::fmt;
use std::ops::Range;

use super::CellRef;

/// What a cell comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// Nothing: no entry and no formula, or a formula over cells that have none.
    Blank,
    /// A finite number.
    Number(f64),
    /// The formula has no value.
    Error(CellError),
}

/// Why a formula has no value.
///
/// An error flows on to every cell that needs its value, and keeps telling where it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The kind of the error, for code to act on.
    pub code: CellErrorCode,
    /// What is wrong and where, for people.
    pub message: String,
    /// The cell in which the error began.
    pub origin: CellRef,
    /// The part of the formula that is wrong, in code points of the formula as people see it, without the equals sign.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {}", self.code, self.message)
    }
}

/// The kinds of errors in a cell. They are shown with a `#` before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellErrorCode {
    /// The formula can't be read.
    Syntax,
    /// There is no row, or no function, of that name.
    Name,
    /// The row that was meant has been removed.
    Ref,
    /// A division by zero.
    DivisionByZero,
    /// The result is not a number, or not a finite one.
    NotANumber,
    /// The cell needs its own value.
    Cycle,
    /// A function can't do anything with its arguments, or a row stands where one value is needed.
    Argument,
}

impl fmt::Display for CellErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "SYNTAX",
            Self::Name => "NAME",
            Self::Ref => "REF",
            Self::DivisionByZero => "DIV/0",
            Self::NotANumber => "NUM",
            Self::Cycle => "CYCLE",
            Self::Argument => "VALUE",
        })
    }
}
