//! Many cells at once: ranges, the clipboard, fills, and what can be done with rows, sections and periods.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Page, Place, Stage};
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::key::Key;
use serde_json::json;

use crate::looks::{pictures, told};
use crate::scene::{cost_ratio, growth};

async fn alone(stage: &Stage) -> Page {
    let ada = stage.window("Ada").await;
    ada.open(APPLE_DCF_TITLE).await;
    ada
}

/// Presses the mouse on the first place, goes to the second, and lets it go.
async fn drag(page: &Page, from: &str, to: &str) {
    let middle = |selector: &str| {
        format!(
            "const box = document.querySelector({}).getBoundingClientRect(); \
             return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]",
            json!(selector)
        )
    };
    let mut actions = MouseActions::new("mouse".to_owned());
    for (index, selector) in [from, to].into_iter().enumerate() {
        let point = told(page, &middle(selector)).await;
        let (x, y) = (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
        actions = actions.then(PointerAction::MoveTo { duration: None, x, y });
        if index == 0 {
            actions = actions.then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        }
    }
    let actions = actions.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    page.window().client.perform_actions(actions).await.expect("the mouse can be moved");
}

fn cell(place: &str) -> String {
    let (item, period) = place.split_once(' ').expect("a cell has a row and a period");
    format!("td[data-item=\"{item}\"][data-period=\"{period}\"]")
}

/// Pastes as a browser does.
async fn paste(page: &Page, text: &str) {
    let script = format!(
        "const data = new DataTransfer(); data.setData('text/plain', {}); \
         document.activeElement.dispatchEvent(new ClipboardEvent('paste', \
         {{ clipboardData: data, bubbles: true, cancelable: true }}))",
        json!(text)
    );
    told(page, &script).await;
}

/// What copying puts on the clipboard, as plain text and as HTML.
async fn copied(page: &Page, kind: &str) -> (String, String) {
    let script = format!(
        "const data = new DataTransfer(); \
         document.activeElement.dispatchEvent(new ClipboardEvent('{kind}', \
         {{ clipboardData: data, bubbles: true, cancelable: true }})); \
         return [data.getData('text/plain'), data.getData('text/html')]"
    );
    serde_json::from_value(told(page, &script).await).expect("these are texts")
}

async fn press_control(page: &Page, key: char) {
    page.press_with(Key::Control, key).await;
}

#[tokio::test]
async fn a_range_is_selected_by_mouse_and_keyboard_and_its_totals_are_told() {
    Stage::run("grid-range", async |stage| {
        let ada = alone(stage).await;
        ada.select(&growth("fy2026")).await;
        drag(&ada, &cell("growth fy2026"), &cell("cost_ratio fy2028")).await;
        let within = "return document.querySelectorAll('td[aria-selected=true]').length";
        assert_eq!(told(&ada, within).await, 6);
        let totals = ada.until_texts("[data-testid=totals]", |texts| texts.len() == 1).await;
        assert!(totals[0].contains('6'), "{totals:?}");
        // The keyboard stays in the cell where it began.
        ada.until_selected(&growth("fy2026")).await;
        pictures(&ada, "grid-range").await;

        ada.press(Key::Escape).await;
        ada.select(&growth("fy2026")).await;
        ada.press_with(Key::Shift, Key::Right).await;
        ada.press_with(Key::Shift, Key::Down).await;
        assert_eq!(told(&ada, within).await, 4);
        press_control(&ada, 'a').await;
        let all = told(&ada, "return document.querySelectorAll('td[data-item]').length").await;
        assert_eq!(told(&ada, within).await, all);
        ada.press(Key::Right).await;
        assert_eq!(told(&ada, within).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_block_is_pasted_copied_filled_and_taken_back_as_one_step() {
    Stage::run("grid-paste", async |stage| {
        let ada = alone(stage).await;
        let grace = stage.window("Grace").await;
        grace.open(APPLE_DCF_TITLE).await;
        let before = ada.look().await;
        ada.select(&growth("fy2026")).await;
        paste(&ada, "1%\t2%\r\n30%\t\"31%\"\r\n").await;
        ada.until_value(&growth("fy2027"), 0.02).await;
        ada.until_value(&cost_ratio("fy2026"), 0.3).await;
        grace.until_value(&cost_ratio("fy2027"), 0.31).await;

        let (text, html) = copied(&ada, "copy").await;
        assert_eq!(text, "0.01\t0.02\n0.3\t0.31");
        assert!(html.contains("data-entry=\"1%\""), "{html}");

        // One step back takes all of it back, for everybody.
        press_control(&ada, 'z').await;
        for place in [growth("fy2026"), growth("fy2027"), cost_ratio("fy2026"), cost_ratio("fy2027")] {
            let value = before.value(&place).unwrap();
            ada.until_value(&place, value).await;
            grace.until_value(&place, value).await;
        }
        ada.click_on("[data-action=redo]").await;
        ada.until_value(&cost_ratio("fy2027"), 0.31).await;
        ada.click_on("[data-action=undo]").await;
        ada.until_value(&cost_ratio("fy2027"), before.value(&cost_ratio("fy2027")).unwrap()).await;

        // One value goes into all that is selected, and a fill goes on with it.
        ada.select(&growth("fy2026")).await;
        ada.press_with(Key::Shift, Key::Right).await;
        paste(&ada, "4%").await;
        ada.until_value(&growth("fy2027"), 0.04).await;
        ada.enter(&growth("fy2026"), "6%").await;
        ada.select(&growth("fy2026")).await;
        for _ in 0..3 {
            ada.press_with(Key::Shift, Key::Right).await;
        }
        press_control(&ada, 'r').await;
        ada.until_value(&growth("fy2029"), 0.06).await;
        press_control(&ada, 'z').await;
        ada.until_value(&growth("fy2027"), 0.04).await;

        // The same by the handle.
        ada.select(&growth("fy2026")).await;
        drag(&ada, "[data-testid=fill-handle]", &cell("growth fy2028")).await;
        ada.until_value(&growth("fy2028"), 0.06).await;
        ada.until_saved().await;
        assert_eq!(ada.look().await.notices, Vec::<String>::new());
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_paste_that_does_not_fit_says_so() {
    Stage::run("grid-paste-limits", async |stage| {
        let ada = alone(stage).await;
        let before = ada.look().await;
        ada.select(&growth("fy2026")).await;
        told(
            &ada,
            "const data = new DataTransfer(); data.setData('text/plain', '1\\t'.repeat(5_000_000)); \
             document.activeElement.dispatchEvent(new ClipboardEvent('paste', \
             { clipboardData: data, bubbles: true, cancelable: true }))",
        )
        .await;
        let look = ada.until("a notice", |look| !look.notices.is_empty()).await;
        assert!(look.notices[0].contains("4 MB"), "{:?}", look.notices);
        assert_eq!(look.cells, before.cells);

        ada.select(&growth("fy2029")).await;
        paste(&ada, "1%\t2%\nwords\t<b>no</b>").await;
        ada.until_value(&growth("fy2029"), 0.01).await;
        let look = ada.until("another notice", |look| look.notices.len() > 1).await;
        assert!(look.notices[1].contains("beyond the edge"), "{:?}", look.notices);
        assert_eq!(look.value(&cost_ratio("fy2029")), before.value(&cost_ratio("fy2029")));
    })
    .await;
}

#[tokio::test]
async fn rows_sections_and_periods_are_added_moved_named_and_removed() {
    Stage::run("grid-structure", async |stage| {
        let ada = alone(stage).await;
        let labels =
            |look: &coval_tests::page::Look| look.labels.iter().map(|label| label.item.clone()).collect::<Vec<_>>();
        let before = labels(&ada.look().await);
        ada.select(&growth("fy2026")).await;
        ada.press_with(Key::Shift, Key::F10).await;
        ada.until_texts("[data-testid=menu]", |texts| texts.len() == 1).await;
        pictures(&ada, "grid-menu").await;
        ada.press(Key::Escape).await;
        ada.until_selected(&growth("fy2026")).await;

        // A row goes down and up again.
        let place = before.iter().position(|item| item == "growth").unwrap();
        ada.press_with_all(&[Key::Alt, Key::Shift], Key::Down).await;
        ada.until("growth to be lower", |look| {
            labels(look).iter().position(|item| item == "growth") == Some(place + 1)
        })
        .await;
        ada.press_with_all(&[Key::Alt, Key::Shift], Key::Up).await;
        ada.until("growth to be back", |look| labels(look) == before).await;

        // By dragging its label.
        drag(&ada, "th[data-label=growth] .label-text", "th[data-label=cost_ratio] .label-text").await;
        ada.until("growth to be lower", |look| {
            labels(look).iter().position(|item| item == "growth") == Some(place + 1)
        })
        .await;
        press_control(&ada, 'z').await;
        ada.until("growth to be back", |look| labels(look) == before).await;

        // A unit by the menu of the row.
        ada.click_on("[data-action=open-row-tools]").await;
        ada.click_on("[role=menuitem][data-action=edit-unit]").await;
        ada.until_texts("[data-testid=question]", |texts| texts.len() == 1).await;
        ada.type_text("per year").await;
        ada.press(Key::Enter).await;
        ada.until_texts(".unit", |texts| texts.iter().any(|text| text == "per year")).await;

        // A period at the end, and away again.
        let periods = ada.texts(".head-period").await;
        ada.click_on("[data-action=open-period-tools]").await;
        ada.click_on("[role=menuitem][data-action=append-period]").await;
        let longer = ada.until_texts(".head-period", |texts| texts.len() == periods.len() + 1).await;
        ada.click_on("[data-action=undo]").await;
        ada.until_texts(".head-period", |texts| texts == periods).await;
        assert!(longer.last().unwrap().contains("2030"), "{longer:?}");

        // A section is put away, which stays so, and nothing else changes.
        ada.click_on("[data-action=fold-section]").await;
        let fewer = ada.until("fewer rows", |look| look.labels.len() < before.len()).await;
        told(&ada, "location.reload()").await;
        let look = ada.until("the rows as they were", |look| look.labels.len() == fewer.labels.len()).await;
        assert_eq!(labels(&look), labels(&fewer));
        ada.click_on("[data-action=fold-section]").await;
        ada.until("all rows", |look| look.labels.len() == before.len()).await;

        // The row goes.
        ada.select(&Place::label("growth")).await;
        ada.click_on("[data-action=open-row-tools]").await;
        ada.click_on("[role=menuitem][data-action=remove-row]").await;
        ada.until("growth to be gone", |look| !labels(look).contains(&"growth".to_owned())).await;
        press_control(&ada, 'z').await;
        ada.until("growth to be back", |look| labels(look) == before).await;
        ada.until_saved().await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_a_cell_is_calculated_from_is_outlined_and_followed() {
    Stage::run("grid-trace", async |stage| {
        let ada = alone(stage).await;
        let sales = Place::cell("net_sales", "fy2027");
        ada.select(&sales).await;
        ada.click_on("[data-action=toggle-trace]").await;
        let marked =
            |class: &str| format!("return [...document.querySelectorAll('.{class}')].map(cell => cell.dataset.item)");
        let precedents: Vec<String> = serde_json::from_value(told(&ada, &marked("precedent")).await).unwrap();
        assert!(precedents.contains(&"growth".to_owned()), "{precedents:?}");
        let dependents = told(&ada, &marked("dependent")).await;
        assert!(!dependents.as_array().unwrap().is_empty());
        pictures(&ada, "grid-trace").await;

        ada.select(&growth("fy2027")).await;
        press_control(&ada, ']').await;
        ada.until_selected(&sales).await;
        press_control(&ada, '[').await;
        let look = ada.until("another cell", |look| look.selected.as_ref() != Some(&sales)).await;
        assert!(look.has_keyboard);
    })
    .await;
}

#[tokio::test]
async fn a_formula_is_helped_with_while_it_is_typed() {
    Stage::run("grid-formula", async |stage| {
        let ada = alone(stage).await;
        let cell = growth("fy2028");
        ada.select(&cell).await;
        ada.type_text("=max(gro").await;
        let offers = ada.until_texts("[role=option] .offer-name", |texts| !texts.is_empty()).await;
        assert!(offers.contains(&"growth".to_owned()), "{offers:?}");
        ada.until_texts("[data-testid=signature]", |texts| texts.iter().any(|text| text.contains("max("))).await;
        pictures(&ada, "grid-formula").await;
        ada.press(Key::Down).await;
        let expanded = "return document.activeElement.getAttribute('aria-activedescendant')";
        assert_eq!(told(&ada, expanded).await, "formula-offers-0");
        ada.press(Key::Escape).await;
        ada.until_texts("[role=option]", |texts| texts.is_empty()).await;
        ada.type_text("w").await;
        ada.press(Key::Tab).await;
        ada.until("the name in the formula", |look| look.formula == "=max(growth").await;

        // A click on another cell writes its name, and the period that it is away.
        ada.type_text(", ").await;
        ada.click_on("td[data-item=growth][data-period=fy2026]").await;
        ada.until("the other name in the formula", |look| look.formula == "=max(growth, growth[t-2]").await;
        for _ in 0..30 {
            ada.press(Key::Backspace).await;
        }
        ada.type_text("=nothing * 2").await;
        ada.until("what is wrong", |look| look.error.contains("nothing")).await;
        ada.press(Key::Escape).await;
        let look = ada.until("the draft to be gone", |look| !look.is_editing).await;
        assert_eq!(look.selected, Some(cell));
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn selected_rows_are_drawn_as_a_chart_with_its_figures() {
    Stage::run("grid-chart", async |stage| {
        let ada = alone(stage).await;
        ada.select(&Place::cell("net_sales", "fy2021")).await;
        ada.press_with(Key::Shift, Key::Down).await;
        ada.click_on("[data-action=toggle-chart]").await;
        ada.until_texts("[data-testid=chart] .legend li", |texts| texts.len() == 2).await;
        let lines = told(&ada, "return document.querySelectorAll('.plot-line.expected').length").await;
        assert_eq!(lines, 2);
        let rows = told(&ada, "return document.querySelectorAll('[data-testid=chart] table tbody tr').length").await;
        assert_eq!(rows, 2);
        pictures(&ada, "grid-chart").await;
        ada.click_on("[data-action=draw-bars]").await;
        let bars = told(&ada, "return document.querySelectorAll('.plot-bar').length").await;
        assert_eq!(bars, 18);
        ada.click_on("[data-action=close-chart]").await;
        ada.until_texts("[data-testid=chart]", |texts| texts.is_empty()).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_else_types_in_the_cell_is_named_before_it_is_overwritten() {
    Stage::run("grid-also-here", async |stage| {
        let ada = alone(stage).await;
        let grace = stage.window("Grace").await;
        grace.open(APPLE_DCF_TITLE).await;
        grace.draft(&growth("fy2026"), "9").await;
        ada.until("Grace in the cell", |look| look.cursors.iter().any(|cursor| cursor.name == "Grace")).await;
        ada.draft(&growth("fy2026"), "8").await;
        ada.until_texts("[data-testid=also-here]", |texts| texts.iter().any(|text| text.contains("Grace"))).await;
        ada.press(Key::Escape).await;
        ada.until_texts("[data-testid=also-here]", |texts| texts.is_empty()).await;
    })
    .await;
}
