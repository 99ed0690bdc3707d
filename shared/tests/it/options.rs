//! The functions for options, statistics, look-ups and valuation, as formulas call them.

#[cfg(not(target_arch = "wasm32"))]
use coval_shared::finance::binomial::{self, Exercise};
#[cfg(not(target_arch = "wasm32"))]
use coval_shared::finance::black_scholes::{OptionKind, Vanilla};
use coval_shared::model::{Value as Calculated, calc};
#[cfg(not(target_arch = "wasm32"))]
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn number(formula: &str) -> f64 {
    match calc(formula) {
        Ok(Calculated::Number(number)) => number,
        other => panic!("{formula}: {other:?}"),
    }
}

fn code(formula: &str) -> String {
    calc(formula).unwrap_err().code.to_string()
}

/// Textbooks and public test suites: Haug and QuantLib, Hull, Damodaran (Disney), Microsoft's documentation.
#[test]
fn formulas_give_what_the_textbooks_print() {
    for (formula, expected, tolerance) in [
        ("black_scholes(\"call\", 60, 65, 0.25, 8%, 30%)", 2.1334, 5e-5),
        ("black_scholes(\"put\", 100, 95, 0.5, 10%, 20%, 5%)", 2.4648, 5e-5),
        ("BLACK_SCHOLES(\"Call\", 42, 40, 0.5, 10%, 20%)", 4.7594, 5e-5),
        ("binomial(\"call\", \"european\", 810, 800, 0.5, 5%, 20%, 2%, 2)", 53.3947, 1e-4),
        (
            "binomial(\"put\", \"american\", 100, 100, 1, 5%, 25%, 5%) - binomial(\"put\", \"european\", 100, 100, 1, 5%, 25%, 5%)",
            0.106_952_7,
            2e-3,
        ),
        ("exchange_option(22, 20, 0.1, 20%, 15%, -0.5, 6%, 4%)", 2.125, 1e-3),
        ("compound_option(\"put\", 50, 0.25, \"call\", 500, 520, 0.5, 8%, 35%, 3%)", 21.1965, 2e-4),
        ("chooser_option(0.25, 50, 50, 0.5, 8%, 25%)", 6.1071, 1e-4),
        ("implied_volatility(\"call\", black_scholes(\"call\", 60, 65, 0.25, 8%, 30%), 60, 65, 0.25, 8%)", 0.3, 1e-12),
        ("black76(\"call\", 19, 19, 0.75, 10%, 28%)", 1.7011, 5e-5),
        ("bs_delta(\"call\", 100, 100, 1, 0, 20%)", 0.539_827_837, 1e-9),
        ("levered_beta(1.0674, 0.3 / 0.7, 37.3%)", 1.3543, 1e-4),
        ("capm(4%, levered_beta(1.0674, 0.3 / 0.7, 37.3%), 4.82%)", 0.1053, 1e-4),
        ("wacc(10.53%, 3.76% / (1 - 37.3%), 37.3%, 30%)", 0.0850, 5e-5),
        ("relevered_beta(1.3543, 0.3 / 0.7, 0, 37.3%)", 1.0674, 1e-4),
        ("gordon(105, 10%, 5%)", 2100.0, 1e-9),
        ("terminal_value(100, 10%, 5%)", 2100.0, 1e-9),
        ("implied_growth(2100, 100, 10%)", 0.05, 1e-12),
        ("implied_multiple(1200, 100)", 12.0, 0.0),
        ("discount_factor(10%, discount_periods(2, 0.5, TRUE))", 1.0 / 1.1, 1e-15),
        ("midyear_factor(21%, 1)", 1.0 / 1.1, 1e-15),
        ("treasury_shares(20, [10, 5], [15, 30])", 2.5, 1e-12),
        ("diluted_shares(100, 20, [10, 5], [15, 30])", 102.5, 1e-12),
        ("diluted_price(2050, 100, [10, 5], [15, 30])", 20.0, 1e-12),
        ("stdev.s([1345, 1301, 1368, 1322, 1310, 1370, 1318, 1350, 1303, 1299])", 27.463_915_72, 1e-7),
        ("percentile.inc([1, 2, 3, 4], 30%)", 1.9, 1e-12),
        ("quartile.exc([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 3)", 43.0, 1e-12),
        ("forecast(30, [6, 7, 9, 15, 21], [20, 28, 31, 38, 40])", 10.607_253, 1e-6),
        ("correl([3, 2, 4, 5, 6], [9, 7, 12, 15, 17])", 0.997_054_486, 1e-9),
        ("large([3, 5, 3, 5, 4], 3) + small([3, 5, 3, 5, 4], 1) * 10", 34.0, 0.0),
        ("norm.dist(42, 40, 1.5, TRUE)", 0.908_788_780, 1e-9),
        ("norm.inv(0.908789, 40, 1.5)", 42.000_002, 1e-6),
        ("norm.s.dist(1.333333, FALSE)", 0.164_010_148, 1e-8),
        ("lognorm.dist(4, 3.5, 1.2, TRUE)", 0.039_083_555, 1e-8),
        ("lognorm.inv(0.039084, 3.5, 1.2)", 4.000_025, 1e-5),
        ("sumproduct([1, 2, 3], [4, 5, 6])", 32.0, 0.0),
        ("cagr([100, 110, 121])", 0.1, 1e-12),
        ("index([5, 6, 7], match(6.5, [5, 6, 7]))", 6.0, 0.0),
        ("match(\"b\", [\"a\", \"B\"], 0)", 2.0, 0.0),
        ("match(3, [5, 4, 2], -1)", 2.0, 0.0),
        ("lookup(2.5, [1, 2, 3], [10, 20, 30])", 20.0, 0.0),
        ("xlookup(4, [1, 2, 3], [10, 20, 30], 99)", 99.0, 0.0),
        ("xlookup(2.5, [3, 1, 2], [30, 10, 20], 99, -1)", 20.0, 0.0),
        ("xlookup(2.5, [5, 3, 1], [50, 30, 10], 99, 1)", 30.0, 0.0),
        ("interpolate(2.5, [1, 2, 3], [10, 20, 40])", 30.0, 1e-12),
    ] {
        let actual = number(formula);
        assert!((actual - expected).abs() <= tolerance, "{formula} = {actual}, expected {expected}");
    }
}

#[test]
fn what_has_no_value_is_named() {
    for (formula, expected) in [
        ("gordon(100, 3%, 3%)", "NUM"),
        ("black_scholes(\"call\", -1, 65, 0.25, 8%, 30%)", "NUM"),
        ("black_scholes(\"swap\", 60, 65, 0.25, 8%, 30%)", "VALUE"),
        ("binomial(\"call\", \"american\", 60, 65, 0.25, 8%, 30%, 0, 1000000)", "NUM"),
        ("implied_volatility(\"call\", 1000, 60, 65, 0.25, 8%)", "NUM"),
        ("implied_multiple(1200, 0)", "DIV/0"),
        ("treasury_shares(20, [10], [15, 30])", "VALUE"),
        ("average([])", "DIV/0"),
        ("match(4, [1, 2, 3], 0)", "N/A"),
        ("xlookup(4, [1, 2, 3], [10, 20, 30])", "N/A"),
        ("index([1], 2)", "REF"),
        ("interpolate(4, [1, 2, 3], [10, 20, 40])", "N/A"),
        ("norm.s.inv(1)", "NUM"),
        ("sumproduct([1, 2], [1])", "VALUE"),
    ] {
        assert_eq!(code(formula), expected, "{formula}");
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn vanilla() -> impl Strategy<Value = Vanilla> {
    let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
    (kind, 1.0..200.0, 1.0..200.0, 0.01..5.0, -0.05..0.15, 0.05..0.9, -0.02..0.1).prop_map(
        |(kind, spot, strike, years, rate, volatility, dividend_yield)| Vanilla {
            kind,
            spot,
            strike,
            years,
            rate,
            volatility,
            dividend_yield,
        },
    )
}

#[cfg(not(target_arch = "wasm32"))]
const STEPS: u32 = 800;

/// How far a tree may be from the closed form. The variance of a step of Cox, Ross and Rubinstein is σ²Δt − (μΔt)²:
/// where the drift μ is large beside the volatility σ, the tree lacks a share of the variance.
#[cfg(not(target_arch = "wasm32"))]
fn bound_of_the_tree(option: &Vanilla) -> f64 {
    let variance = option.volatility * option.volatility;
    let drift = option.rate - option.dividend_yield - variance / 2.0;
    let lacking = drift * drift * option.years / f64::from(STEPS) / variance;
    let scale = option.spot.max(option.strike) * option.volatility * option.years.sqrt();
    (3e-3 + lacking / 2.0) * scale.max(0.1)
}

/// A case that the law below met before its bound knew of the drift.
#[test]
#[cfg(not(target_arch = "wasm32"))]
fn a_tree_with_a_large_drift_is_as_far_from_the_closed_form_as_its_variance_says() {
    let option = Vanilla {
        kind: OptionKind::Call,
        spot: 146.050_368_154_777,
        strike: 80.900_212_896_510_27,
        years: 4.673_273_551_809_403_5,
        rate: -0.039_716_811_633_141_44,
        volatility: 0.05,
        dividend_yield: 0.083_556_189_164_879_96,
    };
    let off = binomial::value(&option, Exercise::European, STEPS).unwrap() - option.value().unwrap();
    assert!(off.abs() < bound_of_the_tree(&option), "{off}");
}

#[cfg(not(target_arch = "wasm32"))]
proptest! {
    #[test]
    fn a_call_less_a_put_is_a_forward_purchase(option in vanilla()) {
        let call = Vanilla { kind: OptionKind::Call, ..option }.value().unwrap();
        let put = Vanilla { kind: OptionKind::Put, ..option }.value().unwrap();
        let forward = option.spot * libm::exp(-option.dividend_yield * option.years)
            - option.strike * libm::exp(-option.rate * option.years);
        prop_assert!((call - put - forward).abs() < 1e-12 * (option.spot + option.strike) * 10.0);
    }

    #[test]
    fn an_american_option_is_worth_at_least_the_european_and_what_it_pays_at_once(option in vanilla(), steps in 20_u32..120) {
        let european = binomial::value(&option, Exercise::European, steps);
        prop_assume!(european.is_ok());
        let american = binomial::value(&option, Exercise::American, steps).unwrap();
        let at_once = (option.kind.sign() * (option.spot - option.strike)).max(0.0);
        prop_assert!(american >= european.unwrap() - 1e-9);
        prop_assert!(american >= at_once - 1e-9);
    }

    #[test]
    fn a_tree_goes_to_the_closed_form(option in vanilla()) {
        let tree = binomial::value(&option, Exercise::European, STEPS);
        prop_assume!(tree.is_ok());
        let off = tree.unwrap() - option.value().unwrap();
        prop_assert!(off.abs() < bound_of_the_tree(&option), "{off}");
    }

    #[test]
    fn the_implied_volatility_gives_the_volatility_back(option in vanilla()) {
        let price = option.value().unwrap();
        let certain = Vanilla { volatility: 0.0, ..option }.value().unwrap();
        prop_assume!(option.greeks().unwrap().vega > 1e-2 && price - certain > 1e-4);
        let implied = option.implied_volatility(price).unwrap();
        prop_assert!((implied - option.volatility).abs() < 1e-8, "{implied}");
    }

    #[test]
    fn the_price_grows_with_the_volatility(option in vanilla()) {
        let more = Vanilla { volatility: option.volatility + 0.05, ..option }.value().unwrap();
        prop_assert!(more >= option.value().unwrap() - 1e-12);
    }
}
