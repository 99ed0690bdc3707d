use std::io::Write;

use clap::Args;
use coval_shared::model::{Calculation, CellRef, CellValue, LineItem, Model, PeriodId, Span, outputs};
use coval_shared::spreadsheet::items_json;
use serde_json::{Map, Value, json};

use super::model::ModelArguments;
use super::{CliError, VALUE_HAS_ERROR};

/// What to print of a model.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval eval model.json
  coval eval model.json --scenario bull --json
  coval eval model.json --set wacc=9% --set growth@2025E=5%
  coval template dcf | coval eval - --all

The output of an item over periods is its last period. Exit code 3 says that an output has an error.")]
pub struct Eval {
    #[command(flatten)]
    model: ModelArguments,

    /// Print JSON: numbers in full, and the 64 bits of each output.
    #[arg(long)]
    json: bool,

    /// Print every cell, not just the outputs.
    #[arg(long)]
    all: bool,
}

impl Eval {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let calculation = Calculation::new(&model);
        let outputs = outputs(&model, &calculation);
        if self.json {
            let mut result = Map::new();
            result.insert("scenario".to_owned(), json!(self.model.scenario()));
            result.insert("currency".to_owned(), json!(model.currency));
            result.insert("outputs".to_owned(), json!(outputs));
            if self.all {
                result.insert("items".to_owned(), items_json(&model, &calculation));
            }
            writeln!(out, "{:#}", Value::Object(result)).map_err(CliError::output)?;
        } else if self.all {
            print_all(&model, &calculation, out)?;
        } else {
            let width = outputs.iter().map(|output| output.label.chars().count()).max().unwrap_or_default();
            for output in &outputs {
                let value = match (&output.error, output.value) {
                    (Some(error), _) => error.clone(),
                    (None, Some(value)) => output.format.display(value),
                    (None, None) => String::new(),
                };
                writeln!(out, "{:width$}  {value} {}", output.label, output.unit).map_err(CliError::output)?;
            }
        }
        Ok(if outputs.iter().any(|output| output.error.is_some()) { VALUE_HAS_ERROR } else { 0 })
    }
}

fn cell_ref(item: &LineItem, period: Option<&PeriodId>) -> CellRef {
    CellRef { item: item.id.clone(), period: period.cloned() }
}

fn print_all(model: &Model, calculation: &Calculation, out: &mut impl Write) -> Result<(), CliError> {
    let shown = |item: &LineItem, period: Option<&PeriodId>| match calculation.value(&cell_ref(item, period)) {
        CellValue::Blank => String::new(),
        CellValue::Number(number) => item.format.display(*number),
        CellValue::Text(text) => text.to_string(),
        CellValue::Error(error) => format!("#{}", error.code),
    };
    for section in &model.sections {
        let labels = section.items.iter().map(|item| item.label.chars().count());
        let label_width = labels.chain([section.label.chars().count()]).max().unwrap_or_default();
        let has_periods = section.items.iter().any(|item| item.span == Span::Period);
        let heads = model.periods.iter().filter(|_| has_periods).map(|period| format!("{:>12}", period.label));
        writeln!(out, "{:label_width$}{}", section.label, heads.collect::<String>()).map_err(CliError::output)?;
        for item in &section.items {
            let cells: String = match item.span {
                Span::Single => format!("{:>12}", shown(item, None)),
                Span::Period => {
                    model.periods.iter().map(|period| format!("{:>12}", shown(item, Some(&period.id)))).collect()
                }
            };
            writeln!(out, "{:label_width$}{cells} {}", item.label, item.unit).map_err(CliError::output)?;
        }
        writeln!(out).map_err(CliError::output)?;
    }
    Ok(())
}
