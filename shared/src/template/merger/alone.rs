//! The acquirer and the target, each by itself.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, amount, rate, ratio, sum};
use crate::model::NumberFormat::Decimal;

const ACQUIRER_REPORT: &str = "Microsoft, Form 10-K for fiscal 2016";
const TARGET_REPORT: &str = "LinkedIn, Form 10-K for 2015; calendar years 2014 and 2015";

pub(super) fn acquirer() -> Vec<Row> {
    vec![
        series("year", "Years after the purchase")
            .formula("t() - closing_period")
            .note("Rows of the deal begin with 1"),
        ratio("acquirer_growth", "Growth of revenue")
            .formula("acquirer_revenue / prev(acquirer_revenue) - 1")
            .forecast(&[0.05; 5])
            .note(ASSUMPTION),
        amount("acquirer_revenue", "Revenue")
            .history(&[93_580.0, 85_320.0])
            .formula("prev(acquirer_revenue) * (1 + acquirer_growth)")
            .note(ACQUIRER_REPORT),
        ratio("acquirer_margin", "EBITDA, of revenue")
            .formula("acquirer_ebitda / acquirer_revenue")
            .forecast(&[0.32; 5])
            .note(ASSUMPTION),
        amount("acquirer_ebitda", "EBITDA")
            .history(&[24_118.0, 26_804.0])
            .formula("acquirer_revenue * acquirer_margin")
            .note("Operating income plus depreciation and amortization; Microsoft, Form 10-K for fiscal 2016"),
        ratio("acquirer_depreciation_ratio", "Depreciation and amortization, of revenue")
            .formula("acquirer_depreciation / acquirer_revenue")
            .forecast(&[0.08; 5])
            .note(ASSUMPTION),
        amount("acquirer_depreciation", "Depreciation and amortization")
            .history(&[5_957.0, 6_622.0])
            .formula("acquirer_revenue * acquirer_depreciation_ratio")
            .note(ACQUIRER_REPORT),
        amount("acquirer_amortization", "Thereof on acquired intangible assets")
            .forecast(&[978.0; 5])
            .note("Assumption, for cash earnings: about the charge of fiscal 2016"),
        amount("acquirer_ebit", "Operating income").formula("acquirer_ebitda - acquirer_depreciation"),
        amount("acquirer_other_income", "Other income, net")
            .history(&[346.0, -431.0])
            .forecast(&[-400.0; 5])
            .note("Form 10-K for fiscal 2016; an assumption in the forecast"),
        amount("acquirer_pretax_income", "Income before taxes").formula("acquirer_ebit + acquirer_other_income"),
        ratio("acquirer_tax_rate", "Tax rate")
            .formula("acquirer_taxes / acquirer_pretax_income")
            .forecast(&[0.2; 5])
            .note(ASSUMPTION),
        amount("acquirer_taxes", "Taxes")
            .history(&[6_314.0, 2_953.0])
            .formula("acquirer_pretax_income * acquirer_tax_rate")
            .note(ACQUIRER_REPORT),
        amount("acquirer_net_income", "Net income").formula("acquirer_pretax_income - acquirer_taxes"),
        rate("buyback", "Shares bought back each year, net").value(0.015).note(ASSUMPTION),
        series("acquirer_shares", "Diluted shares")
            .in_unit("million")
            .history(&[8_254.0, 8_013.0])
            .formula("prev(acquirer_shares) * (1 - buyback)")
            .note(ACQUIRER_REPORT),
        single("closing_shares", "Diluted shares at the purchase")
            .in_unit("million")
            .shown_as(Decimal)
            .formula("index(acquirer_shares, closing_period)"),
        series("acquirer_eps", "Earnings per share")
            .in_unit("USD")
            .shown_as(Decimal)
            .formula("acquirer_net_income / acquirer_shares"),
        sum("acquirer_cash", "Cash and short-term investments at the purchase").value(113_240.0).note(ACQUIRER_REPORT),
        sum("acquirer_debt", "Debt at the purchase")
            .value(53_687.0)
            .note("Short-term debt of 12,904 and long-term debt of 40,783; Form 10-K for fiscal 2016"),
        sum("acquirer_assets", "Total assets at the purchase").value(193_694.0).note(ACQUIRER_REPORT),
        sum("acquirer_book_equity", "Equity at the purchase").value(71_997.0).note(ACQUIRER_REPORT),
    ]
}

pub(super) fn target() -> Vec<Row> {
    vec![
        rate("target_growth_shift", "Added to the growth of every year")
            .value(0.0)
            .note("For scenarios and simulation; 0 leaves the forecast as it is"),
        rate("target_margin_shift", "Added to the margin of every year")
            .value(0.0)
            .note("For scenarios and simulation; 0 leaves the forecast as it is"),
        ratio("target_growth", "Growth of revenue")
            .formula("target_revenue / prev(target_revenue) - 1")
            .forecast(&[0.24, 0.2, 0.18, 0.16, 0.15])
            .note(ASSUMPTION),
        amount("target_revenue", "Revenue")
            .history(&[2_218.0, 2_991.0])
            .formula("prev(target_revenue) * (1 + target_growth + target_growth_shift)")
            .note(TARGET_REPORT),
        ratio("target_margin", "EBITDA, of revenue")
            .formula("target_ebitda / target_revenue")
            .forecast(&[0.13, 0.16, 0.19, 0.22, 0.24])
            .note("Assumption; stock-based compensation counts as a cost"),
        amount("target_ebitda", "EBITDA")
            .history(&[273.0, 269.0])
            .formula("target_revenue * (target_margin + target_margin_shift)")
            .note("Operating result plus depreciation and amortization, after stock-based compensation; Form 10-K for 2015"),
        ratio("target_depreciation_ratio", "Depreciation and amortization, of revenue")
            .formula("target_depreciation / target_revenue")
            .forecast(&[0.13, 0.125, 0.12, 0.115, 0.11])
            .note(ASSUMPTION),
        amount("target_depreciation", "Depreciation and amortization")
            .history(&[237.0, 420.0])
            .formula("target_revenue * target_depreciation_ratio")
            .note(TARGET_REPORT),
        amount("target_ebit", "Operating income").formula("target_ebitda - target_depreciation"),
        amount("target_other_income", "Other income, net")
            .history(&[-5.0, -64.0])
            .forecast(&[-40.0; 5])
            .note("Form 10-K for 2015; an assumption in the forecast"),
        amount("target_pretax_income", "Income before taxes").formula("target_ebit + target_other_income"),
        ratio("target_tax_rate", "Tax rate")
            .forecast(&[0.25; 5])
            .note("Assumption; losses lower the taxes of the group"),
        amount("target_taxes", "Taxes")
            .history(&[46.0, -50.0])
            .formula("target_pretax_income * target_tax_rate")
            .note(TARGET_REPORT),
        amount("target_net_income", "Net income").formula("target_pretax_income - target_taxes"),
    ]
}
