//! Which cells are the headings of periods.

use crate::model::{NumberFormat, PeriodKind, PeriodLength, date_text, parse_date};
use crate::spreadsheet::{Cell, Content};

/// A heading that stands for a period.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heading {
    pub(super) label: String,
    /// Where it stands in time; headings of one kind are compared by it.
    pub(super) order: i32,
    pub(super) length: PeriodLength,
    /// Whether it says that the period is past or to come.
    pub(super) kind: Option<PeriodKind>,
    /// Whether it is a plain number, which figures may be too.
    pub(super) is_plain: bool,
}

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];

/// The period that `cell` is the heading of: `2024`, `FY24A`, `2025E`, `Q1 2025`, `3Q24`, `Jan-25`, `Year 1`, a date.
pub(super) fn heading(cell: &Cell) -> Option<Heading> {
    if let Some(number) = cell.content.number() {
        let whole = whole(number)?;
        if cell.format == Some(NumberFormat::Date) {
            let date = date_text(whole)?;
            let year = date.get(..4)?.parse::<i32>().ok()?;
            let is_year_end = date.ends_with("-12-31");
            let (label, order) = if is_year_end { (year.to_string(), year * 12) } else { (date, whole) };
            return Some(Heading { label, order, length: PeriodLength::Year, kind: None, is_plain: false });
        }
        let is_year = (1900..=2200).contains(&whole);
        let (label, order) = (whole.to_string(), whole * 12);
        return is_year.then_some(Heading { label, order, length: PeriodLength::Year, kind: None, is_plain: true });
    }
    let label = cell.content.text()?.trim();
    if label.is_empty() || label.chars().count() > 24 {
        return None;
    }
    let upper = label.to_uppercase();
    let (stem, kind) = suffix(&upper);
    let (order, length) = if let Some(serial) = parse_date(label) {
        (serial, PeriodLength::Year)
    } else {
        year(stem)
            .map(|year| (year * 12, PeriodLength::Year))
            .or_else(|| quarter(stem))
            .or_else(|| month(stem))
            .or_else(|| counted(stem))?
    };
    Some(Heading { label: label.to_owned(), order, length, kind, is_plain: false })
}

/// Whether a text beside headings says that a period is past or to come.
pub(super) fn kind(text: &str) -> Option<PeriodKind> {
    let text = text.trim().to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if starts(&["actual", "histor", "reported"]) || text == "a" {
        Some(PeriodKind::History)
    } else if starts(&["forecast", "project", "estimat", "budget", "plan", "expected"]) || text == "e" || text == "f" {
        Some(PeriodKind::Forecast)
    } else {
        None
    }
}

/// The label without what it says about its kind: `2024A`, `2025E`, `2025 (forecast)`.
fn suffix(label: &str) -> (&str, Option<PeriodKind>) {
    let end = label.trim_end_matches([')', '.']);
    let letters = end.len() - end.trim_end_matches(char::is_alphabetic).len();
    let Some((stem, word)) = end.split_at_checked(end.len() - letters) else { return (label, None) };
    let is_behind_digit = stem.trim_end_matches([' ', '(']).ends_with(|c: char| c.is_ascii_digit());
    let kind = match word {
        "A" | "ACT" => Some(PeriodKind::History),
        "E" | "F" | "P" | "B" | "EST" | "FC" | "BUD" => Some(PeriodKind::Forecast),
        _ => kind(word),
    };
    match kind.filter(|_| is_behind_digit && !word.is_empty()) {
        Some(kind) => (stem.trim_end_matches([' ', '(']), Some(kind)),
        None => (label, None),
    }
}

/// A year of four digits, or of two behind a prefix such as `FY`.
fn year(stem: &str) -> Option<i32> {
    let rest = ["FYE", "FY", "CY", "YEAR"].iter().find_map(|prefix| stem.strip_prefix(prefix));
    let digits = rest.unwrap_or(stem).trim_matches([' ', '\'', '-']);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = digits.parse::<i32>().ok()?;
    match digits.len() {
        4 => (1900..=2200).contains(&year).then_some(year),
        2 if rest.is_some() && !stem.starts_with("YEAR") => Some(year + 2000),
        _ => None,
    }
}

fn any_year(text: &str) -> Option<i32> {
    let text = text.trim_matches([' ', '\'', '-', '/', '.', ',']);
    year(text).or_else(|| (text.len() == 2).then(|| year(&format!("FY{text}"))).flatten())
}

/// `Q1 2025`, `1Q25`, `2025 Q1`, `Q1'25`.
fn quarter(stem: &str) -> Option<(i32, PeriodLength)> {
    let at = stem.find('Q')?;
    let (before, after) = (stem.get(..at)?, stem.get(at + 1..)?);
    let digit = |text: &str| text.parse::<i32>().ok().filter(|quarter| (1..=4).contains(quarter) && text.len() == 1);
    let (quarter, year) = match digit(before.trim()) {
        Some(quarter) => (quarter, after),
        None => {
            let (quarter, rest) = after.split_at_checked(1)?;
            (digit(quarter)?, if before.trim().is_empty() { rest } else { before })
        }
    };
    Some((any_year(year)? * 12 + quarter * 3 - 1, PeriodLength::Quarter))
}

/// `Jan-25`, `January 2025`, `Jan 2025`.
fn month(stem: &str) -> Option<(i32, PeriodLength)> {
    let rest = stem.trim_start_matches(char::is_alphabetic);
    let word = stem.strip_suffix(rest).filter(|word| word.chars().count() >= 3)?;
    let month = MONTHS.iter().position(|month| month.starts_with(word))?;
    Some((any_year(rest)? * 12 + i32::try_from(month).ok()?, PeriodLength::Month))
}

/// `Year 1`, `Y1`, `Period 1`, `P1`, `Month 3`, `M3`.
fn counted(stem: &str) -> Option<(i32, PeriodLength)> {
    let digits = stem.trim_start_matches(char::is_alphabetic).trim_start();
    let word = stem.strip_suffix(digits)?.trim_end();
    let length = match word {
        "YEAR" | "Y" | "PERIOD" | "P" => PeriodLength::Year,
        "QUARTER" => PeriodLength::Quarter,
        "MONTH" | "M" => PeriodLength::Month,
        _ => return None,
    };
    let number = digits.parse::<i32>().ok().filter(|number| (0..=600).contains(number))?;
    Some((number, length))
}

fn whole(number: f64) -> Option<i32> {
    (number.fract() == 0.0 && number.abs() < 3e6).then(|| number.to_string().parse().ok()).flatten()
}

/// Whether `content` may be the value of a period.
pub(super) fn is_value(content: &Content) -> bool {
    matches!(content, Content::Number(_) | Content::Formula { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(i32, PeriodLength, Option<PeriodKind>)> {
        let cell = Cell { content: Content::Text(text.to_owned()), ..Cell::default() };
        heading(&cell).map(|heading| (heading.order, heading.length, heading.kind))
    }

    #[test]
    fn headings_of_periods_are_known() {
        use PeriodKind::{Forecast, History};
        use PeriodLength::{Month, Quarter, Year};
        let cases = [
            ("2024", 24_288, Year, None),
            ("2024A", 24_288, Year, Some(History)),
            ("FY25E", 24_300, Year, Some(Forecast)),
            ("2025 (forecast)", 24_300, Year, Some(Forecast)),
            ("FY 2025", 24_300, Year, None),
            ("Q1 2025", 24_302, Quarter, None),
            ("1Q25E", 24_302, Quarter, Some(Forecast)),
            ("2025 Q4", 24_311, Quarter, None),
            ("Q2'25A", 24_305, Quarter, Some(History)),
            ("Jan-25", 24_300, Month, None),
            ("December 2025", 24_311, Month, None),
            ("Year 3", 3, Year, None),
            ("M12", 12, Month, None),
        ];
        for (text, order, length, kind) in cases {
            assert_eq!(read(text), Some((order, length, kind)), "{text}");
        }
        for text in ["", "Total", "Margin 2024", "12", "Q5 2024", "1850", "Revenue", "A", "Mayor", "GAAP"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_years_and_dates_are_dates() {
        let number = |number, format| heading(&Cell { content: Content::Number(number), format, ..Cell::default() });
        assert_eq!(number(2025.0, None).unwrap().label, "2025");
        assert_eq!(number(1234.5, None), None);
        assert_eq!(number(45_565.0, Some(NumberFormat::Date)).unwrap().label, "2024-09-30");
        assert_eq!(number(45_657.0, Some(NumberFormat::Date)).unwrap().label, "2024");
    }
}
