//! The beta distribution, which PERT estimates spread by.

use super::FinanceError;

/// A beta distribution on 0..1 with a table of its probabilities, from which its inverse starts.
#[derive(Clone, Debug)]
pub struct Beta {
    alpha: f64,
    beta: f64,
    /// The logarithm of the factor that makes the density's integral 1.
    scale: f64,
    /// The probabilities at [`PARTS`] + 1 evenly spaced places.
    table: Vec<f64>,
}

const PARTS: u16 = 256;

impl Beta {
    /// The distribution with these shapes.
    ///
    /// # Errors
    ///
    /// A shape is not above 0, or above 10,000.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, FinanceError> {
        if !(alpha > 0.0 && beta > 0.0 && alpha <= 1e4 && beta <= 1e4) {
            return Err(FinanceError::domain("the shapes of a beta distribution lie above 0 and up to 10,000"));
        }
        let scale = libm::lgamma(alpha + beta) - libm::lgamma(alpha) - libm::lgamma(beta);
        let mut distribution = Self { alpha, beta, scale, table: Vec::new() };
        distribution.table = (0..=PARTS).map(|part| distribution.cdf(f64::from(part) / f64::from(PARTS))).collect();
        Ok(distribution)
    }

    /// The probability of at most `x`: the regularized incomplete beta function.
    ///
    /// By the continued fraction 8.17.22 of the NIST *Digital Library of Mathematical Functions*, evaluated after Lentz.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        let (alpha, beta) = (self.alpha, self.beta);
        let front = libm::exp(self.scale + alpha * libm::log(x) + beta * libm::log1p(-x));
        if x < (alpha + 1.0) / (alpha + beta + 2.0) {
            front * continued_fraction(x, alpha, beta) / alpha
        } else {
            1.0 - front * continued_fraction(1.0 - x, beta, alpha) / beta
        }
    }

    /// The density at `x`.
    #[must_use]
    pub fn pdf(&self, x: f64) -> f64 {
        if !(x > 0.0 && x < 1.0) {
            return 0.0;
        }
        libm::exp(self.scale + (self.alpha - 1.0) * libm::log(x) + (self.beta - 1.0) * libm::log1p(-x))
    }

    /// The number under which the variable stays with the probability `p`: 0 for 0 and below, 1 for 1 and above.
    ///
    /// Newton's method within the two places of the table around it, to an error of some 1e-13.
    #[must_use]
    pub fn inverse_cdf(&self, p: f64) -> f64 {
        if p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return 1.0;
        }
        let above = self.table.partition_point(|known| *known < p).clamp(1, usize::from(PARTS));
        let place = f64::from(u16::try_from(above).unwrap_or(PARTS)) / f64::from(PARTS);
        let (mut low, mut high) = (place - 1.0 / f64::from(PARTS), place);
        let known = |index: usize| self.table.get(index).copied().unwrap_or_default();
        let (before, after) = (known(above - 1), known(above));
        let share = if after > before { (p - before) / (after - before) } else { 0.5 };
        let mut x = low + share * (high - low);
        for _ in 0..60 {
            let gap = self.cdf(x) - p;
            if gap > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let newton = x - gap / self.pdf(x);
            let next = if newton > low && newton < high { newton } else { low + (high - low) / 2.0 };
            let step = (next - x).abs();
            x = next;
            if step <= 1e-13 * x.min(1.0 - x) {
                break;
            }
        }
        x
    }
}

/// Lentz's evaluation, as modified by Thompson and Barnett (1986): no denominator becomes 0.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |number: f64| if number.abs() < TINY { TINY } else { number };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=500_u16 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / kept(1.0 + term * d);
            c = kept(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the distribution with shapes 2 and 3 is 6x² − 8x³ + 3x⁴, with 1 and 5 it is 1 − (1 − x)⁵.
    #[test]
    fn whole_shapes_give_polynomials() {
        let beta = Beta::new(2.0, 3.0).unwrap();
        let steep = Beta::new(1.0, 5.0).unwrap();
        for step in 1..100 {
            let x = f64::from(step) / 100.0;
            let expected = x * x * (6.0 - 8.0 * x + 3.0 * x * x);
            assert!((beta.cdf(x) - expected).abs() < 1e-14, "{x}");
            assert!((beta.pdf(x) - 12.0 * x * (1.0 - x) * (1.0 - x)).abs() < 1e-13);
            let rest = (1.0 - x) * (1.0 - x);
            assert!((steep.cdf(x) - (1.0 - rest * rest * (1.0 - x))).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn the_inverse_undoes_the_distribution() {
        for (alpha, beta) in [(1.0, 5.0), (2.2, 3.8), (3.0, 3.0), (5.0, 1.0), (0.5, 0.5), (40.0, 7.0)] {
            let beta = Beta::new(alpha, beta).unwrap();
            for p in [1e-12, 1e-6, 0.001, 0.1, 0.37, 0.5, 0.9, 0.9999] {
                assert!((beta.cdf(beta.inverse_cdf(p)) - p).abs() < 1e-12, "{beta:?} {p}");
            }
            assert_eq!((beta.inverse_cdf(0.0), beta.inverse_cdf(1.0)), (0.0, 1.0));
        }
        assert!(Beta::new(0.0, 1.0).is_err());
    }
}
