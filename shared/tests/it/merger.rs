//! The template of a merger against reported figures, an example worked by others, and the identities of such deals.

use std::sync::LazyLock;

use coval_shared::model::{Calculation, CellValue, Model};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::documents::cell;
use crate::templates::{figure, put, template};

/// The template as it is; building it takes longer than calculating it.
fn base() -> Model {
    static BASE: LazyLock<Model> = LazyLock::new(|| template("merger"));
    BASE.clone()
}

const YEARS: std::ops::RangeInclusive<i32> = 2017..=2021;

fn at(calculation: &Calculation, name: &str, year: i32) -> f64 {
    match calculation.value(&cell(name, &format!("fy{year}"))) {
        CellValue::Number(number) => *number,
        other => panic!("{name} is {other:?} in {year}"),
    }
}

fn put_every_year(model: &mut Model, name: &str, number: f64) {
    for year in YEARS {
        put(model, name, Some(&format!("fy{year}")), number);
    }
}

/// Microsoft reports goodwill of $16,803 million for LinkedIn, and earnings of $16,798 million for fiscal 2016.
#[test]
fn the_worked_deal_gives_what_was_reported() {
    let calculation = Calculation::new(&base());
    assert!((figure(&calculation, "goodwill") - 16_803.0).abs() < 1e-6);
    assert!((figure(&calculation, "intangible_assets") - 7_887.0).abs() < 1e-9);
    assert!((figure(&calculation, "premium") - 0.495).abs() < 1e-3);
    assert_eq!(at(&calculation, "acquirer_net_income", 2015), 12_193.0);
    assert_eq!(at(&calculation, "acquirer_net_income", 2016), 16_798.0);
    assert!((at(&calculation, "acquirer_eps", 2016) - 2.10).abs() < 5e-3);
    assert_eq!(at(&calculation, "target_net_income", 2015), -15.0);
    assert_eq!(at(&calculation, "target_net_income", 2016), -165.0);
}

/// An acquirer that earns 100 on 50 shares buys earnings of 20 for 300 with debt at 5 %, tax 25 %: 2.175 a share, 8.75 %
/// of accretion (a public note on merger models, athena-portal).
#[test]
fn a_purchase_with_debt_gives_the_earnings_of_the_worked_example() {
    let mut model = base();
    let inputs = [
        ("offer_price", 300.0),
        ("target_shares", 1.0),
        ("stock_share", 0.0),
        ("debt_share", 1.0),
        ("debt_rate", 0.05),
        ("debt_fee_rate", 0.0),
        ("deal_tax_rate", 0.25),
        ("transaction_fees", 0.0),
        ("target_debt", 0.0),
        ("customer_value", 0.0),
        ("marketing_value", 0.0),
        ("technology_value", 0.0),
        ("contract_value", 0.0),
        ("cost_synergies", 0.0),
        ("buyback", 0.0),
    ];
    for (name, value) in inputs {
        put(&mut model, name, None, value);
    }
    for (name, value) in [
        ("acquirer_net_income", 100.0),
        ("target_net_income", 20.0),
        ("acquirer_shares", 50.0),
        ("integration_costs", 0.0),
        ("old_amortization", 0.0),
        ("debt_repayment", 0.0),
    ] {
        put_every_year(&mut model, name, value);
    }
    let calculation = Calculation::new(&model);
    for year in YEARS {
        assert!((at(&calculation, "eps", year) - 2.175).abs() < 1e-12);
        assert!((at(&calculation, "accretion", year) - 0.0875).abs() < 1e-12);
    }
    assert_eq!(figure(&calculation, "checks"), 0.0);
}

#[test]
fn the_synergies_to_break_even_leave_earnings_per_share_as_they_were() {
    let mut model = base();
    let before = Calculation::new(&model);
    for year in YEARS {
        put(&mut model, "synergies", Some(&format!("fy{year}")), at(&before, "breakeven_synergies", year));
    }
    let calculation = Calculation::new(&model);
    for year in YEARS {
        assert!(at(&before, "accretion", year).abs() > 1e-4);
        assert!(at(&calculation, "accretion", year).abs() < 1e-12);
    }
}

#[test]
fn shares_are_exchanged_at_the_ratio_of_the_prices() {
    let mut model = base();
    put(&mut model, "stock_share", None, 1.0);
    put(&mut model, "debt_share", None, 0.0);
    let calculation = Calculation::new(&model);
    let ratio = 196.0 / 51.48;
    assert!((figure(&calculation, "exchange_ratio") - ratio).abs() < 1e-12);
    let new = ratio * 27_009.0 / 196.0;
    assert!((figure(&calculation, "target_ownership") - new / (8_013.0 + new)).abs() < 1e-12);
    assert!((figure(&calculation, "target_ownership") - figure(&calculation, "equivalent_ownership")).abs() < 1e-12);
    assert_eq!(figure(&calculation, "new_debt"), 0.0);
}

#[test]
fn a_step_up_that_lowers_taxes_leaves_less_goodwill() {
    let mut model = base();
    let share_deal = figure(&Calculation::new(&model), "goodwill");
    put(&mut model, "step_up_deductible", None, 1.0);
    let asset_deal = figure(&Calculation::new(&model), "goodwill");
    assert!((share_deal - asset_deal - 0.35 * 7_887.0).abs() < 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_identities_of_a_merger_hold(
        offer in 60.0..400.0_f64,
        price in 10.0..300.0_f64,
        stock in 0.0..1.0_f64,
        debt in 0.0..1.0_f64,
        rates in (0.0..0.1_f64, 0.0..0.05_f64, 0.0..0.05_f64, 0.0..0.5_f64),
        step_up in (0.0..3000.0_f64, 0.0..6000.0_f64),
        synergies in (0.0..2000.0_f64, 0.0..3000.0_f64),
        flags in vec(any::<bool>(), 3),
        repaid in vec(0.0..9000.0_f64, 5),
    ) {
        let mut model = base();
        let inputs = [
            ("offer_price", offer),
            ("acquirer_price", price),
            ("stock_share", stock),
            ("debt_share", (1.0 - stock) * debt),
            ("debt_rate", rates.0),
            ("debt_fee_rate", rates.1),
            ("cash_rate", rates.2),
            ("deal_tax_rate", rates.3),
            ("fixed_assets_step_up", step_up.0),
            ("customer_value", step_up.1),
            ("cost_synergies", synergies.0),
            ("revenue_synergies", synergies.1),
        ];
        for (name, value) in inputs {
            put(&mut model, name, None, value);
        }
        for (name, is_on) in ["average_interest", "step_up_deductible", "fees_in_earnings"].into_iter().zip(&flags) {
            put(&mut model, name, None, f64::from(u8::from(*is_on)));
        }
        for (year, repaid) in YEARS.zip(&repaid) {
            put(&mut model, "debt_repayment", Some(&format!("fy{year}")), *repaid);
        }
        let calculation = Calculation::new(&model);
        for cell in model.cells() {
            let value = calculation.value(&cell);
            prop_assert!(!matches!(value, CellValue::Error(_)), "{:?} is {:?}", cell, value);
        }
        prop_assert_eq!(figure(&calculation, "checks"), 0.0);
        let get = |name: &str| figure(&calculation, name);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * a.abs().max(1e4);
        prop_assert!(near(get("sources_total"), get("uses_total")));
        prop_assert!(near(get("goodwill") + get("identified_value"), get("equity_price")));
        prop_assert!(near(get("combined_assets"), get("combined_claims")));
        prop_assert!(near(get("cash_share") + get("debt_share") + get("stock_share"), 1.0));
        let shared = get("acquirer_gain") + get("target_gain");
        prop_assert!(near(shared, get("synergy_present_value") - get("transaction_fees") - get("financing_fees")));
        let mut owed = get("new_debt");
        for year in YEARS {
            let at = |name: &str| at(&calculation, name, year);
            let closing = at("acquisition_debt");
            prop_assert!(closing >= 0.0 && closing <= owed);
            let base = if flags[0] { (owed + closing) / 2.0 } else { owed };
            prop_assert!(near(at("new_interest"), base * rates.0));
            owed = closing;
            let shares = at("acquirer_shares") + get("new_shares");
            prop_assert!(near(at("eps") * shares, at("net_income")));
            prop_assert!(near(
                at("net_income") - at("adjustments_after_tax") + at("fees_expensed"),
                at("acquirer_net_income") + at("target_net_income")
            ));
            let needed = at("breakeven_synergies") - at("synergies");
            let together = (at("net_income") + needed * (1.0 - rates.3)) / shares;
            prop_assert!((together - at("acquirer_eps")).abs() < 1e-9);
        }
    }
}
