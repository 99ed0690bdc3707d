//! What the server calculates as jobs.

use ot_core::Revision;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::{DocumentId, JobId, UserId};

/// What is to be calculated, and with what. Cells are named as people name them, `wacc`, `growth@2025E`, or by their ids,
/// `item@period`.
///
/// Serialized it is `{"kind": …, "parameters": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "parameters", rename_all = "snake_case")]
pub enum CalculationRequest {
    /// How outputs spread as inputs are uncertain.
    MonteCarlo(MonteCarloParameters),
    /// Outputs over the values of one input, or of two.
    Sensitivity(SensitivityParameters),
    /// Which inputs move an output most.
    Tornado(TornadoParameters),
    /// The input at which an output comes to a target.
    GoalSeek(GoalSeekParameters),
    /// The document as a file.
    Export(ExportParameters),
}

/// The parameters of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MonteCarloParameters {
    /// The outputs, 1 to 20.
    pub outputs: Vec<String>,
    /// How many trials; times the outputs at most [`CALCULATION_TRIALS`](crate::limits::CALCULATION_TRIALS).
    pub trials: u64,
    /// Where the random numbers begin. The same seed gives the same bits.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// Also say how likely it is that each output is above this.
    #[serde(default)]
    pub above: Option<f64>,
}

/// The parameters of a table of sensitivities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SensitivityParameters {
    /// The outputs, 1 to 100.
    pub outputs: Vec<String>,
    /// The input whose values go from row to row.
    pub down: AxisParameters,
    /// The input whose values go from column to column.
    #[serde(default)]
    pub across: Option<AxisParameters>,
}

/// An input and the values that it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AxisParameters {
    /// The input.
    pub cell: String,
    /// Its values, 1 to 200.
    pub values: Vec<f64>,
}

/// The parameters of a tornado.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TornadoParameters {
    /// The output.
    pub output: String,
    /// By what share of its own size each input moves, down and up; none to go from the 10th to the 90th percentile of
    /// each distribution.
    #[serde(default)]
    pub share: Option<f64>,
}

/// The parameters of a search for a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GoalSeekParameters {
    /// The input that may change.
    pub input: String,
    /// The output.
    pub output: String,
    /// What the output shall come to.
    pub target: f64,
    /// From which value to search; with `high`.
    #[serde(default)]
    pub low: Option<f64>,
    /// Up to which value to search; with `low`.
    #[serde(default)]
    pub high: Option<f64>,
}

/// The parameters of an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportParameters {
    /// Which kind of file.
    pub format: ExportFormat,
}

/// Which kind of file a model becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A workbook with formulas.
    Xlsx,
    /// The values, row by row.
    Csv,
    /// The values, by item and period.
    Json,
}

/// `POST /api/document/{id}/calculations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartCalculation {
    /// Its id, if the caller chooses one: asked for again, the same calculation is answered.
    #[serde(default)]
    pub id: Option<JobId>,
    /// Which revision is calculated; none for the newest one that is stored.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
    /// What is calculated.
    #[serde(flatten)]
    pub request: CalculationRequest,
}

/// How far a calculation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalculationState {
    /// Others are before it.
    Waiting,
    /// It runs.
    Running,
    /// There is a result.
    Done,
    /// There is none, and an error says why.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

/// A calculation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Calculation {
    /// The calculation.
    pub id: JobId,
    /// Of which document.
    pub document: DocumentId,
    /// Of which of its revisions.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Who asked for it.
    pub user: UserId,
    /// What is calculated.
    #[serde(flatten)]
    pub request: CalculationRequest,
    /// How far it is.
    pub state: CalculationState,
    /// The share that is done, 0 to 1.
    pub progress: f64,
    /// Why there is no result.
    pub error: Option<CalculationError>,
    /// When it was asked for, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it began to run.
    pub started_at_ms: Option<i64>,
    /// When it ended.
    pub finished_at_ms: Option<i64>,
}

/// `GET /api/calculation/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculationWithResult {
    /// The calculation.
    #[serde(flatten)]
    pub calculation: Calculation,
    /// What it came to, as the same analysis of `coval` on the command line prints it in JSON. Of an export it says how
    /// large the file is and what was not carried; `GET /api/calculation/{id}/file` has the file.
    pub result: Option<Value>,
}

/// Why a calculation has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculationError {
    /// The stable code.
    pub code: CalculationErrorCode,
    /// What happened and what to do, for people.
    pub message: String,
}

/// Why calculations have no result. The codes never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalculationErrorCode {
    /// The parameters do not fit the model: a cell is not there, a number is out of its bounds.
    Invalid,
    /// The document can't be calculated: it is no model.
    NoModel,
    /// It took longer than calculations may.
    TooLong,
    /// What it came to is larger than results may be.
    TooLarge,
    /// The server that did it went away, more than once.
    Interrupted,
    /// The server is at fault.
    Internal,
}

fn first_seed() -> u64 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_a_kind_and_parameters() {
        let json = json!({"kind": "monte_carlo", "parameters": {"outputs": ["value_per_share"], "trials": 1000}});
        let start: StartCalculation = serde_json::from_value(json.clone()).unwrap();
        let CalculationRequest::MonteCarlo(parameters) = &start.request else { panic!("{start:?}") };
        assert_eq!((parameters.seed, parameters.above, start.revision), (1, None, None));
        let request: CalculationRequest = serde_json::from_value(json).unwrap();
        assert_eq!(request, start.request);
        let unknown = json!({"kind": "export", "parameters": {"format": "xlsx", "more": 1}});
        assert!(serde_json::from_value::<CalculationRequest>(unknown).is_err());
        assert!(serde_json::from_value::<CalculationRequest>(json!({"kind": "guess", "parameters": {}})).is_err());
    }
}
