//! The mathematics of finance, of plain numbers: it knows no models.
//!
//! Functions that a spreadsheet has keep Excel's name, order of arguments, defaults and conventions. Rates are fractions
//! (5 % is 0.05) for one period, unless the function says otherwise; money that is paid is negative. Dates are Excel's
//! serial days. What has no value is a [`FinanceError`] that says why.

pub mod beta;
pub mod binomial;
pub mod black_scholes;
pub mod bonds;
pub mod cumulative;
pub mod dates;
pub mod day_count;
pub mod depreciation;
pub mod elementary;
pub mod error;
pub mod exotic;
pub mod normal;
pub mod rates;
pub mod rates_of_return;
pub mod regression;
mod root;
pub mod statistics;
pub mod time_value;
pub mod valuation;
pub mod whole;

pub use error::{FinanceError, FinanceErrorKind};
pub use whole::whole;
