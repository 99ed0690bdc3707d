//! The years of a buyout by bisection on the cash that a year leaves before the revolver and the sweep.
//!
//! All balances follow from that surplus in closed form. Cash left by operations falls with it through interest and
//! taxes, so that the surplus that pays for itself is found by halving.

use super::{Deal, Operations, Year, count};

/// What is fixed before the year's surplus is known.
struct Opening {
    year: Year,
    interest_carried: f64,
    losses: f64,
}

pub(super) fn years(deal: &Deal) -> Vec<Year> {
    let start = Year {
        cash: deal.minimum_cash,
        revolver: deal.revolver,
        term_a: deal.term_a,
        term_b: deal.term_b,
        notes: deal.notes,
        mezzanine: deal.mezzanine,
        interest: 0.0,
        taxes: 0.0,
        cure: 0.0,
    };
    let mut opening = Opening { year: start, interest_carried: 0.0, losses: deal.losses };
    let mut years = Vec::new();
    for (index, operations) in deal.years.iter().enumerate() {
        let number = count(index + 1);
        let excess = |surplus: f64| surplus - remaining(deal, operations, &opening, number, surplus);
        let (mut low, mut high) = (-1e6, 1e6);
        assert!(excess(low) < 0.0 && excess(high) > 0.0, "the surplus is not bracketed");
        for _ in 0..200 {
            let middle = low + (high - low) / 2.0;
            if excess(middle) < 0.0 { low = middle } else { high = middle }
        }
        let year = balances(deal, operations, &opening.year, number, high);
        let (deducted, income) = taxable(deal, operations, &opening, year.interest);
        let offset = relief(deal, &opening, income);
        let pik = opening.year.mezzanine * deal.mezzanine_pik_rate;
        opening = Opening {
            year: Year { taxes: deal.tax_rate * (income.max(0.0) - offset), ..year },
            interest_carried: opening.interest_carried + year.interest + pik + operations.fees - deducted,
            losses: opening.losses - offset - income.min(0.0),
        };
        years.push(opening.year);
    }
    years
}

/// The surplus that operations leave when the balances are those of `surplus`.
fn remaining(deal: &Deal, operations: &Operations, opening: &Opening, number: f64, surplus: f64) -> f64 {
    let year = balances(deal, operations, &opening.year, number, surplus);
    let (_, income) = taxable(deal, operations, opening, year.interest);
    let taxes = deal.tax_rate * (income.max(0.0) - relief(deal, opening, income));
    let (a, b, rest) = obligations(deal, &opening.year, number);
    opening.year.cash - deal.minimum_cash + operations.ebitda
        - operations.investment
        - year.interest
        - taxes
        - a
        - b
        - rest
}

/// The interest deducted, and the income that is left before old losses.
fn taxable(deal: &Deal, operations: &Operations, opening: &Opening, interest: f64) -> (f64, f64) {
    let cost = interest + opening.year.mezzanine * deal.mezzanine_pik_rate + operations.fees;
    let deducted = (cost + opening.interest_carried).min((deal.interest_cap * operations.ebitda).max(0.0));
    (deducted, operations.ebitda - operations.depreciation - deducted)
}

fn relief(deal: &Deal, opening: &Opening, income: f64) -> f64 {
    opening.losses.min(deal.loss_limit * income.max(0.0))
}

/// What falls due on term loan A, on term loan B, and on notes and mezzanine.
fn obligations(deal: &Deal, before: &Year, number: f64) -> (f64, f64, f64) {
    let a = if number < deal.term_a_maturity { deal.term_a * deal.term_a_amortization } else { f64::INFINITY };
    let b = if number < deal.term_b_maturity { deal.term_b * deal.term_b_amortization } else { f64::INFINITY };
    let notes = if number < deal.notes_maturity { 0.0 } else { before.notes };
    let grown = before.mezzanine * (1.0 + deal.mezzanine_pik_rate);
    let mezzanine = if number < deal.mezzanine_maturity { 0.0 } else { grown };
    (a.min(before.term_a), b.min(before.term_b), notes + mezzanine)
}

/// The balances that a surplus leads to, and the interest on them. Taxes stay open.
fn balances(deal: &Deal, operations: &Operations, before: &Year, number: f64, surplus: f64) -> Year {
    let (a, b, _) = obligations(deal, before, number);
    let limit = deal.commitment.max(before.revolver);
    let revolver = (before.revolver - surplus).clamp(0.0, limit);
    let cure = (before.revolver - surplus - limit).max(0.0);
    let free = (surplus - before.revolver).max(0.0);
    // Both term loans together lose what is swept, and the first lender is paid first.
    let together = before.term_a - a + before.term_b - b;
    let left = (together - deal.sweep_share * free).max(0.0);
    let term_b = left.min(before.term_b - b);
    let term_a = left - term_b;
    let cash = deal.minimum_cash + free - (together - left);
    let weight = if deal.is_average { 0.5 } else { 0.0 };
    let mix = |opening: f64, closing: f64| opening + weight * (closing - opening);
    let rate = |margin: f64| (operations.base_rate + margin).max(0.0);
    let interest = rate(deal.revolver_margin) * mix(before.revolver, revolver)
        + deal.commitment_fee * (deal.commitment - mix(before.revolver, revolver)).max(0.0)
        + rate(deal.term_a_margin) * mix(before.term_a, term_a)
        + rate(deal.term_b_margin) * mix(before.term_b, term_b)
        + deal.notes_rate * before.notes
        + deal.mezzanine_cash_rate * before.mezzanine
        - deal.deposit_rate * mix(before.cash, cash);
    Year {
        cash,
        revolver,
        term_a,
        term_b,
        notes: if number < deal.notes_maturity { before.notes } else { 0.0 },
        mezzanine: if number < deal.mezzanine_maturity {
            before.mezzanine * (1.0 + deal.mezzanine_pik_rate)
        } else {
            0.0
        },
        interest,
        taxes: 0.0,
        cure,
    }
}
