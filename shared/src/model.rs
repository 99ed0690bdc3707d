//! The valuation engine: line items × periods, a formula language, and recalculation.
//!
//! - [`Model`] is the typed view of a model document; [`edit`] makes the ops that change one.
//! - [`formula`] is the language; formulas name rows for people and hold their ids when stored.
//! - [`Calculation`] gives every cell its value and keeps up with edits. It gives the same 64 bits on every machine.
//!
//! `docs/MODEL.md` describes the document and the language for people.

mod calculation;
mod calendar;
mod decimal;
mod distribution;
mod document;
pub mod edit;
mod evaluate;
pub mod explain;
pub mod formula;
mod functions;
pub(crate) mod graph;
mod ids;
mod migrate;
mod named;
mod number_format;
mod output;
pub(crate) mod program;
mod read;
mod scenario;
mod value;

pub use calculation::{Calculation, Convergence, Recalculated};
pub use calendar::{date_text, parse_date};
pub use distribution::{Correlation, Distribution};
pub use document::{
    Entry, Iteration, LineItem, Link, Model, Period, PeriodKind, PeriodLength, Section, Span, ValueRange,
};
pub use edit::CellKind;
pub use evaluate::calc;
pub(crate) use evaluate::{evaluate, evaluate_part};
pub use functions::{Function, functions};
pub use ids::{CellRef, ItemId, PeriodId, RangeId, ScenarioId, SectionId};
pub use named::{NamedError, parse_number};
pub use number_format::NumberFormat;
pub use output::{Output, outputs};
pub(crate) use read::is_name;
pub use read::{ChangedRows, ModelCheck, ModelError};
pub use scenario::Scenario;
pub use value::{CellError, CellErrorCode, CellValue, Value};
