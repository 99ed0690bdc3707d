use std::io::Write;

use clap::Args;
use coval_shared::template;

use super::CliError;

/// Which template.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  coval template                        list them
  coval template dcf > model.json       a model to change
  coval template dcf | coval eval -     its outputs")]
pub struct PrintTemplate {
    /// The template; without it, all are listed.
    name: Option<String>,
}

impl PrintTemplate {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<u8, CliError> {
        let Some(name) = &self.name else {
            let width = template::all().iter().map(|template| template.name.len()).max().unwrap_or_default();
            for template in template::all() {
                writeln!(out, "{:width$}  {} {}", template.name, template.title, template.summary)
                    .map_err(CliError::output)?;
            }
            return Ok(0);
        };
        let template = template::by_name(name).ok_or_else(|| CliError::NoSuchTemplate {
            name: name.clone(),
            templates: template::all().iter().map(|template| template.name).collect(),
        })?;
        let document = template.document().map_err(|error| CliError::Argument(error.to_string()))?;
        writeln!(out, "{document:#}").map_err(CliError::output)?;
        Ok(0)
    }
}
