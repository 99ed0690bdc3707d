//! What people mistype: the cell says so, and the rest of the model goes on.

use coval_tests::{Place, Stage};
use fantoccini::key::Key;

use crate::scene::{Pair, cost_ratio, growth};

#[tokio::test]
async fn a_formula_that_does_not_parse_shows_its_place_and_heals_when_it_is_mended() {
    Stage::run("syntax", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.agreed(stage).await;
        let cell = Place::cell("gross_profit", "fy2026");

        pair.ada.enter(&cell, "=net_sales - * 2").await;
        let look = pair.ada.until("an error", |look| look.cell(&cell).error.is_some()).await;
        assert_eq!(look.cell(&cell).text, "#SYNTAX");
        let error = look.cell(&cell).error.clone().unwrap();
        assert!(
            error.contains("#SYNTAX") && error.contains("character 13") && error.contains("gross_profit"),
            "{error}"
        );

        // What needs the cell says where the error comes from, and everything else goes on.
        let dependent = look.cell(&Place::cell("operating_income", "fy2026"));
        assert_eq!(dependent.bits, None);
        assert!(dependent.error.as_ref().is_some_and(|error| error.contains("gross_profit")), "{dependent:?}");
        assert_eq!(
            look.value(&Place::cell("gross_profit", "fy2027")),
            before.value(&Place::cell("gross_profit", "fy2027"))
        );
        assert_eq!(look.output("value_per_share").bits, None);
        assert_eq!(look.output("wacc"), before.output("wacc"));
        pair.ada.enter(&growth("fy2029"), "4.5%").await;
        pair.grace.until_value(&growth("fy2029"), 0.045).await;

        // Others see the same, the message stands at the formula too, and what was typed is still there to be mended.
        let both = pair.agreed(stage).await;
        assert_eq!(both.cell(&cell).text, "#SYNTAX");
        pair.grace.select(&cell).await;
        let grace = pair.grace.until("the message at the formula", |look| look.error.contains("#SYNTAX")).await;
        assert_eq!(grace.formula, "=net_sales - * 2");
        pair.grace.press(Key::F2).await;
        for _ in 0..3 {
            pair.grace.press(Key::Backspace).await;
        }
        pair.grace.type_text("cost_of_sales").await;
        pair.grace.press(Key::Enter).await;
        pair.grace.until("the mended cell", |look| look.cell(&cell).error.is_none()).await;
        pair.grace.enter(&growth("fy2029"), "4%").await;
        pair.ada.until_value(&growth("fy2029"), 0.04).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.outputs, before.outputs);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_is_named() {
    Stage::run("name", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.agreed(stage).await;
        let cell = Place::single("cash");

        pair.ada.enter(&cell, "=last(revnue) * 2").await;
        let look = pair.ada.until("an error", |look| look.cell(&cell).error.is_some()).await;
        assert_eq!(look.cell(&cell).text, "#NAME");
        let error = look.cell(&cell).error.clone().unwrap();
        assert!(error.contains("\"revnue\"") && error.contains("cash"), "{error}");
        assert_eq!(look.output("enterprise_value"), before.output("enterprise_value"));
        let both = pair.agreed(stage).await;
        assert_eq!(both.output("equity_value").bits, None);

        // Clearing the cell brings the formula of the row back.
        pair.grace.select(&cell).await;
        pair.grace.press(Key::Delete).await;
        pair.ada.until("the mended cell", |look| look.cell(&cell).error.is_none()).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.outputs, before.outputs);
        assert_eq!(after.digest, before.digest);
    })
    .await;
}

#[tokio::test]
async fn a_cycle_names_the_rows_in_it_and_spares_the_rest() {
    Stage::run("cycle", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.agreed(stage).await;
        let cell = growth("fy2028");

        // Sales depend on growth.
        pair.ada.enter(&cell, "=net_sales / 10000000").await;
        let look = pair.ada.until("an error", |look| look.cell(&cell).error.is_some()).await;
        assert_eq!(look.cell(&cell).text, "#CYCLE");
        let error = look.cell(&cell).error.clone().unwrap();
        assert!(error.contains("growth") && error.contains("net_sales"), "{error}");
        assert!(look.cell(&Place::cell("net_sales", "fy2028")).error.is_some());
        assert!(look.value(&Place::cell("net_sales", "fy2027")).is_some());
        pair.grace.enter(&cost_ratio("fy2025"), "53%").await;
        pair.ada.until_value(&cost_ratio("fy2025"), 0.53).await;
        pair.agreed(stage).await;

        pair.grace.enter(&cell, "4.5%").await;
        pair.grace.enter(&cost_ratio("fy2025"), "53.5%").await;
        pair.ada.until_value(&cost_ratio("fy2025"), 0.535).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.outputs, before.outputs);
    })
    .await;
}
