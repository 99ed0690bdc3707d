//! The spreadsheet engines, given the same formulas.

use std::error::Error;

use formualizer_common::LiteralValue;
use formualizer_workbook::{Workbook, WorkbookConfig};
use ironcalc_base::Model;
use ironcalc_base::cell::CellValue;

use crate::grid::{self, Cell};

const SHEET: &str = "Sheet1";

/// A sheet in some engine.
pub(crate) trait Peer {
    /// Writes a number into a cell, and brings everything up to date.
    fn change(&mut self, row: u32, column: u32, number: f64) -> Result<(), Box<dyn Error>>;

    /// What a cell holds.
    fn number(&self, row: u32, column: u32) -> Option<f64>;
}

/// IronCalc, which calculates every formula at each evaluation.
pub(crate) struct IronCalc(Model<'static>);

impl IronCalc {
    pub(crate) fn load() -> Result<Self, Box<dyn Error>> {
        let mut model = Model::new_empty("grid", "en", "UTC", "en")?;
        for (row, column, cell) in grid::sheet() {
            let text = match cell {
                Cell::Number(number) => number.to_string(),
                Cell::Formula(formula) => formula,
            };
            model.set_user_input(0, i32::try_from(row)?, i32::try_from(column)?, text)?;
        }
        model.evaluate();
        Ok(Self(model))
    }
}

impl Peer for IronCalc {
    fn change(&mut self, row: u32, column: u32, number: f64) -> Result<(), Box<dyn Error>> {
        self.0.update_cell_with_number(0, i32::try_from(row)?, i32::try_from(column)?, number)?;
        self.0.evaluate();
        Ok(())
    }

    fn number(&self, row: u32, column: u32) -> Option<f64> {
        match self.0.get_cell_value_by_index(0, i32::try_from(row).ok()?, i32::try_from(column).ok()?).ok()? {
            CellValue::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// formualizer, which calculates what a change reaches.
pub(crate) struct Formualizer(Workbook);

impl Formualizer {
    pub(crate) fn load() -> Result<Self, Box<dyn Error>> {
        // Without its record of edits, which the others don't keep either.
        let mut workbook =
            Workbook::new_with_config(WorkbookConfig { enable_changelog: false, ..WorkbookConfig::interactive() });
        if !workbook.has_sheet(SHEET) {
            workbook.add_sheet(SHEET)?;
        }
        for (row, column, cell) in grid::sheet() {
            match cell {
                Cell::Number(number) => workbook.set_value(SHEET, row, column, LiteralValue::Number(number))?,
                Cell::Formula(formula) => workbook.set_formula(SHEET, row, column, &formula)?,
            }
        }
        workbook.evaluate_all()?;
        Ok(Self(workbook))
    }
}

impl Peer for Formualizer {
    fn change(&mut self, row: u32, column: u32, number: f64) -> Result<(), Box<dyn Error>> {
        self.0.set_value(SHEET, row, column, LiteralValue::Number(number))?;
        self.0.evaluate_all()?;
        Ok(())
    }

    fn number(&self, row: u32, column: u32) -> Option<f64> {
        match self.0.get_value(SHEET, row, column)? {
            LiteralValue::Number(number) => Some(number),
            LiteralValue::Int(number) => Some(number as f64),
            _ => None,
        }
    }
}
