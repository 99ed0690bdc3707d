//! From Excel's formulas to ours.

use std::collections::HashMap;

use super::excel::{Excel, parse};
use crate::model::functions;
use crate::spreadsheet::place::WrittenPlace;
use crate::spreadsheet::{Content, Place, Workbook};

/// The most cells that a range may have where each is named by itself.
const MAX_LISTED: u64 = 250;

/// How long one of our formulas may be.
const MAX_BYTES: usize = 4_000;

/// Which cells are what of the model to be.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    pub(super) workbook: &'a Workbook,
    /// The sheets by their names in lower case.
    pub(super) sheets: HashMap<String, usize>,
    /// The item and the period of a cell.
    pub(super) targets: HashMap<(usize, Place), (usize, Option<usize>)>,
    /// The ids of the items.
    pub(super) ids: Vec<String>,
    /// How many periods there are.
    pub(super) periods: usize,
    /// What names stand for, in lower case: a sheet, and two corners.
    pub(super) names: HashMap<String, (usize, Place, Place)>,
}

/// Where a formula stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    pub(super) sheet: usize,
    /// The number of the period; none in an item with one value.
    pub(super) period: Option<usize>,
}

/// A piece of one of our formulas, and how tightly it holds together.
type Piece = (String, u8);

const ATOM: u8 = 9;
const SIGN: u8 = 7;
const PERCENT: u8 = 8;

/// What stands in one cell: an item in the same period, in another, or the cell of an item with one value.
type Found = Result<String, f64>;

impl Cells<'_> {
    /// Our formula, in stored form, for one of Excel's.
    ///
    /// # Errors
    ///
    /// Says what of it has no counterpart.
    pub(super) fn formula(&self, text: &str, here: Here) -> Result<String, String> {
        let (formula, _) = self.piece(&parse(text)?, here)?;
        if formula.len() > MAX_BYTES { Err("the formula is too long".to_owned()) } else { Ok(formula) }
    }

    fn piece(&self, excel: &Excel, here: Here) -> Result<Piece, String> {
        Ok(match excel {
            Excel::Number(number) => (number_text(*number), ATOM),
            Excel::Text(text) => (format!("\"{}\"", text.replace('"', "\"\"")), ATOM),
            // Our language has no errors to write down; these come to the same.
            Excel::Error("#NUM!") => ("sqrt(-1)".to_owned(), ATOM),
            Excel::Error("#DIV/0!") => ("(1 / 0)".to_owned(), ATOM),
            Excel::Error(_) => ("match(1, [0], 0)".to_owned(), ATOM),
            Excel::Flag(flag) => (if *flag { "1" } else { "0" }.to_owned(), ATOM),
            Excel::Cell { sheet, at } => {
                let sheet = self.sheet(sheet.as_deref(), here)?;
                (self.strict(sheet, *at, here)?, ATOM)
            }
            Excel::Name(name) => {
                let (sheet, from, to) = self.named(name)?;
                if from != to {
                    // A name of a row, in a period, is the cell of that period.
                    let in_period = self.row_in_period(sheet, from, to, here);
                    return in_period
                        .map(|text| (text, ATOM))
                        .ok_or_else(|| format!("{name} stands for several cells"));
                }
                (self.strict(sheet, fixed(from), here)?, ATOM)
            }
            Excel::Range { .. } | Excel::Array(_) => return Err("several cells stand where one is needed".to_owned()),
            Excel::Negate(inner) => match inner.as_ref() {
                // Excel's way to make a number of TRUE and FALSE, which are numbers here.
                Excel::Negate(inner) => self.piece(inner, here)?,
                _ => (format!("-{}", self.closed(inner, here, SIGN)?), SIGN),
            },
            Excel::Percent(inner) => (format!("{}%", self.closed(inner, here, PERCENT)?), PERCENT),
            Excel::Binary { operator, left, right } => {
                if let Some(test) = self.test_for_nothing(operator, left, right, here)? {
                    return Ok((test, ATOM));
                }
                let binding = match *operator {
                    "&" => 2,
                    "+" | "-" => 3,
                    "*" | "/" => 4,
                    "^" => 5,
                    _ => 1,
                };
                let left = self.closed(left, here, binding)?;
                let right = self.closed(right, here, binding + 1)?;
                (format!("{left} {operator} {right}"), binding)
            }
            Excel::Call { name, arguments } => (self.call(name, arguments, here)?, ATOM),
        })
    }

    fn closed(&self, excel: &Excel, here: Here, binding: u8) -> Result<String, String> {
        let (text, own) = self.piece(excel, here)?;
        Ok(if own < binding { format!("({text})") } else { text })
    }

    /// `A1=""` asks whether there is nothing.
    fn test_for_nothing(
        &self,
        operator: &str,
        left: &Excel,
        right: &Excel,
        here: Here,
    ) -> Result<Option<String>, String> {
        let is_nothing = |excel: &Excel| matches!(excel, Excel::Text(text) if text.is_empty());
        let other = match (is_nothing(left), is_nothing(right)) {
            (true, false) => right,
            (false, true) => left,
            _ => return Ok(None),
        };
        let tested = self.value(other, here)?;
        Ok(match operator {
            "=" => Some(format!("isblank({tested})")),
            "<>" => Some(format!("not(isblank({tested}))")),
            _ => None,
        })
    }

    /// A part where a blank may stay blank.
    fn value(&self, excel: &Excel, here: Here) -> Result<String, String> {
        match excel {
            Excel::Cell { sheet, at } => {
                let sheet = self.sheet(sheet.as_deref(), here)?;
                Ok(self.cell(sheet, *at, here)?.unwrap_or_else(number_text))
            }
            _ => Ok(self.piece(excel, here)?.0),
        }
    }

    fn call(&self, name: &str, arguments: &[Option<Excel>], here: Here) -> Result<String, String> {
        let upper = name.to_ascii_uppercase();
        match (upper.as_str(), arguments) {
            ("TRUE", []) => return Ok("1".to_owned()),
            ("FALSE", []) => return Ok("0".to_owned()),
            ("N", [Some(inner)]) => return Ok(format!("({})", self.piece(inner, here)?.0)),
            ("CHOOSE", [Some(Excel::Array(_)), values @ ..]) => {
                let values = values.iter().flatten().map(|value| self.value(value, here));
                return Ok(format!("[{}]", values.collect::<Result<Vec<_>, _>>()?.join(", ")));
            }
            // An empty text is how Excel's formulas stay blank.
            ("IF", [condition, then, Some(Excel::Text(text))]) if text.is_empty() => {
                let all = [condition, then]
                    .map(|argument| argument.as_ref().map_or(Ok(String::new()), |argument| self.value(argument, here)));
                let [condition, then] = all;
                return Ok(format!("if({}, {})", condition?, then?));
            }
            ("ISBLANK", [Some(inner)]) => return Ok(format!("isblank({})", self.value(inner, here)?)),
            _ => {}
        }
        let function = functions()
            .find(|function| function.name.eq_ignore_ascii_case(&upper))
            .ok_or_else(|| format!("there is no function {upper} here"))?;
        let spreads = function.parameters.ends_with('…');
        let mut texts = Vec::new();
        for argument in arguments {
            match argument {
                None => texts.push(String::new()),
                Some(argument) => self.argument(argument, here, spreads, &mut texts)?,
            }
        }
        Ok(format!("{}({})", function.name, texts.join(", ")))
    }

    fn argument(&self, excel: &Excel, here: Here, spreads: bool, texts: &mut Vec<String>) -> Result<(), String> {
        let cells = match excel {
            Excel::Array(items) => {
                let items = items.iter().map(|item| self.piece(item, here).map(|(text, _)| text));
                texts.push(format!("[{}]", items.collect::<Result<Vec<_>, _>>()?.join(", ")));
                return Ok(());
            }
            Excel::Range { sheet, from, to } => {
                let sheet = self.sheet(sheet.as_deref(), here)?;
                self.range(sheet, *from, *to, here)?
            }
            Excel::Name(name) => match self.named(name)? {
                (_, from, to) if from == to => vec![self.value(excel, here)?],
                (sheet, from, to) => self.range(sheet, fixed(from), fixed(to), here)?,
            },
            _ => vec![if spreads { self.value(excel, here)? } else { self.piece(excel, here)?.0 }],
        };
        match (spreads, cells.as_slice()) {
            (_, [one]) => texts.push(one.clone()),
            (true, _) => texts.extend(cells),
            (false, _) => texts.push(format!("[{}]", cells.join(", "))),
        }
        Ok(())
    }

    fn sheet(&self, name: Option<&str>, here: Here) -> Result<usize, String> {
        let Some(name) = name else { return Ok(here.sheet) };
        self.sheets.get(&name.to_lowercase()).copied().ok_or_else(|| format!("there is no sheet \"{name}\""))
    }

    fn named(&self, name: &str) -> Result<(usize, Place, Place), String> {
        self.names
            .get(&name.to_lowercase())
            .copied()
            .ok_or_else(|| format!("the name \"{name}\" stands for no cells here"))
    }

    /// The cell of a row, all of which is from `from` to `to`, in the period that the formula stands in.
    fn row_in_period(&self, sheet: usize, from: Place, to: Place, here: Here) -> Option<String> {
        here.period?;
        let (item, first) = self.targets.get(&(sheet, from))?;
        let (last_item, last) = self.targets.get(&(sheet, to))?;
        let spans_all = item == last_item && *first == Some(0) && *last == self.periods.checked_sub(1);
        spans_all.then(|| self.id(*item))
    }

    fn id(&self, item: usize) -> String {
        self.ids.get(item).map(|id| format!("{{{id}}}")).unwrap_or_default()
    }

    /// A cell where Excel takes an empty one for 0.
    fn strict(&self, sheet: usize, at: WrittenPlace, here: Here) -> Result<String, String> {
        let found = self.cell(sheet, at, here)?;
        let is_empty = self.content(sheet, at.place).is_none_or(Content::is_empty);
        Ok(match found {
            Ok(reference) if is_empty => format!("coalesce({reference}, 0)"),
            Ok(reference) => reference,
            Err(number) => number_text(number),
        })
    }

    fn content(&self, sheet: usize, place: Place) -> Option<&Content> {
        self.workbook.sheets.get(sheet)?.cells.get(&place).map(|cell| &cell.content)
    }

    /// What stands in a cell: part of an item, or a number that is part of none.
    fn cell(&self, sheet: usize, at: WrittenPlace, here: Here) -> Result<Found, String> {
        let Some((item, period)) = self.targets.get(&(sheet, at.place)) else {
            return match self.content(sheet, at.place) {
                None | Some(Content::Empty) => Ok(Err(0.0)),
                Some(Content::Number(number)) => Ok(Err(*number)),
                Some(Content::Text(text)) => Ok(Ok(format!("\"{}\"", text.replace('"', "\"\"")))),
                Some(Content::Formula { .. }) => Err(format!("{} belongs to no line item", at.place)),
            };
        };
        let id = self.id(*item);
        Ok(Ok(match (period, here.period) {
            (None, _) => id,
            (Some(period), Some(here)) if !at.is_column_fixed || *period == here => match offset(*period, here) {
                0 => id,
                -1 => format!("prev({id})"),
                offset => format!("{id}[t{offset:+}]"),
            },
            (Some(period), Some(_)) => format!("index({id}[..], {})", period + 1),
            (Some(period), None) => format!("index({id}, {})", period + 1),
        }))
    }

    /// A range: rows of items as ranges of periods where they are, other cells one by one.
    fn range(&self, sheet: usize, from: WrittenPlace, to: WrittenPlace, here: Here) -> Result<Vec<String>, String> {
        let rows = from.place.row.min(to.place.row)..=from.place.row.max(to.place.row);
        let (left, right) = if from.place.column <= to.place.column { (from, to) } else { (to, from) };
        let mut texts = Vec::new();
        let mut listed = 0_u64;
        for row in rows {
            let corner = |at: WrittenPlace| WrittenPlace { place: Place::new(row, at.place.column), ..at };
            if let Some(text) = self.stretch(sheet, corner(left), corner(right), here) {
                texts.push(text);
                continue;
            }
            for column in left.place.column..=right.place.column {
                listed += 1;
                if listed > MAX_LISTED {
                    return Err(format!("a range has more than {MAX_LISTED} cells that are no row of periods"));
                }
                let at = WrittenPlace {
                    place: Place::new(row, column),
                    is_column_fixed: left.is_column_fixed,
                    is_row_fixed: false,
                };
                if self.content(sheet, at.place).is_some_and(|content| !content.is_empty()) {
                    texts.push(self.cell(sheet, at, here)?.unwrap_or_else(number_text));
                }
            }
        }
        if texts.is_empty() {
            return Err("a range holds nothing".to_owned());
        }
        Ok(texts)
    }

    /// Cells of one row over periods that follow each other, as a range of periods.
    fn stretch(&self, sheet: usize, left: WrittenPlace, right: WrittenPlace, here: Here) -> Option<String> {
        // `$E7:E7` is the first of the ranges that begin there.
        let grows = left.is_column_fixed && !right.is_column_fixed;
        if left.place == right.place && !grows {
            return None;
        }
        let (item, from) = self.targets.get(&(sheet, left.place)).copied().or_else(|| {
            // The first period may be empty in this row.
            let beside = (left.place.column..=right.place.column).find_map(|column| {
                let (item, period) = self.targets.get(&(sheet, Place::new(left.place.row, column)))?;
                Some((*item, (*period)?.checked_sub(usize::try_from(column - left.place.column).ok()?)))
            });
            beside.filter(|(_, period)| period.is_some())
        })?;
        let from = from?;
        let width = usize::try_from(right.place.column - left.place.column).ok()?;
        let to = from.checked_add(width).filter(|to| *to < self.periods)?;
        // Every column in between stands for its period.
        let is_whole = (left.place.column..=right.place.column).zip(from..).all(|(column, period)| {
            let target = self.targets.get(&(sheet, Place::new(left.place.row, column)));
            target.is_none_or(|(other, at)| *other == item && *at == Some(period))
        });
        if !is_whole {
            return None;
        }
        let id = self.id(item);
        let is_all = from == 0 && to + 1 == self.periods;
        let Some(here) = here.period else {
            return is_all.then_some(id);
        };
        if is_all && left.is_column_fixed && right.is_column_fixed {
            return Some(format!("{id}[..]"));
        }
        let bound = |period: usize| match offset(period, here) {
            0 => "t".to_owned(),
            offset => format!("t{offset:+}"),
        };
        let start = match (left.is_column_fixed, from) {
            (true, 0) => String::new(),
            (true, _) => return None,
            (false, _) => bound(from),
        };
        let end = match (right.is_column_fixed, to + 1 == self.periods) {
            (true, true) => String::new(),
            (true, false) => return None,
            (false, _) => bound(to),
        };
        Some(format!("{id}[{start}..{end}]"))
    }
}

/// How many periods from `here` to `period`.
fn offset(period: usize, here: usize) -> i64 {
    let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    signed(period) - signed(here)
}

fn fixed(place: Place) -> WrittenPlace {
    WrittenPlace { place, is_column_fixed: true, is_row_fixed: true }
}

fn number_text(number: f64) -> String {
    if number < 0.0 { format!("({number})") } else { number.to_string() }
}
