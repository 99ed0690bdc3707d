//! A phone: what fingers do in the grid, and what may not lie over what.

use std::time::Duration;

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Page, Stage, programs};
use serde_json::json;

use crate::looks::told;
use crate::scene::growth;
use crate::shell::until_so;

/// The middle of what a selector finds.
async fn middle(page: &Page, selector: &str) -> (f64, f64) {
    let script = format!(
        "const box = document.querySelector({}).getBoundingClientRect(); \
         return [box.x + box.width / 2, box.y + box.height / 2]",
        json!(selector)
    );
    let point = told(page, &script).await;
    (point[0].as_f64().expect("a point"), point[1].as_f64().expect("a point"))
}

/// A finger goes down at the first point, over all others, and up at the last one after `rest`.
async fn finger(page: &Page, way: &[(f64, f64)], rest: Duration) {
    let touch = async |kind: &str, points: serde_json::Value| {
        page.window().command("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points })).await;
    };
    for (index, (x, y)) in way.iter().enumerate() {
        let kind = if index == 0 { "touchStart" } else { "touchMove" };
        touch(kind, json!([{ "x": x, "y": y }])).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(rest).await;
    touch("touchEnd", json!([])).await;
}

/// From the first point to the last one in steps, as fingers go.
fn way(from: (f64, f64), to: (f64, f64)) -> Vec<(f64, f64)> {
    let step = |index: u32| {
        let share = f64::from(index) / 10.0;
        (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
    };
    (0..=10).map(step).collect()
}

/// Waits until the grid scrolls no further.
async fn until_at_rest(page: &Page) {
    let rest = "const room = document.querySelector('.sheet'); const before = [room.scrollLeft, room.scrollTop].join(); \
                return new Promise((done) => setTimeout(() => \
                  done(before === [room.scrollLeft, room.scrollTop].join()), 300))";
    until_so(page, "the grid to come to rest", rest).await;
}

async fn on_a_phone(stage: &Stage) -> Page {
    let ada = stage.window("Ada").await;
    ada.window().phone().await;
    ada.open(APPLE_DCF_TITLE).await;
    ada
}

#[tokio::test]
async fn fingers_select_stretch_scroll_and_ask_for_the_menu() {
    Stage::run("touch", async |stage| {
        let ada = on_a_phone(stage).await;
        let at = |item: &str, year: &str| format!("td[data-item=\"{item}\"][data-period=\"{year}\"]");
        let cell = at("growth", "fy2026");
        let show =
            format!("document.querySelector({}).scrollIntoView({{ block: 'center', inline: 'center' }})", json!(cell));
        told(&ada, &show).await;
        let place = middle(&ada, &cell).await;
        finger(&ada, &[place], Duration::from_millis(30)).await;
        ada.until_selected(&growth("fy2026")).await;

        // A finger on the handle stretches the selection, and moves nothing else.
        let scrolled = "const room = document.querySelector('.sheet'); return [room.scrollLeft, room.scrollTop]";
        let before = told(&ada, scrolled).await;
        let handle = middle(&ada, "[data-testid=fill-handle]").await;
        let corner = middle(&ada, &at("cost_ratio", "fy2027")).await;
        finger(&ada, &way(handle, corner), Duration::from_millis(30)).await;
        until_so(&ada, "four cells", "return document.querySelectorAll('td[aria-selected=true]').length === 4").await;
        assert_eq!(told(&ada, scrolled).await, before);

        // The totals and the key figures are both in sight.
        ada.until_texts("[data-testid=totals]", |texts| texts.len() == 1).await;
        let is_apart = "const [totals, figures] = ['[data-testid=totals]', '.outputs'].map((selector) => \
                          document.querySelector(selector).getBoundingClientRect()); \
                        return totals.height > 0 && figures.height > 0 && totals.left >= 0 && figures.left >= 0 \
                          && (totals.bottom <= figures.top || figures.bottom <= totals.top)";
        assert_eq!(told(&ada, is_apart).await, true);
        ada.window().picture(&programs::screenshots().join("touch-range.png")).await;

        // A finger that scrolls selects nothing.
        let selected = ada.look().await.selected;
        finger(&ada, &way((180.0, 500.0), (180.0, 300.0)), Duration::from_millis(30)).await;
        until_so(
            &ada,
            "the grid to be scrolled",
            &format!("return document.querySelector('.sheet').scrollTop > {} + 50", before[1]),
        )
        .await;
        assert_eq!(ada.look().await.selected, selected);
        assert_eq!(told(&ada, "return document.querySelectorAll('td[aria-selected=true]').length").await, 4);

        // One that stays asks what can be done with the row.
        until_at_rest(&ada).await;
        told(&ada, &show).await;
        let place = middle(&ada, &at("cost_ratio", "fy2026")).await;
        finger(&ada, &[place], Duration::from_millis(1_200)).await;
        ada.until_texts("[data-testid=menu]", |texts| texts.len() == 1).await;
        ada.window().picture(&programs::screenshots().join("touch-menu.png")).await;
        let entry = middle(&ada, "[role=menuitem][data-action=select-row]").await;
        finger(&ada, &[entry], Duration::from_millis(30)).await;
        until_so(
            &ada,
            "the row to be selected",
            "return [...document.querySelectorAll('td[aria-selected=true]')].every(cell => \
             cell.dataset.item === 'cost_ratio') && document.querySelectorAll('td[aria-selected=true]').length > 4",
        )
        .await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_panel_of_a_phone_makes_room_for_what_it_leads_to() {
    Stage::run("touch-panels", async |stage| {
        let ada = on_a_phone(stage).await;
        ada.enter(&growth("fy2026"), "2%").await;
        ada.until_saved().await;
        ada.click_on("[data-panel=history].panel-switch").await;
        ada.click_on("[data-action=open-session]").await;
        ada.until_texts(".past-frame", |texts| texts.len() == 1).await;
        ada.until_texts("[data-testid=panel]", |texts| texts.is_empty()).await;
        ada.window().picture(&programs::screenshots().join("touch-past.png")).await;
        ada.click_on("[data-action=back-to-now]").await;
        ada.until_value(&growth("fy2026"), 0.02).await;
    })
    .await;
}
