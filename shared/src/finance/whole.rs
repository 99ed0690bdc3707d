//! Whole numbers out of numbers.

/// `number` without its fraction, if it is less than 2³¹ in size.
#[must_use]
pub fn whole(number: f64) -> Option<i32> {
    let truncated = number.trunc();
    if !(-2_147_483_648.0..=2_147_483_647.0).contains(&truncated) {
        return None;
    }
    // At 1.5 · 2⁵² the last bit of a number counts ones, so that its low half is the whole number.
    let [a, b, c, d, ..] = (truncated + 6_755_399_441_055_744.0).to_bits().to_le_bytes();
    Some(i32::from_le_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn the_fraction_goes_towards_zero() {
        let cases = [
            (0.0, 0),
            (-0.9, 0),
            (2.999_999, 2),
            (-7.5, -7),
            (2_147_483_647.9, i32::MAX),
            (-2_147_483_648.0, i32::MIN),
        ];
        for (number, expected) in cases {
            assert_eq!(whole(number), Some(expected), "{number}");
        }
    }

    #[test]
    fn what_is_too_large_is_none() {
        for number in [2_147_483_648.0, -2_147_483_649.0, 1e300, f64::INFINITY, f64::NAN] {
            assert_eq!(whole(number), None, "{number}");
        }
    }
}
