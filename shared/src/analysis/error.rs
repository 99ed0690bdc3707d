use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Why an analysis can't be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{place}: {message}; {hint}")]
pub struct AnalysisError {
    /// The kind of the error, for code to act on.
    pub code: AnalysisErrorCode,
    /// The cell, scenario or setting that is meant.
    pub place: String,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// What to do about it.
    pub hint: Cow<'static, str>,
}

/// The kinds of errors of analyses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisErrorCode {
    /// The model has no such cell, scenario or period.
    NotFound,
    /// A cell holds no number where the analysis needs one.
    NoNumber,
    /// A setting is out of its bounds.
    OutOfRange,
    /// No value does what is asked for.
    NoRoot,
}

impl AnalysisError {
    pub(super) fn new(
        code: AnalysisErrorCode,
        place: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, place: place.into(), message: message.into(), hint: hint.into() }
    }
}
