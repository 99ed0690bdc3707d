//! Spreadsheets are a view of a model: a workbook with live formulas, and the way back.
//!
//! - [`export`] makes a [`Workbook`] of a model: every formula as one of Excel's, scenarios with a cell that chooses
//!   between them. [`to_csv`] and [`to_json`] give the values alone.
//! - [`import`] makes a model document of a workbook: columns become periods, rows become line items, formulas become
//!   ours where they can be.
//! - Both say in a [`Report`] what they could not carry, and where.
//!
//! A workbook here is plain values; the file formats are the server's matter.

mod csv;
mod export;
mod import;
mod json;
mod layout;
mod place;
mod report;
mod workbook;

pub use csv::{parse_csv, to_csv};
pub use export::{Export, export};
pub use import::{Import, import};
pub use json::{items_json, to_json};
pub use place::Place;
pub use report::{ImportError, Remark, Report};
pub use workbook::{Cached, Cell, Content, Role, Sheet, Workbook};
