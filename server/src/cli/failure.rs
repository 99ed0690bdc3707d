use std::io;

use coval_shared::analysis::AnalysisError;
use coval_shared::model::{ModelError, NamedError};

use crate::spreadsheet::SpreadsheetError;
use crate::store::backup::BackupError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// A file can't be read.
    #[error("can't read {file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A file can't be written.
    #[error("can't write {file}: {error}")]
    Unwritable {
        /// The file.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A file holds no JSON.
    #[error("{file} is no JSON: {error}; a model is a JSON document, as \"coval template dcf\" prints one")]
    NotJson {
        /// The file.
        file: String,
        /// Where and why.
        error: serde_json::Error,
    },
    /// A file holds JSON that is no model.
    #[error("{file} is no model: {error}")]
    NotAModel {
        /// The file.
        file: String,
        /// Where and why.
        error: ModelError,
    },
    /// There is no backup, or no way back.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The database failed.
    #[error("{0}")]
    Database(String),
    /// A name stands for nothing in the model.
    #[error(transparent)]
    Named(#[from] NamedError),
    /// There is no such scenario.
    #[error("no scenario is called \"{name}\"; {}", known(.scenarios))]
    NoSuchScenario {
        /// What was asked for.
        name: String,
        /// Those that the model has.
        scenarios: Vec<String>,
    },
    /// There is no such template.
    #[error("no template is called \"{name}\"; there is {}", .templates.join(", "))]
    NoSuchTemplate {
        /// What was asked for.
        name: String,
        /// Those there are.
        templates: Vec<&'static str>,
    },
    /// A spreadsheet file can't be read or written.
    #[error("{file}: {error}")]
    Spreadsheet {
        /// The file.
        file: String,
        /// Why.
        error: SpreadsheetError,
    },
    /// An analysis can't be made.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// An argument can't be understood.
    #[error("{0}")]
    Argument(String),
}

fn known(scenarios: &[String]) -> String {
    if scenarios.is_empty() {
        "the model has none".to_owned()
    } else {
        format!("there is base, {}", scenarios.join(", "))
    }
}

impl CliError {
    /// The error of writing to standard output. Nobody reads on, for instance behind `head`: that is no failure.
    pub(super) fn output(error: io::Error) -> Self {
        Self::Unwritable { file: "the output".to_owned(), error }
    }

    /// Whether nobody reads the output any more.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Unwritable { error, .. } if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
