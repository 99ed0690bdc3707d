//! Reading and writing decimal numbers.

/// The float nearest to a number that people wrote: `12`, `12.5`, `.5`, `5.`, `1e-3`, with or without a sign. Nothing
/// when it is written in another way or is larger than floats are.
///
/// It is read as documents are read, so that the app holds one way to do so and both round alike.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // JSON wants digits on both sides of the point, and no zeros in front.
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    serde_json::from_str(&format!("{sign}{whole}.{fraction}0e{exponent}")).ok()
}

/// The number for people, as Excel writes it: at most 15 significant digits, without zeros at the end.
pub(super) fn display(number: f64) -> String {
    let rounded = parse(&format!("{number:.14e}")).unwrap_or(number);
    // Minus zero is zero for people.
    format!("{}", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_one_that_the_standard_library_reads() {
        let texts = [
            "0",
            "-0",
            "+7",
            "007",
            "12.5",
            ".5",
            "5.",
            "1e-3",
            "2.5E+10",
            "0.1",
            "9007199254740993",
            "123456789012345678901234567890",
            "1.7976931348623157e308",
            "5e-324",
            "2.2250738585072011e-308",
            "1e-400",
            "0.30000000000000004",
            "8.5e-2",
        ];
        for text in texts {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(parse(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn a_number_is_shown_with_fifteen_digits() {
        for (number, shown) in [(0.1 + 0.2, "0.3"), (-0.0, "0"), (1234.5, "1234.5"), (1e21, "1000000000000000000000")] {
            assert_eq!(display(number), shown);
        }
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for text in ["", "-", ".", "e5", "1e", "--1", "1-", "1.2.3", "inf", "NaN", "1 2", "0x10", "1e400", "1e1.5"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
