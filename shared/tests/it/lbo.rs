//! The template of a leveraged buyout against two calculations that know nothing of it and of each other, and against
//! an example worked by others.

mod bisection;
mod fixed_point;

use std::sync::LazyLock;

use coval_shared::model::{Calculation, CellValue, Model};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::documents::cell;
use crate::templates::{figure, put, template};

/// The template as it is; building it takes longer than calculating it.
fn base() -> Model {
    static BASE: LazyLock<Model> = LazyLock::new(|| template("lbo"));
    BASE.clone()
}

/// The years after the purchase.
const YEARS: usize = 7;

/// What a calculation by hand needs to know.
#[derive(Clone, Debug)]
struct Deal {
    is_average: bool,
    sweep_share: f64,
    minimum_cash: f64,
    tax_rate: f64,
    interest_cap: f64,
    loss_limit: f64,
    losses: f64,
    deposit_rate: f64,
    commitment: f64,
    commitment_fee: f64,
    revolver: f64,
    revolver_margin: f64,
    term_a: f64,
    term_a_margin: f64,
    term_a_amortization: f64,
    term_a_maturity: f64,
    term_b: f64,
    term_b_margin: f64,
    term_b_amortization: f64,
    term_b_maturity: f64,
    notes: f64,
    notes_rate: f64,
    notes_maturity: f64,
    mezzanine: f64,
    mezzanine_cash_rate: f64,
    mezzanine_pik_rate: f64,
    mezzanine_maturity: f64,
    years: Vec<Operations>,
}

/// A year of the company, before its financing.
#[derive(Clone, Copy, Debug)]
struct Operations {
    ebitda: f64,
    depreciation: f64,
    /// Capital expenditure, and what working capital takes up.
    investment: f64,
    base_rate: f64,
    /// The part of the capitalised fees that this year bears.
    fees: f64,
}

/// What the debt comes to at the end of a year.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Year {
    cash: f64,
    revolver: f64,
    term_a: f64,
    term_b: f64,
    notes: f64,
    mezzanine: f64,
    /// Interest paid less interest earned, with the fee on the revolver.
    interest: f64,
    taxes: f64,
    cure: f64,
}

impl Deal {
    fn read(model: &Model, calculation: &Calculation) -> Self {
        let get = |name: &str| figure(calculation, name);
        let year = |index: usize| {
            let at = |name: &str| at(calculation, name, index);
            let fee = |fee: f64, maturity: f64| if count(index) <= maturity { fee / maturity } else { 0.0 };
            Operations {
                ebitda: at("ebitda"),
                depreciation: at("depreciation"),
                investment: at("capex") + at("working_capital_increase"),
                base_rate: at("base_rate") + get("base_rate_shift"),
                fees: fee(get("revolver_fee_rate") * get("revolver_commitment"), get("revolver_maturity"))
                    + fee(get("term_a_fee_rate") * get("term_a_amount"), get("term_a_maturity"))
                    + fee(get("term_b_fee_rate") * get("term_b_amount"), get("term_b_maturity"))
                    + fee(get("notes_fee_rate") * get("notes_amount"), get("notes_maturity"))
                    + fee(get("mezzanine_fee_rate") * get("mezzanine_amount"), get("mezzanine_maturity")),
            }
        };
        assert_eq!(model.periods.len(), 3 + YEARS);
        Self {
            is_average: get("average_interest") != 0.0,
            sweep_share: get("sweep_share"),
            minimum_cash: get("minimum_cash"),
            tax_rate: get("tax_rate"),
            interest_cap: get("interest_cap"),
            loss_limit: get("loss_limit"),
            losses: get("losses_acquired"),
            deposit_rate: get("deposit_rate"),
            commitment: get("revolver_commitment"),
            commitment_fee: get("commitment_fee"),
            revolver: get("revolver_drawn"),
            revolver_margin: get("revolver_margin"),
            term_a: get("term_a_amount"),
            term_a_margin: get("term_a_margin"),
            term_a_amortization: get("term_a_amortization"),
            term_a_maturity: get("term_a_maturity"),
            term_b: get("term_b_amount"),
            term_b_margin: get("term_b_margin"),
            term_b_amortization: get("term_b_amortization"),
            term_b_maturity: get("term_b_maturity"),
            notes: get("notes_amount"),
            notes_rate: get("notes_rate"),
            notes_maturity: get("notes_maturity"),
            mezzanine: get("mezzanine_amount"),
            mezzanine_cash_rate: get("mezzanine_cash_rate"),
            mezzanine_pik_rate: get("mezzanine_pik_rate"),
            mezzanine_maturity: get("mezzanine_maturity"),
            years: (1..=YEARS).map(year).collect(),
        }
    }
}

/// A number of years, as formulas have it.
fn count(years: usize) -> f64 {
    f64::from(u8::try_from(years).unwrap())
}

/// The value of `name`, `year` years after the purchase.
fn at(calculation: &Calculation, name: &str, year: usize) -> f64 {
    match calculation.value(&cell(name, &format!("fy{}", 2025 + year))) {
        CellValue::Number(number) => *number,
        other => panic!("{name} is {other:?} in year {year}"),
    }
}

/// What the template gives.
fn modelled(calculation: &Calculation) -> Vec<Year> {
    let year = |year: usize| {
        let at = |name: &str| at(calculation, name, year);
        Year {
            cash: at("cash"),
            revolver: at("revolver"),
            term_a: at("term_a"),
            term_b: at("term_b"),
            notes: at("senior_notes"),
            mezzanine: at("mezzanine"),
            interest: at("cash_interest") - at("interest_income"),
            taxes: at("taxes"),
            cure: at("equity_cure"),
        }
    };
    (1..=YEARS).map(year).collect()
}

fn distance(a: &Year, b: &Year) -> f64 {
    let pairs = [
        (a.cash, b.cash),
        (a.revolver, b.revolver),
        (a.term_a, b.term_a),
        (a.term_b, b.term_b),
        (a.notes, b.notes),
        (a.mezzanine, b.mezzanine),
        (a.interest, b.interest),
        (a.taxes, b.taxes),
        (a.cure, b.cure),
    ];
    pairs.iter().map(|(a, b)| (a - b).abs() / 1_f64.max(a.abs())).fold(0.0, f64::max)
}

/// Asserts that the template and both calculations by hand agree.
fn assert_agreement(model: &Model) -> Result<Vec<Year>, TestCaseError> {
    let calculation = Calculation::new(model);
    let deal = Deal::read(model, &calculation);
    let modelled = modelled(&calculation);
    let iterated = fixed_point::years(&deal);
    let bisected = bisection::years(&deal);
    for (year, ((modelled, iterated), bisected)) in modelled.iter().zip(&iterated).zip(&bisected).enumerate() {
        let apart = distance(modelled, iterated).max(distance(modelled, bisected)).max(distance(iterated, bisected));
        prop_assert!(
            apart < 1e-9,
            "year {}: template {:?}, fixed point {:?}, bisection {:?}",
            year + 1,
            modelled,
            iterated,
            bisected
        );
    }
    for convergence in calculation.convergence() {
        prop_assert!(convergence.has_settled, "{:?}", convergence);
    }
    Ok(modelled)
}

/// Random inputs: single ones, and growth and margin by year.
fn inputs() -> impl Strategy<Value = (Vec<(&'static str, f64)>, Vec<f64>, Vec<f64>)> {
    let input = |name: &'static str, low: f64, high: f64| (low..high).prop_map(move |value| (name, value));
    let flag = |name: &'static str| any::<bool>().prop_map(move |is_on| (name, f64::from(u8::from(is_on))));
    let year = |name: &'static str, low: i32, high: i32| (low..=high).prop_map(move |year| (name, f64::from(year)));
    let deal = (
        input("entry_multiple", 7.0, 12.0),
        input("exit_multiple", 5.0, 12.0),
        input("minimum_cash", 0.0, 150.0),
        flag("average_interest"),
        prop_oneof![Just(1.0), 0.0..1.0_f64].prop_map(|share| ("sweep_share", share)),
        year("exit_year", 1, 7),
    );
    let debt = (
        input("revolver_commitment", 50.0, 400.0),
        input("revolver_drawn", 0.0, 50.0),
        input("term_a_turns", 0.0, 2.5),
        input("term_b_turns", 0.0, 2.5),
        input("notes_turns", 0.0, 1.0),
        input("mezzanine_turns", 0.1, 0.8),
        year("term_a_maturity", 3, 8),
        year("term_b_maturity", 4, 9),
    );
    let rates = (
        input("term_a_amortization", 0.0, 0.2),
        input("base_rate_shift", -0.02, 0.06),
        input("mezzanine_pik_rate", 0.0, 0.12),
        input("tax_rate", 0.0, 0.4),
        input("interest_cap", 0.05, 0.5),
        input("loss_limit", 0.0, 1.0),
        input("losses_acquired", 0.0, 200.0),
        input("margin_shift", -0.1, 0.05),
    );
    (deal, debt, rates, vec(-0.12..0.12_f64, YEARS), vec(0.1..0.25_f64, YEARS)).prop_map(
        |(deal, debt, rates, growth, margin)| {
            let mut inputs = vec![deal.0, deal.1, deal.2, deal.3, deal.4, deal.5];
            inputs.extend([debt.0, debt.1, debt.2, debt.3, debt.4, debt.5, debt.6, debt.7]);
            inputs.extend([rates.0, rates.1, rates.2, rates.3, rates.4, rates.5, rates.6, rates.7]);
            (inputs, growth, margin)
        },
    )
}

fn with(inputs: &[(&str, f64)], growth: &[f64], margin: &[f64]) -> Model {
    let mut model = base();
    for (name, value) in inputs {
        put(&mut model, name, None, *value);
    }
    for (year, (growth, margin)) in growth.iter().zip(margin).enumerate() {
        let period = format!("fy{}", 2026 + year);
        put(&mut model, "growth", Some(&period), *growth);
        put(&mut model, "ebitda_margin", Some(&period), *margin);
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_sweep_is_that_of_two_calculations_by_hand((inputs, growth, margin) in inputs()) {
        let years = assert_agreement(&with(&inputs, &growth, &margin))?;
        prop_assert_eq!(years.len(), YEARS);
    }

    #[test]
    fn the_laws_of_a_buyout_hold((inputs, growth, margin) in inputs()) {
        let model = with(&inputs, &growth, &margin);
        let calculation = Calculation::new(&model);
        for cell in model.cells() {
            let value = calculation.value(&cell);
            prop_assert!(!matches!(value, CellValue::Error(_)), "{:?} is {:?}", cell, value);
        }
        prop_assert_eq!(figure(&calculation, "checks"), 0.0);
        let get = |name: &str| figure(&calculation, name);
        prop_assert!((get("sources_total") - get("uses_total")).abs() < 1e-9);
        prop_assert!((get("moic") - get("sponsor_received") / get("sponsor_paid")).abs() < 1e-12);
        let gain = get("exit_equity") - get("sponsor_paid") - get("management_equity");
        prop_assert!((get("gain") - gain).abs() < 1e-6);
        for year in 1..=YEARS {
            let at = |name: &str| at(&calculation, name, year);
            let scale = at("assets").abs().max(1.0);
            prop_assert!(at("cash") >= get("minimum_cash") - 1e-9);
            prop_assert!(at("revolver") <= get("revolver_commitment") + 1e-9);
            prop_assert!((at("assets") - at("total_debt") - at("equity")).abs() < 1e-9 * scale);
            prop_assert!(at("term_b_sweep") <= 1e-9 || at("term_a").abs() < 1e-9);
            prop_assert!(at("term_a_sweep") <= 1e-9 || at("revolver").abs() < 1e-9);
            prop_assert!(at("equity_cure") <= 1e-9 || (at("revolver") - get("revolver_commitment")).abs() < 1e-9);
        }
    }

    #[test]
    fn the_return_puts_the_present_value_at_zero((inputs, growth, margin) in inputs()) {
        let model = with(&inputs, &growth, &margin);
        let calculation = Calculation::new(&model);
        for (rate, flows) in [("sponsor_irr", "sponsor_cash_flow"), ("mezzanine_irr", "mezzanine_cash_flow")] {
            let rate = figure(&calculation, rate);
            let exit = figure(&calculation, "exit_year");
            let held = (0..=YEARS).take_while(|year| count(*year) <= exit);
            let flows: Vec<f64> = held.map(|year| at(&calculation, flows, year)).collect();
            if flows.iter().all(|flow| *flow <= 0.0) {
                prop_assert_eq!(rate, -1.0);
                continue;
            }
            let discounted: Vec<f64> =
                flows.iter().enumerate().map(|(year, flow)| flow * libm::pow(1.0 + rate, -count(year))).collect();
            let value: f64 = discounted.iter().sum();
            let scale: f64 = discounted.iter().map(|flow| flow.abs()).sum();
            prop_assert!(value.abs() < 1e-8 * scale.max(1.0), "{} at {}: {}", flows.len(), rate, value);
        }
    }
}

#[test]
fn the_sweep_is_that_of_two_calculations_by_hand_in_every_scenario() {
    let model = base();
    for is_average in [0.0, 1.0] {
        for (_, mut case) in crate::templates::cases(&model) {
            put(&mut case, "average_interest", None, is_average);
            let years = assert_agreement(&case).unwrap();
            assert!(years[0].interest > 0.0);
        }
    }
}

#[test]
fn interest_on_the_average_is_less_while_debt_falls() {
    let mut model = base();
    let on_average = at(&Calculation::new(&model), "cash_interest", 1);
    put(&mut model, "average_interest", None, 0.0);
    let on_opening = at(&Calculation::new(&model), "cash_interest", 1);
    assert!(on_average < on_opening, "{on_average} {on_opening}");
}

/// Bought at 100 and sold at 200 after five years without debt: 2.0 times the money, 14.87 % a year (Breaking Into Wall
/// Street, LBO quick reference).
#[test]
fn a_purchase_without_debt_returns_what_the_prices_say() {
    let mut model = base();
    let zero = [
        "revolver_commitment",
        "term_a_turns",
        "term_b_turns",
        "notes_turns",
        "mezzanine_turns",
        "minimum_cash",
        "transaction_fee_rate",
        "exit_fee_rate",
        "option_pool",
        "mezzanine_warrants",
        "management_equity",
        "refinanced_debt",
        "acquired_cash",
        "tax_rate",
    ];
    for name in zero {
        put(&mut model, name, None, 0.0);
    }
    for (name, value) in [("entry_multiple", 10.0), ("exit_multiple", 20.0), ("exit_year", 5.0)] {
        put(&mut model, name, None, value);
    }
    put(&mut model, "ebitda", Some("fy2025"), 10.0);
    for year in 2026..=2032 {
        let period = format!("fy{year}");
        put(&mut model, "ebitda", Some(&period), 10.0);
        put(&mut model, "capex", Some(&period), 10.0);
        put(&mut model, "working_capital", Some(&period), 288.0);
    }
    let calculation = Calculation::new(&model);
    assert!((figure(&calculation, "moic") - 2.0).abs() < 1e-12);
    assert!((figure(&calculation, "sponsor_irr") - 0.148_698).abs() < 1e-5);
    assert_eq!(figure(&calculation, "checks"), 0.0);
}

#[test]
fn the_bridge_names_every_part_of_the_gain() {
    let calculation = Calculation::new(&base());
    let get = |name: &str| figure(&calculation, name);
    let parts = [
        "bridge_sales",
        "bridge_margin",
        "bridge_multiple",
        "bridge_combined",
        "bridge_debt",
        "bridge_cure",
        "bridge_fees",
        "bridge_loss",
    ];
    let sum: f64 = parts.iter().map(|part| get(part)).sum();
    let gain = get("exit_equity") - get("sponsor_equity") - get("management_equity");
    assert!((sum - gain).abs() < 1e-8, "{sum} {gain}");
    assert_eq!(get("bridge_multiple"), 0.0);
    assert!(get("bridge_sales") > 0.0 && get("bridge_margin") > 0.0 && get("bridge_debt") > 0.0);
}

#[test]
fn at_the_affordable_price_the_owners_earn_the_target() {
    let mut model = base();
    put(&mut model, "option_pool", None, 0.0);
    for (target, price) in [(0.2, "affordable_price_high"), (0.25, "affordable_price_low")] {
        let before = Calculation::new(&model);
        let multiple = figure(&before, price) / figure(&before, "closing_ebitda");
        let mut repriced = model.clone();
        put(&mut repriced, "entry_multiple", None, multiple);
        let irr = figure(&Calculation::new(&repriced), "sponsor_irr");
        assert!((irr - target).abs() < 1e-9, "{irr} {target}");
    }
}

#[test]
fn a_collapse_draws_the_revolver_and_then_asks_the_sponsor() {
    let mut model = base();
    put(&mut model, "margin_shift", None, -0.12);
    let calculation = Calculation::new(&model);
    let cures: f64 = (1..=YEARS).map(|year| at(&calculation, "equity_cure", year)).sum();
    assert!(cures > 0.0);
    assert!(figure(&calculation, "breaches") > 0.0);
    assert_eq!(figure(&calculation, "sponsor_irr"), -1.0);
    assert_eq!(figure(&calculation, "checks"), 0.0);
}
