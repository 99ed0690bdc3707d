//! An empty model: sections, dated periods, and the rows that nearly every model has, without a figure.

use serde_json::Value;

use super::builder::{calendar_years, draft, series, single};
use crate::model::NumberFormat::Percent;

const ABOUT: &str = "\
# A model of your own

Rows run over years that are history up to the last reported one, and forecast behind it. Put reported figures in the \
past and assumptions in the forecast: everything else is a formula that waits for them. Add rows and sections as the \
company needs them.";

/// The model document: two years of history and five of forecast.
#[must_use]
pub fn document() -> Value {
    let ratio = |name, label| series(name, label).shown_as(Percent);
    let drivers = vec![
        ratio("growth", "Growth of revenue")
            .formula("revenue / prev(revenue) - 1")
            .forecast(&["=prev(growth)"; 5])
            .note("In the forecast that of the year before: put in your own"),
        ratio("cost_ratio", "Costs, of revenue")
            .formula("costs / revenue")
            .forecast(&["=prev(cost_ratio)"; 5])
            .note("In the forecast that of the year before: put in your own"),
    ];
    let income = vec![
        series("revenue", "Revenue")
            .in_unit("USD m")
            .forecast(&["=prev(revenue) * (1 + growth)"; 5])
            .note("Reported, then forecast"),
        series("costs", "Costs")
            .in_unit("USD m")
            .forecast(&["=revenue * cost_ratio"; 5])
            .note("Reported, then forecast"),
        series("operating_income", "Operating income").in_unit("USD m").formula("revenue - costs"),
    ];
    let valuation = vec![
        single("discount_rate", "Discount rate").shown_as(Percent).note("Put in the cost of capital"),
        series("income_ahead", "Operating income to come")
            .in_unit("USD m")
            .formula("if(is_forecast(), operating_income, )")
            .note("Put in taxes, investment and working capital for a free cash flow"),
        single("present_value", "Present value of operating income")
            .in_unit("USD m")
            .formula("npv(discount_rate, income_ahead)")
            .note("Each year's at its end"),
    ];
    draft("USD", ABOUT, calendar_years(2025, 2, 5))
        .sheet("Model")
        .section("drivers", "Drivers", drivers)
        .section("income", "Income statement", income)
        .sheet("Valuation")
        .section("valuation", "Valuation", valuation)
        .outputs(&["present_value"])
        .scenario("bull", "Bull", "", Vec::<(String, Value)>::new())
        .scenario("bear", "Bear", "", Vec::<(String, Value)>::new())
        .into_json()
}
