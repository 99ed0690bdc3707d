//! Adding numbers so that the order does not matter.
//!
//! Two people may add to one number at once, and each sees the other's amount arrive last. Binary floats would end a
//! bit apart: `(0.1 + 0.2) + 0.3` is not `0.1 + (0.2 + 0.3)`. So a sum is taken in decimals, as JSON writes numbers,
//! and refused when a JSON number can't hold it exactly.

use serde_json::Number;

/// The exact sum; nothing when no number holds it. A whole sum is an integer, as JavaScript writes it, so that adding
/// and taking away again leaves what was there.
pub(super) fn sum(a: &Number, b: &Number) -> Option<Number> {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64())
        && let Some(sum) = a.checked_add(b)
    {
        return Some(Number::from(sum));
    }
    let sum = Decimal::of(a)?.plus(Decimal::of(b)?)?;
    if let Some(integer) = sum.integer() {
        return Some(integer);
    }
    if is_integer(a) && is_integer(b) {
        return None;
    }
    sum.float()
}

/// What takes the amount back; nothing when no number holds it.
pub(super) fn negated(amount: &Number) -> Option<Number> {
    let whole = amount.as_i64().map(i128::from).or_else(|| amount.as_u64().map(i128::from));
    match whole {
        Some(whole) => {
            i64::try_from(-whole).map(Number::from).or_else(|_| u64::try_from(-whole).map(Number::from)).ok()
        }
        None => Number::from_f64(-amount.as_f64()?),
    }
}

/// Whether adding `amount` changes no number.
pub(super) fn is_zero(amount: &Number) -> bool {
    amount.as_f64() == Some(0.0)
}

fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

/// `digits` times ten to the power of `exponent`, with no zero at the end of `digits`.
#[derive(Clone, Copy, PartialEq)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    fn of(number: &Number) -> Option<Self> {
        if let Some(whole) = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)) {
            return Some(Self { digits: whole, exponent: 0 }.canonical());
        }
        // The shortest form that reads as the same float, such as `-1.25e-3`.
        let text = format!("{:e}", number.as_f64()?);
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        Some(Self { digits, exponent }.canonical())
    }

    fn integer(self) -> Option<Number> {
        let whole = self.digits.checked_mul(power_of_ten(self.exponent)?)?;
        i64::try_from(whole).map(Number::from).or_else(|_| u64::try_from(whole).map(Number::from)).ok()
    }

    /// The float whose shortest form is this one, which is how JSON writes it and others read it.
    fn float(self) -> Option<Number> {
        let near = self.nearly()?;
        let (mut below, mut above) = (near, near.next_up());
        for _ in 0..ROUNDING {
            for candidate in [below, above] {
                let number = Number::from_f64(candidate).filter(|number| Self::of(number) == Some(self));
                if number.is_some() {
                    return number;
                }
            }
            (below, above) = (below.next_down(), above.next_up());
        }
        None
    }

    /// A float near by: the nearest one up to 15 digits and the 22nd power of ten, which floats hold exactly
    /// (Clinger, "How to read floating point numbers accurately", 1990).
    fn nearly(self) -> Option<f64> {
        let digits = self.digits.unsigned_abs();
        let mut float = f64::from(u32::try_from(digits >> 96).ok()?);
        for shift in [64, 32, 0] {
            float = float * 4_294_967_296.0 + f64::from(u32::try_from((digits >> shift) & 0xffff_ffff).ok()?);
        }
        let mut exponent = self.exponent;
        // A number below the smallest power is shifted in two steps.
        if exponent < -300 {
            float /= 1e100;
            exponent = exponent.checked_add(100)?;
        }
        let (mut power, mut square) = (1.0, 10.0);
        let mut rest = exponent.unsigned_abs();
        while rest > 0 {
            if rest & 1 == 1 {
                power *= square;
            }
            square *= square;
            rest >>= 1;
        }
        float = if exponent < 0 { float / power } else { float * power };
        Some(if self.digits < 0 { -float } else { float })
    }

    fn plus(self, other: Self) -> Option<Self> {
        if self.digits == 0 || other.digits == 0 {
            return Some(if self.digits == 0 { other } else { self });
        }
        let exponent = self.exponent.min(other.exponent);
        let digits = self.digits_at(exponent)?.checked_add(other.digits_at(exponent)?)?;
        Some(Self { digits, exponent }.canonical())
    }

    fn digits_at(self, exponent: i32) -> Option<i128> {
        self.digits.checked_mul(power_of_ten(self.exponent.checked_sub(exponent)?)?)
    }

    fn canonical(mut self) -> Self {
        if self.digits == 0 {
            self.exponent = 0;
        }
        while self.digits != 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent = self.exponent.saturating_add(1);
        }
        self
    }
}

/// How many floats beside a first guess are tried on either side: more than its rounding errors come to.
const ROUNDING: usize = 24;

fn power_of_ten(exponent: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn added(a: serde_json::Value, b: serde_json::Value) -> Option<serde_json::Value> {
        sum(a.as_number().unwrap(), b.as_number().unwrap()).map(serde_json::Value::Number)
    }

    #[test]
    fn every_float_is_found_by_its_shortest_form() {
        let extremes =
            [f64::MAX, f64::MIN_POSITIVE, 5e-324, 2.225_073_858_507_201e-308, 1e22, 1e23, 9_007_199_254_740_993.0];
        // Bits from all over, by a multiplication that runs through them.
        let all_over = (1..20_000_u64).map(|n| f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        for float in extremes.into_iter().chain(all_over).filter(|float| float.is_finite()) {
            let number = Number::from_f64(float).unwrap();
            assert_eq!(
                Decimal::of(&number).unwrap().float().and_then(|found| found.as_f64()),
                Some(float),
                "{float:e}"
            );
        }
    }

    #[test]
    fn decimals_add_up_as_on_paper() {
        assert_eq!(added(json!(0.1), json!(0.2)), Some(json!(0.3)));
        assert_eq!(added(json!(394_328), json!(-0.25)), Some(json!(394_327.75)));
        assert_eq!(added(json!(1e21), json!(1e20)), Some(json!(1.1e21)));
    }

    #[test]
    fn a_whole_sum_is_an_integer() {
        assert_eq!(added(json!(7), json!(-8)), Some(json!(-1)));
        assert_eq!(added(json!(0.5), json!(0.5)), Some(json!(1)));
        assert_eq!(added(json!(1.1), json!(-0.1)), Some(json!(1)));
        assert_eq!(added(json!(i64::MAX), json!(1)), Some(json!(9_223_372_036_854_775_808_u64)));
    }

    #[test]
    fn a_sum_that_no_number_holds_is_refused() {
        assert_eq!(added(json!(1e300), json!(1)), None);
        assert_eq!(added(json!(u64::MAX), json!(1)), None);
        assert_eq!(added(json!(1.7e308), json!(1.7e308)), None);
    }
}
