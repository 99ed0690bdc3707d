//! Numbers as people write them.

use crate::model::decimal;

/// A number as people write it.
pub(in crate::model) fn number(text: &str) -> Option<f64> {
    let (text, is_negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, exponent) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), "e-2"),
        None => (text, ""),
    };
    let plain = text.replace(',', "");
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_digit() || b".+-eE".contains(&byte));
    let has_exponent = plain.contains(['e', 'E']);
    if !is_plain || (has_exponent && !exponent.is_empty()) || (is_negative && plain.starts_with('-')) {
        return None;
    }
    // The exponent is part of the text, so that 7.8 % is the number nearest to 0.078.
    let number = decimal::parse(&format!("{plain}{exponent}"))?;
    let number = if is_negative { -number } else { number };
    number.is_finite().then_some(number)
}

/// A number in percent, exactly: the decimal point moves by two places.
pub(super) fn in_percent(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let places = exponent.parse::<i64>().unwrap_or(0).saturating_add(2);
    let digits = digits.replace('.', "");
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // How many digits stand before the point.
    let whole = places.saturating_add(1);
    let shown = if whole <= 0 {
        format!("0.{}{digits}", "0".repeat(usize::try_from(-whole).unwrap_or(0)))
    } else if whole >= length {
        format!("{digits}{}", "0".repeat(usize::try_from(whole - length).unwrap_or(0)))
    } else {
        let (before, after) = digits.split_at(usize::try_from(whole).unwrap_or(0));
        format!("{before}.{after}")
    };
    format!("{sign}{shown}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("1,234.5"), Some(1_234.5));
        assert_eq!(number("(1,234)"), Some(-1_234.0));
        assert_eq!(number("7.8%"), Some(0.078));
        assert_eq!(number("-3e2"), Some(-300.0));
        for not_a_number in ["", "abc", "1 2", "inf", "nan", "--1", "1e999", "(-1)", "1e2%", "."] {
            assert_eq!(number(not_a_number), None, "{not_a_number}");
        }
    }

    #[test]
    fn a_percentage_is_shown_exactly_and_read_back_as_the_same_number() {
        for (value, text) in
            [(0.0775, "7.75%"), (1.0, "100%"), (-0.0005, "-0.05%"), (12.5, "1250%"), (0.1 + 0.2, "30.000000000000004%")]
        {
            assert_eq!(in_percent(value), text);
            assert_eq!(number(text), Some(value));
        }
        assert_eq!(number(&in_percent(0.0)), Some(0.0));
        assert_eq!(number(&in_percent(f64::MIN_POSITIVE)), Some(f64::MIN_POSITIVE));
    }
}
