//! The template of real options against examples worked by others and the laws of options.

use std::sync::LazyLock;

use coval_shared::model::{Calculation, CellValue, Model};
use proptest::prelude::*;

use crate::documents::cell;
use crate::templates::{figure, put, template};

/// The template as it is; building it takes longer than calculating it.
fn base() -> Model {
    static BASE: LazyLock<Model> = LazyLock::new(|| template("real_options"));
    BASE.clone()
}

fn with(inputs: &[(&str, f64)]) -> Model {
    let mut model = base();
    for (name, value) in inputs {
        put(&mut model, name, None, *value);
    }
    model
}

fn root(calculation: &Calculation, name: &str) -> f64 {
    match calculation.value(&cell(name, "fy2024")) {
        CellValue::Number(number) => *number,
        other => panic!("{name} is {other:?}"),
    }
}

/// One step up to 180 or down to 60 from 100, 8 % a year, an investment of 104 that grows with the interest: the net
/// present value is −4, and with the option to defer 25.07 (Trigeorgis, Real Options, chapter 5).
#[test]
fn the_option_to_defer_is_that_of_the_textbook() {
    let model = with(&[
        ("last_step", 1.0),
        ("up", 1.8),
        ("down", 0.6),
        ("up_probability", (1.08 - 0.6) / (1.8 - 0.6)),
        ("step_discount", 1.0 / 1.08),
        ("asset_value", 100.0),
        ("investment", 112.32),
    ]);
    let calculation = Calculation::new(&model);
    assert!((root(&calculation, "defer_0") - 25.07).abs() < 5e-3);
}

/// A call of five months on 42 at 40 with 20 % volatility and 10 % interest, over half a year: 4.76 (Hull, example 15.6).
/// A put at the same terms: 0.81.
#[test]
fn the_closed_formulas_are_those_of_the_textbook() {
    let model = with(&[
        ("asset_value", 42.0),
        ("investment", 40.0),
        ("salvage_value", 40.0),
        ("interest_rate", 0.1),
        ("payout_rate", 0.0),
        ("volatility_input", 0.2),
        ("last_step", 5.0),
        ("step_years", 0.1),
    ]);
    let calculation = Calculation::new(&model);
    assert!((figure(&calculation, "defer_european") - 4.7594).abs() < 5e-5);
    assert!((figure(&calculation, "abandon_european") - 0.8086).abs() < 5e-5);
}

/// The right to exchange 20 for 22 within a tenth of a year, volatilities of 15 % and 20 %, correlation −0.5: 2.125
/// (Haug, by the tests of QuantLib).
#[test]
fn the_option_to_switch_is_that_of_the_textbook() {
    let model = with(&[
        ("switch_asset", 22.0),
        ("asset_value", 20.0),
        ("switch_payout", 0.06),
        ("payout_rate", 0.04),
        ("interest_rate", 0.1),
        ("switch_years", 0.1),
        ("switch_volatility", 0.2),
        ("volatility_input", 0.15),
        ("switch_correlation", -0.5),
    ]);
    assert!((figure(&Calculation::new(&model), "switch_value") - 2.125).abs() < 1e-3);
}

#[test]
fn the_volatility_of_the_past_is_the_deviation_of_its_returns() {
    let prices = [49.0, 43.0, 51.0, 65.0, 57.0, 39.0, 68.0, 95.0, 78.0, 77.0_f64];
    let returns: Vec<f64> = prices.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect();
    let mean = returns.iter().sum::<f64>() / 9.0;
    let variance = returns.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / 8.0;
    let model = with(&[("volatility_from_history", 1.0)]);
    let volatility = figure(&Calculation::new(&model), "volatility");
    assert!((volatility - variance.sqrt()).abs() < 1e-12);
    assert!((0.2..0.4).contains(&volatility));
}

#[test]
fn five_steps_and_their_correction_come_close_to_five_hundred() {
    for asset in [400.0, 520.0, 650.0] {
        let calculation = Calculation::new(&with(&[("asset_value", asset)]));
        let (value, reference) = (figure(&calculation, "defer_value"), figure(&calculation, "defer_reference"));
        assert!((value - reference).abs() < 0.01 * asset, "{value} {reference}");
    }
}

#[test]
fn every_node_lies_where_its_moves_lead() {
    let model = with(&[]);
    let calculation = Calculation::new(&model);
    let up = figure(&calculation, "up");
    for down in 0..=5 {
        for step in 0..=5 {
            let value = calculation.value(&cell(&format!("asset_{down}"), &format!("fy{}", 2024 + step)));
            if down > step {
                assert_eq!(*value, CellValue::Blank);
            } else {
                let CellValue::Number(value) = value else { panic!("{value:?}") };
                assert!((value / (520.0 * libm::pow(up, f64::from(step - 2 * down))) - 1.0).abs() < 1e-12);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_laws_of_options_hold(
        asset in 50.0..2000.0_f64,
        costs in (0.3..2.0_f64, 0.3..2.0_f64, 0.1..1.5_f64),
        rates in (0.0..0.1_f64, 0.0..0.12_f64),
        volatility in 0.15..0.8_f64,
        steps in 1..=5_i32,
        step_years in 0.25..1.0_f64,
        early in any::<bool>(),
        stages in (0.01..0.5_f64, 0.2..2.0_f64, 0.1..3.0_f64, 0.1..3.0_f64),
        switch in (0.3..2.0_f64, 0.05..0.6_f64, -0.9..0.9_f64),
    ) {
        let model = with(&[
            ("asset_value", asset),
            ("investment", asset * costs.0),
            ("expand_cost", asset * 0.3 * costs.1),
            ("salvage_value", asset * costs.2),
            ("interest_rate", rates.0),
            ("payout_rate", rates.1),
            ("volatility_input", volatility),
            ("last_step", f64::from(steps)),
            ("step_years", step_years),
            ("early_exercise", f64::from(u8::from(early))),
            ("first_stage_cost", asset * stages.0),
            ("second_stage_cost", asset * stages.1),
            ("first_stage_years", stages.2),
            ("second_stage_years", stages.2 + stages.3),
            ("switch_asset", asset * switch.0),
            ("switch_volatility", switch.1),
            ("switch_correlation", switch.2),
        ]);
        let calculation = Calculation::new(&model);
        for cell in model.cells() {
            let value = calculation.value(&cell);
            prop_assert!(!matches!(value, CellValue::Error(_)), "{:?} is {:?}", cell, value);
        }
        prop_assert_eq!(figure(&calculation, "checks"), 0.0);
        let get = |name: &str| figure(&calculation, name);
        let slack = 1e-9 * asset;
        prop_assert!(get("expanded_value") >= get("static_npv").max(0.0) - slack);
        prop_assert!(get("flexibility_value") >= -slack && get("interaction") <= slack);
        prop_assert!(get("staged_value") >= get("staged_committed").max(0.0) - slack);
        if early {
            prop_assert!(get("defer_value") >= get("static_npv").max(0.0) - slack);
            prop_assert!(get("abandon_value") >= (get("salvage_value") - asset).max(0.0) - slack);
        } else {
            prop_assert!((get("defer_value") - get("defer_european")).abs() < 1e-6 * asset);
        }
        prop_assert!(get("switch_value") >= 0.0);
        if let CellValue::Number(perpetual) = calculation.value(&cell("perpetual_value", "")) {
            // A tree of 500 steps is a few thousandths of a percent away.
            prop_assert!(*perpetual >= get("defer_reference") - 2e-3 * asset);
        }
        let is_exercised = get("static_npv") > 0.0 && root(&calculation, "defer_0") <= get("static_npv");
        prop_assert_eq!(get("invest_now") == 1.0, is_exercised && early);
    }
}
