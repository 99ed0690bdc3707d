use std::io::Write;

use clap::Args;
use coval_shared::model::Calculation;
use coval_shared::model::explain::explain;
use serde_json::json;

use super::model::ModelArguments;
use super::{CliError, VALUE_HAS_ERROR};

/// The most cells that are told to read the cell.
const MAX_READERS: usize = 200;

/// Which cell.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval explain model.json wacc
  coval explain model.json net_sales@2025E
  coval explain model.json 'net_sales 2025E' --scenario bull --json

An item over periods, without one, is explained in its last period.")]
pub struct Explain {
    #[command(flatten)]
    model: ModelArguments,

    /// The cell: name, or name@period.
    #[arg(value_name = "CELL")]
    cell: String,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let model = self.model.model()?;
        let cell = model.cell_named(&self.cell)?;
        let scenario = model.scenario(self.model.scenario());
        let calculation = Calculation::new(&model);
        let explanation = explain(&model, scenario, &calculation, &cell);
        let read_by: Vec<String> =
            calculation.dependents(&cell).iter().take(MAX_READERS).map(|cell| model.cell_name(cell)).collect();
        let has_error = explanation.as_ref().is_some_and(|explanation| explanation.cell.error.is_some());
        let printed = if self.json {
            let mut json = json!(explanation);
            if let Some(object) = json.as_object_mut() {
                object.insert("read_by".to_owned(), json!(read_by));
            }
            writeln!(out, "{json:#}")
        } else {
            let text = explanation.map(|explanation| explanation.to_string()).unwrap_or_default();
            let readers = if read_by.is_empty() { String::new() } else { format!("read by {}\n", read_by.join(", ")) };
            write!(out, "{}\n{readers}", text.trim_end())
        };
        printed.map_err(CliError::output)?;
        Ok(if has_error { VALUE_HAS_ERROR } else { 0 })
    }
}
