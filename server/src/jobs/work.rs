//! A calculation from its parameters to its result, on the thread that calls.

use coval_shared::analysis::goal_seek::{Goal, GoalSeek};
use coval_shared::analysis::sensitivity::{Axis, Sensitivity};
use coval_shared::analysis::simulation::Simulation;
use coval_shared::analysis::tornado::TornadoAnalysis;
use coval_shared::analysis::{Analysis, AnalysisError};
use coval_shared::limits::{CALCULATION_RESULT_BYTES, CALCULATION_TRIALS};
use coval_shared::model::{Calculation, CellRef, Model};
use coval_shared::rest::{
    AxisParameters, CalculationError, CalculationErrorCode, CalculationRequest, ExportFormat, ExportParameters,
    GoalSeekParameters, MonteCarloParameters, SensitivityParameters, TornadoParameters,
};
use coval_shared::spreadsheet::{export, to_csv, to_json};
use serde::Serialize;
use serde_json::{Value, json};

use crate::spreadsheet::write_xlsx;

/// What a calculation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The result, as JSON.
    pub(super) json: String,
    /// The file, of an export.
    pub(super) file: Option<Vec<u8>>,
}

/// Why there is no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// It was told to stop.
    Stopped,
    /// It can't be done.
    Failed(CalculationError),
}

/// Looked at between two steps: hears how much is done of how much, and says whether to go on.
pub(super) trait Watch {
    fn goes_on(&self, done: u64, of: u64) -> bool;
}

/// Calculates `request` on `document`, which people call `title`.
pub(super) fn calculate(
    request: &CalculationRequest,
    document: &Value,
    title: &str,
    watch: &impl Watch,
) -> Result<Outcome, Unfinished> {
    let model = Model::read(document)
        .map_err(|error| failed(CalculationErrorCode::NoModel, format!("the document can't be calculated: {error}")))?;
    if !watch.goes_on(0, 1) {
        return Err(Unfinished::Stopped);
    }
    let outcome = match request {
        CalculationRequest::MonteCarlo(parameters) => monte_carlo(&model, parameters, watch),
        CalculationRequest::Sensitivity(parameters) => sensitivity(&model, parameters, watch),
        CalculationRequest::Tornado(parameters) => tornado(&model, parameters, watch),
        CalculationRequest::GoalSeek(parameters) => goal_seek(&model, parameters, watch),
        CalculationRequest::Export(parameters) => exported(&model, parameters, title),
    }?;
    let bytes = outcome.json.len().max(outcome.file.as_ref().map_or(0, Vec::len));
    if bytes > CALCULATION_RESULT_BYTES {
        let message =
            format!("the result has {bytes} bytes, and at most {CALCULATION_RESULT_BYTES} are kept; ask for less");
        return Err(failed(CalculationErrorCode::TooLarge, message));
    }
    Ok(outcome)
}

fn monte_carlo(model: &Model, parameters: &MonteCarloParameters, watch: &impl Watch) -> Result<Outcome, Unfinished> {
    let MonteCarloParameters { outputs, trials, seed, above } = parameters;
    let total = trials.saturating_mul(u64::try_from(outputs.len()).unwrap_or(u64::MAX));
    if total > CALCULATION_TRIALS {
        let message =
            format!("a simulation has at most {CALCULATION_TRIALS} trials, divided by the outputs; ask for fewer");
        return Err(failed(CalculationErrorCode::Invalid, message));
    }
    let cells = cells(model, outputs)?;
    let simulation = Simulation::new(model, &cells, *seed, *trials).map_err(invalid)?;
    let mut blocks = Vec::new();
    for block in 0..simulation.blocks() {
        if !watch.goes_on(block, simulation.blocks()) {
            return Err(Unfinished::Stopped);
        }
        blocks.push(simulation.run_block(block));
    }
    let result = simulation.finish(blocks);
    let mut json = json!(simulation.summary(&result));
    for output in 0..cells.len() {
        let held = json.pointer_mut(&format!("/outputs/{output}")).and_then(Value::as_object_mut);
        let share = above.and_then(|above| result.probability_above(output, above));
        if let (Some(held), Some(above), Some(share)) = (held, above, share) {
            held.insert("above".to_owned(), json!({"value": above, "probability": share}));
        }
    }
    Ok(Outcome { json: json.to_string(), file: None })
}

fn sensitivity(model: &Model, parameters: &SensitivityParameters, watch: &impl Watch) -> Result<Outcome, Unfinished> {
    let axis = |axis: &AxisParameters| Ok(Axis { cell: cell(model, &axis.cell)?, values: axis.values.clone() });
    let down = axis(&parameters.down)?;
    let across = parameters.across.as_ref().map(axis).transpose()?;
    let outputs = cells(model, &parameters.outputs)?;
    finished(Sensitivity::new(model, &down, across.as_ref(), &outputs).map_err(invalid)?, watch)
}

fn tornado(model: &Model, parameters: &TornadoParameters, watch: &impl Watch) -> Result<Outcome, Unfinished> {
    let output = cell(model, &parameters.output)?;
    let analysis = match parameters.share {
        Some(share) => TornadoAnalysis::of_all(model, &output, share),
        None => TornadoAnalysis::of_distributions(model, &output),
    };
    finished(analysis.map_err(invalid)?, watch)
}

fn goal_seek(model: &Model, parameters: &GoalSeekParameters, watch: &impl Watch) -> Result<Outcome, Unfinished> {
    let bounds = match (parameters.low, parameters.high) {
        (None, None) => None,
        (Some(low), Some(high)) => Some((low, high)),
        _ => {
            let message = "low and high belong together; give both or none".to_owned();
            return Err(failed(CalculationErrorCode::Invalid, message));
        }
    };
    let goal = Goal {
        input: cell(model, &parameters.input)?,
        output: cell(model, &parameters.output)?,
        target: parameters.target,
        bounds,
    };
    finished(GoalSeek::new(model, &goal).map_err(invalid)?, watch)
}

fn exported(model: &Model, parameters: &ExportParameters, title: &str) -> Result<Outcome, Unfinished> {
    let (file, report) = match parameters.format {
        ExportFormat::Xlsx => {
            let exported = export(model, title);
            let file = write_xlsx(&exported.workbook)
                .map_err(|error| failed(CalculationErrorCode::Invalid, error.to_string()))?;
            (file, Some(exported.report))
        }
        ExportFormat::Csv => (to_csv(model, &Calculation::new(model)).into_bytes(), None),
        ExportFormat::Json => (to_json(model, &Calculation::new(model)).to_string().into_bytes(), None),
    };
    let json = json!({"format": parameters.format, "bytes": file.len(), "report": report});
    Ok(Outcome { json: json.to_string(), file: Some(file) })
}

fn finished<A: Analysis<Outcome: Serialize>>(mut analysis: A, watch: &impl Watch) -> Result<Outcome, Unfinished> {
    let count = |steps: usize| u64::try_from(steps).unwrap_or(u64::MAX);
    loop {
        let progress = analysis.progress();
        if !watch.goes_on(count(progress.done), count(progress.of)) {
            return Err(Unfinished::Stopped);
        }
        if !analysis.step() {
            let json = serde_json::to_string(&analysis.into_outcome());
            let json = json.map_err(|error| failed(CalculationErrorCode::Internal, error.to_string()))?;
            return Ok(Outcome { json, file: None });
        }
    }
}

fn cells(model: &Model, names: &[String]) -> Result<Vec<CellRef>, Unfinished> {
    names.iter().map(|name| cell(model, name)).collect()
}

/// The cell of this id or, if there is none, of this name.
fn cell(model: &Model, name: &str) -> Result<CellRef, Unfinished> {
    match CellRef::parse(name).filter(|cell| model.has_cell(cell)) {
        Some(cell) => Ok(cell),
        None => model.cell_named(name).map_err(|error| failed(CalculationErrorCode::Invalid, error.to_string())),
    }
}

fn invalid(error: AnalysisError) -> Unfinished {
    failed(CalculationErrorCode::Invalid, error.to_string())
}

fn failed(code: CalculationErrorCode, message: String) -> Unfinished {
    Unfinished::Failed(CalculationError { code, message })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use coval_shared::template::apple_dcf;

    /// Goes on for so many looks.
    struct Patience {
        left: Cell<u64>,
        furthest: Cell<u64>,
    }

    impl Patience {
        fn of(left: u64) -> Self {
            Self { left: Cell::new(left), furthest: Cell::new(0) }
        }
    }

    impl Watch for Patience {
        fn goes_on(&self, done: u64, of: u64) -> bool {
            assert!(done <= of);
            self.furthest.set(done.max(self.furthest.get()));
            self.left.set(self.left.get().saturating_sub(1));
            self.left.get() > 0
        }
    }

    fn request(kind: &str, parameters: Value) -> CalculationRequest {
        serde_json::from_value(json!({"kind": kind, "parameters": parameters})).unwrap()
    }

    fn calculated(kind: &str, parameters: Value) -> Result<Outcome, Unfinished> {
        let document = apple_dcf().unwrap();
        calculate(&request(kind, parameters), &document, "Apple", &Patience::of(u64::MAX))
    }

    fn result(kind: &str, parameters: Value) -> Value {
        serde_json::from_str(&calculated(kind, parameters).unwrap().json).unwrap()
    }

    #[test]
    fn every_kind_has_a_result() {
        let grid = result(
            "sensitivity",
            json!({"outputs": ["value_per_share"], "down": {"cell": "terminal_growth", "values": [0.02, 0.03]}}),
        );
        assert_eq!(grid["outputs"][0]["figures"].as_array().unwrap().len(), 2);
        let tornado = result("tornado", json!({"output": "value_per_share", "share": 0.1}));
        assert!(!tornado["bars"].as_array().unwrap().is_empty());
        let sought =
            result("goal_seek", json!({"output": "value_per_share", "input": "terminal_growth", "target": 100}));
        assert!(sought["evaluations"].as_u64().unwrap() > 1);
        for format in ["xlsx", "csv", "json"] {
            let exported = calculated("export", json!({"format": format})).unwrap();
            assert!(exported.file.unwrap().len() > 1_000, "{format}");
        }
    }

    #[test]
    fn what_does_not_fit_the_model_is_told() {
        let code = |kind, parameters| match calculated(kind, parameters) {
            Err(Unfinished::Failed(error)) => error,
            other => panic!("{other:?}"),
        };
        let error = code("tornado", json!({"output": "value_per_shoe"}));
        assert_eq!(error.code, CalculationErrorCode::Invalid);
        assert!(error.message.contains("value_per_share"), "{error:?}");
        let many = json!({"outputs": ["value_per_share"], "trials": CALCULATION_TRIALS + 1});
        assert_eq!(code("monte_carlo", many).code, CalculationErrorCode::Invalid);
        let half = json!({"output": "value_per_share", "input": "terminal_growth", "target": 100, "low": 0});
        assert_eq!(code("goal_seek", half).code, CalculationErrorCode::Invalid);
        let memo = calculate(&request("export", json!({"format": "csv"})), &json!("# Memo"), "", &Patience::of(9));
        assert!(matches!(memo, Err(Unfinished::Failed(error)) if error.code == CalculationErrorCode::NoModel));
    }

    #[test]
    fn a_calculation_that_is_told_to_stop_stops_at_the_next_step() {
        let patience = Patience::of(20);
        let values: Vec<f64> = (1..100).map(|step| f64::from(step) / 10_000.0).collect();
        let grid = request(
            "sensitivity",
            json!({"outputs": ["value_per_share"], "down": {"cell": "terminal_growth", "values": values}}),
        );
        let stopped = calculate(&grid, &apple_dcf().unwrap(), "", &patience);
        assert_eq!(stopped, Err(Unfinished::Stopped));
        assert!(patience.furthest.get() < 20);
    }
}
