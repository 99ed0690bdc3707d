use serde::{Deserialize, Serialize};

use super::date_text;

/// How the values of a line item are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// An amount of money, with two decimals: `1,234.57`.
    Currency,
    /// A day: `2025-09-27`.
    Date,
    /// A text as it is.
    Text,
}

impl NumberFormat {
    /// `value` for people, with groups of thousands, and in parentheses when it is negative.
    #[must_use]
    pub fn display(self, value: f64) -> String {
        if self == Self::Text {
            return value.to_string();
        }
        if let Some(date) = Some(value).filter(|_| self == Self::Date).and_then(day).and_then(date_text) {
            return date;
        }
        let (scale, decimals, suffix) = match self {
            Self::Number | Self::Date | Self::Text => (1.0, 0, ""),
            Self::Decimal | Self::Currency => (1.0, 2, ""),
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

/// The whole day of a serial number, which may hold a time of day behind the point.
fn day(value: f64) -> Option<i32> {
    format!("{:.0}", value.floor()).parse().ok()
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
        assert_eq!(NumberFormat::Currency.display(1_234.567), "1,234.57");
    }

    #[test]
    fn what_rounds_to_nothing_has_no_sign() {
        assert_eq!(NumberFormat::Number.display(-0.2), "0");
        assert_eq!(NumberFormat::Number.display(0.0), "0");
    }

    #[test]
    fn a_date_is_shown_as_a_day_and_what_is_none_as_a_number() {
        assert_eq!(NumberFormat::Date.display(45_927.75), "2025-09-27");
        assert_eq!(NumberFormat::Date.display(-3.0), "(3)");
        assert_eq!(NumberFormat::Date.display(1e300), NumberFormat::Number.display(1e300));
        assert_eq!(NumberFormat::Text.display(0.5), "0.5");
    }
}
