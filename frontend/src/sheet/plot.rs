//! The geometry of a chart of rows over periods: no colours, no HTML.

use crate::chart::round_step;

/// How the values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line for each row.
    Lines,
    /// Bars side by side in each period.
    Bars,
}

/// A frame in which values are drawn, in the units of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

/// A mark on the axis of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// Where it is, from the top.
    pub y: f64,
}

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The period, counted from 0.
    pub period: usize,
    /// The value.
    pub value: f64,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The period, counted from 0.
    pub period: usize,
    /// The value.
    pub value: f64,
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

/// From values and periods to places in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    frame: Frame,
    periods: usize,
    low: f64,
    high: f64,
    /// The marks of the axis, from the bottom.
    pub ticks: Vec<Tick>,
}

/// How many marks an axis has at most.
const TICKS: f64 = 6.0;

impl Plot {
    /// A plot in which all of `values` have room. Bars and whatever is near zero begin at zero.
    #[must_use]
    pub fn new(frame: Frame, periods: usize, values: impl Iterator<Item = f64>, style: Style) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (mut low, mut high) = if low > high { (0.0, 1.0) } else { (low, high) };
        // An axis that leaves zero out only for a small difference tells more than there is.
        let is_near_zero = low > 0.0 && low < high * 0.6 || high < 0.0 && high > low * 0.6;
        if style == Style::Bars || is_near_zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        let marks = ticks(low, high);
        let low = marks.first().copied().unwrap_or(low);
        let high = marks.last().copied().unwrap_or(high);
        let mut plot = Self { frame, periods, low, high, ticks: Vec::new() };
        plot.ticks = marks.into_iter().map(|value| Tick { value, y: plot.y(value) }).collect();
        plot
    }

    /// Where the middle of a period is, from the left.
    #[must_use]
    pub fn x(&self, period: usize) -> f64 {
        (count(period) + 0.5) * self.step()
    }

    /// Where a value is, from the top.
    #[must_use]
    pub fn y(&self, value: f64) -> f64 {
        let range = self.high - self.low;
        let share = if range > 0.0 { (value - self.low) / range } else { 0.5 };
        (1.0 - share) * self.frame.height
    }

    /// Where the room of a period begins, from the left.
    #[must_use]
    pub fn left(&self, period: usize) -> f64 {
        count(period) * self.step()
    }

    /// How wide the room of a period is.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.frame.width / count(self.periods.max(1))
    }

    /// The lines through these values, one after each gap.
    #[must_use]
    pub fn lines(&self, values: &[Option<f64>]) -> Vec<Vec<Point>> {
        let mut lines = Vec::new();
        let mut line = Vec::new();
        for (period, value) in values.iter().enumerate() {
            match value.filter(|value| value.is_finite()) {
                Some(value) => line.push(Point { period, value, x: self.x(period), y: self.y(value) }),
                None if line.is_empty() => {}
                None => lines.push(std::mem::take(&mut line)),
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The bars of these values, which are those of row `row` of `rows`.
    #[must_use]
    pub fn bars(&self, values: &[Option<f64>], row: usize, rows: usize) -> Vec<Bar> {
        let room = self.step() * 0.8;
        let width = room / count(rows.max(1));
        let zero = self.y(0.0);
        let bar = |(period, value): (usize, &Option<f64>)| {
            let value = value.filter(|value| value.is_finite())?;
            let (y, x) = (self.y(value), self.left(period) + self.step() * 0.1 + width * count(row));
            Some(Bar { period, value, x, y: y.min(zero), width: width * 0.92, height: (y - zero).abs() })
        };
        values.iter().enumerate().filter_map(bar).collect()
    }
}

/// Round values that reach from below `low` to above `high`: steps of 1, 2 or 5 times a power of ten.
#[must_use]
pub fn ticks(low: f64, high: f64) -> Vec<f64> {
    let (low, high) =
        if high > low { (low, high) } else { (low - 0.5 * low.abs().max(1.0), low + 0.5 * low.abs().max(1.0)) };
    let step = round_step((high - low) / (TICKS - 1.0));
    let first = (low / step).floor();
    let last = (high / step).ceil();
    if !(step.is_finite() && step > 0.0 && last - first < 64.0) {
        return vec![low, high];
    }
    let mut ticks = Vec::new();
    let mut index = first;
    while index <= last {
        ticks.push(index * step);
        index += 1.0;
    }
    ticks
}

/// The class of the colour of the row with this number: neighbours are told apart best.
#[must_use]
pub fn colour_of(row: usize) -> String {
    const FAR_APART: [u8; 8] = [5, 0, 3, 8, 1, 7, 4, 9];
    let index = row.checked_rem(FAR_APART.len()).unwrap_or(0);
    format!("person-{}", FAR_APART.get(index).copied().unwrap_or(0))
}

/// Points as the path of a line.
#[must_use]
pub fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{command}{:.1} {:.1}", point.x, point.y));
    }
    path
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const FRAME: Frame = Frame { width: 100.0, height: 50.0 };

    #[test]
    fn marks_are_round_and_reach_around_all_values() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(-3.0, 97.0), [-20.0, 0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(383_285.0, 404_721.0).first(), Some(&380_000.0));
        for (low, high) in [(0.021, 0.078), (-1e-9, 1e-9), (1e12, 3e12), (5.0, 5.0), (0.0, 0.0), (-7.0, -7.0)] {
            let ticks = ticks(low, high);
            assert!((2..=9).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(ticks[0] <= low && *ticks.last().unwrap() >= high, "{low} {high}: {ticks:?}");
        }
    }

    #[test]
    fn values_that_no_axis_can_hold_are_left_out() {
        let plot = Plot::new(FRAME, 2, [f64::NAN, f64::INFINITY, 4.0, 8.0].into_iter(), Style::Lines);
        assert_eq!(plot.lines(&[Some(f64::NAN), Some(8.0)])[0].len(), 1);
        assert_eq!(Plot::new(FRAME, 0, std::iter::empty(), Style::Bars).step(), 100.0);
    }

    #[test]
    fn a_line_has_its_points_in_the_middle_of_periods_and_ends_at_a_gap() {
        let plot = Plot::new(FRAME, 4, [0.0, 10.0].into_iter(), Style::Lines);
        let lines = plot.lines(&[Some(0.0), Some(10.0), None, Some(5.0)]);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((lines[0][0].x, lines[0][0].y), (12.5, 50.0));
        assert_eq!((lines[0][1].x, lines[0][1].y), (37.5, 0.0));
        assert_eq!(path(&lines[0]), "M12.5 50.0L37.5 0.0");
    }

    #[test]
    fn bars_stand_side_by_side_on_zero() {
        let plot = Plot::new(FRAME, 2, [-10.0, 10.0].into_iter(), Style::Bars);
        let (up, down) = (plot.bars(&[Some(10.0)], 0, 2), plot.bars(&[Some(-10.0)], 1, 2));
        assert_eq!((up[0].y, up[0].height), (0.0, 25.0));
        assert_eq!((down[0].y, down[0].height), (25.0, 25.0));
        assert!(up[0].x + up[0].width < down[0].x);
    }

    #[test]
    fn an_axis_begins_at_zero_unless_all_values_are_far_from_it() {
        let low = |values: [f64; 2]| Plot::new(FRAME, 2, values.into_iter(), Style::Lines).ticks[0].value;
        assert_eq!(low([40.0, 100.0]), 0.0);
        assert_eq!(low([380.0, 400.0]), 380.0);
    }
}
