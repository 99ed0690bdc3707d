//! The mathematics of finance, of plain numbers: it knows no models.
//!
//! Functions that a spreadsheet has keep Excel's name, order of arguments, defaults and conventions. Rates are fractions
//! (5 % is 0.05) for one period, unless the function says otherwise; money that is paid is negative. Dates are Excel's
//! serial days. What has no value is a [`FinanceError`] that says why.

pub mod binomial;
pub mod black_scholes;
pub mod elementary;
pub mod error;
pub mod exotic;
pub mod normal;
pub mod regression;
pub mod statistics;
pub mod valuation;

pub use error::{FinanceError, FinanceErrorKind};
