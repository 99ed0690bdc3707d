//! The years of a buyout, tranche by tranche: interest is guessed, cash distributed, and the guess replaced by what the
//! balances give, until it stays.

use super::{Deal, Operations, Year, count};

/// A loan that is paid before those behind it.
struct Loan {
    balance: f64,
    due: f64,
    rate: f64,
}

pub(super) fn years(deal: &Deal) -> Vec<Year> {
    let mut before = Year {
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
    let (mut interest_carried, mut losses) = (0.0, deal.losses);
    let mut years = Vec::new();
    for (index, operations) in deal.years.iter().enumerate() {
        let number = count(index + 1);
        let (mut guess, mut rounds) = (0.0, 0);
        let (year, carried, lost) = loop {
            let (year, carried, lost) = settled(deal, operations, &before, number, guess, interest_carried, losses);
            rounds += 1;
            assert!(rounds < 500, "the fixed point is not found");
            if (year.interest - guess).abs() <= 1e-14 * guess.abs().max(1.0) {
                break (year, carried, lost);
            }
            guess = year.interest;
        };
        (interest_carried, losses) = (carried, lost);
        before = year;
        years.push(year);
    }
    years
}

/// The year if `interest` is paid, with the interest that its balances give, and what is carried forward.
fn settled(
    deal: &Deal,
    operations: &Operations,
    before: &Year,
    number: f64,
    interest: f64,
    interest_carried: f64,
    losses: f64,
) -> (Year, f64, f64) {
    let pik = before.mezzanine * deal.mezzanine_pik_rate;
    let cost = interest + pik + operations.fees;
    let room = (deal.interest_cap * operations.ebitda).max(0.0);
    let deducted = if cost + interest_carried > room { room } else { cost + interest_carried };
    let income = operations.ebitda - operations.depreciation - deducted;
    let used = if income > 0.0 { losses.min(deal.loss_limit * income) } else { 0.0 };
    let taxes = if income > 0.0 { deal.tax_rate * (income - used) } else { 0.0 };
    let lost = losses - used + if income < 0.0 { -income } else { 0.0 };

    let due = |balance: f64, loan: f64, share: f64, maturity: f64| {
        if number >= maturity { balance } else { balance.min(loan * share) }
    };
    let mut loans = [
        Loan {
            balance: before.term_a,
            due: due(before.term_a, deal.term_a, deal.term_a_amortization, deal.term_a_maturity),
            rate: operations.base_rate + deal.term_a_margin,
        },
        Loan {
            balance: before.term_b,
            due: due(before.term_b, deal.term_b, deal.term_b_amortization, deal.term_b_maturity),
            rate: operations.base_rate + deal.term_b_margin,
        },
    ];
    let mut cash = before.cash + operations.ebitda - operations.investment - taxes - interest;
    let mut notes = before.notes;
    let mut mezzanine = before.mezzanine + pik;
    if number >= deal.notes_maturity {
        cash -= notes;
        notes = 0.0;
    }
    if number >= deal.mezzanine_maturity {
        cash -= mezzanine;
        mezzanine = 0.0;
    }
    let mut paid = 0.0;
    let opening: Vec<f64> = loans.iter().map(|loan| loan.balance).collect();
    for loan in &mut loans {
        cash -= loan.due;
        loan.balance -= loan.due;
    }
    let (mut revolver, mut cure) = (before.revolver, 0.0);
    let mut surplus = cash - deal.minimum_cash;
    if surplus < 0.0 {
        let drawn = (-surplus).min((deal.commitment - revolver).max(0.0));
        revolver += drawn;
        cure = -surplus - drawn;
        cash = deal.minimum_cash;
    } else {
        let repaid = revolver.min(surplus);
        revolver -= repaid;
        cash -= repaid;
        surplus -= repaid;
        let mut sweep = surplus * deal.sweep_share;
        for loan in &mut loans {
            let early = loan.balance.min(sweep);
            loan.balance -= early;
            sweep -= early;
            paid += early;
        }
        cash -= paid;
    }

    let base = |opening: f64, closing: f64| if deal.is_average { opening / 2.0 + closing / 2.0 } else { opening };
    let drawn = base(before.revolver, revolver);
    let mut charged = (operations.base_rate + deal.revolver_margin).max(0.0) * drawn
        + deal.commitment_fee * (deal.commitment - drawn).max(0.0)
        + deal.notes_rate * before.notes
        + deal.mezzanine_cash_rate * before.mezzanine;
    for (loan, opening) in loans.iter().zip(opening) {
        charged += loan.rate.max(0.0) * base(opening, loan.balance);
    }
    let earned = deal.deposit_rate * base(before.cash, cash);
    let year = Year {
        cash,
        revolver,
        term_a: loans[0].balance,
        term_b: loans[1].balance,
        notes,
        mezzanine,
        interest: charged - earned,
        taxes,
        cure,
    };
    (year, interest_carried + cost - deducted, lost)
}
