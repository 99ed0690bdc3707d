//! A model of 10,000 cells, or of many periods: only what is in sight is drawn, and what stays there is left alone.

use std::collections::BTreeMap;

use coval_tests::{Page, Place, Stage, documents, programs};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::looks::told;
use crate::shell::until_so;

const ROWS: usize = 400;
const PERIODS: usize = 25;

async fn open(stage: &Stage, person: &str, body: &Value, title: &str) -> Page {
    let page = stage.window(person).await;
    let document = documents::make(&stage.server, title, body).await.expect("the document is made");
    page.open_by_link(document).await;
    page
}

#[tokio::test]
async fn a_model_of_ten_thousand_cells_is_drawn_as_far_as_it_is_seen() {
    Stage::run("grid-large", async |stage| {
        let ada = open(stage, "Ada", &documents::model(ROWS, PERIODS), "Large").await;
        let drawn = "return document.querySelectorAll('td[data-item]').length";
        let first = told(&ada, drawn).await.as_u64().unwrap();
        assert!((100..3_000).contains(&first), "{first} cells are drawn");
        let counted = told(
            &ada,
            "const grid = document.querySelector('[role=grid]'); \
            return [grid.getAttribute('aria-rowcount'), grid.getAttribute('aria-colcount')]",
        )
        .await;
        assert_eq!(counted, json!(["411", "28"]));

        // All rows together are as high as if all were drawn.
        let height = "return document.querySelector('tbody').getBoundingClientRect().height";
        assert_eq!(told(&ada, height).await.as_f64(), Some(400.0 * 24.0 + 10.0 * 28.0));

        // What is scrolled to is there, and what is left is gone.
        told(&ada, "document.querySelector('.sheet').scrollTop = 5_000").await;
        ada.until("rows in the middle", |look| look.labels.iter().any(|label| label.item == "r205")).await;
        let look = ada.look().await;
        assert!(look.labels.iter().all(|label| label.item != "r0"));
        let index = told(&ada, "return document.querySelector('[data-label=r205]').closest('tr').ariaRowIndex").await;
        assert_eq!(index, "213");
        ada.window().picture(&programs::screenshots().join("grid-large.png")).await;

        // The keyboard reaches what is not drawn.
        ada.select(&Place::cell("r205", "p3")).await;
        ada.press_with(Key::Control, Key::End).await;
        ada.until_selected(&Place::cell("r399", "p24")).await;
        ada.press_with(Key::Control, Key::Home).await;
        ada.until_selected(&Place::cell("r0", "p0")).await;
        ada.enter(&Place::cell("r0", "p0"), "7").await;
        ada.until_value(&Place::cell("r1", "p0"), 10.5).await;
        ada.until_value(&Place::cell("r1", "p1"), 8.5).await;
        ada.until_saved().await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_scroll_moves_no_row_that_stays() {
    Stage::run("grid-scroll", async |stage| {
        let ada = open(stage, "Ada", &documents::model(ROWS, PERIODS), "Large").await;
        // A row that is taken out of the page and put back comes once more.
        told(
            &ada,
            "window.arrivals = {}; \
             new MutationObserver((changes) => { for (const node of changes.flatMap((change) => [...change.addedNodes])) { \
               const row = node.querySelector('.label')?.dataset.label; \
               if (row !== undefined) window.arrivals[row] = (window.arrivals[row] ?? 0) + 1; } }) \
               .observe(document.querySelector('[role=grid] tbody'), { childList: true })",
        )
        .await;
        let steps = [2_400, 2_640, 2_880, 2_640, 2_400, 0];
        for top in steps {
            told(&ada, &format!("document.querySelector('.sheet').scrollTop = {top}")).await;
            let first = format!("r{}", top / 24 + 5);
            ada.until("the rows there", |look| look.labels.iter().any(|label| label.item == first)).await;
        }
        let arrivals: BTreeMap<String, u32> = serde_json::from_value(told(&ada, "return window.arrivals").await).unwrap();
        assert!(arrivals.len() > 90, "{arrivals:?}");
        // On the way down, and again on the way up.
        assert!(arrivals.values().all(|times| *times <= 2), "{arrivals:?}");
    })
    .await;
}

#[tokio::test]
async fn many_periods_are_drawn_as_far_as_they_are_seen() {
    Stage::run("grid-wide", async |stage| {
        let ada = open(stage, "Ada", &documents::model(20, 360), "Wide").await;
        let drawn = told(&ada, "return document.querySelectorAll('td[data-item]').length").await.as_u64().unwrap();
        assert!(drawn < 20 * 60, "{drawn} cells are drawn");
        ada.select(&Place::cell("r2", "p1")).await;
        ada.press(Key::End).await;
        let last = Place::cell("r2", "p359");
        ada.until_selected(&last).await;
        let is_seen = "const box = document.querySelector('.selected').getBoundingClientRect(); \
                       return box.right <= innerWidth && box.left > 264";
        assert_eq!(told(&ada, is_seen).await, true);
        ada.enter(&last, "42").await;
        ada.until_value(&last, 42.0).await;
        ada.window().picture(&programs::screenshots().join("grid-wide.png")).await;

        // A panel takes room from the grid, and not from who works in it. What it gives back is drawn.
        let beside = "const end = (selector) => document.querySelector(selector).getBoundingClientRect().right; \
                      return end('.selected') <= end('.sheet')";
        ada.click_on("button[data-panel=outputs]").await;
        until_so(&ada, "the selected cell beside the panel", beside).await;
        ada.press(Key::Home).await;
        ada.press(Key::Home).await;
        ada.click_on("button[data-panel=outputs]").await;
        let is_filled = "const room = document.querySelector('.sheet').getBoundingClientRect(); \
                         const cells = [...document.querySelectorAll('td[data-item=r2]')]; \
                         return cells.some((cell) => cell.getBoundingClientRect().right >= room.right)";
        until_so(&ada, "what is seen to be drawn", is_filled).await;
    })
    .await;
}
