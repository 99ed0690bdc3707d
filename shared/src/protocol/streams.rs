//! What a client may follow beside the ops of a document, and what the server calculates for it.

use serde::{Deserialize, Serialize};

/// Something of a document that a client may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stream {
    /// The key figures of a model, after each change.
    Outputs,
    /// What is done with the document: opened to others, renamed, commented, …
    Activity,
    /// The calculations that anybody started for the document.
    Calculations,
}

/// What the server calculates as a job. [`crate::rest::CalculationRequest`] has the parameters of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CalculationKind {
    /// How outputs spread as inputs are uncertain.
    MonteCarlo,
    /// Outputs over the values of one input, or of two.
    Sensitivity,
    /// Which inputs move an output most.
    Tornado,
    /// The input at which an output comes to a target.
    GoalSeek,
    /// The document as a file.
    Export,
}

/// How a calculation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CalculationEnd {
    /// There is a result.
    Done,
    /// It could not be calculated.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}
