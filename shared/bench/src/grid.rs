//! A model of 10,000 formulas: 200 rows × 50 periods, every row depending on others, once in Coval's language and once
//! as a sheet.
//!
//! One input, `k`, reaches every cell. Row 100 reads the input row `s`, and all rows from there on depend on row 100 in
//! the same period, so that a change of `s` in the last period reaches exactly 100 cells.

use coval_shared::model::{CellRef, Entry, ItemId, Model, PeriodId};
use serde_json::{Value, json};

/// The rows with formulas.
pub(crate) const ROWS: usize = 200;
/// The periods.
pub(crate) const PERIODS: usize = 50;
/// The first row that depends on `s`.
const HALF: usize = 100;

/// What `k` is before anything changes.
pub(crate) const K: f64 = 0.25;

/// What `s` is in a period before anything changes.
pub(crate) fn s(period: usize) -> f64 {
    50.0 + period as f64
}

/// How formulas write down what they refer to.
struct Names<'a> {
    /// A row in the same period.
    here: &'a dyn Fn(usize) -> String,
    /// The row's own value in the period before; none in the first.
    before: Option<String>,
    k: String,
    s: String,
}

/// The formula of a row, without an equals sign.
fn formula(row: usize, names: &Names<'_>) -> String {
    if row == 0 {
        return match &names.before {
            Some(before) => format!("{before} * 1.01 + {}", names.k),
            None => format!("100 + {}", names.k),
        };
    }
    if row == HALF {
        return format!("{} * 0.5 + {} * 0.5", names.s, (names.here)(HALF / 2));
    }
    let first = if row < HALF { 0 } else { HALF };
    let a = (names.here)(row - 1);
    let b = (names.here)(first + (row - first) / 2);
    let c = (names.here)(row / 3);
    match (row % 5, &names.before) {
        (0, _) => format!("{a} * 0.6 + {b} * 0.4"),
        (1, Some(before)) => format!("{before} * 0.9 + {a} * 0.1"),
        (1, None) => a,
        (2, _) => format!("max({a} - {b}, 0) * 0.5 + {a} * 0.5 + {c} / (1 + 1.5)"),
        (3, _) => format!("if({a} > {b}, {a} * 0.5 + {c} * 0.5, {b})"),
        _ => format!("sum({a}, {b}, {c}) / 3"),
    }
}

/// The model document, with ids like `r17` for rows and `p3` for periods.
pub(crate) fn document() -> Value {
    let periods: Vec<Value> = (0..PERIODS)
        .map(|period| json!({"id": format!("p{period}"), "label": format!("P{period}"), "kind": "forecast"}))
        .collect();
    let here = |row: usize| format!("{{r{row}}}");
    let rows = (0..ROWS).map(|row| {
        let names = |before| Names { here: &here, before, k: "{k}".to_owned(), s: "{s}".to_owned() };
        let others = formula(row, &names(Some(format!("prev({{r{row}}})"))));
        let first = formula(row, &names(None));
        let mut item = series(&format!("r{row}"));
        if first != others {
            item["values"] = json!({"p0": format!("={first}")});
        }
        item["formula"] = json!(others);
        item
    });
    let mut inputs = series("s");
    inputs["values"] = (0..PERIODS).map(|period| (format!("p{period}"), json!(s(period)))).collect();
    let k = json!({"id": "k", "name": "k", "label": "k", "format": "decimal", "span": "single", "value": K});
    let items: Vec<Value> = [k, inputs].into_iter().chain(rows).collect();
    json!({
        "schema": 1,
        "currency": "USD",
        "periods": periods,
        "sections": [{"id": "grid", "label": "Grid", "items": items}],
        "outputs": ["r199"],
    })
}

fn series(name: &str) -> Value {
    json!({"id": name, "name": name, "label": name, "format": "decimal", "span": "period"})
}

/// A cell of the model; without a period that of an item with one value.
pub(crate) fn cell(item: &str, period: Option<usize>) -> CellRef {
    CellRef { item: ItemId(item.to_owned()), period: period.map(|period| PeriodId(format!("p{period}"))) }
}

/// Enters a number in the model.
pub(crate) fn enter(model: &mut Model, cell: &CellRef, number: f64) {
    let item = model.sections.iter_mut().flat_map(|section| &mut section.items).find(|item| item.id == cell.item);
    match (item, &cell.period) {
        (Some(item), Some(period)) => drop(item.values.insert(period.clone(), Entry::Number(number))),
        (Some(item), None) => item.value = Some(Entry::Number(number)),
        (None, _) => {}
    }
}

/// What stands in a cell of the sheet.
pub(crate) enum Cell {
    Number(f64),
    /// With its equals sign.
    Formula(String),
}

/// The place of `k`: row and column from 1.
pub(crate) const K_AT: (u32, u32) = (1, 1);
/// The row of the sheet that holds `s`.
pub(crate) const S_ROW: u32 = 2;

/// The row of the sheet that holds a row of the grid.
pub(crate) fn sheet_row(row: usize) -> u32 {
    row as u32 + 3
}

/// The column of the sheet that holds a period.
pub(crate) fn sheet_column(period: usize) -> u32 {
    period as u32 + 1
}

/// The sheet, as row and column from 1 and content.
pub(crate) fn sheet() -> Vec<(u32, u32, Cell)> {
    let mut cells = vec![(K_AT.0, K_AT.1, Cell::Number(K))];
    for period in 0..PERIODS {
        cells.push((S_ROW, sheet_column(period), Cell::Number(s(period))));
    }
    for row in 0..ROWS {
        for period in 0..PERIODS {
            let at = |row: u32, period: usize| format!("{}{row}", letters(sheet_column(period)));
            let here = |row: usize| at(sheet_row(row), period);
            let before = period.checked_sub(1).map(|before| at(sheet_row(row), before));
            let names = Names { here: &here, before, k: "$A$1".to_owned(), s: at(S_ROW, period) };
            let formula = formula(row, &names).replace("max(", "MAX(").replace("if(", "IF(").replace("sum(", "SUM(");
            cells.push((sheet_row(row), sheet_column(period), Cell::Formula(format!("={formula}"))));
        }
    }
    cells
}

/// A column's name: A to Z, AA to ZZ.
fn letters(column: u32) -> String {
    let letter = |index: u32| char::from(b'A' + (index % 26) as u8);
    match (column - 1) / 26 {
        0 => letter(column - 1).to_string(),
        before => [letter(before - 1), letter(column - 1)].into_iter().collect(),
    }
}
