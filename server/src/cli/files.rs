use std::fs;
use std::io::Write;
use std::path::Path;

use clap::Args;
use coval_shared::model::Calculation;
use coval_shared::spreadsheet::{Report, export, import, to_csv, to_json};

use super::CliError;
use super::model::{ModelArguments, bytes};
use crate::spreadsheet::{MAX_FILE_BYTES, read, write_xlsx};

/// Which file becomes a model.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval import forecast.xlsx -o model.json
  coval import figures.csv | coval eval - --all

Columns under years, quarters, months or dates become periods; rows with a label and figures become line items; formulas
become ours where they can be. What was not carried is told on standard error, with its place. Files of more than 20 MiB,
or that unpack to more than 64 MiB, are refused.")]
pub struct Import {
    /// An xlsx or csv file; - reads standard input.
    file: String,

    /// Where to write the model; without it, to standard output.
    #[arg(short, long, value_name = "MODEL.json")]
    output: Option<String>,
}

/// Which model becomes which file.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval export model.json model.xlsx            formulas, scenarios to choose from, formats
  coval export model.json values.csv            values alone
  coval template dcf | coval export - dcf.json  values, by item and period

What was not carried is told on standard error, with its place.")]
pub struct Export {
    #[command(flatten)]
    model: ModelArguments,

    /// The file to write; how it ends says what it is: .xlsx, .csv or .json.
    #[arg(value_name = "FILE.xlsx|csv|json")]
    target: String,

    /// The title of the workbook; without it, the name of the file.
    #[arg(long)]
    title: Option<String>,
}

impl Import {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let unreadable = |error| CliError::Spreadsheet { file: self.file.clone(), error };
        let workbook = read(&bytes(&self.file, MAX_FILE_BYTES)?).map_err(unreadable)?;
        let imported = import(&workbook).map_err(|error| unreadable(error.into()))?;
        let text = format!("{:#}\n", imported.document);
        match &self.output {
            None => out.write_all(text.as_bytes()).map_err(CliError::output)?,
            Some(file) => write_file(file, text.as_bytes())?,
        }
        tell(&imported.report);
        Ok(0)
    }
}

impl Export {
    pub(super) fn run(&self) -> Result<u8, CliError> {
        let path = Path::new(&self.target);
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let model = self.model.model()?;
        match ending.as_str() {
            "xlsx" => {
                let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("Model");
                let exported = export(&model, self.title.as_deref().unwrap_or(stem));
                let file = write_xlsx(&exported.workbook)
                    .map_err(|error| CliError::Spreadsheet { file: self.target.clone(), error })?;
                write_file(&self.target, &file)?;
                tell(&exported.report);
            }
            "csv" => write_file(&self.target, to_csv(&model, &Calculation::new(&model)).as_bytes())?,
            "json" => {
                write_file(&self.target, format!("{:#}\n", to_json(&model, &Calculation::new(&model))).as_bytes())?
            }
            _ => {
                let message = format!("{} ends in no format that is known; use .xlsx, .csv or .json", self.target);
                return Err(CliError::Argument(message));
            }
        }
        Ok(0)
    }
}

fn write_file(file: &str, bytes: &[u8]) -> Result<(), CliError> {
    fs::write(file, bytes).map_err(|error| CliError::Unwritable { file: file.to_owned(), error })
}

/// Tells on standard error what was carried and what was not.
fn tell(report: &Report) {
    eprintln!("{} formulas carried, {} as values", report.formulas, report.values);
    for remark in &report.remarks {
        eprintln!("  {}: {}", remark.place, remark.message);
    }
    if report.more > 0 {
        eprintln!("  and {} more", report.more);
    }
}
