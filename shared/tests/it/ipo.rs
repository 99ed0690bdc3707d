//! The template of an offering against examples worked by others.

use coval_shared::model::Calculation;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::templates::{figure, put, template};

/// EBITDA of 300 at 9.8, 11.5 and 13.2 times; debt 500, preferred stock 50, cash 200, 150 shares: by share 17.27, 20.67
/// and 24.07 (ibinterviewquestions.com, "from comps to implied valuation").
#[test]
fn a_range_of_multiples_gives_a_range_of_values_per_share() {
    let mut model = template("ipo");
    // The second and the fourth of five peers are the quartiles.
    let multiples = [("a", 8.0), ("b", 9.8), ("c", 11.5), ("d", 13.2), ("e", 15.0)];
    for (peer, multiple) in multiples {
        put(&mut model, &format!("ebitda_multiple_{peer}"), None, multiple);
    }
    put(&mut model, "ebitda", Some("fy2023"), 300.0);
    for (item, number) in
        [("debt", 500.0), ("preferred_stock", 50.0), ("cash", 200.0), ("shares_before", 150.0), ("exchange_rate", 1.0)]
    {
        put(&mut model, item, None, number);
    }
    let calculation = Calculation::new(&model);
    for (end, expected) in [("low", 17.27), ("mid", 20.67), ("high", 24.07)] {
        let value = figure(&calculation, &format!("ebitda_value_{end}"));
        assert!((value - expected).abs() < 5e-3, "{end}: {value}");
    }
}

#[test]
fn a_peer_without_a_multiple_is_passed_over() {
    let mut model = template("ipo");
    let row = |item: &&mut coval_shared::model::LineItem| item.id.0 == "ebitda_multiple_e";
    model.sections.iter_mut().flat_map(|section| &mut section.items).find(row).unwrap().value = None;
    let calculation = Calculation::new(&model);
    // Of 13, 15.5, 18 and 20.5.
    assert_eq!(figure(&calculation, "ebitda_multiple_low"), 14.875);
    assert_eq!(figure(&calculation, "ebitda_multiple_mid"), 16.75);
    assert_eq!(figure(&calculation, "ebitda_multiple_high"), 18.625);
    assert_eq!(figure(&calculation, "checks"), 0.0);
}

/// The firm sells 200, holders sell 100, a greenshoe of 15 %, pre-money 500, costs 5: investors pay 345, of which 245 go
/// to the firm, and post-money is 740 (vlp.teju-finance.com, chapter 879).
#[test]
fn an_offering_splits_its_proceeds_and_adds_what_the_firm_gets_to_its_value() {
    let mut model = template("ipo");
    let terms = [
        ("set_price", 1.0),
        ("shares_before", 500.0),
        ("primary_shares", 200.0),
        ("secondary_shares", 100.0),
        ("greenshoe", 0.15),
        ("greenshoe_exercised", 1.0),
        ("greenshoe_from_firm", 1.0),
        ("spread", 0.0),
        ("other_costs", 5.0),
    ];
    for (item, number) in terms {
        put(&mut model, item, None, number);
    }
    let calculation = Calculation::new(&model);
    for (item, expected) in [("offer_size", 345.0), ("gross_to_firm", 245.0), ("post_money", 740.0)] {
        let value = figure(&calculation, item);
        assert!((value - expected).abs() < 1e-9, "{item}: {value}");
    }
}

/// What the prospectus and the press told of the offering of October 2023: 1.48 billion dollars for 32.3 million shares,
/// about 500 million of them for the firm, 187.8 million shares after it.
#[test]
fn the_worked_company_has_the_terms_of_its_offering() {
    let mut model = template("ipo");
    put(&mut model, "greenshoe_exercised", None, 0.0);
    let calculation = Calculation::new(&model);
    let near = |item: &str, expected: f64, tolerance: f64| {
        let value = figure(&calculation, item);
        assert!((value - expected).abs() < tolerance, "{item}: {value}");
    };
    near("offer_size", 1_484.0, 1.0);
    near("gross_to_firm", 495.0, 1.0);
    near("shares_after", 187.8, 1e-9);
    near("place_in_range", 0.4, 1e-12);
    near("initial_return", -5.0 / 46.0, 1e-12);
}

/// A greenshoe of the firm dilutes, one of its holders does not.
#[test]
fn only_shares_of_the_firm_dilute() {
    let dilution = |from_firm: f64, exercised: f64| {
        let mut model = template("ipo");
        put(&mut model, "greenshoe_from_firm", None, from_firm);
        put(&mut model, "greenshoe_exercised", None, exercised);
        figure(&Calculation::new(&model), "dilution")
    };
    assert_eq!(dilution(0.0, 0.0), dilution(0.0, 1.0));
    assert!(dilution(1.0, 0.5) > dilution(0.0, 0.5));
    assert!((dilution(0.0, 1.0) - 10.752_688 / 187.8).abs() < 1e-12);
}
