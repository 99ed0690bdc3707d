//! The functions of the formula language, as a table: each with its parameters, what it gives, and how.

mod aggregate;
mod bonds;
mod dates;
mod financial;
mod logic;
mod lookup;
mod math;
mod options;
mod period;
mod statistics;
mod text;
mod valuation;

use std::borrow::Cow;
use std::sync::Arc;

use super::{CellError, CellErrorCode, CellValue, Period, Value};
use crate::finance::{FinanceError, FinanceErrorKind};

/// A function that formulas can call, by its name in any case.
#[derive(Debug)]
pub struct Function {
    /// Its name, in lower case.
    pub name: &'static str,
    /// Its parameters as people write them; those in brackets may be left out: `rate, nper, pmt, [fv], [type]`.
    pub parameters: &'static str,
    /// What it gives, in one line.
    pub summary: &'static str,
    /// The fewest arguments, and the most; 255 for any number.
    pub(in crate::model) arity: (u8, u8),
    pub(in crate::model) call: fn(&Arguments<'_>) -> Outcome<Value>,
}

impl Function {
    /// A row of a table.
    const fn of(
        name: &'static str,
        parameters: &'static str,
        summary: &'static str,
        least: u8,
        most: u8,
        call: fn(&Arguments<'_>) -> Outcome<Value>,
    ) -> Self {
        Self { name, parameters, summary, arity: (least, most), call }
    }
}

/// Functions have names of their own.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// All functions that formulas can call, in groups.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().copied().flatten()
}

/// Each file of functions is a group.
const GROUPS: &[&[Function]] = &[
    logic::FUNCTIONS,
    period::FUNCTIONS,
    aggregate::FUNCTIONS,
    math::FUNCTIONS,
    text::FUNCTIONS,
    financial::FUNCTIONS,
    dates::FUNCTIONS,
    bonds::FUNCTIONS,
    statistics::FUNCTIONS,
    lookup::FUNCTIONS,
    valuation::FUNCTIONS,
    options::FUNCTIONS,
];

/// The function `name`, in any case.
pub(in crate::model) fn function(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The most bytes of a text that a formula makes. Every cell may hold one.
pub(in crate::model) const MAX_TEXT_BYTES: usize = 1_024;

/// What a function comes to.
pub(in crate::model) type Outcome<T> = Result<T, Stop>;

/// Why a function has no value.
#[derive(Clone, Debug)]
pub(in crate::model) enum Stop {
    /// An argument that it needs is blank, and so is its value.
    Blank,
    /// It has no value for these arguments.
    Here { code: CellErrorCode, message: Cow<'static, str>, hint: Option<&'static str> },
    /// An argument has an error.
    Upstream(Arc<CellError>),
}

impl Stop {
    pub(in crate::model) fn new(code: CellErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Here { code, message: message.into(), hint: None }
    }

    /// `#VALUE`: the function can't do anything with such an argument.
    pub(in crate::model) fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(CellErrorCode::Argument, message)
    }

    /// `#NUM`: there is no number for these arguments.
    pub(in crate::model) fn not_a_number(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(CellErrorCode::NotANumber, message)
    }

    /// `#DIV/0`.
    pub(in crate::model) fn division_by_zero(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(CellErrorCode::DivisionByZero, message)
    }

    /// `#N/A`: nothing was found.
    pub(in crate::model) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(CellErrorCode::NotFound, message)
    }

    /// The same with what to do about it.
    pub(in crate::model) fn with_hint(mut self, what_to_do: &'static str) -> Self {
        if let Self::Here { hint, .. } = &mut self {
            *hint = Some(what_to_do);
        }
        self
    }
}

impl From<FinanceError> for Stop {
    fn from(error: FinanceError) -> Self {
        let code = match error.kind {
            FinanceErrorKind::Domain | FinanceErrorKind::NoRoot | FinanceErrorKind::NotFinite => {
                CellErrorCode::NotANumber
            }
            FinanceErrorKind::DivisionByZero => CellErrorCode::DivisionByZero,
            FinanceErrorKind::Mismatch => CellErrorCode::Argument,
            FinanceErrorKind::NotFound => CellErrorCode::NotFound,
        };
        Self::Here { code, message: error.message, hint: error.hint }
    }
}

/// One argument, as the formula gives it.
#[derive(Clone, Debug)]
pub(in crate::model) enum Argument<'a> {
    /// Nothing stands between the commas.
    Omitted,
    One(CellValue),
    /// The cells of a row or of a range of periods.
    Cells(&'a [CellValue]),
    List(Arc<[CellValue]>),
}

/// The arguments of a call. They are counted from 0.
///
/// Where a function takes one value, a blank argument stops it with [`Stop::Blank`], so that its value is blank too.
/// Where it takes many, blanks and texts in lists are passed over. An argument with an error stops it with that error.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Arguments<'a> {
    pub(in crate::model) function: &'static Function,
    pub(in crate::model) arguments: &'a [Argument<'a>],
    /// The periods of the model.
    pub(in crate::model) periods: &'a [Period],
    /// The number of the period that the value is for. None in an item with one value.
    pub(in crate::model) period: Option<usize>,
}

impl Arguments<'_> {
    /// How many there are.
    pub(in crate::model) fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether the argument is left out: there are fewer, or nothing stands between its commas.
    pub(in crate::model) fn is_omitted(&self, index: usize) -> bool {
        matches!(self.arguments.get(index), None | Some(Argument::Omitted))
    }

    /// The argument as one value of any kind. Blank if it is left out.
    pub(in crate::model) fn one(&self, index: usize) -> Outcome<CellValue> {
        match self.arguments.get(index) {
            None | Some(Argument::Omitted) => Ok(CellValue::Blank),
            Some(Argument::One(CellValue::Error(error))) => Err(Stop::Upstream(Arc::clone(error))),
            Some(Argument::One(value)) => Ok(value.clone()),
            Some(Argument::Cells(_) | Argument::List(_)) => {
                Err(self.wrong(index, "takes one value, and this is a list"))
            }
        }
    }

    /// The argument as a number.
    pub(in crate::model) fn number(&self, index: usize) -> Outcome<f64> {
        if self.is_omitted(index) {
            return Err(self.wrong(index, "is needed, and nothing stands there"));
        }
        match self.arguments.get(index) {
            Some(Argument::One(CellValue::Number(number))) => Ok(*number),
            _ => match self.one(index)? {
                CellValue::Number(number) => Ok(number),
                CellValue::Text(_) => Err(self.wrong(index, "takes a number, and this is a text")),
                _ => Err(Stop::Blank),
            },
        }
    }

    /// The argument as a number, `default` where it is left out.
    pub(in crate::model) fn number_or(&self, index: usize, default: f64) -> Outcome<f64> {
        if self.is_omitted(index) { Ok(default) } else { self.number(index) }
    }

    /// The argument as a condition: every number but 0 holds.
    pub(in crate::model) fn flag_or(&self, index: usize, default: bool) -> Outcome<bool> {
        if self.is_omitted(index) { Ok(default) } else { Ok(self.number(index)? != 0.0) }
    }

    /// The argument as a whole number, cut towards zero as Excel does.
    pub(in crate::model) fn integer(&self, index: usize) -> Outcome<i64> {
        #[allow(clippy::as_conversions, reason = "the conversion saturates")]
        let whole = self.number(index)? as i64;
        Ok(whole)
    }

    /// The argument as a whole number, `default` where it is left out.
    pub(in crate::model) fn integer_or(&self, index: usize, default: i64) -> Outcome<i64> {
        if self.is_omitted(index) { Ok(default) } else { self.integer(index) }
    }

    /// The argument as a date: a serial day from 0 to 2,958,465 (31 December 9999), without its time.
    pub(in crate::model) fn date(&self, index: usize) -> Outcome<i32> {
        const LAST_DAY: f64 = 2_958_465.0;
        let day = self.number(index)?.floor();
        if !(0.0..=LAST_DAY).contains(&day) {
            return Err(Stop::not_a_number(format!("{} is no date", self.name(index)))
                .with_hint("dates are serial days, as date(2025, 12, 31) gives"));
        }
        #[allow(clippy::as_conversions, reason = "the day is whole and in range")]
        let day = day as i32;
        Ok(day)
    }

    /// The argument as a text. A number is written as Excel writes it.
    pub(in crate::model) fn text(&self, index: usize) -> Outcome<Arc<str>> {
        match self.one(index)? {
            CellValue::Text(text) => Ok(text),
            CellValue::Number(number) => Ok(super::decimal::display(number).into()),
            _ => Err(Stop::Blank),
        }
    }

    /// The argument as a list: itself, or the one value that it is.
    pub(in crate::model) fn cells(&self, index: usize) -> &[CellValue] {
        match self.arguments.get(index) {
            None | Some(Argument::Omitted) => &[],
            Some(Argument::One(value)) => std::slice::from_ref(value),
            Some(Argument::Cells(cells)) => cells,
            Some(Argument::List(cells)) => cells,
        }
    }

    /// The numbers of the argument, a list or one value, in order. Blanks are passed over, and texts in lists.
    pub(in crate::model) fn numbers(&self, index: usize) -> Outcome<Vec<f64>> {
        let mut numbers = Vec::new();
        self.each_number(index, |number| numbers.push(number))?;
        Ok(numbers)
    }

    /// The numbers of the argument with its blanks, as for lists that belong together item by item.
    pub(in crate::model) fn values(&self, index: usize) -> Outcome<Vec<Option<f64>>> {
        let value = |cell: &CellValue| match cell {
            CellValue::Blank => Ok(None),
            CellValue::Number(number) => Ok(Some(*number)),
            CellValue::Text(_) => Err(self.wrong(index, "takes numbers, and there is a text among them")),
            CellValue::Error(error) => Err(Stop::Upstream(Arc::clone(error))),
        };
        self.cells(index).iter().map(value).collect()
    }

    /// The numbers of this argument and all behind it.
    pub(in crate::model) fn all_numbers(&self, from: usize) -> Outcome<Vec<f64>> {
        let mut numbers = Vec::new();
        self.each_number_from(from, |number| numbers.push(number))?;
        Ok(numbers)
    }

    /// Calls `visit` with every number of this argument and all behind it.
    pub(in crate::model) fn each_number_from(&self, from: usize, mut visit: impl FnMut(f64)) -> Outcome<()> {
        (from..self.len()).try_for_each(|index| self.each_number(index, &mut visit))
    }

    fn each_number(&self, index: usize, mut visit: impl FnMut(f64)) -> Outcome<()> {
        let is_list = matches!(self.arguments.get(index), Some(Argument::Cells(_) | Argument::List(_)));
        for cell in self.cells(index) {
            match cell {
                CellValue::Number(number) => visit(*number),
                CellValue::Blank => {}
                CellValue::Text(_) if is_list => {}
                CellValue::Text(_) => return Err(self.wrong(index, "takes numbers, and this is a text")),
                CellValue::Error(error) => return Err(Stop::Upstream(Arc::clone(error))),
            }
        }
        Ok(())
    }

    /// The number of the period that the value is for, from 0, and the period.
    pub(in crate::model) fn here(&self) -> Outcome<(usize, &Period)> {
        let here = self.period.and_then(|index| self.periods.get(index).map(|period| (index, period)));
        here.ok_or_else(|| {
            Stop::argument(format!("{} needs a period, and this row has one value", self.function.name))
                .with_hint("it counts in a row over periods")
        })
    }

    /// The error that names the argument.
    pub(in crate::model) fn wrong(&self, index: usize, what: &str) -> Stop {
        Stop::argument(format!("{} of {} {what}", self.name(index), self.function.name))
    }

    /// What the function calls the argument. The last name stands for all behind it.
    fn name(&self, index: usize) -> &'static str {
        let names = self.function.parameters.split(", ").filter(|name| *name != "…");
        let name = names.clone().nth(index).or_else(|| names.last()).unwrap_or_default();
        name.trim_matches(['[', ']'])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_function_has_a_name_of_its_own_and_says_what_it_gives() {
        let mut names = HashSet::new();
        for function in functions() {
            assert!(names.insert(function.name), "{} is there twice", function.name);
            assert_eq!(function.name, function.name.to_ascii_lowercase());
            assert!(!function.summary.is_empty() && !function.summary.ends_with('.'), "{}", function.name);
            let (least, most) = function.arity;
            assert!(least <= most, "{}", function.name);
            let parameters = function.parameters.split(", ").filter(|name| !name.is_empty());
            if !function.parameters.contains('…') {
                assert_eq!(parameters.clone().count(), usize::from(most), "{}", function.name);
                let needed = parameters.filter(|name| !name.starts_with('[')).count();
                assert_eq!(needed, usize::from(least), "{}", function.name);
            }
        }
    }
}
