//! A workbook as a model.

mod document;
mod excel;
mod ours;
mod periods;
mod table;
mod verify;

use serde_json::Value;

use super::{ImportError, Report, Workbook};
use crate::model::Model;

/// A model document made of a workbook, and what of the workbook is not in it as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The model document.
    pub document: Value,
    /// What was carried, and what was not.
    pub report: Report,
}

/// Makes a model of a workbook.
///
/// A row of years, quarters, months or dates is taken for headings; the columns under them become periods, past or to
/// come as the headings say (`2024A`, `2025E`, or a row of `Actual` and `Forecast` beside them), or else to come from the
/// first column on that has more formulas than numbers. A row with a label and figures becomes a line item; one with a
/// label alone begins a section. A figure left of the periods, or on a sheet without any, becomes an item with one
/// value. The formula that most cells of a row share becomes the formula of the row. What our language has no
/// counterpart for becomes a value, and so does a formula that comes to something else here than the file says.
///
/// # Errors
///
/// Returns an [`ImportError`] when there is no figure with a label, or more than a model may hold.
pub fn import(workbook: &Workbook) -> Result<Import, ImportError> {
    let mut report = Report::default();
    let tables = table::tables(workbook, &mut report);
    if tables.lines.is_empty() {
        return Err(ImportError::Empty);
    }
    let mut draft = document::Draft::new(workbook, &tables, &mut report)?;
    verify::verify(&mut draft, workbook, &mut report)?;
    let document = draft.document();
    Model::read(&document)?;
    let carried = draft.formulas();
    report.formulas = carried;
    Ok(Import { document, report })
}
