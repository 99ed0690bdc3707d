//! The sample model against calculations of its own.

use coval_shared::model::{Calculation, CellRef, CellValue, Model, outputs};
use coval_shared::template::{APPLE_10K, apple_dcf, company::Company};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::cell;
use crate::templates::{figure, put};

fn apple() -> (Model, Calculation) {
    let model = Model::read(&apple_dcf().unwrap()).unwrap();
    let calculation = Calculation::new(&model);
    (model, calculation)
}

fn number(calculation: &Calculation, cell: &CellRef) -> f64 {
    match calculation.value(cell) {
        CellValue::Number(number) => *number,
        other => panic!("{cell:?} is {other:?}"),
    }
}

/// How the sample is valued.
#[derive(Clone, Copy)]
struct Options {
    mid_year: bool,
    gordon_mid_year: bool,
    exit_multiple: bool,
    /// Days after the balance sheet's date.
    days: i32,
}

/// What a calculation that knows nothing of the engine gives.
struct ByHand {
    wacc: f64,
    enterprise: f64,
    equity: f64,
    implied_multiple: f64,
    implied_growth: f64,
}

const SHARES: f64 = 15_115_823.0 + 163_326.0;

fn by_hand(options: Options) -> ByHand {
    let company = Company::from_csv(APPLE_10K).unwrap();
    let last = |item: &str| *company.figures(item).last().unwrap();

    let growth = [0.04, 0.05, 0.05, 0.045, 0.04];
    let costs =
        [0.535 + 0.08 + 0.066, 0.532 + 0.08 + 0.065, 0.53 + 0.08 + 0.065, 0.53 + 0.08 + 0.065, 0.53 + 0.08 + 0.065];
    let capex = [0.028, 0.03, 0.03, 0.03, 0.03];
    // The peers in order, so that the median of four is the mean of those in the middle.
    let unlevered = (1.20 / (1.0 + 0.79 * 0.10) + 1.18 / (1.0 + 0.79 * 0.05)) / 2.0;
    let beta = unlevered * (1.0 + 0.79 * 0.03 / 0.97);
    let wacc = (0.043 + beta * 0.045) * 0.97 + 0.046 * 0.79 * 0.03;
    let discounted = |amount: f64, years: f64| amount / libm::pow(1.0 + wacc, years);

    // Fiscal 2025 has 364 days, of which some may be gone.
    let first = 1.0 - f64::from(options.days) / 364.0;
    let mut sales = last("net_sales");
    let (mut flow, mut ebitda, mut end, mut enterprise) = (0.0, 0.0, 0.0, 0.0);
    for year in 0..5 {
        let before = sales;
        sales *= 1.0 + growth[year];
        let ebit = sales * (1.0 - costs[year]);
        ebitda = ebit + sales * 0.029;
        flow = ebit * (1.0 - 0.165) + sales * (0.029 - capex[year]) - (sales - before) * 0.02;
        let share = if year == 0 { first } else { 1.0 };
        end += share;
        let time = if options.mid_year { end - share / 2.0 } else { end };
        enterprise += discounted(flow * share, time);
    }
    let half = if options.mid_year && options.gordon_mid_year { 0.5 } else { 0.0 };
    let gordon = flow * 1.03 / (wacc - 0.03);
    let multiple = 18.0 * ebitda;
    enterprise += if options.exit_multiple { discounted(multiple, end) } else { discounted(gordon, end - half) };

    // The growth with which Gordon gives the multiple's value, found by bisection.
    let (mut low, mut high) = (-0.5, wacc - 1e-6);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        let value = flow * (1.0 + middle) / (wacc - middle) * libm::pow(1.0 + wacc, half);
        if value < multiple { low = middle } else { high = middle }
    }
    ByHand {
        wacc,
        enterprise,
        equity: enterprise + last("cash_and_marketable_securities") - last("term_debt_and_commercial_paper") - 896.0,
        implied_multiple: gordon * libm::pow(1.0 + wacc, half) / ebitda,
        implied_growth: low,
    }
}

/// The value per share of the sample under `options`, after comparing it and what leads to it with the hand's.
fn valued(options: Options) -> f64 {
    let (mut model, _) = apple();
    let switch = |is_on: bool| f64::from(u8::from(is_on));
    put(&mut model, "mid_year", None, switch(options.mid_year));
    put(&mut model, "gordon_mid_year", None, switch(options.gordon_mid_year));
    put(&mut model, "terminal_method", None, switch(options.exit_multiple));
    put(&mut model, "valuation_date", None, f64::from(45_563 + options.days));
    let calculation = Calculation::new(&model);
    let expected = by_hand(options);
    let close = |name: &str, expected: f64| {
        let actual = figure(&calculation, name);
        assert!((actual / expected - 1.0).abs() < 1e-9, "{name} is {actual}, by hand {expected}");
    };
    close("wacc", expected.wacc);
    close("enterprise_value", expected.enterprise);
    close("equity_value", expected.equity);
    close("value_per_share", expected.equity * 1e6 / (SHARES * 1e3));
    close("implied_multiple", expected.implied_multiple);
    close("implied_growth", expected.implied_growth);
    assert_eq!(figure(&calculation, "checks"), 0.0);
    figure(&calculation, "value_per_share")
}

const PLAIN: Options = Options { mid_year: false, gordon_mid_year: true, exit_multiple: false, days: 0 };

#[test]
fn the_value_per_share_is_that_of_a_calculation_by_hand() {
    valued(PLAIN);
}

#[test]
fn every_way_of_valuing_is_that_of_a_calculation_by_hand() {
    for mid_year in [false, true] {
        for gordon_mid_year in [false, true] {
            for exit_multiple in [false, true] {
                for days in [0, 91, 300, 363] {
                    valued(Options { mid_year, gordon_mid_year, exit_multiple, days });
                }
            }
        }
    }
}

#[test]
fn flows_in_mid_year_are_worth_half_a_year_of_return_more() {
    let (plain, mid) = (by_hand(PLAIN), by_hand(Options { mid_year: true, ..PLAIN }));
    assert!((mid.enterprise / plain.enterprise / (1.0 + plain.wacc).sqrt() - 1.0).abs() < 1e-12);
    let disputed = valued(Options { mid_year: true, gordon_mid_year: false, ..PLAIN });
    assert!(valued(PLAIN) < disputed && disputed < valued(Options { mid_year: true, ..PLAIN }));
}

#[test]
fn a_valuation_in_a_later_year_leaves_out_the_years_that_are_gone() {
    let (mut model, _) = apple();
    // The last day of fiscal 2025: that year is gone, and fiscal 2026 is whole.
    put(&mut model, "valuation_date", None, 45_563.0 + 364.0);
    let calculation = Calculation::new(&model);
    assert_eq!(number(&calculation, &cell("share_left", "fy2025")), 0.0);
    assert_eq!(number(&calculation, &cell("share_left", "fy2026")), 1.0);
    assert_eq!(number(&calculation, &cell("year", "fy2029")), 4.0);
    assert_eq!(figure(&calculation, "checks"), 0.0);
}

#[test]
fn growth_above_the_cost_of_capital_has_no_value_and_says_so() {
    let (mut model, _) = apple();
    put(&mut model, "terminal_growth", None, 0.12);
    let calculation = Calculation::new(&model);
    let CellValue::Error(error) = calculation.value(&cell("value_per_share", "")) else { panic!("there is a value") };
    assert_eq!(error.origin, cell("gordon_value", ""));
    // The rest goes on, and the other method still values.
    assert!(figure(&calculation, "wacc") > 0.09);
    put(&mut model, "terminal_method", None, 1.0);
    assert!(figure(&Calculation::new(&model), "value_per_share") > 0.0);
}

#[test]
fn options_dilute_by_the_treasury_stock_method_at_the_value_itself() {
    let (mut model, _) = apple();
    put(&mut model, "options_low", None, 400_000.0);
    put(&mut model, "options_high", None, 200_000.0);
    let calculation = Calculation::new(&model);
    let (value, equity) = (figure(&calculation, "value_per_share"), figure(&calculation, "equity_value"));
    // The fixed point of the treasury-stock method, found by going round and round.
    let mut by_hand = 100.0;
    for _ in 0..200 {
        let net = 400_000.0 * f64::max(0.0, 1.0 - 60.0 / by_hand) + 200_000.0 * f64::max(0.0, 1.0 - 90.0 / by_hand);
        by_hand = equity * 1000.0 / (SHARES + net);
    }
    assert!((value / by_hand - 1.0).abs() < 1e-12, "{value}, by hand {by_hand}");

    // Options that are not in the money do not dilute.
    put(&mut model, "strike_low", None, 900.0);
    put(&mut model, "strike_high", None, 1_000.0);
    let calculation = Calculation::new(&model);
    assert_eq!(figure(&calculation, "shares"), SHARES);
}

#[test]
fn the_rows_that_add_up_give_what_was_reported() {
    let company = Company::from_csv(APPLE_10K).unwrap();
    let (_, calculation) = apple();
    for (index, year) in company.years.iter().enumerate() {
        let calculated = number(&calculation, &cell("operating_income", &format!("fy{year}")));
        assert_eq!(calculated, company.figures("operating_income")[index]);
    }
}

#[test]
fn the_outputs_stand_in_the_order_of_the_model_with_their_bits() {
    let (model, calculation) = apple();
    let outputs = outputs(&model, &calculation);
    assert_eq!(outputs.len(), model.outputs.len());
    for (output, item) in outputs.iter().zip(&model.outputs) {
        assert_eq!(&output.item, item);
        assert_eq!(output.bits, output.value.map(|value| format!("{:016x}", value.to_bits())));
        assert_eq!(output.error, None);
    }
}

#[test]
fn a_model_that_travels_as_json_keeps_its_bits() {
    let text = serde_json::to_string(&apple_dcf().unwrap()).unwrap();
    let (model, calculation) = apple();
    let travelled = Calculation::new(&Model::read(&serde_json::from_str(&text).unwrap()).unwrap());
    for cell in model.cells() {
        assert_eq!(travelled.value(&cell), calculation.value(&cell));
    }
}
