//! Writing xlsx.

use std::collections::HashMap;

use coval_shared::model::NumberFormat;
use coval_shared::spreadsheet::{Cached, Cell, Content, Role, Workbook};
use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Formula, Note, Workbook as File, Worksheet, XlsxError,
};

use super::{SpreadsheetError, archive};

/// The xlsx file of a workbook.
///
/// # Errors
///
/// Returns [`SpreadsheetError::Unwritable`] when there is something in it that no xlsx file holds, such as a cell
/// outside of a sheet.
pub fn write_xlsx(workbook: &Workbook) -> Result<Vec<u8>, SpreadsheetError> {
    let mut file = File::new();
    let mut formats = HashMap::new();
    for sheet in &workbook.sheets {
        let worksheet = file.add_worksheet();
        write_sheet(worksheet, sheet, &mut formats).map_err(|error| unwritable(&error))?;
    }
    for (name, place) in &workbook.names {
        file.define_name(name, &format!("={place}")).map_err(|error| unwritable(&error))?;
    }
    let bytes = file.save_to_buffer().map_err(|error| unwritable(&error))?;
    match workbook.iteration {
        None => Ok(bytes),
        // The library has no setting for it.
        Some((rounds, change)) => {
            let settings = format!("<calcPr iterate=\"1\" iterateCount=\"{rounds}\" iterateDelta=\"{change:e}\" ");
            archive::rewrite(&bytes, "xl/workbook.xml", |xml| xml.replacen("<calcPr ", &settings, 1))
        }
    }
}

fn write_sheet(
    worksheet: &mut Worksheet,
    sheet: &coval_shared::spreadsheet::Sheet,
    formats: &mut HashMap<(Role, Option<NumberFormat>), Format>,
) -> Result<(), XlsxError> {
    worksheet.set_name(&sheet.name)?.set_screen_gridlines(false);
    for (column, width) in (0..).zip(&sheet.widths) {
        worksheet.set_column_width(column, f64::from(*width))?;
    }
    if let Some(frozen) = sheet.frozen {
        worksheet.set_freeze_panes(frozen.row, column(frozen.column)?)?;
    }
    for (place, choices) in &sheet.choices {
        let list = DataValidation::new().allow_list_formula(Formula::new(choices));
        worksheet.add_data_validation(place.row, column(place.column)?, place.row, column(place.column)?, &list)?;
    }
    for (place, cell) in &sheet.cells {
        let format = formats.entry((cell.role, cell.format)).or_insert_with(|| format_of(cell));
        let (row, column) = (place.row, column(place.column)?);
        match &cell.content {
            Content::Empty => worksheet.write_blank(row, column, format)?,
            Content::Number(number) => worksheet.write_number_with_format(row, column, *number, format)?,
            Content::Text(text) => worksheet.write_string_with_format(row, column, text, format)?,
            Content::Formula { text, cached } => {
                let value = match cached {
                    Cached::Blank => String::new(),
                    Cached::Number(number) => number.to_string(),
                    Cached::Text(text) | Cached::Error(text) => text.clone(),
                };
                worksheet.write_formula_with_format(row, column, Formula::new(text).set_result(value), format)?
            }
        };
        if !cell.note.is_empty() {
            worksheet.insert_note(row, column, &Note::new(&cell.note).add_author_prefix(false))?;
        }
    }
    Ok(())
}

fn column(column: u32) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

fn format_of(cell: &Cell) -> Format {
    const BLUE: Color = Color::RGB(0x00_00FF);
    const GREEN: Color = Color::RGB(0x00_7A33);
    const GREY: Color = Color::RGB(0x80_8080);
    const NAVY: Color = Color::RGB(0x1F_3864);
    const FORECAST: Color = Color::RGB(0xF3_F7FC);
    let mut format = Format::new();
    if let Some(code) = cell.format.map(number_format_code) {
        format = format.set_num_format(code);
    }
    match cell.role {
        Role::Plain => format,
        Role::Title => format.set_bold().set_font_size(14).set_font_color(NAVY),
        Role::Section => format.set_bold().set_font_color(NAVY).set_border_bottom(FormatBorder::Thin),
        Role::Header => {
            format.set_bold().set_background_color(NAVY).set_font_color(Color::White).set_align(FormatAlign::Center)
        }
        Role::ForecastHeader => format
            .set_bold()
            .set_background_color(Color::RGB(0x2F_75B5))
            .set_font_color(Color::White)
            .set_align(FormatAlign::Center),
        Role::Quiet => format.set_font_color(GREY),
        Role::Input => format.set_font_color(BLUE),
        Role::ForecastInput => format.set_font_color(BLUE).set_background_color(FORECAST),
        Role::Formula => format,
        Role::ForecastFormula => format.set_background_color(FORECAST),
        Role::Link => format.set_font_color(GREEN),
        Role::ForecastLink => format.set_font_color(GREEN).set_background_color(FORECAST),
        Role::Prose => format.set_text_wrap().set_align(FormatAlign::Top),
    }
}

/// How Excel shows numbers as the app does.
fn number_format_code(format: NumberFormat) -> &'static str {
    match format {
        NumberFormat::Number => "#,##0_);(#,##0)",
        NumberFormat::Decimal => "#,##0.00_);(#,##0.00)",
        NumberFormat::Currency => "#,##0.00_);(#,##0.00)",
        NumberFormat::Percent => "0.0%_);(0.0%)",
        NumberFormat::Multiple => "0.0\"x\"_);(0.0\"x\")",
        NumberFormat::Factor => "0.0000_);(0.0000)",
        NumberFormat::Date => "yyyy-mm-dd",
        NumberFormat::Text => "General",
    }
}

fn unwritable(error: &XlsxError) -> SpreadsheetError {
    SpreadsheetError::Unwritable(error.to_string())
}
