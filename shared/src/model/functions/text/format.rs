//! The number formats of spreadsheets, as far as labels need them.

use super::{Outcome, Stop};
use crate::model::date_text;

/// `number` in `format`: digits `0` `#`, `.`, `,` for thousands, `%`, texts in quotes, and of a date `yyyy` `yy` `mmm`
/// `mm` `m` `dd` `d`. Behind a semicolon stands the format of negative numbers.
pub(super) fn format(number: f64, format: &str) -> Outcome<String> {
    let (first, second) = match sections(format) {
        (first, Some(second)) if number < 0.0 => (second, Some(first)),
        (first, second) => (first, second.map(|_| first)),
    };
    if first.trim().eq_ignore_ascii_case("general") || first.is_empty() {
        return Ok(crate::model::decimal::display(number));
    }
    if is_date(first) {
        return date(number, first);
    }
    // The format of negative numbers writes the sign itself.
    let has_own_format = number < 0.0 && second.is_some();
    Ok(digits(number, first, has_own_format))
}

/// The formats before and behind the first semicolon outside of quotes.
fn sections(format: &str) -> (&str, Option<&str>) {
    let mut is_quoted = false;
    for (byte, c) in format.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => {
                let rest = format.get(byte + 1..).unwrap_or_default();
                return (format.get(..byte).unwrap_or_default(), Some(sections(rest).0));
            }
            _ => {}
        }
    }
    (format, None)
}

fn is_date(format: &str) -> bool {
    let mut is_quoted = false;
    format.chars().any(|c| {
        is_quoted ^= c == '"';
        !is_quoted && matches!(c, 'y' | 'm' | 'd' | 'Y' | 'M' | 'D')
    })
}

fn date(number: f64, format: &str) -> Outcome<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    #[allow(clippy::as_conversions, reason = "the conversion saturates, and what is no date has no text")]
    let day = number.floor() as i32;
    let iso = date_text(day).ok_or_else(|| Stop::not_a_number("the number is no date"))?;
    let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default();
    let short = |range| part(range).trim_start_matches('0').to_owned();
    let month = || MONTHS.get(part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1)).copied().unwrap_or_default();
    let mut shown = String::new();
    let mut is_quoted = false;
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        let letter = c.to_ascii_lowercase();
        let is_field = !is_quoted && matches!(letter, 'y' | 'm' | 'd');
        let count = if is_field { rest.chars().take_while(|c| c.to_ascii_lowercase() == letter).count() } else { 1 };
        match (letter, count) {
            ('"', _) => is_quoted = !is_quoted,
            ('y', 1 | 2) if is_field => shown.push_str(part(2..4)),
            ('y', _) if is_field => shown.push_str(part(0..4)),
            ('m', 1) if is_field => shown.push_str(&short(5..7)),
            ('m', 2) if is_field => shown.push_str(part(5..7)),
            ('m', 3) if is_field => shown.push_str(month().get(..3).unwrap_or_default()),
            ('m', _) if is_field => shown.push_str(month()),
            ('d', 1) if is_field => shown.push_str(&short(8..10)),
            ('d', _) if is_field => shown.push_str(part(8..10)),
            _ => shown.push(c),
        }
        rest = rest.get(c.len_utf8() * count..).unwrap_or_default();
    }
    Ok(shown)
}

fn digits(number: f64, format: &str, has_own_sign: bool) -> String {
    let placeholders = |text: &str| text.chars().filter(|c| matches!(c, '0' | '#' | '?')).count();
    let bare = unquoted(format);
    let percents = bare.matches('%').count();
    let (whole, fraction) = bare.split_once('.').unwrap_or((&bare, ""));
    let (decimals, least_decimals) = (placeholders(fraction).min(15), fraction.matches('0').count());
    let least_digits = whole.matches('0').count();
    let is_grouped = whole.trim_end_matches(|c| !matches!(c, '0' | '#' | ',')).trim_end_matches(',').contains(',');
    let scaled = (0..percents).fold(number.abs(), |number, _| number * 100.0);
    let rounded = match crate::model::decimal::parse(&crate::model::decimal::display(scaled)) {
        Some(decimal) => half_up(decimal, decimals),
        None => format!("{scaled:.decimals$}"),
    };
    let (digits, mut behind) = match rounded.split_once('.') {
        Some((digits, behind)) => (digits, behind.to_owned()),
        None => (rounded.as_str(), String::new()),
    };
    while behind.len() > least_decimals && behind.ends_with('0') {
        behind.pop();
    }
    let digits = if digits == "0" { "" } else { digits };
    let digits = format!("{}{digits}", "0".repeat(least_digits.saturating_sub(digits.len())));
    let is_zero = rounded.chars().all(|c| matches!(c, '0' | '.'));
    let mut shown = String::new();
    if number < 0.0 && !has_own_sign && !is_zero {
        shown.push('-');
    }
    let (mut is_written, mut is_quoted) = (false, false);
    for c in format.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '0' | '#' | '?' | '.' | ',' if !is_quoted => {
                if !is_written {
                    is_written = true;
                    let length = digits.len();
                    for (index, digit) in digits.chars().enumerate() {
                        if is_grouped && index > 0 && (length - index).is_multiple_of(3) {
                            shown.push(',');
                        }
                        shown.push(digit);
                    }
                    if !behind.is_empty() {
                        shown.push('.');
                        shown.push_str(&behind);
                    }
                }
            }
            _ => shown.push(c),
        }
    }
    shown
}

/// A number not below zero with so many decimals, half rounded up.
fn half_up(number: f64, decimals: usize) -> String {
    let exact = format!("{number}");
    let behind = exact.split_once('.').map_or("", |(_, behind)| behind);
    let shown = format!("{number:.decimals$}");
    // What is written with a five at the end lies below the half as often as above it.
    if behind.len() == decimals + 1 && behind.ends_with('5') {
        return format!("{:.decimals$}", number * (1.0 + 4.0 * f64::EPSILON));
    }
    shown
}

fn unquoted(format: &str) -> String {
    let mut is_quoted = false;
    format
        .chars()
        .filter(|c| {
            is_quoted ^= *c == '"';
            !is_quoted && *c != '"'
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn numbers_are_written_as_spreadsheets_write_them() {
        for (number, pattern, expected) in [
            (1234.567, "#,##0.0", "1,234.6"),
            (1234567.0, "#,##0", "1,234,567"),
            (0.125, "0.0%", "12.5%"),
            (0.5, "#.##", ".5"),
            (5.0, "0.0#", "5.0"),
            (7.0, "000", "007"),
            (-12.0, "0", "-12"),
            (-12.0, "0;(0)", "(12)"),
            (12.44, "0.0\"x\"", "12.4x"),
            (1.005, "0.00", "1.01"),
            (2.5, "0", "3"),
            (-0.2, "0", "0"),
            (0.1 + 0.2, "General", "0.3"),
            (45_927.0, "yyyy-mm-dd", "2025-09-27"),
            (45_927.0, "d mmm yy", "27 Sep 25"),
            (45_927.0, "\"day\" d", "day 27"),
        ] {
            assert_eq!(format(number, pattern).unwrap(), expected, "{number} {pattern}");
        }
        assert!(format(-1.0, "yyyy").is_err());
    }
}
