//! What happened to a document: looked at, named, brought back.

use std::collections::BTreeSet;

use coval_shared::model::{Calculation, CellValue, Model};
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{CellChange, Diff, HistorySession, Page as RestPage, PastRevision};
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::wait::until;
use coval_tests::{Page, Place, Stage, agreed, http};
use fantoccini::key::Key;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::looks::{pictures, told};
use crate::scene::{cost_ratio, growth};

#[tokio::test]
async fn each_stretch_of_edits_opens_as_a_page_with_its_differences_and_can_be_brought_back() {
    Stage::run("history-timeline", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        ada.click_on("[data-panel=history]").await;
        ada.enter(&growth("fy2027"), "9%").await;
        ada.enter(&growth("fy2028"), "8%").await;
        ada.until_saved().await;
        until_timeline(stage, id, &ada, 1).await;
        ada.click_on("[data-testid=name-now]").await;
        ada.type_text("As agreed <i>today</i>").await;
        ada.press(Key::Enter).await;
        until_words(&ada, "[data-testid=versions]", "As agreed <i>today</i>").await;
        let agreed_on = agreed(&stage.server, id, &[&ada, &grace]).await;

        // What somebody else does stands in the list without being asked for.
        grace.enter(&cost_ratio("fy2026"), "50%").await;
        grace.press_with(Key::Control, Key::Enter).await;
        grace.until_saved().await;
        let stretches = until_timeline(stage, id, &ada, 2).await;
        assert_eq!(stretches[0].author.as_ref().unwrap().name, "Grace");

        // Her stretch: the page of then, marked where it differs from before.
        let Diff { comparison, .. } = ask(
            stage,
            &format!("document/{id}/diff?from={}&to={}", stretches[0].first_revision.0 - 1, stretches[0].last_revision),
        )
        .await;
        ada.click_on(&format!("[data-session='{}'] button", stretches[0].first_revision)).await;
        until_past(stage, id, &ada, stretches[0].last_revision.0).await;
        let changed: BTreeSet<String> =
            comparison.changes.iter().filter_map(|change| change.cell.as_ref()).map(ToString::to_string).collect();
        assert!(changed.contains("cost_ratio@fy2026"), "{changed:?}");
        until_marked(&ada, &changed).await;
        until_words(&ada, "[data-testid=changes]", "50%").await;
        pictures(&ada, "history-past").await;
        ada.click_on("[data-action=back-to-now]").await;
        agreed(&stage.server, id, &[&ada, &grace]).await;

        // What was named comes back for everybody, behind what was done since.
        ada.click_on("[data-version] button").await;
        let before: u64 = http::outputs(&stage.server, id).await.unwrap().revision.0;
        until(format!("the version in the window of {}", ada.person()), async || {
            let marked = marked(&ada).await;
            if marked.contains("cost_ratio@fy2026") { Ok(()) } else { Err(format!("{marked:?}")) }
        })
        .await;
        ada.click_on("[data-action=restore]").await;
        until(format!("the restored model in the window of {}", grace.person()), async || {
            let look = grace.look().await;
            if look.digest == agreed_on.digest { Ok(()) } else { Err(look.to_string()) }
        })
        .await;
        let now = agreed(&stage.server, id, &[&ada, &grace]).await;
        assert_eq!(now.digest, agreed_on.digest);
        assert_eq!(now.revision, Some(before + 1));
        until_timeline(stage, id, &ada, 2).await;
        pictures(&ada, "history").await;
        ada.click_on("[data-action=forget-version]").await;
        until_words(&ada, ".past-list", "Name a state of the document").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_life_of_the_selected_cell_is_told_as_it_goes_on() {
    Stage::run("history-cell", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        let place = growth("fy2027");
        ada.select(&place).await;
        ada.click_on("[data-panel=history]").await;
        ada.click_on("[data-action=show-cell-history]").await;
        until_words(&ada, ".past-list", "The cell is as it was").await;
        for (person, entry) in [(&grace, "9%"), (&grace, "=3% * 2"), (&ada, "7%")] {
            person.enter(&place, entry).await;
            person.until_saved().await;
        }
        ada.select(&place).await;
        let told_by_server: RestPage<CellChange> =
            ask(stage, &format!("document/{id}/history?cell=growth@fy2027")).await;
        let expected: Vec<Value> = told_by_server
            .items
            .iter()
            .map(|change| {
                json!([
                    change.revision.0.to_string(),
                    format!(
                        "{} → {}",
                        change.before.clone().unwrap_or_default(),
                        change.after.clone().unwrap_or_default()
                    )
                ])
            })
            .collect();
        assert_eq!(expected.len(), 3);
        until("the changes of the cell", async || {
            let script = "return [...document.querySelectorAll('[data-testid=cell-history] li')]\
                          .map(row => [row.dataset.revision, row.querySelector('.from-to').textContent])";
            let shown = told(&ada, script).await;
            if shown == json!(expected) { Ok(()) } else { Err(format!("{shown} and not {expected:?}")) }
        })
        .await;
        pictures(&ada, "history-cell").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

pub(crate) async fn ask<T: DeserializeOwned>(stage: &Stage, path: &str) -> T {
    let url = format!("{}/api/{path}", stage.server.origin());
    let token = stage.server.token().await.unwrap();
    http::ask(token, http::Method::GET, &url, &Value::Null).await.unwrap().json().unwrap()
}

/// Waits until the panel shows the stretches that the server tells of, which are `count`.
async fn until_timeline(stage: &Stage, id: DocumentId, page: &Page, count: usize) -> Vec<HistorySession> {
    until(format!("{count} stretches in the window of {}", page.person()), async || {
        let told_by_server: RestPage<HistorySession> = ask(stage, &format!("document/{id}/history")).await;
        let expected: Vec<String> =
            told_by_server.items.iter().map(|session| session.first_revision.to_string()).collect();
        let script = "return [...document.querySelectorAll('[data-session]')].map(row => row.dataset.session)";
        let shown = told(page, script).await;
        if shown == json!(expected) && expected.len() == count {
            Ok(told_by_server.items)
        } else {
            Err(format!("{shown} and not {expected:?}"))
        }
    })
    .await
}

/// Waits until the page shows the document as it was at `revision`, to the last bit of its figures.
async fn until_past(stage: &Stage, id: DocumentId, page: &Page, revision: u64) {
    let past: PastRevision = ask(stage, &format!("document/{id}/revision/{revision}")).await;
    let model = Model::read(&past.body).unwrap();
    let calculation = Calculation::new(&model);
    page.until("the page of then", |look| {
        look.revision == Some(revision)
            && model.cells().all(|cell| {
                let place = match &cell.period {
                    Some(period) => Place::cell(&cell.item.0, &period.0),
                    None => Place::single(&cell.item.0),
                };
                let CellValue::Number(number) = calculation.value(&cell) else { return true };
                look.value(&place).map(f64::to_bits) == Some(number.to_bits())
            })
    })
    .await;
}

async fn marked(page: &Page) -> BTreeSet<String> {
    let script = "return [...document.querySelectorAll('td.changed')].map(cell => \
                  cell.dataset.period ? `${cell.dataset.item}@${cell.dataset.period}` : cell.dataset.item)";
    serde_json::from_value(told(page, script).await).unwrap()
}

async fn until_marked(page: &Page, expected: &BTreeSet<String>) {
    until(format!("{expected:?} to be marked in the window of {}", page.person()), async || {
        let marked = marked(page).await;
        if marked == *expected { Ok(()) } else { Err(format!("{marked:?}")) }
    })
    .await;
}

async fn until_words(page: &Page, selector: &str, words: &str) {
    until(format!("{words:?} in {selector} in the window of {}", page.person()), async || {
        let shown = told(page, &format!("return document.querySelector(\"{selector}\")?.innerText ?? ''")).await;
        if shown.as_str().is_some_and(|shown| shown.contains(words)) { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
}
