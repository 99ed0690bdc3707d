//! Analyses on the screen, held against the engine.

use coval_shared::analysis::football_field::FootballField;
use coval_shared::analysis::goal_seek::{Goal, GoalSeek};
use coval_shared::analysis::sensitivity::{Axis, Sensitivity};
use coval_shared::analysis::simulation::Simulation;
use coval_shared::analysis::tornado::TornadoAnalysis;
use coval_shared::analysis::{Analysis, Figure};
use coval_shared::model::{Calculation, CellRef, Model};
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::page::number;
use coval_tests::wait::until;
use coval_tests::{Page, Stage, http};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::looks::{pictures, told};
use crate::scenarios::stored;

#[tokio::test]
async fn grids_tornados_fields_and_targets_are_those_of_the_engine() {
    Stage::run("analysis", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let model = stored(stage, id).await;
        let output = CellRef::single(model.outputs[0].clone());
        ada.click_on("[data-panel=analysis]").await;

        let named = async |field: &str| {
            let script = format!("return document.querySelector('[data-testid={field}]').value");
            model.cell_named(told(&ada, &script).await.as_str().unwrap()).unwrap()
        };
        let shown = told_soon(
            &ada,
            "const table = document.querySelector('[data-testid=sensitivity]'); \
             return table && [[...table.querySelectorAll('tbody th')], [...table.querySelectorAll('thead th')], \
             [...table.querySelectorAll('tbody td')]].map(cells => cells.map(cell => cell.dataset.bits))",
        )
        .await;
        let shown: [Vec<String>; 3] = serde_json::from_value(shown).unwrap();
        let values = |bits: &[String]| bits.iter().map(|bits| number(bits)).collect::<Vec<_>>();
        let down = Axis { cell: named("sensitivity-down").await, values: values(&shown[0]) };
        let across = Axis { cell: named("sensitivity-across").await, values: values(&shown[1]) };
        let grid = Sensitivity::new(&model, &down, Some(&across), std::slice::from_ref(&output)).unwrap().finish();
        assert_eq!((down.values.len(), across.values.len()), (7, 7));
        assert_eq!((grid.down.base_at, grid.across.as_ref().unwrap().base_at), (Some(3), Some(3)));
        let expected: Vec<f64> =
            grid.outputs[0].figures.iter().flatten().map(|figure| figure.number().unwrap()).collect();
        assert_eq!(values(&shown[2]), expected);
        pictures(&ada, "analysis-sensitivity").await;

        ada.click_on("[data-action=show-tornado]").await;
        let tornado = TornadoAnalysis::of_all(&model, &output, 0.1).unwrap().finish();
        let expected = tornado.bars.iter().filter_map(|bar| ends(&bar.at_low, &bar.at_high)).take(20).collect();
        until_bars(&ada, "tornado", &expected).await;
        pictures(&ada, "analysis-tornado").await;

        ada.click_on("[data-action=show-football-field]").await;
        let field = FootballField::new(&model, &Calculation::new(&model));
        let expected = field.bars.iter().filter_map(|bar| ends(&bar.low, &bar.high)).collect();
        until_bars(&ada, "football-field", &expected).await;
        pictures(&ada, "analysis-football-field").await;

        ada.click_on("[data-action=show-goal]").await;
        ada.click_on("[data-testid=goal-target]").await;
        ada.type_text("150").await;
        ada.press(Key::Enter).await;
        let goal = Goal { input: named("goal-input").await, output: output.clone(), target: 150.0, bounds: None };
        let sought = GoalSeek::new(&model, &goal).unwrap().finish();
        assert!(sought.has_reached, "{sought:?}");
        let bits = told_soon(&ada, "return document.querySelector('[data-testid=goal]')?.dataset.bits").await;
        assert_eq!(number(bits.as_str().unwrap()), sought.nearest.unwrap().input);
        pictures(&ada, "analysis-goal").await;
        ada.click_on("[data-action=enter-goal]").await;
        until("the value per share to be 150", async || {
            let value = http::outputs(&stage.server, id).await?.outputs[0].value.unwrap();
            if (value - 150.0).abs() < 1e-6 { Ok(()) } else { Err(value.to_string()) }
        })
        .await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_simulation_shows_what_it_knows_can_be_cancelled_and_has_the_bits_of_the_engine() {
    Stage::run("simulation", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let model = stored(stage, id).await;
        ada.click_on("[data-panel=analysis]").await;
        ada.click_on("[data-action=show-simulation]").await;
        ada.click_on("[data-testid=trials] option[value='1000000']").await;
        ada.click_on("[data-action=simulate]").await;
        let trials = "return document.querySelector('[data-testid=trials-done]')?.dataset.trials";
        let some = count(&told_soon(&ada, trials).await);
        assert!(some < 1_000_000, "{some} trials of a million, and it still runs");
        pictures(&ada, "analysis-simulation-running").await;
        ada.click_on("[data-action=cancel-simulation]").await;
        until("the simulation to stop", async || {
            let is_running = told(&ada, "return document.querySelector('progress') !== null").await;
            if is_running == false { Ok(()) } else { Err(is_running.to_string()) }
        })
        .await;
        assert!(count(&told(&ada, trials).await) < 1_000_000);

        ada.click_on("[data-testid=trials] option[value='1000']").await;
        ada.click_on("[data-testid=above]").await;
        ada.type_text("120").await;
        ada.click_on("[data-action=simulate]").await;
        until("a thousand trials", async || {
            let done = told(&ada, trials).await;
            if done == "1000" { Ok(()) } else { Err(done.to_string()) }
        })
        .await;
        let figures = told(
            &ada,
            "return Object.fromEntries([...document.querySelectorAll('[data-figure]')]\
             .map(cell => [cell.dataset.figure, cell.dataset.bits]))",
        )
        .await;
        let (expected, above) = simulated(&model);
        assert_eq!(figures, expected);
        let shown = told(&ada, "return document.querySelector('[data-testid=share-above]').dataset.bits").await;
        assert_eq!(number(shown.as_str().unwrap()), above);
        pictures(&ada, "analysis-simulation").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// What the engine says of a thousand trials, as the page tells it, and how likely more than 120 is.
fn simulated(model: &Model) -> (Value, f64) {
    let output = CellRef::single(model.outputs[0].clone());
    let simulation = Simulation::new(model, &[output], 1, 1_000).unwrap();
    let blocks = (0..simulation.blocks()).map(|block| simulation.run_block(block)).collect();
    let result = simulation.finish(blocks);
    let summary = simulation.summary(&result);
    let spread = summary.outputs[0].spread.clone().unwrap();
    let bits = |value: f64| json!(format!("{:016x}", value.to_bits()));
    let mut figures = serde_json::Map::new();
    figures.insert("mean".to_owned(), bits(spread.mean));
    figures.insert("sd".to_owned(), bits(spread.sd));
    figures.extend(spread.percentiles.iter().map(|(percent, value)| (format!("p{percent}"), bits(*value))));
    (Value::Object(figures), result.probability_above(0, 120.0).unwrap())
}

fn count(trials: &Value) -> u64 {
    trials.as_str().and_then(|trials| trials.parse().ok()).expect("the page tells how many trials there were")
}

fn ends(low: &Figure, high: &Figure) -> Option<(f64, f64)> {
    low.number().zip(high.number())
}

/// What the page says as soon as it is something.
async fn told_soon(page: &Page, script: &str) -> Value {
    until(format!("an answer to {script}"), async || {
        let answer = told(page, script).await;
        if answer.is_null() { Err("none".to_owned()) } else { Ok(answer) }
    })
    .await
}

async fn until_bars(page: &Page, id: &str, expected: &Vec<(f64, f64)>) {
    let script = format!(
        "return [...document.querySelectorAll('[data-testid={id}] g')].map(bar => [bar.dataset.low, bar.dataset.high])"
    );
    assert!(!expected.is_empty(), "there are bars to be drawn");
    until(format!("the bars of the {id}"), async || {
        let shown: Vec<(String, String)> = serde_json::from_value(told(page, &script).await).unwrap();
        let shown: Vec<(f64, f64)> = shown.iter().map(|(low, high)| (number(low), number(high))).collect();
        if shown == *expected { Ok(()) } else { Err(format!("{shown:?} and not {expected:?}")) }
    })
    .await;
}
