//! Comma-separated values, both ways.

use ::csv::{ReaderBuilder, WriterBuilder};

use super::{Cell, Content, ImportError, Place, Sheet, Workbook};
use crate::model::{Calculation, CellRef, CellValue, Model, NumberFormat, Span, date_text, parse_date, parse_number};

const MAX_CELLS: usize = 500_000;
const MAX_COLUMNS: usize = 2_000;

/// The values of a model: a row for each line item with its section, label, name, unit, and one column for items with
/// one value and each period. Numbers are written in full, dates as in `2025-09-27`, errors as `#NUM …`. A text that a
/// spreadsheet would take for a formula has an apostrophe before it, which [`parse_csv`] takes away.
#[must_use]
pub fn to_csv(model: &Model, calculation: &Calculation) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let mut rows = Vec::new();
    let heads = ["Section", "Label", "Name", "Unit", "Value"].map(str::to_owned);
    rows.push(heads.into_iter().chain(model.periods.iter().map(|period| plain(&period.label))).collect::<Vec<_>>());
    for section in &model.sections {
        for item in &section.items {
            let text = |period| match calculation.value(&CellRef { item: item.id.clone(), period }) {
                CellValue::Blank => String::new(),
                CellValue::Number(number) => number_text(*number, item.format),
                CellValue::Text(text) => plain(text),
                CellValue::Error(error) => error.to_string(),
            };
            let mut row: Vec<_> = [&section.label, &item.label, &item.name, &item.unit].map(|text| plain(text)).into();
            match item.span {
                Span::Single => {
                    row.push(text(None));
                    row.extend(model.periods.iter().map(|_| String::new()));
                }
                Span::Period => {
                    row.push(String::new());
                    row.extend(model.periods.iter().map(|period| text(Some(period.id.clone()))));
                }
            }
            rows.push(row);
        }
    }
    // Writing to memory does not fail, and all rows are of one length.
    for row in rows {
        if writer.write_record(row).is_err() {
            break;
        }
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// What makes spreadsheets take a text for a formula when they open a csv file.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The text as no spreadsheet takes it for a formula.
fn plain(text: &str) -> String {
    let mark = if text.starts_with(FORMULA_STARTS) { "'" } else { "" };
    format!("{mark}{text}")
}

fn number_text(number: f64, format: NumberFormat) -> String {
    let is_day = format == NumberFormat::Date && number.fract() == 0.0;
    let day = is_day.then(|| number.to_string().parse().ok()).flatten();
    day.and_then(date_text).unwrap_or_else(|| number.to_string())
}

/// A workbook with one sheet, of a csv text. Columns are cut at commas, semicolons or tabs, whichever the first lines
/// have most of. Numbers may have thousands separators, parentheses, a currency sign or a percent sign.
///
/// # Errors
///
/// Returns an [`ImportError`] when there are too many cells or a quote is not closed.
pub fn parse_csv(text: &str) -> Result<Workbook, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiter = delimiter(text);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut sheet = Sheet { name: "Model".to_owned(), ..Sheet::default() };
    let mut count = 0;
    for (row, record) in (0..).zip(reader.records()) {
        let record = record.map_err(|error| ImportError::Csv {
            line: error.position().map_or(0, ::csv::Position::line),
            reason: error.to_string(),
        })?;
        if record.len() > MAX_COLUMNS {
            return Err(ImportError::TooLarge { what: "columns", limit: MAX_COLUMNS });
        }
        for (column, field) in (0..).zip(record.iter()) {
            let (content, format) = content(field, delimiter == b';');
            if content == Content::Empty {
                continue;
            }
            count += 1;
            if count > MAX_CELLS {
                return Err(ImportError::TooLarge { what: "cells", limit: MAX_CELLS });
            }
            sheet.cells.insert(Place::new(row, column), Cell { content, format, ..Cell::default() });
        }
    }
    Ok(Workbook { sheets: vec![sheet], ..Workbook::default() })
}

/// The delimiter that the first lines have most of.
fn delimiter(text: &str) -> u8 {
    let head: Vec<&str> = text.lines().take(20).collect();
    let count = |delimiter: char| head.iter().map(|line| line.matches(delimiter).count()).sum::<usize>();
    let (commas, semicolons, tabs) = (count(','), count(';'), count('\t'));
    match () {
        () if tabs > commas.max(semicolons) => b'\t',
        () if semicolons > commas || (semicolons > 0 && semicolons.saturating_mul(2) > commas) => b';',
        () => b',',
    }
}

/// What a field holds, and how it is shown. Where semicolons part the columns, a comma may be the decimal point.
fn content(field: &str, may_have_decimal_comma: bool) -> (Content, Option<NumberFormat>) {
    let field = field.trim();
    if field.is_empty() {
        return (Content::Empty, None);
    }
    if let Some(text) = field.strip_prefix('\'').filter(|text| text.starts_with(FORMULA_STARTS)) {
        return (Content::Text(text.to_owned()), None);
    }
    if let Some(day) = parse_date(field) {
        return (Content::Number(f64::from(day)), Some(NumberFormat::Date));
    }
    let read = number(field, may_have_decimal_comma);
    read.map_or_else(|| (Content::Text(field.to_owned()), None), |(number, format)| (Content::Number(number), format))
}

fn number(field: &str, may_have_decimal_comma: bool) -> Option<(f64, Option<NumberFormat>)> {
    let (is_negative, inner) = match field.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => (false, field),
    };
    let (inner, format) = match (inner.strip_suffix('%'), inner.strip_suffix(['x', '×'])) {
        (Some(percent), _) => (percent.trim(), Some(NumberFormat::Percent)),
        (None, Some(multiple)) => (multiple.trim(), Some(NumberFormat::Multiple)),
        (None, None) => (inner, None),
    };
    let (minus, digits) = inner.strip_prefix(['-', '−']).map_or((false, inner), |rest| (true, rest));
    let digits = digits.trim_start_matches(['$', '€', '£', '¥', ' ']);
    let plain = if may_have_decimal_comma && digits.matches(',').count() == 1 && !digits.contains('.') {
        digits.replace(',', ".")
    } else {
        without_separators(digits)?
    };
    let starts_as_number = plain.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    // Percent are read as the app reads them: 7.8 % is the number nearest to 0.078.
    let text = if format == Some(NumberFormat::Percent) { format!("{plain}%") } else { plain };
    let number = parse_number(&text).filter(|_| starts_as_number)?;
    Some((if is_negative != minus { -number } else { number }, format))
}

/// The digits without thousands separators, which stand before groups of three.
fn without_separators(digits: &str) -> Option<String> {
    let (whole, rest) = digits.split_at_checked(digits.find(['.', 'e', 'E']).unwrap_or(digits.len()))?;
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let is_sound = groups.clone().all(|group| group.len() == 3) && (first.len() <= 3 || !whole.contains(','));
    is_sound.then(|| format!("{}{rest}", whole.replace(',', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |field| number(field, false).map(|(number, _)| number);
        assert_eq!(read("1,234.5"), Some(1234.5));
        assert_eq!(read("(12)"), Some(-12.0));
        assert_eq!(read("7.5%"), Some(0.075));
        assert_eq!(read("-2.8%"), Some(-0.028));
        assert_eq!(read("$1,000,000"), Some(1e6));
        assert_eq!(read("12.4x"), Some(12.4));
        assert_eq!(read("-3e5"), Some(-3e5));
        for text in ["", "abc", "1,23", "1.2.3", "inf", "nan", "2024A", "12-34", "-", "(", "%"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(number("3,5", true), Some((3.5, None)));
    }

    #[test]
    fn the_delimiter_is_found() {
        for (text, delimiter_found) in [("a,b,c\n", b','), ("a;b;c\n1,5;2;3\n", b';'), ("a\tb\tc\n1,000\t2\t3", b'\t')]
        {
            assert_eq!(delimiter(text), delimiter_found, "{text}");
        }
    }

    #[test]
    fn dates_and_texts_are_told_apart() {
        let workbook = parse_csv("\u{feff}Label,2024-09-28\n\"Net, sales\",\"1,234\"\n").unwrap();
        let cells: Vec<_> = workbook.sheets[0].cells.values().map(|cell| cell.content.clone()).collect();
        let expected = [
            Content::Text("Label".into()),
            Content::Number(45_563.0),
            Content::Text("Net, sales".into()),
            Content::Number(1234.0),
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn no_label_is_a_formula_for_the_spreadsheet_that_opens_the_file() {
        for label in
            ["=HYPERLINK(\"http://x\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "- of which"]
        {
            let body = serde_json::json!({
                "schema": 2, "periods": [], "outputs": [],
                "sections": [{"id": "s", "label": label, "items": [
                    {"id": "a", "name": "a", "label": label, "unit": label, "format": "number", "span": "single", "value": 1},
                ]}],
            });
            let model = Model::read(&body).unwrap();
            let text = to_csv(&model, &Calculation::new(&model));
            let mut fields = ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let fields: Vec<String> =
                fields.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
            assert_eq!(fields.iter().filter(|field| **field == format!("'{label}")).count(), 3, "{text}");
            assert!(fields.iter().all(|field| !field.starts_with(FORMULA_STARTS)), "{text}");
            let read = parse_csv(&text).unwrap();
            let is_back = |cell: &Cell| cell.content == Content::Text(label.trim_start().to_owned());
            assert!(read.sheets[0].cells.values().any(is_back) || label.starts_with(['\t', '\r']), "{text}");
        }
    }
}
