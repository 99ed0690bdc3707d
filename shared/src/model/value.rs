use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::CellRef;

/// What a cell comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CellValue {
    /// Nothing: no entry and no formula, or a formula over cells that have none.
    #[default]
    Blank,
    /// A finite number. Conditions are 1 or 0; dates are Excel's serial days.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// The formula has no value.
    Error(Arc<CellError>),
}

/// What a formula comes to: one value, or several of which a function makes one.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Blank,
    /// A finite number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// A list, a range of periods or a whole row.
    List(Arc<[CellValue]>),
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
    /// What to do about it, where something helps.
    pub hint: Option<Cow<'static, str>>,
    /// The cell in which the error began.
    pub origin: CellRef,
    /// The part of the formula that is wrong, in code points of the formula as people see it, without the equals sign.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {}", self.code, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CellError {}

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
    /// Nothing was found.
    NotFound,
}

impl CellErrorCode {
    /// The code without its `#`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "SYNTAX",
            Self::Name => "NAME",
            Self::Ref => "REF",
            Self::DivisionByZero => "DIV/0",
            Self::NotANumber => "NUM",
            Self::Cycle => "CYCLE",
            Self::Argument => "VALUE",
            Self::NotFound => "N/A",
        }
    }
}

impl fmt::Display for CellErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<CellValue> for Result<Value, Arc<CellError>> {
    fn from(value: CellValue) -> Self {
        match value {
            CellValue::Blank => Ok(Value::Blank),
            CellValue::Number(number) => Ok(Value::Number(number)),
            CellValue::Text(text) => Ok(Value::Text(text)),
            CellValue::Error(error) => Err(error),
        }
    }
}
