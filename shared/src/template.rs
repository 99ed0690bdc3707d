//! Models to start from.

mod builder;
pub mod company;
pub mod dcf;

use serde_json::Value;

use company::{Company, CompanyError};

/// The title of the sample.
pub const APPLE_DCF_TITLE: &str = "Apple Inc. — DCF";

/// Four fiscal years of Apple's annual reports (Form 10-K).
pub const APPLE_10K: &str = include_str!("../samples/apple_10k.csv");

/// The sample: a discounted cash flow model of Apple Inc.
///
/// # Errors
///
/// Returns a [`CompanyError`] when the sample data can't be read, which a test rules out.
pub fn apple_dcf() -> Result<Value, CompanyError> {
    Ok(dcf::document(&Company::from_csv(APPLE_10K)?))
}
