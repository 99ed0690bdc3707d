//! Reading xlsx and csv.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, XlsxError, XlsxFormulaMetadata, expand_shared_formula};
use coval_shared::model::NumberFormat;
use coval_shared::spreadsheet::{Cached, Cell, Content, Place, Sheet, Workbook, parse_csv};

use super::{MAX_FILE_BYTES, SpreadsheetError, archive};

/// The most cells that are read.
pub const MAX_CELLS: usize = 500_000;

/// The most sheets that are read.
const MAX_SHEETS: usize = 100;

/// How many bytes all formulas and texts together may have.
const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// Reads an xlsx file.
///
/// # Errors
///
/// Returns a [`SpreadsheetError`] when it is too large, unpacks to too much, or is no xlsx file.
pub fn read_xlsx(bytes: &[u8]) -> Result<Workbook, SpreadsheetError> {
    archive::check(bytes)?;
    let mut xlsx: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = xlsx.sheet_names();
    if names.len() > MAX_SHEETS {
        return Err(SpreadsheetError::TooMuch { what: "sheets", limit: MAX_SHEETS });
    }
    let mut workbook = Workbook { names: xlsx.defined_names().to_vec(), ..Workbook::default() };
    let mut room = Room { cells: MAX_CELLS, bytes: MAX_TEXT_BYTES };
    for name in names {
        // A sheet that holds only a chart has no cells.
        match read_sheet(&mut xlsx, &name, &mut room) {
            Err(ReadError::Xlsx(XlsxError::WorksheetNotFound(_))) => {}
            Err(ReadError::Xlsx(error)) => return Err(unreadable(error)),
            Err(ReadError::TooMuch(error)) => return Err(error),
            Ok(sheet) => workbook.sheets.push(sheet),
        }
    }
    Ok(workbook)
}

/// Reads a csv file, in UTF-8 or else in Windows' Western encoding.
///
/// # Errors
///
/// Returns a [`SpreadsheetError`] when it is too large or holds bytes that no text has.
pub fn read_csv(bytes: &[u8]) -> Result<Workbook, SpreadsheetError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(SpreadsheetError::TooLarge { bytes: bytes.len().try_into().unwrap_or(u64::MAX) });
    }
    if bytes.contains(&0) {
        let reason = "it holds bytes that no text has; give an xlsx or csv file".to_owned();
        return Err(SpreadsheetError::Unreadable { format: "csv", reason });
    }
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned);
    Ok(parse_csv(&text)?)
}

/// What is still allowed.
struct Room {
    cells: usize,
    bytes: usize,
}

enum ReadError {
    Xlsx(XlsxError),
    TooMuch(SpreadsheetError),
}

impl From<XlsxError> for ReadError {
    fn from(error: XlsxError) -> Self {
        Self::Xlsx(error)
    }
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), ReadError> {
        let too_much = |what, limit| ReadError::TooMuch(SpreadsheetError::TooMuch { what, limit });
        self.cells = self.cells.checked_sub(1).ok_or_else(|| too_much("cells", MAX_CELLS))?;
        self.bytes =
            self.bytes.checked_sub(bytes).ok_or_else(|| too_much("bytes of formulas and texts", MAX_TEXT_BYTES))?;
        Ok(())
    }
}

type Source<'a> = Cursor<&'a [u8]>;

fn read_sheet(xlsx: &mut Xlsx<Source<'_>>, name: &str, room: &mut Room) -> Result<Sheet, ReadError> {
    let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
    let mut shared: HashMap<usize, ((u32, u32), String)> = HashMap::new();
    let mut cells = xlsx.worksheet_cells_reader(name)?;
    while let Some(record) = cells.next_cell_with_formula_metadata()? {
        room.take(0)?;
        // The reader's own expansion makes room for as many shared formulas as a file claims to have.
        let formula = match record.formula {
            None => None,
            Some(XlsxFormulaMetadata::SharedDerived { shared_index, .. }) => {
                let anchor = shared.get(&shared_index);
                anchor.map(|(start, formula)| expand_shared_formula(formula, *start, record.pos)).transpose()?
            }
            Some(metadata) => {
                let text = formula_text(&metadata).unwrap_or_default().to_owned();
                if let Some(index) = metadata.shared_index() {
                    shared.insert(index, (record.pos, text.clone()));
                }
                Some(text)
            }
        };
        let (value, is_date) = cached(&Data::from(record.value));
        let content = match (formula.filter(|formula| !formula.is_empty()), value) {
            (Some(text), cached) => Content::Formula { text, cached },
            (None, Cached::Number(number)) => Content::Number(number),
            (None, Cached::Text(text) | Cached::Error(text)) => Content::Text(text),
            (None, Cached::Blank) => continue,
        };
        room.take(match &content {
            Content::Formula { text, .. } | Content::Text(text) => text.len(),
            Content::Empty | Content::Number(_) => 0,
        })?;
        let format = is_date.then_some(NumberFormat::Date);
        let (row, column) = record.pos;
        sheet.cells.insert(Place::new(row, column), Cell { content, format, ..Cell::default() });
    }
    drop(cells);
    let mut styles = xlsx.worksheet_cells_reader(name)?;
    let mut looks = Vec::new();
    while let Some((row, column, style)) = styles.next_style_id()? {
        if sheet.cells.contains_key(&Place::new(row, column)) {
            looks.push((Place::new(row, column), style));
        }
    }
    let formats: Vec<Option<NumberFormat>> = styles
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().and_then(|format| number_format(&format.format_code)))
        .collect();
    for (place, style) in looks {
        if let Some(cell) = sheet.cells.get_mut(&place) {
            cell.format = cell.format.or_else(|| formats.get(style).copied().flatten());
        }
    }
    Ok(sheet)
}

fn formula_text(metadata: &XlsxFormulaMetadata) -> Option<&str> {
    match metadata {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => Some(formula),
        _ => None,
    }
}

/// The value, and whether it is a date.
fn cached(value: &Data) -> (Cached, bool) {
    match value {
        Data::Empty => (Cached::Blank, false),
        Data::Int(number) => (number.to_string().parse().map_or(Cached::Blank, Cached::Number), false),
        Data::Float(number) => (Cached::Number(*number), false),
        Data::Bool(flag) => (Cached::Number(f64::from(u8::from(*flag))), false),
        Data::DateTime(date) => (Cached::Number(date.as_f64()), date.is_datetime()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (Cached::Text(text.clone()), false),
        Data::Error(error) => (Cached::Error(error.to_string()), false),
    }
}

/// The number format that is most like one of Excel's.
fn number_format(code: &str) -> Option<NumberFormat> {
    let code = code.to_ascii_lowercase();
    let first = code.split(';').next().unwrap_or_default();
    let decimals = first.split_once('.').map_or(0, |(_, after)| after.chars().take_while(|c| *c == '0').count());
    match first {
        "general" | "" | "@" => None,
        _ if first.contains('%') => Some(NumberFormat::Percent),
        _ if first.contains("\"x\"") || first.ends_with("\\x") || first.ends_with("0x") => Some(NumberFormat::Multiple),
        _ if first.contains("yy") => Some(NumberFormat::Date),
        _ if decimals == 0 => Some(NumberFormat::Number),
        _ if decimals <= 2 => Some(NumberFormat::Decimal),
        _ => Some(NumberFormat::Factor),
    }
}

fn unreadable(error: XlsxError) -> SpreadsheetError {
    SpreadsheetError::Unreadable { format: "xlsx", reason: error.to_string() }
}
