use serde::{Deserialize, Serialize};

/// How the values of a line item are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    /// Whole numbers: `391,035`.
    Number,
    /// Two decimals: `1,234.57`.
    Decimal,
    /// Percent with one decimal: `7.8%`.
    Percent,
    /// A multiple with one decimal: `12.4x`.
    Multiple,
    /// Four decimals, for factors and rates: `0.9174`.
    Factor,
}

impl NumberFormat {
    /// `value` for people, with groups of thousands, and in parentheses when it is negative.
    #[must_use]
    pub fn display(self, value: f64) -> String {
        let (scale, decimals, suffix) = match self {
            Self::Number => (1.0, 0, ""),
            Self::Decimal => (1.0, 2, ""),
            Self::Percent => (100.0, 1, "%"),
            Self::Multiple => (1.0, 1, "x"),
            Self::Factor => (1.0, 4, ""),
        };
        let rounded = format!("{:.decimals$}", (value * scale).abs());
        let (whole, fraction) = match rounded.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (rounded.as_str(), None),
        };
        let mut shown = grouped(whole);
        if let Some(fraction) = fraction {
            shown.push('.');
            shown.push_str(fraction);
        }
        shown.push_str(suffix);
        let is_zero = rounded.chars().all(|digit| matches!(digit, '0' | '.'));
        if value < 0.0 && !is_zero { format!("({shown})") } else { shown }
    }
}

fn grouped(digits: &str) -> String {
    let length = digits.chars().count();
    let mut result = String::with_capacity(length + length / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (length - index).is_multiple_of(3) {
            result.push(',');
        }
        result.push(digit);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_negative_ones_stand_in_parentheses() {
        assert_eq!(NumberFormat::Number.display(391_035.4), "391,035");
        assert_eq!(NumberFormat::Number.display(-1_234.0), "(1,234)");
        assert_eq!(NumberFormat::Decimal.display(187.416), "187.42");
        assert_eq!(NumberFormat::Percent.display(0.0775), "7.8%");
        assert_eq!(NumberFormat::Percent.display(-0.028), "(2.8%)");
        assert_eq!(NumberFormat::Multiple.display(12.44), "12.4x");
        assert_eq!(NumberFormat::Factor.display(0.917_431), "0.9174");
    }

    #[test]
    fn what_rounds_to_nothing_has_no_sign() {
        assert_eq!(NumberFormat::Number.display(-0.2), "0");
        assert_eq!(NumberFormat::Number.display(0.0), "0");
    }
}
