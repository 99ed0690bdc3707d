//! Excel's functions of bonds and bills.

use super::dates::day;
use super::financial::{basis, date, number};
use super::{Arguments, Function, Outcome};
use crate::finance::FinanceError;
use crate::finance::bonds::accrued::{NewBond, accrint};
use crate::finance::bonds::coupons::Coupons;
use crate::finance::bonds::odd::{self, OddFirst, OddLast};
use crate::finance::bonds::regular::{self, Bond};
use crate::finance::bonds::{Frequency, discount};
use crate::finance::dates::Date;
use crate::finance::day_count::Basis;
use crate::model::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "coupdaybs",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "Days from the coupon before to the settlement",
        arity: (3, 4),
        call: |a| Ok(Value::Number(coupons(a, 2)?.days_before())),
    },
    Function {
        name: "coupdays",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "Days of the coupon period in which the settlement lies",
        arity: (3, 4),
        call: |a| Ok(Value::Number(coupons(a, 2)?.days())),
    },
    Function {
        name: "coupdaysnc",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "Days from the settlement to the coupon after it",
        arity: (3, 4),
        call: |a| Ok(Value::Number(coupons(a, 2)?.days_after())),
    },
    Function {
        name: "coupncd",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "The day of the coupon after the settlement",
        arity: (3, 4),
        call: |a| day(coupons(a, 2)?.next()),
    },
    Function {
        name: "couppcd",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "The day of the coupon before the settlement, or on it",
        arity: (3, 4),
        call: |a| day(coupons(a, 2)?.previous()),
    },
    Function {
        name: "coupnum",
        parameters: "settlement, maturity, frequency, [basis]",
        summary: "How many coupons are paid after the settlement",
        arity: (3, 4),
        call: |a| Ok(Value::Number(coupons(a, 2)?.remaining())),
    },
    Function {
        name: "price",
        parameters: "settlement, maturity, rate, yld, redemption, frequency, [basis]",
        summary: "The price of a bond at a yield, for 100 of face value",
        arity: (6, 7),
        call: |a| number(regular::price(&bond(a)?, a.number(3)?)),
    },
    Function {
        name: "yield",
        parameters: "settlement, maturity, rate, pr, redemption, frequency, [basis]",
        summary: "The yield of a bond at a price",
        arity: (6, 7),
        call: |a| number(regular::yield_at(&bond(a)?, a.number(3)?)),
    },
    Function {
        name: "duration",
        parameters: "settlement, maturity, coupon, yld, frequency, [basis]",
        summary: "Macaulay's duration of a bond, in years",
        arity: (5, 6),
        call: |a| number(regular::duration(&coupons(a, 4)?, a.number(2)?, a.number(3)?)),
    },
    Function {
        name: "mduration",
        parameters: "settlement, maturity, coupon, yld, frequency, [basis]",
        summary: "The modified duration of a bond, in years",
        arity: (5, 6),
        call: |a| number(regular::mduration(&coupons(a, 4)?, a.number(2)?, a.number(3)?)),
    },
    Function {
        name: "accrint",
        parameters: "issue, first_interest, settlement, rate, par, frequency, [basis], [from_issue]",
        summary: "The interest that a bond has accrued since its issue",
        arity: (6, 8),
        call: |a| {
            let bond = NewBond {
                issue: date(a, 0)?,
                first_interest: date(a, 1)?,
                settlement: date(a, 2)?,
                rate: a.number(3)?,
                par: a.number_or(4, 1_000.0)?,
                frequency: frequency(a, 5)?,
                basis: basis(a, 6)?,
            };
            number(accrint(&bond, a.flag_or(7, true)?))
        },
    },
    Function {
        name: "accrintm",
        parameters: "issue, settlement, rate, [par], [basis]",
        summary: "The interest that a security has accrued which pays it at maturity",
        arity: (3, 5),
        call: |a| {
            let (issue, settlement) = (date(a, 0)?, date(a, 1)?);
            number(discount::accrintm(issue, settlement, a.number(2)?, a.number_or(3, 1_000.0)?, basis(a, 4)?))
        },
    },
    Function {
        name: "disc",
        parameters: "settlement, maturity, pr, redemption, [basis]",
        summary: "The discount rate of a security",
        arity: (4, 5),
        call: |a| discounted(a, discount::disc),
    },
    Function {
        name: "intrate",
        parameters: "settlement, maturity, investment, redemption, [basis]",
        summary: "The interest rate of a security that pays once",
        arity: (4, 5),
        call: |a| discounted(a, discount::intrate),
    },
    Function {
        name: "received",
        parameters: "settlement, maturity, investment, discount, [basis]",
        summary: "What a discounted investment pays at maturity",
        arity: (4, 5),
        call: |a| discounted(a, discount::received),
    },
    Function {
        name: "pricedisc",
        parameters: "settlement, maturity, discount, redemption, [basis]",
        summary: "The price of a discounted security",
        arity: (4, 5),
        call: |a| discounted(a, discount::pricedisc),
    },
    Function {
        name: "yielddisc",
        parameters: "settlement, maturity, pr, redemption, [basis]",
        summary: "The yield of a discounted security",
        arity: (4, 5),
        call: |a| discounted(a, discount::yielddisc),
    },
    Function {
        name: "pricemat",
        parameters: "settlement, maturity, issue, rate, yld, [basis]",
        summary: "The price of a security that pays its interest at maturity",
        arity: (5, 6),
        call: |a| {
            let (settlement, maturity, issue) = (date(a, 0)?, date(a, 1)?, date(a, 2)?);
            number(discount::pricemat(settlement, maturity, issue, a.number(3)?, a.number(4)?, basis(a, 5)?))
        },
    },
    Function {
        name: "yieldmat",
        parameters: "settlement, maturity, issue, rate, pr, [basis]",
        summary: "The yield of a security that pays its interest at maturity",
        arity: (5, 6),
        call: |a| {
            let (settlement, maturity, issue) = (date(a, 0)?, date(a, 1)?, date(a, 2)?);
            number(discount::yieldmat(settlement, maturity, issue, a.number(3)?, a.number(4)?, basis(a, 5)?))
        },
    },
    Function {
        name: "tbilleq",
        parameters: "settlement, maturity, discount",
        summary: "The yield of a treasury bill as that of a bond",
        arity: (3, 3),
        call: |a| number(discount::tbilleq(date(a, 0)?, date(a, 1)?, a.number(2)?)),
    },
    Function {
        name: "tbillprice",
        parameters: "settlement, maturity, discount",
        summary: "The price of a treasury bill at a discount rate",
        arity: (3, 3),
        call: |a| number(discount::tbillprice(date(a, 0)?, date(a, 1)?, a.number(2)?)),
    },
    Function {
        name: "tbillyield",
        parameters: "settlement, maturity, pr",
        summary: "The yield of a treasury bill at a price",
        arity: (3, 3),
        call: |a| number(discount::tbillyield(date(a, 0)?, date(a, 1)?, a.number(2)?)),
    },
    Function {
        name: "oddfprice",
        parameters: "settlement, maturity, issue, first_coupon, rate, yld, redemption, frequency, [basis]",
        summary: "The price of a bond with an odd first period",
        arity: (8, 9),
        call: |a| number(odd::oddfprice(&odd_first(a)?, a.number(5)?)),
    },
    Function {
        name: "oddfyield",
        parameters: "settlement, maturity, issue, first_coupon, rate, pr, redemption, frequency, [basis]",
        summary: "The yield of a bond with an odd first period",
        arity: (8, 9),
        call: |a| number(odd::oddfyield(&odd_first(a)?, a.number(5)?)),
    },
    Function {
        name: "oddlprice",
        parameters: "settlement, maturity, last_interest, rate, yld, redemption, frequency, [basis]",
        summary: "The price of a bond with an odd last period",
        arity: (7, 8),
        call: |a| number(odd::oddlprice(&odd_last(a)?, a.number(4)?)),
    },
    Function {
        name: "oddlyield",
        parameters: "settlement, maturity, last_interest, rate, pr, redemption, frequency, [basis]",
        summary: "The yield of a bond with an odd last period",
        arity: (7, 8),
        call: |a| number(odd::oddlyield(&odd_last(a)?, a.number(4)?)),
    },
];

fn frequency(arguments: &Arguments<'_>, index: usize) -> Outcome<Frequency> {
    Ok(Frequency::new(arguments.number(index)?)?)
}

/// Coupons by a settlement, a maturity, a frequency and the basis that follows it.
fn coupons(a: &Arguments<'_>, at_frequency: usize) -> Outcome<Coupons> {
    let basis = basis(a, at_frequency + 1)?;
    Ok(Coupons::new(date(a, 0)?, date(a, 1)?, frequency(a, at_frequency)?, basis)?)
}

fn bond(a: &Arguments<'_>) -> Outcome<Bond> {
    Ok(Bond { coupons: coupons(a, 5)?, rate: a.number(2)?, redemption: a.number(4)? })
}

type Discounted = fn(Date, Date, f64, f64, Basis) -> Result<f64, FinanceError>;

fn discounted(a: &Arguments<'_>, function: Discounted) -> Outcome<Value> {
    number(function(date(a, 0)?, date(a, 1)?, a.number(2)?, a.number(3)?, basis(a, 4)?))
}

fn odd_first(a: &Arguments<'_>) -> Outcome<OddFirst> {
    Ok(OddFirst {
        settlement: date(a, 0)?,
        maturity: date(a, 1)?,
        issue: date(a, 2)?,
        first_coupon: date(a, 3)?,
        rate: a.number(4)?,
        redemption: a.number(6)?,
        frequency: frequency(a, 7)?,
        basis: basis(a, 8)?,
    })
}

fn odd_last(a: &Arguments<'_>) -> Outcome<OddLast> {
    Ok(OddLast {
        settlement: date(a, 0)?,
        maturity: date(a, 1)?,
        last_interest: date(a, 2)?,
        rate: a.number(3)?,
        redemption: a.number(5)?,
        frequency: frequency(a, 6)?,
        basis: basis(a, 7)?,
    })
}
