//! Bonds and bills, by Excel's conventions.
//!
//! Prices are for 100 of face value and without accrued interest; rates and yields are yearly. Source: Microsoft, *Excel
//! functions*; where its pages leave the day count open, what Excel was measured to do by the authors of
//! ExcelFinancialFunctions.

pub mod accrued;
pub mod coupons;
pub mod discount;
pub mod odd;
pub mod regular;

use super::FinanceError;
use super::dates::Date;
use super::whole::whole;

/// How many coupons a bond pays in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// 1 a year.
    Annual,
    /// 2 a year.
    SemiAnnual,
    /// 4 a year.
    Quarterly,
}

impl Frequency {
    /// The frequency with that number, of which a fraction is cut.
    ///
    /// # Errors
    ///
    /// A number other than 1, 2 and 4.
    pub fn new(number: f64) -> Result<Self, FinanceError> {
        match whole(number) {
            Some(1) => Ok(Self::Annual),
            Some(2) => Ok(Self::SemiAnnual),
            Some(4) => Ok(Self::Quarterly),
            _ => Err(FinanceError::domain("the frequency must be 1, 2 or 4 coupons a year")),
        }
    }

    /// Coupons a year.
    #[must_use]
    pub fn coupons(self) -> f64 {
        12.0 / f64::from(self.months())
    }

    /// Months from one coupon to the next.
    fn months(self) -> i32 {
        match self {
            Self::Annual => 12,
            Self::SemiAnnual => 6,
            Self::Quarterly => 3,
        }
    }
}

fn in_order(settlement: Date, maturity: Date) -> Result<(), FinanceError> {
    if settlement < maturity {
        return Ok(());
    }
    Err(FinanceError::domain("the settlement must come before the maturity"))
}

fn not_negative(number: f64, message: &'static str) -> Result<(), FinanceError> {
    if number >= 0.0 { Ok(()) } else { Err(FinanceError::domain(message)) }
}

fn above_zero(number: f64, message: &'static str) -> Result<(), FinanceError> {
    if number > 0.0 { Ok(()) } else { Err(FinanceError::domain(message)) }
}

const RATE: &str = "the rate must not be negative";
const YIELD: &str = "the yield must not be negative";
const PRICE: &str = "the price must be above 0";
const REDEMPTION: &str = "the redemption must be above 0";
