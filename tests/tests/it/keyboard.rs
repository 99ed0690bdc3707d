//! Work without a mouse.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Page, Place, Stage};
use fantoccini::key::Key;

use crate::scene::{Pair, cost_ratio, growth};

async fn alone(stage: &Stage) -> Page {
    let ada = stage.window("Ada").await;
    ada.open(APPLE_DCF_TITLE).await;
    ada
}

#[tokio::test]
async fn arrows_tab_home_and_end_move_the_selection() {
    Stage::run("keys-move", async |stage| {
        let ada = alone(stage).await;
        ada.select(&growth("fy2026")).await;
        for (key, expected) in [
            (Key::Right, growth("fy2027")),
            (Key::Down, cost_ratio("fy2027")),
            (Key::Left, cost_ratio("fy2026")),
            (Key::Up, growth("fy2026")),
            (Key::Tab, growth("fy2027")),
            (Key::End, growth("fy2029")),
            (Key::Tab, Place::label("cost_ratio")),
            (Key::Left, growth("fy2029")),
            (Key::Home, Place::label("growth")),
        ] {
            ada.press(key).await;
            ada.until_selected(&expected).await;
        }
        ada.press(Key::Down).await;
        ada.press_with(Key::Shift, Key::Tab).await;
        ada.until_selected(&growth("fy2029")).await;
        ada.press_with(Key::Control, Key::End).await;
        ada.until_selected(&Place::single("checks")).await;
        ada.press_with(Key::Control, Key::Home).await;
        ada.until_selected(&Place::cell("growth", "fy2021")).await;
    })
    .await;
}

#[tokio::test]
async fn typing_replaces_enter_keeps_and_escape_forgets() {
    Stage::run("keys-type", async |stage| {
        let ada = alone(stage).await;
        let cell = growth("fy2026");
        let before = ada.look().await.value(&cell);
        ada.select(&cell).await;

        ada.type_text("7").await;
        ada.until("the draft in the cell and in the bar", |look| {
            look.is_editing && look.cell(&cell).text == "7" && look.formula == "7"
        })
        .await;
        ada.press(Key::Escape).await;
        let look = ada.until("the draft to be gone", |look| !look.is_editing).await;
        assert_eq!(look.value(&cell), before);
        assert_eq!(look.selected, Some(cell.clone()));

        ada.type_text("7.5%").await;
        ada.press(Key::Enter).await;
        ada.until_selected(&cost_ratio("fy2026")).await;
        ada.until_value(&cell, 0.075).await;

        // An arrow enters what was typed over, and goes its way.
        ada.press(Key::Up).await;
        ada.type_text("8%").await;
        ada.press(Key::Right).await;
        ada.until_selected(&growth("fy2027")).await;
        ada.until_value(&cell, 0.08).await;
        ada.type_text("9%").await;
        ada.press(Key::Tab).await;
        ada.until_selected(&growth("fy2028")).await;
        ada.until_value(&growth("fy2027"), 0.09).await;

        // What is deleted is gone, and a formula begins with its sign.
        let input = Place::cell("working_capital_ratio", "fy2026");
        ada.select(&input).await;
        ada.press(Key::Delete).await;
        ada.until("an empty cell", |look| look.value(&input).is_none() && look.cell(&input).error.is_none()).await;
        ada.select(&growth("fy2028")).await;
        ada.type_text("=prev(growth) / 2").await;
        ada.press(Key::Enter).await;
        ada.until_value(&growth("fy2028"), 0.045).await;
        let look = ada.until_saved().await;
        assert_eq!(look.notices, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn f2_and_enter_edit_in_place_where_arrows_move_the_caret() {
    Stage::run("keys-edit", async |stage| {
        let ada = alone(stage).await;
        let cell = growth("fy2026");
        ada.enter(&cell, "12%").await;
        ada.press(Key::Up).await;
        ada.until_selected(&cell).await;

        for key in [Key::F2, Key::Enter] {
            ada.press(key).await;
            let look = ada.until("an edit in place", |look| look.is_editing).await;
            assert!(look.formula.starts_with("12%") || look.formula == "0.12", "{}", look.formula);
            ada.press(Key::Left).await;
            assert_eq!(ada.look().await.selected, Some(cell.clone()));
            ada.press(Key::Escape).await;
            ada.until("the edit to be over", |look| !look.is_editing && look.has_keyboard).await;
        }

        // The row's label: the caret goes to its beginning, and what is typed stands there.
        ada.press(Key::Home).await;
        ada.until_selected(&Place::label("growth")).await;
        ada.press(Key::F2).await;
        ada.until("an edit in place", |look| look.is_editing).await;
        ada.press(Key::Home).await;
        ada.type_text("Yearly ").await;
        ada.press(Key::Enter).await;
        ada.until("the new label", |look| look.label("growth") == "Yearly Growth of net sales").await;
        ada.until_selected(&Place::label("cost_ratio")).await;

        // An override gives way to the row's formula again.
        let sales = Place::cell("net_sales", "fy2026");
        let before = ada.look().await.value(&sales);
        ada.enter(&sales, "500000").await;
        ada.until_value(&sales, 500_000.0).await;
        ada.press(Key::Up).await;
        ada.until_selected(&sales).await;
        ada.press(Key::Delete).await;
        ada.until("the row's formula", |look| look.value(&sales) == before).await;
        ada.until_saved().await;
    })
    .await;
}

#[tokio::test]
async fn the_grid_is_reached_and_left_by_the_keyboard_alone() {
    Stage::run("keys-reach", async |stage| {
        let ada = alone(stage).await;
        // Tab by Tab into the grid.
        for _ in 0..32 {
            if ada.look().await.has_keyboard || is_in_grid(&ada).await {
                break;
            }
            ada.press(Key::Tab).await;
        }
        assert!(is_in_grid(&ada).await, "Tab does not lead to the grid");
        ada.press(Key::Enter).await;
        ada.until_selected(&Place::cell("growth", "fy2021")).await;
        ada.press(Key::Down).await;
        ada.until_selected(&Place::cell("cost_ratio", "fy2021")).await;

        // So does Shift and Tab lead out of it at its beginning.
        ada.press_with(Key::Control, Key::Home).await;
        ada.press(Key::Home).await;
        ada.until_selected(&Place::label("growth")).await;
        ada.press_with(Key::Shift, Key::Tab).await;
        ada.until("the grid to be left", |look| !look.has_keyboard).await;
        ada.press(Key::Tab).await;
        ada.until_selected(&Place::label("growth")).await;
        ada.press(Key::Down).await;
        ada.press(Key::Right).await;
        ada.until_selected(&Place::cell("cost_ratio", "fy2021")).await;

        // Escape gives the keyboard back to the page, from where Tab goes on.
        ada.press(Key::Escape).await;
        ada.until("the grid to be left", |look| !look.has_keyboard).await;
        ada.press(Key::Enter).await;
        ada.until_selected(&Place::cell("cost_ratio", "fy2021")).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn whoever_is_in_a_row_that_moves_goes_on_where_they_are() {
    Stage::run("keys-moved", async |stage| {
        let pair = Pair::open(stage).await;
        let Pair { ada, grace, .. } = &pair;
        ada.draft(&growth("fy2027"), "0.0").await;
        // The row of Ada changes places with the next one, by the hand of somebody else.
        grace.select(&growth("fy2025")).await;
        grace.press_with_all(&[Key::Alt, Key::Shift], Key::Down).await;
        let look = ada
            .until("the row to be lower", |look| look.labels.first().is_some_and(|first| first.item == "cost_ratio"))
            .await;
        assert!(look.has_keyboard && look.is_editing, "{look}");
        ada.type_text("6").await;
        ada.press(Key::Enter).await;
        ada.until_value(&growth("fy2027"), 0.06).await;

        // Their own steps back and forth take the row along, too.
        let back = ["z", "z", "y", "y", "z"].concat();
        ada.select(&growth("fy2026")).await;
        ada.press_with_all(&[Key::Alt, Key::Shift], Key::Up).await;
        for key in back.chars() {
            ada.press_with(Key::Control, key).await;
            ada.until_saved().await;
        }
        ada.until_value(&growth("fy2027"), 0.06).await;
        assert!(ada.look().await.has_keyboard);
        pair.agreed(stage).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_done_is_taken_back_from_anywhere_but_in_a_field_that_is_typed_in() {
    Stage::run("keys-undo", async |stage| {
        let ada = alone(stage).await;
        let cell = growth("fy2026");
        let before = ada.look().await.value(&cell);
        ada.enter(&cell, "0.07").await;
        ada.until_value(&cell, 0.07).await;

        ada.click_on("button[data-panel=comments]").await;
        ada.press_with(Key::Control, 'z').await;
        ada.until("the value from before", |look| look.value(&cell) == before).await;
        ada.press_with(Key::Control, 'y').await;
        ada.until_value(&cell, 0.07).await;

        // Here the keys belong to the field.
        ada.click_on("[data-testid=comment-input]").await;
        ada.type_text("words").await;
        ada.press_with(Key::Control, 'z').await;
        assert_eq!(ada.until_saved().await.value(&cell), Some(0.07));
    })
    .await;
}

async fn is_in_grid(page: &Page) -> bool {
    let script = "return document.activeElement?.matches('[data-testid=grid]') ?? false";
    page.window().client.execute(script, Vec::new()).await.unwrap() == true
}
