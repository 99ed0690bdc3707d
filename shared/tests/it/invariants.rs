//! What holds in every model and for all flows.

use coval_shared::finance::time_value::{self, Due};
use coval_shared::finance::{cumulative, depreciation, rates_of_return};
use coval_shared::model::{Calculation, CellValue, Model};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{cell, model, over_periods, with_single};

fn number(calculation: &Calculation, item: &str, period: &str) -> f64 {
    match calculation.value(&cell(item, period)) {
        CellValue::Number(number) => *number,
        other => panic!("{item} {period}: {other:?}"),
    }
}

/// A row of flows, and rows that each build on the one before: running totals, then balances.
fn chain(flows: &[i32], shares: &[i32]) -> Value {
    let entries: Vec<Value> = flows.iter().map(|flow| json!(flow)).collect();
    let formulas: Vec<(String, String)> = shares
        .iter()
        .enumerate()
        .map(|(index, share)| {
            let before = if index == 0 { "i-flow".to_owned() } else { format!("i-r{}", index - 1) };
            (format!("r{index}"), format!("{{{before}}} + {share}"))
        })
        .collect();
    let mut rows: Vec<(&str, Option<&str>, &[Value])> = vec![("flow", None, &entries)];
    rows.extend(formulas.iter().map(|(name, formula)| (name.as_str(), Some(formula.as_str()), &[][..])));
    rows.push(("total", Some("prev({i-total}, 0) + {i-flow}"), &[]));
    with_single(over_periods(flows.len(), &rows), "all", Some("sum({i-flow})"), None)
}

/// Rows that need nothing but what stands before them, so that what depends on a cell is known.
fn tree(parents: &[usize], periods: usize) -> Value {
    let names: Vec<String> = (0..=parents.len()).map(|index| format!("r{index}")).collect();
    let formulas: Vec<String> =
        parents.iter().map(|parent| format!("{{i-r{parent}}} * 2 + prev({{i-r{parent}}}, 1)")).collect();
    let entries: Vec<Value> = (0..periods).map(|period| json!(period)).collect();
    let mut rows: Vec<(&str, Option<&str>, &[Value])> = vec![("r0", None, &entries)];
    for (name, formula) in names.iter().skip(1).zip(&formulas) {
        rows.push((name, Some(formula), &[]));
    }
    over_periods(periods, &rows)
}

fn calculated(document: &Value) -> (Model, Calculation) {
    let model = model(document);
    let calculation = Calculation::new(&model);
    (model, calculation)
}

proptest! {
    #[test]
    fn a_linear_chain_sums(flows in vec(-1000..1000_i32, 1..12), shares in vec(-50..50_i32, 1..20)) {
        let (_, calculation) = calculated(&chain(&flows, &shares));
        let added: i32 = shares.iter().sum();
        let last_row = format!("i-r{}", shares.len() - 1);
        let mut total = 0;
        for (period, flow) in flows.iter().enumerate() {
            total += flow;
            prop_assert_eq!(number(&calculation, &last_row, &format!("p{period}")), f64::from(flow + added));
            prop_assert_eq!(number(&calculation, "i-total", &format!("p{period}")), f64::from(total));
        }
        prop_assert_eq!(number(&calculation, "i-all", ""), f64::from(total));
    }

    #[test]
    fn a_bad_formula_leaves_all_cells_that_do_not_depend_on_it_as_they_are(
        picks in vec(any::<prop::sample::Index>(), 1..15),
        at in any::<prop::sample::Index>(),
        bad in prop::sample::select(&["1 / 0", "nobody", "((", "{gone}", "irr([1, 2])", "prev(1, 2, 3)", "no_such()"][..]),
    ) {
        let parents: Vec<usize> = picks.iter().enumerate().map(|(index, pick)| pick.index(index + 1)).collect();
        let mut document = tree(&parents, 3);
        let (_, before) = calculated(&document);
        let row = at.index(parents.len() + 1);
        document["sections"][0]["items"][row]["values"]["p1"] = json!(format!("={bad}"));
        let (model, after) = calculated(&document);
        // The cells that need the bad one: its row, and rows that build on it, in the period and in those after it.
        let mut reaches = vec![[false; 3]; parents.len() + 1];
        reaches[row][1] = true;
        for (index, parent) in parents.iter().enumerate() {
            for period in 0..3 {
                let is_reached = reaches[*parent][period] || (period > 0 && reaches[*parent][period - 1]);
                reaches[index + 1][period] |= is_reached && !(index + 1 == row && period == 1);
            }
        }
        for place in model.cells() {
            let row: usize = place.item.0.trim_start_matches("i-r").parse().unwrap();
            let period: usize = place.period.as_ref().unwrap().0.trim_start_matches('p').parse().unwrap();
            if reaches[row][period] {
                prop_assert!(matches!(after.value(&place), CellValue::Error(_)), "{place:?}");
            } else {
                prop_assert_eq!(after.value(&place), before.value(&place), "{:?}", place);
            }
        }
    }

    #[test]
    fn irr_puts_npv_at_zero(first in 1..1000_u32, flows in vec(-300..1000_i32, 1..30), guess in -0.5..1.0) {
        let flows: Vec<f64> = std::iter::once(-f64::from(first)).chain(flows.into_iter().map(f64::from)).collect();
        if let Ok(rate) = rates_of_return::irr(&flows, guess) {
            let sizes: Vec<f64> = flows.iter().map(|flow| flow.abs()).collect();
            let (value, size) = (rates_of_return::npv(rate, &flows).unwrap(), rates_of_return::npv(rate, &sizes).unwrap());
            prop_assert!(value.abs() <= 1e-8 * size, "{rate}: {value} of {size}");
        } else {
            // The value at a rate far above and just above -100 % has the same sign, so that there may be no root.
            let last = flows.iter().rev().find(|flow| **flow != 0.0).unwrap();
            prop_assert!(*last < 0.0, "{flows:?}");
        }
    }

    #[test]
    fn xirr_puts_xnpv_at_zero(
        flows in vec((-300..1000_i32, 0..4000_i32), 1..20),
        first in 1..1000_u32,
        guess in -0.5..1.0,
    ) {
        let (mut amounts, mut days) = (vec![-f64::from(first)], vec![40_000]);
        for (flow, after) in flows {
            amounts.push(f64::from(flow));
            days.push(40_000 + after);
        }
        if let Ok(rate) = rates_of_return::xirr(&amounts, &days, guess) {
            let sizes: Vec<f64> = amounts.iter().map(|flow| flow.abs()).collect();
            // Far away from 0 the value itself may be too large for a number.
            if let (Ok(value), Ok(size)) = (rates_of_return::xnpv(rate, &amounts, &days), rates_of_return::xnpv(rate, &sizes, &days)) {
                prop_assert!(value.abs() <= 1e-8 * size, "{rate}: {value} of {size}");
            }
        }
    }

    #[test]
    fn payments_pay_a_loan_back(
        rate in -0.2..1.5,
        count in 1..60_u8,
        pv in 1.0..1e6,
        fv in -1e5..1e5,
        is_due in any::<bool>(),
    ) {
        let due = if is_due { Due::Beginning } else { Due::End };
        let nper = f64::from(count);
        let payment = time_value::pmt(rate, nper, pv, fv, due).unwrap();
        let size = pv.abs() + fv.abs() + payment.abs() * nper;
        let back = time_value::pv(rate, nper, payment, fv, due).unwrap();
        // What a payment weighs today grows with the periods where the rate is negative.
        let weight = discounted(1.0 + rate, nper).max(1.0);
        prop_assert!((back - pv).abs() <= 1e-11 * size * weight, "{back} {pv}");
        let mut principal = 0.0;
        for per in (1..=count).map(f64::from) {
            let interest = cumulative::ipmt(rate, per, nper, pv, fv, due).unwrap();
            let part = cumulative::ppmt(rate, per, nper, pv, fv, due).unwrap();
            prop_assert!((interest + part - payment).abs() <= 1e-9 * size, "{interest} {part} {payment}");
            principal += part;
        }
        if !is_due {
            prop_assert!((principal + pv + fv).abs() <= 1e-9 * size, "{principal}");
        }
        if rate > 0.0 {
            let interest = cumulative::cumipmt(rate, nper, pv, 1.0, nper, due).unwrap();
            let paid = cumulative::cumprinc(rate, nper, pv, 1.0, nper, due).unwrap();
            let level = time_value::pmt(rate, nper, pv, 0.0, due).unwrap();
            prop_assert!((interest + paid - level * nper).abs() <= 1e-9 * size);
        }
    }

    #[test]
    fn depreciation_never_takes_more_than_the_cost_less_the_salvage_value(
        cost in 1.0..1e6,
        share in 0.0..1.0,
        life in 1..40_u8,
        factor in 0.2..5.0,
    ) {
        let salvage = cost * share;
        let mut sums = [0.0; 4];
        for year in (1..=life).map(f64::from) {
            let life = f64::from(life);
            let parts = [
                depreciation::sln(cost, salvage, life).unwrap(),
                depreciation::syd(cost, salvage, life, year).unwrap(),
                depreciation::vdb(cost, salvage, life, year - 1.0, year, factor, false).unwrap(),
                depreciation::ddb(cost, salvage, life, year, factor).unwrap(),
            ];
            for (sum, part) in sums.iter_mut().zip(parts) {
                prop_assert!(part >= -1e-9 * cost);
                *sum += part;
            }
        }
        for sum in &sums[..3] {
            prop_assert!((sum - (cost - salvage)).abs() <= 1e-9 * cost, "{sums:?}");
        }
        prop_assert!(sums[3] <= (cost - salvage) * (1.0 + 1e-9) + 1e-9);
    }
}

fn discounted(base: f64, periods: f64) -> f64 {
    (1..=60).map(f64::from).take_while(|count| *count <= periods).fold(1.0, |power, _| power / base)
}
