//! Scenarios: chosen, changed, and side by side.

use coval_shared::analysis::Analysis;
use coval_shared::analysis::scenarios::ScenarioComparison;
use coval_shared::model::{Calculation, CellValue, Entry, Model, ScenarioId};
use coval_shared::protocol::DocumentId;
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::page::Look;
use coval_tests::wait::until;
use coval_tests::{Page, Place, Stage, http};
use fantoccini::key::Key;
use serde_json::Value;

use crate::looks::{pictures, told};
use crate::scene::growth;

#[tokio::test]
async fn a_chosen_scenario_shows_its_figures_and_takes_what_is_entered() {
    Stage::run("scenario-chosen", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        let base = ada.look().await;

        choose(&ada, "bull").await;
        let bull = ScenarioId("bull".into());
        let model = stored(stage, id).await;
        until_figures(&ada, &model.under(&bull)).await;
        // Whoever else looks at the document goes on with what they chose.
        assert_eq!(grace.look().await.cells, base.cells);

        let place = growth("fy2027");
        ada.enter(&place, "11.5%").await;
        let look = ada.until_value(&place, 0.115).await;
        assert_eq!(look.cell(&place).text, "11.5%");
        ada.until_saved().await;
        let model = stored(stage, id).await;
        let cell = model.cells().find(|cell| cell.key() == "growth@fy2027").unwrap();
        assert_eq!(model.scenario("bull").unwrap().entries.get(&cell), Some(&Entry::Number(0.115)));
        until_figures(&ada, &model.under(&bull)).await;
        assert_eq!(grace.look().await.cells, base.cells);
        let marked = "return document.querySelector('td[data-item=growth][data-period=fy2027]').className";
        assert!(told(&ada, marked).await.as_str().unwrap().contains("is-scenario"));

        // What is taken away under a scenario is the base case's again, and undo brings it back.
        ada.select(&place).await;
        ada.press(Key::Delete).await;
        ada.until_value(&place, base.value(&place).unwrap()).await;
        choose(&ada, "").await;
        until_figures(&ada, &model).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn scenarios_are_made_named_copied_compared_and_removed_in_their_panel() {
    Stage::run("scenario-panel", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        ada.click_on("[data-panel=scenarios]").await;
        until_side_by_side(stage, id, &ada).await;

        ada.click_on("[data-testid=new-scenario]").await;
        ada.type_text("Trade war").await;
        ada.press(Key::Enter).await;
        until_listed(&ada, &["", "Bull", "Bear", "Trade war"]).await;
        ada.enter(&growth("fy2026"), "-4%").await;
        ada.select(&Place::single("terminal_growth")).await;
        ada.click_on("[data-testid=new-entry]").await;
        ada.type_text("1.5%").await;
        ada.press(Key::Enter).await;
        until(format!("two entries of the scenario in the window of {}", ada.person()), async || {
            let keys =
                told(&ada, "return [...document.querySelectorAll('.entry')].map(entry => entry.dataset.cell)").await;
            if keys == serde_json::json!(["growth@fy2026", "terminal_growth"]) { Ok(()) } else { Err(keys.to_string()) }
        })
        .await;
        ada.until_saved().await;
        let model = stored(stage, id).await;
        let war = model.scenario("Trade war").unwrap();
        assert_eq!(war.entries.values().collect::<Vec<_>>(), [&Entry::Number(-0.04), &Entry::Number(0.015)]);
        until_side_by_side(stage, id, &ada).await;
        pictures(&ada, "scenarios").await;

        ada.click_on(&format!("[data-scenario='{}'] [data-action=duplicate-scenario]", war.id)).await;
        until_listed(&ada, &["", "Bull", "Bear", "Trade war", "Trade war (copy)"]).await;
        ada.click_on(&format!("[data-scenario='{}'] [data-action=delete-scenario]", war.id)).await;
        until_listed(&ada, &["", "Bull", "Bear", "Trade war (copy)"]).await;
        ada.click_on("[data-scenario=bear] input").await;
        ada.press_with(Key::Control, 'a').await;
        ada.type_text("<b>Bear</b> 熊").await;
        ada.press(Key::Enter).await;
        until_listed(&ada, &["", "Bull", "<b>Bear</b> 熊", "Trade war (copy)"]).await;
        ada.until_saved().await;
        until_side_by_side(stage, id, &ada).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// The model as the server has it.
pub(crate) async fn stored(stage: &Stage, id: DocumentId) -> Model {
    let outputs = http::outputs(&stage.server, id).await.unwrap();
    let url = format!("{}/api/document/{id}/revision/{}", stage.server.origin(), outputs.revision);
    let token = stage.server.token().await.unwrap();
    let past: Value = http::ask(token, http::Method::GET, &url, &Value::Null).await.unwrap().json().unwrap();
    Model::read(&past["body"]).unwrap()
}

async fn choose(page: &Page, scenario: &str) {
    page.click_on(&format!("[data-testid=scenario-switch] option[value='{scenario}']")).await;
}

async fn until_figures(page: &Page, model: &Model) {
    let calculation = Calculation::new(model);
    page.until("the figures of the model", |look: &Look| {
        model.cells().all(|cell| {
            let place = match &cell.period {
                Some(period) => Place::cell(&cell.item.0, &period.0),
                None => Place::single(&cell.item.0),
            };
            let expected = match calculation.value(&cell) {
                CellValue::Number(number) => Some(number.to_bits()),
                _ => None,
            };
            look.revision.is_some() && look.value(&place).map(f64::to_bits) == expected
        })
    })
    .await;
}

async fn until_listed(page: &Page, labels: &[&str]) {
    let script =
        "return [...document.querySelectorAll('li.scenario')].map(row => row.querySelector('input')?.value ?? '')";
    until(format!("the scenarios {labels:?}, in the window of {}", page.person()), async || {
        let listed = told(page, script).await;
        if listed == serde_json::json!(labels) { Ok(()) } else { Err(listed.to_string()) }
    })
    .await;
}

/// Waits until each figure of the comparison is, to the last bit, what the engine gives of the model on the server.
async fn until_side_by_side(stage: &Stage, id: DocumentId, page: &Page) {
    let model = stored(stage, id).await;
    let scenarios: Vec<_> = model.scenarios.iter().map(|scenario| scenario.id.clone()).collect();
    let table = ScenarioComparison::new(&model, &scenarios, &[]).unwrap().finish();
    let rows = table.results.iter().chain(&table.inputs);
    let expected: Vec<Value> = rows
        .map(|row| {
            let bits = row.figures.iter().map(|figure| figure.figure.number().map(|n| format!("{:016x}", n.to_bits())));
            serde_json::json!([row.subject.cell.key(), bits.collect::<Vec<_>>()])
        })
        .collect();
    let script = "return [...document.querySelectorAll('[data-compared]')].map(row => \
                  [row.dataset.compared, [...row.querySelectorAll('td')].map(cell => cell.dataset.bits ?? null)])";
    until(format!("the cases side by side, in the window of {}", page.person()), async || {
        let shown = told(page, script).await;
        if shown == serde_json::json!(expected) { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
}
