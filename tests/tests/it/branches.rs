//! Branches: made, looked at, merged.

use coval_shared::model::Entry;
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{Branch, MergePreview, Page as RestPage};
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::wait::until;
use coval_tests::{Page, Place, Stage, http};
use fantoccini::key::Key;
use serde_json::json;

use crate::history::ask;
use crate::looks::{pictures, told};
use crate::scenarios::stored;
use crate::scene::growth;

#[tokio::test]
async fn a_branch_is_made_edited_compared_and_merged_with_conflicts_chosen_one_by_one() {
    Stage::run("branch-merge", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        ada.click_on("[data-panel=branches]").await;
        ada.click_on("[data-testid=new-branch]").await;
        ada.type_text("Cautious").await;
        ada.press(Key::Enter).await;
        let branch = until("the branch on the server", async || {
            let page: RestPage<Branch> = ask(stage, &format!("document/{id}/branches")).await;
            page.items.first().map(|branch| branch.id).ok_or_else(|| "there is none".to_owned())
        })
        .await;
        // Both lines go their ways, and meet in two cells.
        let grace = stage.window("Grace").await;
        grace.open_by_link(branch).await;
        for (page, entries) in [
            (&grace, [("fy2026", "2%"), ("fy2027", "3%"), ("fy2028", "3.5%")]),
            (&ada, [("fy2025", "6%"), ("fy2026", "7%"), ("fy2027", "8%")]),
        ] {
            for (year, entry) in entries {
                page.enter(&growth(year), entry).await;
            }
            page.until_saved().await;
        }
        ada.click_on(&format!("[data-branch='{branch}'] [data-action=compare-branch]")).await;
        let conflicts = ["items/growth/values/fy2026", "items/growth/values/fy2027"];
        until("the conflicts", async || {
            let script = "return [...document.querySelectorAll('[data-conflict]')].map(row => row.dataset.conflict)";
            let shown = told(&ada, script).await;
            if shown == json!(conflicts) { Ok(()) } else { Err(shown.to_string()) }
        })
        .await;
        let preview: MergePreview = ask(stage, &format!("document/{branch}/merge?direction=into_parent")).await;
        assert_eq!(preview.conflicts.iter().map(|conflict| conflict.path.as_str()).collect::<Vec<_>>(), conflicts);
        ada.click_on(&format!("[data-conflict='{}'] [data-action=choose-theirs]", conflicts[0])).await;
        ada.click_on(&format!("[data-conflict='{}'] [data-action=choose-ours]", conflicts[1])).await;
        let results = told(
            &ada,
            "return [...document.querySelectorAll('[data-testid=conflict-result]')].map(row => row.textContent)",
        )
        .await;
        assert_eq!(results, json!(["7%", "3%"]));
        until_figures_of_both(stage, id, branch, &ada).await;
        pictures(&ada, "branches").await;

        ada.click_on("[data-action=merge]").await;
        for (year, value) in [("fy2025", 0.06), ("fy2026", 0.07), ("fy2027", 0.03), ("fy2028", 0.035)] {
            ada.until_value(&growth(year), value).await;
        }
        let model = stored(stage, id).await;
        let held = |key: &str| {
            let cell = model.cells().find(|cell| cell.key() == key).unwrap();
            model.item(&cell.item).unwrap().entry(cell.period.as_ref()).cloned()
        };
        assert_eq!(held("growth@fy2027"), Some(Entry::Number(0.03)));
        until("nothing more to be merged", async || {
            let shown = told(&ada, "return document.querySelector('[data-testid=nothing-to-merge]') !== null").await;
            if shown == true { Ok(()) } else { Err(shown.to_string()) }
        })
        .await;

        // In the branch, the same panel brings it up to date.
        grace.click_on("[data-panel=branches]").await;
        grace.click_on(&format!("[data-branch='{branch}'] [data-action=compare-branch]")).await;
        grace.click_on("[data-action=merge-from-parent]").await;
        grace.click_on("[data-action=merge]").await;
        grace.until_value(&growth("fy2025"), 0.06).await;
        assert_eq!(stored(stage, branch).await, stored(stage, id).await);
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// Waits until the value per share of both lines is what the server calculates.
async fn until_figures_of_both(stage: &Stage, main: DocumentId, branch: DocumentId, page: &Page) {
    let mut expected = Vec::new();
    for id in [main, branch] {
        let outputs = http::outputs(&stage.server, id).await.unwrap().outputs;
        expected.push(outputs[0].bits.clone());
    }
    until("the figures of both lines", async || {
        let script = "return [...document.querySelectorAll('[data-testid=both-figures] tbody tr:first-child td[data-bits]')]\
                      .map(cell => cell.dataset.bits)";
        let shown = told(page, script).await;
        if shown == json!(expected) { Ok(()) } else { Err(format!("{shown} and not {expected:?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_cell_is_explained_with_what_it_takes_and_what_takes_it() {
    Stage::run("explain", async |stage| {
        use coval_shared::model::explain::explain;
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        ada.click_on("[data-panel=explain]").await;
        ada.select(&Place::cell("gross_profit", "fy2026")).await;
        let model = stored(stage, id).await;
        let calculation = coval_shared::model::Calculation::new(&model);
        let cell = model.cells().find(|cell| cell.key() == "gross_profit@fy2026").unwrap();
        let expected = explain(&model, None, &calculation, &cell).unwrap();
        let with_values = format!("= {}", expected.with_values.unwrap());
        until("the formula with values", async || {
            let script = "return document.querySelector('[data-testid=explain-with-values]')?.textContent";
            let shown = told(&ada, script).await;
            if shown == json!(with_values) { Ok(()) } else { Err(format!("{shown} and not {with_values}")) }
        })
        .await;
        let parts: Vec<String> = expected.parts.iter().map(|part| part.cell.key()).collect();
        let script = "return [...document.querySelectorAll('.explain > section:first-of-type > .tree > .tree-node')].map(row => row.dataset.cell)";
        assert_eq!(told(&ada, script).await, json!(parts));
        ada.click_on("[data-cell='net_sales@fy2026'] [data-action=toggle-precedents]").await;
        until("what net sales take", async || {
            let script = "return [...document.querySelectorAll('[data-cell=\"net_sales@fy2026\"] .tree .tree-node')].map(row => row.dataset.cell)";
            let shown = told(&ada, script).await;
            if shown == json!(["net_sales@fy2025", "growth@fy2026"]) { Ok(()) } else { Err(shown.to_string()) }
        })
        .await;
        pictures(&ada, "explain").await;
        ada.click_on("[data-cell='growth@fy2026'] [data-action=go-to-cell]").await;
        ada.until("growth to be selected", |look| look.selected == Some(growth("fy2026"))).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_branch_begins_with_an_old_state_or_a_named_version() {
    Stage::run("branch-from-past", async |stage| {
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        ada.enter(&growth("fy2026"), "2%").await;
        let first = ada.until_saved().await.revision.unwrap();
        ada.click_on("[data-panel=history]").await;
        ada.click_on("[data-testid=name-now]").await;
        ada.type_text("Two percent").await;
        ada.press(Key::Enter).await;
        ada.until_texts("[data-version]", |versions| versions.len() == 1).await;
        ada.enter(&growth("fy2026"), "9%").await;
        ada.until_saved().await;

        ada.click_on("[data-action=open-version]").await;
        ada.click_on("[data-action=branch-from-here]").await;
        name_branch(&ada, "What if").await;
        let branch = until_elsewhere(&ada, id).await;
        ada.until_value(&growth("fy2026"), 0.02).await;
        let page: RestPage<Branch> = ask(stage, &format!("document/{id}/branches")).await;
        assert_eq!((page.items[0].id, page.items[0].forked_at.0), (branch, first));

        ada.go(&format!("/document/{id}")).await;
        ada.until_value(&growth("fy2026"), 0.09).await;
        ada.click_on("[data-panel=history]").await;
        ada.click_on("[data-action=branch-from-version]").await;
        pictures(&ada, "branch-from-version").await;
        name_branch(&ada, "What else").await;
        until_elsewhere(&ada, id).await;
        ada.until_value(&growth("fy2026"), 0.02).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

async fn name_branch(page: &Page, name: &str) {
    page.until_focused("name").await;
    page.type_text(name).await;
    page.press(Key::Enter).await;
}

/// Waits until the page is that of another document than `id`, and returns which.
async fn until_elsewhere(page: &Page, id: DocumentId) -> DocumentId {
    until("another document", async || {
        let path = told(page, "return location.pathname").await;
        let other = path.as_str().and_then(|path| path.strip_prefix("/document/")).unwrap_or_default().to_owned();
        if other.is_empty() || other == id.to_string() {
            return Err(path.to_string());
        }
        serde_json::from_value(json!(other)).map_err(|error| error.to_string())
    })
    .await
}
