//! A model of 10,000 cells: only what is in sight is drawn, and an edit is on the screen at once.

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

/// How long the page was busy with each of the keys of an edit, in milliseconds: from the key to the next frame.
async fn times_of_keys(page: &Page, selector: &str, count: usize) -> Vec<f64> {
    let script = format!(
        "window.keyTimes = []; \
         addEventListener('keydown', () => {{ const start = performance.now(); \
           requestAnimationFrame(() => {{ const channel = new MessageChannel(); \
             channel.port1.onmessage = () => window.keyTimes.push(performance.now() - start); \
             channel.port2.postMessage(0); }}); }}, true); \
         document.querySelector({}).scrollIntoView({{ block: 'center' }})",
        json!(selector)
    );
    told(page, &script).await;
    for index in 0..count {
        page.type_text(&format!("{}", index % 10)).await;
        page.press(Key::Enter).await;
    }
    serde_json::from_value(told(page, "return window.keyTimes").await).unwrap()
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

        let times = times_of_keys(&ada, "td[data-item=r0]", 40).await;
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: usize| sorted[(sorted.len() - 1) * share / 100];
        println!("a key in 10,000 cells: median {:.1} ms, p95 {:.1} ms, of {}", at(50), at(95), sorted.len());
        assert!(at(50) < 250.0, "{times:?}");
        assert_eq!(ada.complaints().await, Vec::<String>::new());
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
