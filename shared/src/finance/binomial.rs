//! The binomial tree of Cox, Ross and Rubinstein, for options that may be exercised early.
//!
//! Cox, Ross and Rubinstein, *Option pricing: a simplified approach*, Journal of Financial Economics 7 (1979).

use super::FinanceError;
use super::black_scholes::Vanilla;

/// When an option may be exercised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exercise {
    /// At expiry.
    European,
    /// At any step until expiry.
    American,
}

/// The most steps of a tree.
pub const MAX_STEPS: u32 = 5_000;

/// The value of `option` by a tree of `steps` steps.
///
/// A step moves the asset by the factor e^(volatility·√(years/steps)) up or its inverse down.
///
/// # Errors
///
/// As [`Vanilla::value`]; no steps or more than [`MAX_STEPS`]; steps so long that the rate outgrows the move up.
///
/// # Laws
///
/// An American option is worth at least the European one, and at least what it pays at once. The European value goes to
/// that of [`Vanilla::value`] as the steps grow.
pub fn value(option: &Vanilla, exercise: Exercise, steps: u32) -> Result<f64, FinanceError> {
    option.check()?;
    if steps == 0 || steps > MAX_STEPS {
        return Err(FinanceError::domain("a tree has 1 to 5,000 steps"));
    }
    let step = option.years / f64::from(steps);
    let up = libm::exp(option.volatility * step.sqrt());
    if up == 1.0 {
        return certain(option, exercise, steps);
    }
    let growth = libm::exp((option.rate - option.dividend_yield) * step);
    let probability = (growth - 1.0 / up) / (up - 1.0 / up);
    if !(0.0..=1.0).contains(&probability) {
        return Err(
            FinanceError::domain("a step's growth lies outside of the asset's moves").with_hint("take more steps")
        );
    }
    let discount = libm::exp(-option.rate * step);
    let (up_weight, down_weight) = (discount * probability, discount * (1.0 - probability));

    let [last, before] = payoffs(option, steps);
    let mut current = last.clone();
    let mut next = vec![0.0; before.len()];
    let is_american = exercise == Exercise::American;
    for level in (0..steps).rev() {
        let later = steps - level;
        // The payoffs of a level lie in the middle of those of the last level of the same parity.
        let row = if later.is_multiple_of(2) { &last } else { &before };
        let skipped = usize::try_from(later / 2).unwrap_or(usize::MAX);
        let at_once = row.get(skipped..).unwrap_or_default();
        let pairs = current.iter().zip(current.get(1..).unwrap_or_default());
        if is_american {
            for ((slot, (down, up)), payoff) in next.iter_mut().zip(pairs).zip(at_once) {
                let kept = up_weight * up + down_weight * down;
                *slot = if kept > *payoff { kept } else { *payoff };
            }
        } else {
            for (slot, (down, up)) in next.iter_mut().zip(pairs) {
                *slot = up_weight * up + down_weight * down;
            }
        }
        std::mem::swap(&mut current, &mut next);
        current.truncate(usize::try_from(level + 1).unwrap_or(usize::MAX));
    }
    FinanceError::finite(current.first().copied().unwrap_or(f64::NAN))
}

/// What the option pays at the nodes of the last level, and of the level before it, from the lowest price.
fn payoffs(option: &Vanilla, steps: u32) -> [Vec<f64>; 2] {
    let move_up = option.volatility * (option.years / f64::from(steps)).sqrt();
    [steps, steps - 1].map(|level| {
        (0..=level)
            .map(|ups| {
                let moves = 2.0 * f64::from(ups) - f64::from(level);
                let price = option.spot * libm::exp(move_up * moves);
                (option.kind.sign() * (price - option.strike)).max(0.0)
            })
            .collect()
    })
}

/// The value where the asset's way is certain: the best of the dates at which the option may be exercised.
fn certain(option: &Vanilla, exercise: Exercise, steps: u32) -> Result<f64, FinanceError> {
    let at = |years: f64| Vanilla { years, volatility: 0.0, ..*option }.value();
    let mut best = at(option.years)?;
    if exercise == Exercise::American {
        for step in 0..steps {
            best = best.max(at(option.years * f64::from(step) / f64::from(steps))?);
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::super::black_scholes::OptionKind::{Call, Put};
    use super::*;

    #[test]
    fn two_steps_give_what_the_textbook_draws() {
        let option = Vanilla {
            kind: Call,
            spot: 810.0,
            strike: 800.0,
            years: 0.5,
            rate: 0.05,
            volatility: 0.2,
            dividend_yield: 0.02,
        };
        let value = value(&option, Exercise::European, 2).unwrap();
        assert!((value - 53.3947).abs() < 1e-4, "{value}, Hull 53.3947");
    }

    #[test]
    fn early_exercise_is_worth_what_the_reference_says() {
        let put = Vanilla {
            kind: Put,
            spot: 100.0,
            strike: 100.0,
            years: 1.0,
            rate: 0.05,
            volatility: 0.25,
            dividend_yield: 0.05,
        };
        let premium = value(&put, Exercise::American, 1000).unwrap() - value(&put, Exercise::European, 1000).unwrap();
        assert!((premium - 0.106_952_7).abs() < 2e-3, "{premium}, Andersen and Lake 0.1069527");
    }

    #[test]
    fn a_certain_asset_is_exercised_at_its_best_date() {
        let put = Vanilla {
            kind: Put,
            spot: 90.0,
            strike: 100.0,
            years: 1.0,
            rate: 0.05,
            volatility: 0.0,
            dividend_yield: 0.0,
        };
        assert_eq!(value(&put, Exercise::American, 10), Ok(10.0));
        assert!(value(&put, Exercise::European, 10).unwrap() < 6.0);
    }

    #[test]
    fn impossible_trees_are_refused() {
        let put = Vanilla {
            kind: Put,
            spot: 90.0,
            strike: 100.0,
            years: 1.0,
            rate: 0.5,
            volatility: 0.01,
            dividend_yield: 0.0,
        };
        for steps in [0, 1, MAX_STEPS + 1] {
            assert!(value(&put, Exercise::American, steps).is_err());
        }
    }
}
