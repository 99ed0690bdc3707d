//! Straight lines through pairs of numbers, and curves between them.

use super::statistics::{count, mean};
use super::{FinanceError, FinanceErrorKind};

/// What a straight line through pairs of numbers needs to know of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pairs {
    count: f64,
    mean_x: f64,
    mean_y: f64,
    squares_x: f64,
    squares_y: f64,
    products: f64,
}

impl Pairs {
    /// The pairs of two lists, in order.
    ///
    /// # Errors
    ///
    /// The lists are not of one length (`#N/A`, as Excel has it), or empty.
    pub fn new(xs: &[f64], ys: &[f64]) -> Result<Self, FinanceError> {
        if xs.len() != ys.len() {
            return Err(FinanceError::new(FinanceErrorKind::NotFound, "both lists must have the same length"));
        }
        let (mean_x, mean_y) = (mean(xs)?, mean(ys)?);
        let (mut squares_x, mut squares_y, mut products) = (0.0, 0.0, 0.0);
        for (x, y) in xs.iter().zip(ys) {
            let (x, y) = (x - mean_x, y - mean_y);
            squares_x += x * x;
            squares_y += y * y;
            products += x * y;
        }
        Ok(Self { count: count(xs), mean_x, mean_y, squares_x, squares_y, products })
    }

    /// The slope of the line that has the least squares of distances in y.
    ///
    /// # Errors
    ///
    /// All x are the same (`#DIV/0`).
    pub fn slope(&self) -> Result<f64, FinanceError> {
        if self.squares_x == 0.0 {
            return Err(FinanceError::division_by_zero("all x are the same, so no line leads through them"));
        }
        FinanceError::finite(self.products / self.squares_x)
    }

    /// Where that line crosses x = 0.
    ///
    /// # Errors
    ///
    /// As [`Pairs::slope`].
    pub fn intercept(&self) -> Result<f64, FinanceError> {
        self.at(0.0)
    }

    /// The y of that line at `x`.
    ///
    /// # Errors
    ///
    /// As [`Pairs::slope`].
    pub fn at(&self, x: f64) -> Result<f64, FinanceError> {
        FinanceError::finite(self.mean_y + self.slope()? * (x - self.mean_x))
    }

    /// Pearson's correlation.
    ///
    /// # Errors
    ///
    /// All x or all y are the same (`#DIV/0`).
    pub fn correlation(&self) -> Result<f64, FinanceError> {
        let scale = self.squares_x.sqrt() * self.squares_y.sqrt();
        if scale == 0.0 {
            return Err(FinanceError::division_by_zero("numbers that are all the same correlate with nothing"));
        }
        Ok(FinanceError::finite(self.products / scale)?.clamp(-1.0, 1.0))
    }

    /// The standard error of y at an x of the line.
    ///
    /// # Errors
    ///
    /// As [`Pairs::slope`]; there are fewer than three pairs.
    pub fn standard_error(&self) -> Result<f64, FinanceError> {
        if self.count < 3.0 {
            return Err(FinanceError::division_by_zero("a standard error needs at least three pairs"));
        }
        let rest = self.squares_y - self.slope()? * self.products;
        Ok((rest.max(0.0) / (self.count - 2.0)).sqrt())
    }

    /// The covariance; of a sample it is divided by the count less one.
    ///
    /// # Errors
    ///
    /// There is only one pair of a sample.
    pub fn covariance(&self, is_sample: bool) -> Result<f64, FinanceError> {
        let parts = if is_sample { self.count - 1.0 } else { self.count };
        if parts <= 0.0 {
            return Err(FinanceError::division_by_zero("the covariance of a sample needs two pairs"));
        }
        FinanceError::finite(self.products / parts)
    }
}

/// The y at `x` on the straight lines between the points, which are in ascending order of x.
///
/// # Errors
///
/// `x` lies outside of the points (`#N/A`); they are not in order, or not as many x as y.
pub fn interpolate(x: f64, xs: &[f64], ys: &[f64]) -> Result<f64, FinanceError> {
    if xs.len() != ys.len() {
        return Err(FinanceError::mismatch("both lists must have the same length"));
    }
    if !xs.is_sorted_by(|a, b| a < b) {
        return Err(FinanceError::domain("the x of the points must ascend"));
    }
    let after = xs.partition_point(|known| *known < x);
    let point = |index: usize| Some((*xs.get(index)?, *ys.get(index)?));
    match (after.checked_sub(1).and_then(point), point(after)) {
        (_, Some((known, y))) if known == x => Ok(y),
        (Some((x0, y0)), Some((x1, y1))) => FinanceError::finite(y0 + (x - x0) / (x1 - x0) * (y1 - y0)),
        _ => Err(FinanceError::new(FinanceErrorKind::NotFound, "the x lies outside of the points")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(actual: Result<f64, FinanceError>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual - expected).abs() < 1e-6 * expected.abs().max(1.0), "{actual}, expected {expected}");
    }

    /// The lists and values are those of Microsoft's documentation of FORECAST, SLOPE, INTERCEPT, RSQ, STEYX, CORREL.
    #[test]
    fn lines_are_those_of_excel() {
        let pairs = Pairs::new(&[20.0, 28.0, 31.0, 38.0, 40.0], &[6.0, 7.0, 9.0, 15.0, 21.0]).unwrap();
        is_near(pairs.at(30.0), 10.607_253);
        let pairs = Pairs::new(&[6.0, 5.0, 11.0, 7.0, 5.0, 4.0, 4.0], &[2.0, 3.0, 9.0, 1.0, 8.0, 7.0, 5.0]).unwrap();
        is_near(pairs.slope(), 0.305_556);
        is_near(pairs.standard_error(), 3.305_719);
        is_near(pairs.correlation().map(|r| r * r), 0.057_950_2);
        let pairs = Pairs::new(&[6.0, 5.0, 11.0, 7.0, 5.0], &[2.0, 3.0, 9.0, 1.0, 8.0]).unwrap();
        is_near(pairs.intercept(), 0.048_387_1);
        let pairs = Pairs::new(&[3.0, 2.0, 4.0, 5.0, 6.0], &[9.0, 7.0, 12.0, 15.0, 17.0]).unwrap();
        is_near(pairs.correlation(), 0.997_054_486);
        is_near(pairs.covariance(false), 5.2);
    }

    #[test]
    fn points_without_a_line_are_named() {
        assert!(Pairs::new(&[1.0], &[]).is_err());
        assert!(Pairs::new(&[], &[]).is_err());
        assert!(Pairs::new(&[1.0, 1.0], &[2.0, 3.0]).unwrap().slope().is_err());
        assert!(Pairs::new(&[1.0, 2.0], &[2.0, 2.0]).unwrap().correlation().is_err());
    }

    #[test]
    fn between_two_points_the_way_is_straight() {
        let (xs, ys) = ([1.0, 2.0, 4.0], [10.0, 20.0, 0.0]);
        is_near(interpolate(1.5, &xs, &ys), 15.0);
        is_near(interpolate(4.0, &xs, &ys), 0.0);
        is_near(interpolate(1.0, &xs, &ys), 10.0);
        assert!(interpolate(0.9, &xs, &ys).is_err());
        assert!(interpolate(4.1, &xs, &ys).is_err());
        assert!(interpolate(1.0, &[2.0, 1.0], &[0.0, 0.0]).is_err());
    }
}
