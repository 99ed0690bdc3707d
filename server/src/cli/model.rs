//! Reading a model for a command.

use std::fs::File;
use std::io::{self, Read};

use clap::Args;
use coval_shared::limits::DOCUMENT_BYTES;
use coval_shared::model::Model;
use serde_json::Value;

use super::CliError;

/// Which model, and what of it is different.
#[derive(Clone, Debug, Args)]
pub(crate) struct ModelArguments {
    /// The model as JSON, as "coval template" prints it; - reads standard input.
    #[arg(value_name = "MODEL.json")]
    file: String,

    /// The scenario, by its name, id or label; "base" is the model itself.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,

    /// Put a number or a formula in a cell first: wacc=9%, growth@2025E=5%, growth=3% (in every forecast period),
    /// exit="=sum(ebitda)". May be repeated.
    #[arg(long = "set", value_name = "CELL=VALUE")]
    settings: Vec<String>,
}

impl ModelArguments {
    /// The model with the scenario and the settings in place.
    pub(super) fn model(&self) -> Result<Model, CliError> {
        let mut model = read(&self.file)?.1;
        if let Some(name) = self.scenario.as_deref().filter(|name| !name.eq_ignore_ascii_case("base")) {
            let scenario = model.scenario(name).ok_or_else(|| CliError::NoSuchScenario {
                name: name.to_owned(),
                scenarios: model.scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            })?;
            model = model.under(&scenario.id.clone());
        }
        for setting in &self.settings {
            let Some((cell, value)) = setting.split_once('=') else {
                return Err(CliError::Argument(format!(
                    "--set {setting} has no equals sign; write --set {setting}=5%"
                )));
            };
            for cell in model.cells_named(cell)? {
                model.enter(&cell, value);
            }
        }
        Ok(model)
    }

    /// The scenario that was asked for.
    pub(super) fn scenario(&self) -> &str {
        self.scenario.as_deref().unwrap_or("base")
    }
}

/// The model document in `file`, and the model. `-` is standard input.
pub(super) fn read(file: &str) -> Result<(Value, Model), CliError> {
    let shown = || if file == "-" { "standard input".to_owned() } else { file.to_owned() };
    let bytes = bytes(file, DOCUMENT_BYTES)?;
    let document = serde_json::from_slice(&bytes).map_err(|error| CliError::NotJson { file: shown(), error })?;
    let model = Model::read(&document).map_err(|error| CliError::NotAModel { file: shown(), error })?;
    Ok((document, model))
}

/// What `file` holds, if that is at most `limit` bytes. `-` is standard input.
pub(super) fn bytes(file: &str, limit: usize) -> Result<Vec<u8>, CliError> {
    let shown = || if file == "-" { "standard input".to_owned() } else { file.to_owned() };
    let unreadable = |error| CliError::Unreadable { file: shown(), error };
    let source: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(file).map_err(unreadable)?),
    };
    let mut bytes = Vec::new();
    let more_than_limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    source.take(more_than_limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limit {
        let reason = format!("it has more than {limit} bytes");
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, reason)));
    }
    Ok(bytes)
}
