//! Where cells stand: `D7`, `$D$7`, `'Cash flow'!D7`.

use std::fmt;

/// The most rows that a sheet of Excel has.
pub(super) const MAX_ROWS: u32 = 1_048_576;

/// The most columns that a sheet of Excel has.
pub(super) const MAX_COLUMNS: u32 = 16_384;

/// A cell of a sheet, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The row.
    pub row: u32,
    /// The column.
    pub column: u32,
}

impl Place {
    /// The cell in `row` and `column`, counted from 0.
    #[must_use]
    pub const fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }

    /// The place with both coordinates fixed: `$D$7`.
    #[must_use]
    pub fn fixed(self) -> String {
        format!("${}${}", column_letters(self.column), self.row.saturating_add(1))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), self.row.saturating_add(1))
    }
}

/// `A`, `B`, …, `Z`, `AA`, …
fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column.saturating_add(1);
    while let Some(digit) = rest.checked_sub(1) {
        letters.push(char::from(b'A'.saturating_add(u8::try_from(digit % 26).unwrap_or_default())));
        rest = digit / 26;
    }
    letters.iter().rev().collect()
}

/// The column that `letters` name, in either case.
pub(super) fn column(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut number = 0_u32;
    for letter in letters.bytes() {
        let digit = u32::from(letter.to_ascii_uppercase()).checked_sub(u32::from(b'A')).filter(|digit| *digit < 26)?;
        number = number.checked_mul(26)?.checked_add(digit + 1)?;
    }
    number.checked_sub(1).filter(|number| *number < MAX_COLUMNS)
}

/// A place as a formula writes it, and whether its row and column are fixed by a dollar sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrittenPlace {
    pub(super) place: Place,
    pub(super) is_column_fixed: bool,
    pub(super) is_row_fixed: bool,
}

/// Reads `D7`, `$D7`, `D$7`, `$D$7`.
pub(super) fn written_place(text: &str) -> Option<WrittenPlace> {
    let (is_column_fixed, rest) = text.strip_prefix('$').map_or((false, text), |rest| (true, rest));
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (letters, rest) = rest.split_at_checked(letters)?;
    let (is_row_fixed, digits) = rest.strip_prefix('$').map_or((false, rest), |rest| (true, rest));
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let row = digits.parse::<u32>().ok()?.checked_sub(1).filter(|row| *row < MAX_ROWS)?;
    Some(WrittenPlace { place: Place::new(row, column(letters)?), is_column_fixed, is_row_fixed })
}

/// The name of a sheet as formulas write it: between quotes, where Excel wants them.
pub(super) fn sheet_prefix(name: &str) -> String {
    let is_word = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && written_place(name).is_none()
        && !looks_like_row_and_column(name);
    if is_word { format!("{name}!") } else { format!("'{}'!", name.replace('\'', "''")) }
}

/// Whether Excel reads `name` as `R1C1`, `R`, `C2` and the like.
pub(super) fn looks_like_row_and_column(name: &str) -> bool {
    let rest = name.to_ascii_lowercase();
    let strip = |text: &str, letter: char| {
        text.strip_prefix(letter).map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned())
    };
    match strip(&rest, 'r') {
        Some(after_row) => after_row.is_empty() || strip(&after_row, 'c').is_some_and(|end| end.is_empty()),
        None => strip(&rest, 'c').is_some_and(|end| end.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        for (number, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(column_letters(number), letters);
            assert_eq!(column(letters), Some(number));
        }
        assert_eq!(column("XFE"), None);
        assert_eq!(column("ABCD"), None);
    }

    #[test]
    fn a_place_is_read_with_its_dollar_signs() {
        let read =
            |text| written_place(text).map(|read| (read.place.to_string(), read.is_column_fixed, read.is_row_fixed));
        assert_eq!(read("d7"), Some(("D7".to_owned(), false, false)));
        assert_eq!(read("$D$7"), Some(("D7".to_owned(), true, true)));
        assert_eq!(read("D$7"), Some(("D7".to_owned(), false, true)));
        for wrong in ["", "D", "7", "D0", "D1048577", "wacc", "D7x", "D$", "$$D7"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_name_of_a_sheet_stands_between_quotes_where_it_could_be_something_else() {
        assert_eq!(sheet_prefix("Model"), "Model!");
        assert_eq!(sheet_prefix("Cash flow"), "'Cash flow'!");
        assert_eq!(sheet_prefix("Bob's"), "'Bob''s'!");
        assert_eq!(sheet_prefix("DCF1"), "'DCF1'!");
        assert_eq!(sheet_prefix("RC"), "'RC'!");
        assert_eq!(sheet_prefix("2025"), "'2025'!");
    }
}
