//! Holding the model against the values that the file says.

use std::collections::HashSet;

use super::document::{Draft, Entered};
use crate::model::{Calculation, CellRef, CellValue, ItemId, Model, PeriodId};
use crate::spreadsheet::{Cached, Content, ImportError, Report, Workbook};

/// In how many rounds wrong cells are sought; those that still are wrong then all become values.
const MAX_ROUNDS: usize = 12;

/// How far apart two values may be, of the larger of 1 and the value.
const TOLERANCE: f64 = 1e-9;

/// Brings the model to the values of the file. A row whose formula fills cells that are empty in the file gets its
/// formula cell by cell. A formula that comes to something else becomes the value of the file; of those, what reads
/// another wrong cell waits for the next round, in which it may be right.
///
/// # Errors
///
/// Returns an [`ImportError`] when the model is not sound, or too large.
pub(super) fn verify(draft: &mut Draft, workbook: &Workbook, report: &mut Report) -> Result<(), ImportError> {
    for round in 0..=MAX_ROUNDS {
        let model = Model::read(&draft.check_size()?)?;
        let calculation = Calculation::new(&model);
        let (filled, wrong) = compare(draft, workbook, &calculation);
        for item in &filled {
            if let Some(item) = draft.items.get_mut(*item) {
                item.unshare_formula();
            }
        }
        if !filled.is_empty() {
            continue;
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let cells: HashSet<CellRef> = wrong.iter().map(|wrong| wrong.cell.clone()).collect();
        let is_root = |wrong: &&Wrong| {
            round == MAX_ROUNDS || !calculation.precedents(&wrong.cell).iter().any(|cell| cells.contains(cell))
        };
        let roots: Vec<&Wrong> = wrong.iter().filter(is_root).collect();
        // Cells that need each other are all wrong at once.
        let replaced: Vec<&Wrong> = if roots.is_empty() { wrong.iter().collect() } else { roots };
        for wrong in replaced {
            report.values += 1;
            report.remark(wrong.place.clone(), wrong.message.clone());
            if let Some(item) = draft.items.get_mut(wrong.item) {
                item.entries.insert(wrong.period, Entered::Number(wrong.value));
            }
        }
    }
    Ok(())
}

/// A cell whose formula does not come to what the file says.
struct Wrong {
    item: usize,
    period: Option<usize>,
    cell: CellRef,
    value: f64,
    place: String,
    message: String,
}

/// The items whose formula fills empty cells, and the cells that are wrong.
fn compare(draft: &Draft, workbook: &Workbook, calculation: &Calculation) -> (Vec<usize>, Vec<Wrong>) {
    let (mut filled, mut wrong) = (Vec::new(), Vec::new());
    for (index, item) in draft.items.iter().enumerate() {
        let cell = |period: Option<usize>| {
            let period = period.and_then(|period| draft.period_id(period)).map(|id| PeriodId(id.to_owned()));
            CellRef { item: ItemId(item.id.clone()), period }
        };
        let (sheet, places) = item.cells();
        if item.formula.is_some() {
            let mut empty = (0..).map_while(|period| draft.period_id(period).map(|_| Some(period)));
            if empty
                .any(|period| !places.contains_key(&period) && *calculation.value(&cell(period)) != CellValue::Blank)
            {
                filled.push(index);
                continue;
            }
        }
        for (period, place) in places {
            let Some(sheet) = workbook.sheets.get(sheet) else { continue };
            let content = sheet.cells.get(place).map(|cell| &cell.content);
            let Some(Content::Formula { text, cached: Cached::Number(value) }) = content else { continue };
            let cell = cell(*period);
            let ours = match calculation.value(&cell) {
                CellValue::Number(ours) if (ours - value).abs() <= TOLERANCE * value.abs().max(1.0) => continue,
                CellValue::Number(ours) => ours.to_string(),
                CellValue::Blank => "nothing".to_owned(),
                CellValue::Text(text) => format!("\"{text}\""),
                CellValue::Error(error) => error.to_string(),
            };
            let place = format!("{}!{place}", sheet.name);
            let message =
                format!("={text} comes to {ours} here and to {value} in the file; the value of the file stands there");
            wrong.push(Wrong { item: index, period: *period, cell, value: *value, place, message });
        }
    }
    (filled, wrong)
}
