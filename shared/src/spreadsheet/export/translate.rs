//! From our formulas to Excel's.
//!
//! A blank in ours makes a result blank, and an empty cell is 0 in Excel's. So what has no value in any scenario is
//! found here, from the values of the model: it becomes an empty cell, and what depends on it, too.

use std::collections::HashMap;

use super::functions::{Argument, Many, called};
use super::written::{Piece, Written};
use crate::model::formula::{Expr, Form, Reference, Target, parse};
use crate::model::{CellRef, ItemId, LineItem, Model, PeriodKind, PeriodLength, Span};
use crate::spreadsheet::layout::{Layout, periods_of};

/// What a formula can't become, for people.
pub(super) type Untranslated = String;

/// The longest formula that Excel takes.
const MAX_CHARS: usize = 8_000;

/// Where a formula stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    /// The number of the sheet; none for a sheet without line items.
    pub(super) sheet: Option<usize>,
    /// The number of the period, from 0; none in an item with one value.
    pub(super) period: Option<usize>,
}

/// Translates the formulas of one model.
pub(super) struct Translator<'a> {
    pub(super) model: &'a Model,
    pub(super) layout: &'a Layout<'a>,
    /// Whether a cell is blank in the base case and in all scenarios.
    pub(super) is_blank: &'a dyn Fn(&CellRef) -> bool,
    by_id: HashMap<&'a ItemId, &'a LineItem>,
    by_name: HashMap<&'a str, Option<&'a LineItem>>,
}

impl<'a> Translator<'a> {
    pub(super) fn new(model: &'a Model, layout: &'a Layout<'a>, is_blank: &'a dyn Fn(&CellRef) -> bool) -> Self {
        let mut by_name = HashMap::new();
        for item in model.items() {
            by_name.entry(item.name.as_str()).and_modify(|item| *item = None).or_insert(Some(item));
        }
        let by_id = model.items().map(|item| (&item.id, item)).collect();
        Self { model, layout, is_blank, by_id, by_name }
    }

    /// The formula `stored` as one of Excel's, without the equals sign. Nothing if it has no value anywhere.
    ///
    /// # Errors
    ///
    /// Says what Excel has nothing for.
    pub(super) fn formula(&self, stored: &str, here: Here) -> Result<Option<String>, Untranslated> {
        let expr = parse(stored).map_err(|_| "the formula can't be read".to_owned())?;
        match self.written(&expr, here)? {
            Written::Blank => Ok(None),
            Written::Piece(piece) if piece.text.len() > MAX_CHARS => {
                Err("the formula is longer than Excel's may be".to_owned())
            }
            Written::Piece(piece) => Ok(Some(piece.as_value())),
        }
    }

    /// What a part of a formula becomes where one value is needed.
    pub(super) fn written(&self, expr: &Expr, here: Here) -> Result<Written, Untranslated> {
        Ok(match expr {
            Expr::Omitted => Written::Blank,
            Expr::Number(number) => Piece::number(*number).into(),
            Expr::Text(text) => Piece::text(text).into(),
            Expr::Reference(reference) => match (self.item(reference)?.span, here.period) {
                (Span::Period, None) => return Err("a whole row stands where one value is needed".to_owned()),
                _ => self.cell(reference, 0, here)?,
            },
            Expr::At { reference, offset } => self.cell(reference, *offset, here)?,
            Expr::Range { .. } | Expr::List { .. } => {
                return Err("a list stands where one value is needed".to_owned());
            }
            Expr::Negate(inner) => self.one(inner, here, Piece::negated)?,
            Expr::Percent(inner) => self.one(inner, here, Piece::percent)?,
            Expr::Binary { operator, left, right, .. } => {
                self.two(left, right, here, |left, right| Piece::binary(*operator, left, right))?
            }
            Expr::Compare { comparison, left, right, .. } => {
                self.two(left, right, here, |left, right| Piece::compared(*comparison, left, right))?
            }
            Expr::Join { left, right, .. } => self.two(left, right, here, Piece::joined)?,
            Expr::Form { form, arguments, .. } => self.form(*form, arguments, here)?,
            Expr::Call { function, arguments, .. } => {
                match (function.name, self.period_constant(function.name, here)) {
                    (_, Some(constant)) => constant?,
                    _ => {
                        let arguments = arguments.iter().map(|argument| self.argument(argument, here));
                        called(function.name, &arguments.collect::<Result<Vec<_>, _>>()?)?
                    }
                }
            }
        })
    }

    fn one(&self, inner: &Expr, here: Here, make: impl Fn(&Piece) -> Piece) -> Result<Written, Untranslated> {
        Ok(match self.written(inner, here)? {
            Written::Blank => Written::Blank,
            Written::Piece(inner) => make(&inner).into(),
        })
    }

    fn two(
        &self,
        left: &Expr,
        right: &Expr,
        here: Here,
        make: impl Fn(&Piece, &Piece) -> Piece,
    ) -> Result<Written, Untranslated> {
        Ok(match (self.written(left, here)?, self.written(right, here)?) {
            (Written::Piece(left), Written::Piece(right)) => make(&left, &right).into(),
            _ => Written::Blank,
        })
    }

    fn item(&self, reference: &Reference) -> Result<&'a LineItem, Untranslated> {
        let found = match &reference.target {
            Target::Id(id) => self.by_id.get(id).copied(),
            Target::Name(name) => self.by_name.get(name.as_str()).copied().flatten(),
        };
        found.ok_or_else(|| match &reference.target {
            Target::Id(_) => "a row that the formula names was removed".to_owned(),
            Target::Name(name) => format!("no row, or more than one, is called \"{name}\""),
        })
    }

    /// The cell of a row `offset` periods from here.
    fn cell(&self, reference: &Reference, offset: isize, here: Here) -> Result<Written, Untranslated> {
        let item = self.item(reference)?;
        let period = match (item.span, here.period) {
            (Span::Single, _) if offset != 0 => return Err("an item with one value has no other periods".to_owned()),
            (Span::Single, _) => None,
            (Span::Period, None) => return Err("there is no period to count from".to_owned()),
            (Span::Period, Some(here)) => match here.checked_add_signed(offset) {
                Some(period) if period < self.model.periods.len() => Some(period),
                _ => return Ok(Written::Blank),
            },
        };
        self.place(item, period, here)
    }

    /// The cell of `item` in `period`.
    fn place(&self, item: &LineItem, period: Option<usize>, here: Here) -> Result<Written, Untranslated> {
        let id = period.and_then(|period| self.model.periods.get(period)).map(|period| period.id.clone());
        if (self.is_blank)(&CellRef { item: item.id.clone(), period: id }) {
            return Ok(Written::Blank);
        }
        let place = self.layout.cell(&item.id, period).ok_or("a row has no place in the workbook")?;
        // What a row's formula reads in every period keeps its place when it is filled to the right.
        let is_fixed = period.is_none() || here.period.is_none();
        Ok(Piece::atom(self.layout.written(place, here.sheet, is_fixed)).into())
    }

    /// A part of a formula as an argument, which may be a list.
    fn argument(&self, expr: &Expr, here: Here) -> Result<Argument, Untranslated> {
        let count = self.model.periods.len();
        Ok(match expr {
            Expr::Omitted => Argument::Omitted,
            Expr::Reference(reference) if here.period.is_none() && self.item(reference)?.span == Span::Period => {
                Argument::Many(self.many(reference, 0, count, here)?)
            }
            Expr::Range { reference, from, to } => {
                if self.item(reference)?.span == Span::Single {
                    return Err("an item with one value has no other periods".to_owned());
                }
                let at = here.period.unwrap_or_default();
                let bound = |offset: isize| at.checked_add_signed(offset);
                let start = from.map_or(0, |offset| bound(offset).unwrap_or_default()).min(count);
                let end = match to {
                    None => count,
                    Some(offset) => bound(*offset).map_or(0, |last| last.saturating_add(1)).min(count),
                };
                Argument::Many(self.many(reference, start, end.max(start), here)?)
            }
            Expr::List { items, .. } => {
                let mut elements = Vec::new();
                for item in items {
                    match self.argument(item, here)? {
                        Argument::Omitted => elements.push(Written::Blank),
                        Argument::One(one) => elements.push(one),
                        Argument::Many(many) => elements.extend(many.elements),
                    }
                }
                Argument::Many(Many { range: None, elements })
            }
            _ => Argument::One(self.written(expr, here)?),
        })
    }

    /// The cells of a row from one period up to another.
    fn many(&self, reference: &Reference, from: usize, to: usize, here: Here) -> Result<Many, Untranslated> {
        let item = self.item(reference)?;
        let elements = (from..to).map(|period| self.place(item, Some(period), here)).collect::<Result<Vec<_>, _>>()?;
        let corner = |period| self.layout.cell(&item.id, Some(period));
        let range = match (corner(from), to.checked_sub(1).and_then(corner)) {
            (Some(first), Some(last)) if from < to => {
                let is_fixed = here.period.is_none() || (from == 0 && to == self.model.periods.len());
                let first = self.layout.written(first, here.sheet, is_fixed);
                let last = self.layout.written(last, Some(last.0), is_fixed);
                Some(format!("{first}:{last}"))
            }
            _ => None,
        };
        Ok(Many { range, elements })
    }

    fn form(&self, form: Form, arguments: &[Expr], here: Here) -> Result<Written, Untranslated> {
        let written = |index: usize| match arguments.get(index) {
            None => Ok(Written::Blank),
            Some(argument) => self.written(argument, here),
        };
        match form {
            Form::If => self.branches(&[0, 1], arguments, here),
            Form::Ifs => {
                let pairs: Vec<usize> = (0..arguments.len()).collect();
                self.branches(&pairs, arguments, here)
            }
            Form::Switch => self.switch(arguments, here),
            Form::Choose => {
                let Written::Piece(index) = written(0)? else { return Ok(Written::Blank) };
                let chosen = (1..arguments.len()).map(|at| Ok(branch(&written(at)?)));
                let chosen = chosen.collect::<Result<Vec<_>, Untranslated>>()?.join(",");
                Ok(Piece::atom(format!("CHOOSE({},{chosen})", index.as_value())).into())
            }
            Form::IfError | Form::IfNotFound => {
                let Written::Piece(value) = written(0)? else { return Ok(Written::Blank) };
                let name = if form == Form::IfError { "IFERROR" } else { "IFNA" };
                Ok(Piece::atom(format!("{name}({},{})", value.as_value(), branch(&written(1)?))).into())
            }
            Form::IsError | Form::IsNotFound | Form::IsNumber | Form::IsText => {
                let name = match form {
                    Form::IsError => "ISERROR",
                    Form::IsNotFound => "ISNA",
                    Form::IsNumber => "ISNUMBER",
                    _ => "ISTEXT",
                };
                Ok(match written(0)? {
                    Written::Blank => Piece::number(0.0).into(),
                    Written::Piece(value) => Piece::flag(format!("{name}({})", value.as_value())).into(),
                })
            }
            Form::IsBlank => Ok(Piece::number(f64::from(u8::from(written(0)? == Written::Blank))).into()),
            Form::Coalesce => {
                for index in 0..arguments.len() {
                    let value = written(index)?;
                    if value != Written::Blank {
                        return Ok(value);
                    }
                }
                Ok(Written::Blank)
            }
            Form::And | Form::Or => {
                let name = if form == Form::And { "AND" } else { "OR" };
                let mut conditions = Vec::new();
                for argument in arguments {
                    match self.argument(argument, here)? {
                        Argument::One(Written::Piece(piece)) => conditions.push(piece.as_condition().to_owned()),
                        Argument::Many(many) => conditions.extend(many.pieces().map(Piece::as_value)),
                        Argument::Omitted | Argument::One(Written::Blank) => return Ok(Written::Blank),
                    }
                }
                Ok(Piece::flag(format!("{name}({})", conditions.join(","))).into())
            }
        }
    }

    /// Nested `IF`s: conditions and values by turns, and perhaps a last value for when none holds.
    fn branches(&self, order: &[usize], arguments: &[Expr], here: Here) -> Result<Written, Untranslated> {
        let [condition, value, ..] = order else { return Ok(Written::Blank) };
        let (Some(condition), Some(value)) = (arguments.get(*condition), arguments.get(*value)) else {
            return Ok(Written::Blank);
        };
        let Written::Piece(condition) = self.written(condition, here)? else { return Ok(Written::Blank) };
        let is_if = order.len() == 2;
        let otherwise = || match (is_if, arguments.get(2)) {
            (true, None) => Ok(Written::Blank),
            (true, Some(otherwise)) => self.written(otherwise, here),
            (false, _) if order.len() == 2 => Ok(Piece::atom("NA()").into()),
            (false, _) => self.branches(order.get(2..).unwrap_or_default(), arguments, here),
        };
        match condition.constant {
            Some(0.0) => return otherwise(),
            Some(_) => return self.written(value, here),
            None => {}
        }
        let (value, otherwise) = (self.written(value, here)?, otherwise()?);
        if value == Written::Blank && otherwise == Written::Blank {
            return Ok(Written::Blank);
        }
        let text = format!("IF({},{},{})", condition.as_condition(), branch(&value), branch(&otherwise));
        Ok(Piece::atom(text).into())
    }

    /// `SWITCH` as nested `IF`s, which every version of Excel has.
    fn switch(&self, arguments: &[Expr], here: Here) -> Result<Written, Untranslated> {
        let Some((subject, cases)) = arguments.split_first() else { return Ok(Written::Blank) };
        let Written::Piece(subject) = self.written(subject, here)? else { return Ok(Written::Blank) };
        let mut pairs = cases.chunks_exact(2);
        let mut text = String::new();
        let mut depth = 0;
        for pair in pairs.by_ref() {
            let [case, value] = pair else { continue };
            let Written::Piece(case) = self.written(case, here)? else { continue };
            let test = Piece::compared(crate::model::formula::Comparison::Equal, &subject, &case);
            text.push_str(&format!("IF({},{},", test.text, branch(&self.written(value, here)?)));
            depth += 1;
        }
        match pairs.remainder().first() {
            Some(otherwise) => text.push_str(&branch(&self.written(otherwise, here)?)),
            None => text.push_str("NA()"),
        }
        text.push_str(&")".repeat(depth));
        Ok(Piece::atom(text).into())
    }

    /// The functions whose value the shape of the model tells.
    fn period_constant(&self, name: &str, here: Here) -> Option<Result<Written, Untranslated>> {
        let period = here.period.and_then(|period| self.model.periods.get(period));
        let known = |value: Option<f64>| Some(Ok(value.map_or(Written::Blank, |value| Piece::number(value).into())));
        let whole = |number: usize| u32::try_from(number).ok().map(f64::from);
        match name {
            "periods" => known(whole(self.model.periods.len())),
            "t" => known(here.period.and_then(|period| whole(period + 1))),
            "is_forecast" => known(period.map(|period| f64::from(u8::from(period.kind == PeriodKind::Forecast)))),
            "period_start" => known(period.and_then(|period| period.start).map(f64::from)),
            "period_end" => known(period.and_then(|period| period.end).map(f64::from)),
            "period_years" => known(period.and_then(|period| match period.length {
                PeriodLength::Year => Some(1.0),
                PeriodLength::Quarter => Some(0.25),
                PeriodLength::Month => Some(1.0 / 12.0),
                PeriodLength::Stub => Some(f64::from(period.end? - period.start? + 1) / 365.0),
            })),
            _ => None,
        }
    }
}

/// A value that may be chosen. A blank one is a text without characters, which Excel's functions pass over.
fn branch(value: &Written) -> String {
    match value {
        Written::Blank => "\"\"".to_owned(),
        Written::Piece(piece) => piece.as_value(),
    }
}

/// The cells of `item`, and whether each is blank in every one of `cases`.
pub(super) fn blank_cells(model: &Model, cases: &[crate::model::Calculation]) -> std::collections::HashSet<CellRef> {
    let mut blank = std::collections::HashSet::new();
    for item in model.items() {
        for period in periods_of(item, model) {
            let period = period.and_then(|period| model.periods.get(period)).map(|period| period.id.clone());
            let cell = CellRef { item: item.id.clone(), period };
            if cases.iter().all(|case| *case.value(&cell) == crate::model::CellValue::Blank) {
                blank.insert(cell);
            }
        }
    }
    blank
}
