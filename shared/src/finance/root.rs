//! Where an equation holds.

/// A function at a point, with the size of the parts that it sums: a value is zero if it is small beside them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Residual {
    /// The value of the function.
    pub(super) value: f64,
    /// The sum of the sizes of its parts.
    pub(super) size: f64,
}

impl Residual {
    fn is_zero(self) -> bool {
        self.value.abs() <= 1e-9 * self.size
    }
}

/// A root of `function` above `lowest`, as near to `guess` as the search gets, or none if it finds none.
///
/// Newton's method begins at the guess, as Excel does. If it fails, or ends at a root of the other sign, the search goes
/// on in a bracket that grows around the guess, then in a grid from just above `lowest` to 10⁹; brackets are closed by
/// Brent's method (R. P. Brent, *Algorithms for Minimization without Derivatives*, 1973). Every step is bounded.
pub(super) fn find(function: &dyn Fn(f64) -> Residual, lowest: f64, guess: f64) -> Option<f64> {
    let newton = newton(function, lowest, guess);
    if let Some(root) = newton
        && (root > 0.0) == (guess > 0.0)
        && (root < 0.0) == (guess < 0.0)
    {
        return newton;
    }
    let bracketed = around(function, lowest, guess).or_else(|| match newton {
        Some(_) => None,
        None => over_the_range(function, lowest, guess),
    });
    bracketed.and_then(|(low, high)| brent(function, low, high)).or(newton)
}

fn newton(function: &dyn Fn(f64) -> Residual, lowest: f64, guess: f64) -> Option<f64> {
    let mut at = guess;
    for _ in 0..60 {
        let here = function(at);
        if here.value == 0.0 {
            return Some(at);
        }
        let width = 1e-6 * (at - lowest).min(1.0 + at.abs());
        let slope = (function(at + width).value - function(at - width).value) / (2.0 * width);
        let next = at - here.value / slope;
        if !next.is_finite() || next > 1e12 {
            return None;
        }
        let next = if next <= lowest { (at + lowest) / 2.0 } else { next };
        if (next - at).abs() <= 1e-14 * (1.0 + next.abs()) {
            return function(next).is_zero().then_some(next);
        }
        at = next;
    }
    function(at).is_zero().then_some(at)
}

/// Two points around `guess` between which the sign changes.
fn around(function: &dyn Fn(f64) -> Residual, lowest: f64, guess: f64) -> Option<(f64, f64)> {
    let floor = lowest + 1e-7;
    let (mut low, mut high) = ((guess - 0.01).max(floor), guess + 0.01);
    for _ in 0..30 {
        let product = function(low).value.signum() * function(high).value.signum();
        if product < 0.0 {
            return Some((low, high));
        }
        if product.is_nan() {
            return None;
        }
        let width = 1.6 * (high - low);
        (low, high) = ((low - width).max(floor), high + width);
    }
    None
}

/// The two points of a grid over the whole range, next to each other and nearest to `guess`, between which the sign
/// changes.
fn over_the_range(function: &dyn Fn(f64) -> Residual, lowest: f64, guess: f64) -> Option<(f64, f64)> {
    let mut nearest: Option<(f64, f64)> = None;
    let distance = |(low, high): (f64, f64)| ((low + high) / 2.0 - guess).abs();
    let mut before: Option<(f64, f64)> = None;
    for step in -320_i16..=320 {
        let at = lowest + libm::exp(f64::from(step) / 15.0);
        let value = function(at).value;
        if let Some((low, value_there)) = before
            && value_there.signum() * value.signum() < 0.0
            && nearest.is_none_or(|best| distance((low, at)) < distance(best))
        {
            nearest = Some((low, at));
        }
        before = (!value.is_nan()).then_some((at, value));
    }
    nearest
}

fn brent(function: &dyn Fn(f64) -> Residual, low: f64, high: f64) -> Option<f64> {
    let value = |at: f64| function(at).value;
    let (mut a, mut b) = (low, high);
    let (mut at_a, mut at_b) = (value(a), value(b));
    let (mut c, mut at_c) = (a, at_a);
    let mut step = b - a;
    let mut step_before = step;
    for _ in 0..200 {
        if at_b * at_c.signum() > 0.0 {
            (c, at_c) = (a, at_a);
            step = b - a;
            step_before = step;
        }
        if at_c.abs() < at_b.abs() {
            (a, b, c) = (b, c, b);
            (at_a, at_b, at_c) = (at_b, at_c, at_b);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs() + 1e-16;
        let middle = (c - b) / 2.0;
        if middle.abs() <= tolerance || at_b == 0.0 {
            return function(b).is_zero().then_some(b);
        }
        if step_before.abs() < tolerance || at_a.abs() <= at_b.abs() {
            step = middle;
            step_before = middle;
        } else {
            let ratio = at_b / at_a;
            let (p, q) = if a == c {
                (2.0 * middle * ratio, 1.0 - ratio)
            } else {
                let (to_c, b_to_c) = (at_a / at_c, at_b / at_c);
                (
                    ratio * (2.0 * middle * to_c * (to_c - b_to_c) - (b - a) * (b_to_c - 1.0)),
                    (to_c - 1.0) * (b_to_c - 1.0) * (ratio - 1.0),
                )
            };
            let q = if p > 0.0 { -q } else { q };
            let p = p.abs();
            if 2.0 * p < (3.0 * middle * q - (tolerance * q).abs()).min((step_before * q).abs()) {
                step_before = step;
                step = p / q;
            } else {
                step = middle;
                step_before = middle;
            }
        }
        (a, at_a) = (b, at_b);
        b += if step.abs() > tolerance { step } else { tolerance * middle.signum() };
        at_b = value(b);
        if at_b.is_nan() {
            return None;
        }
    }
    function(b).is_zero().then_some(b)
}

#[cfg(test)]
mod tests {
    use super::{Residual, find};

    #[test]
    fn a_root_is_found_from_far_away() {
        for root in [-0.999, -0.3, 0.0, 1e-9, 0.07, 3.0, 5_000.0, 1e8] {
            let function = |x: f64| Residual { value: libm::log1p(x) - libm::log1p(root), size: 1.0 };
            for guess in [-0.9, 0.0, 0.1, 10.0] {
                let found = find(&function, -1.0, guess).unwrap();
                assert!((found - root).abs() <= 1e-6 * root.abs().max(1e-3), "{root} from {guess}: {found}");
            }
        }
    }

    #[test]
    fn what_has_no_root_gives_none() {
        let function = |x: f64| Residual { value: x * x + 1.0, size: x * x + 1.0 };
        assert_eq!(find(&function, -1.0, 0.1), None);
        assert_eq!(find(&|_| Residual { value: f64::NAN, size: 1.0 }, -1.0, 0.1), None);
    }
}
