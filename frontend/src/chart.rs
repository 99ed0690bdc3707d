//! The geometry of charts, before there is any SVG.

/// A line of numbers on a line of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The number at the beginning.
    pub low: f64,
    /// The number at the end, above the one at the beginning.
    pub high: f64,
    /// Where it begins, in pixels.
    pub begin: f64,
    /// Where it ends.
    pub end: f64,
}

impl Scale {
    /// A scale on which all of `numbers` have room, from `begin` to `end` pixels, with round numbers at its ends. Numbers
    /// that are not finite are passed over; without any, it goes from 0 to 1.
    #[must_use]
    pub fn around(numbers: impl IntoIterator<Item = f64>, begin: f64, end: f64) -> Self {
        let finite = numbers.into_iter().filter(|number| number.is_finite());
        let (low, high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| (low.min(number), high.max(number)));
        let (low, high) = match () {
            () if low > high => (0.0, 1.0),
            // One number alone stands in the middle.
            () if low == high => (low - low.abs().max(1.0) * 0.1, high + high.abs().max(1.0) * 0.1),
            () => (low, high),
        };
        let step = round_step((high - low) / 4.0);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, begin, end }
    }

    /// Where `number` is, in pixels.
    #[must_use]
    pub fn at(&self, number: f64) -> f64 {
        self.begin + (number - self.low) / (self.high - self.low) * (self.end - self.begin)
    }

    /// Round numbers along the scale, some four of them.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let step = round_step((self.high - self.low) / 4.0);
        let mut ticks = Vec::new();
        let mut index = (self.low / step).ceil();
        // A step too small for its numbers leads nowhere.
        while index * step <= self.high + step * 1e-9 && ticks.len() < 12 {
            ticks.push(index * step);
            index += 1.0;
        }
        ticks
    }
}

/// The round number (1, 2 or 5 times a power of ten) that is at least `step`.
#[must_use]
pub fn round_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let mut power = 1.0_f64;
    while power > step {
        power /= 10.0;
    }
    while power * 10.0 <= step {
        power *= 10.0;
    }
    if power == 0.0 {
        return step;
    }
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= step * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

/// How warm `number` is between `low` and `high`, beside `middle`: from −4 at the low end to 4 at the high one.
#[must_use]
pub fn warmth(number: f64, low: f64, middle: f64, high: f64) -> i8 {
    let share = match number - middle {
        above if above > 0.0 && high > middle => above / (high - middle),
        below if below < 0.0 && low < middle => below / (middle - low),
        _ => 0.0,
    };
    [(0.875, 4), (0.625, 3), (0.375, 2), (0.125, 1)]
        .into_iter()
        .find(|(least, _)| share.abs() >= *least)
        .map_or(0, |(_, steps)| if share > 0.0 { steps } else { -steps })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_scale_begins_and_ends_with_round_numbers() {
        let scale = Scale::around([93.0, 141.0, f64::NAN], 0.0, 100.0);
        assert_eq!((scale.low, scale.high), (80.0, 160.0));
        assert_eq!((scale.at(80.0), scale.at(120.0), scale.at(160.0)), (0.0, 50.0, 100.0));
        assert_eq!(scale.ticks(), [80.0, 100.0, 120.0, 140.0, 160.0]);
    }

    #[test]
    fn one_number_or_none_has_a_scale_too() {
        let scale = Scale::around([5.0], 0.0, 10.0);
        assert!(scale.low < 5.0 && scale.high > 5.0);
        let none = Scale::around([], 0.0, 10.0);
        assert_eq!((none.low, none.high), (0.0, 1.0));
        assert!(Scale::around([f64::MAX, f64::MIN], 0.0, 1.0).ticks().len() <= 12);
    }

    #[test]
    fn steps_are_round() {
        for (step, round) in [(0.3, 0.5), (1.0, 1.0), (1.2, 2.0), (60.0, 100.0), (0.004, 0.005), (0.0, 1.0)] {
            assert!((round_step(step) - round).abs() < 1e-12, "{step}");
        }
    }

    #[test]
    fn the_ends_are_warmest_and_the_middle_is_neither() {
        let warmth_of = |number| warmth(number, 80.0, 100.0, 140.0);
        assert_eq!([80.0, 90.0, 100.0, 120.0, 140.0].map(warmth_of), [-4, -2, 0, 2, 4]);
        assert_eq!(warmth(1.0, 1.0, 1.0, 1.0), 0);
    }
}
