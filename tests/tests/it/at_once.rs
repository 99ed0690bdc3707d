//! Two people change one model at the same time.

use std::collections::HashMap;

use coval_tests::{Page, Place, Stage};
use fantoccini::key::Key;

use crate::scene::{FORECAST, Pair, cost_ratio, growth};

#[tokio::test]
async fn edits_of_different_cells_are_both_there() {
    Stage::run("different-cells", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.ada.look().await;

        pair.part();
        let (hers, theirs) = (growth("fy2025"), cost_ratio("fy2026"));
        tokio::join!(pair.ada.enter(&hers, "6%"), pair.grace.enter(&theirs, "0.52"));
        let ada = pair.ada.until_value(&hers, 0.06).await;
        let grace = pair.grace.until_value(&theirs, 0.52).await;
        // Each calculates on at once, and neither has heard of the other.
        assert_eq!(ada.connection.as_deref(), Some("saving"));
        assert_eq!(ada.value(&theirs), before.value(&theirs));
        assert_eq!(grace.value(&hers), before.value(&hers));
        assert_ne!(ada.output("value_per_share"), before.output("value_per_share"));
        assert_ne!(ada.output("value_per_share"), grace.output("value_per_share"));

        pair.ada_wire.heal();
        pair.grace_wire.heal();
        pair.ada.until_value(&theirs, 0.52).await;
        pair.grace.until_value(&hers, 0.06).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.value(&hers), Some(0.06));
        assert_eq!(after.value(&theirs), Some(0.52));
        assert_eq!(after.revision, before.revision.map(|revision| revision + 2));
        assert_ne!(after.output("value_per_share"), ada.output("value_per_share"));
        assert_eq!(pair.ada.complaints().await, Vec::<String>::new());
        assert_eq!(pair.grace.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn of_two_edits_of_one_cell_the_one_that_came_later_to_the_server_stays() {
    Stage::run("one-cell", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.ada.look().await;

        pair.part();
        let cell = growth("fy2027");
        tokio::join!(pair.ada.enter(&cell, "7%"), pair.grace.enter(&cell, "8%"));
        pair.ada.until_value(&cell, 0.07).await;
        pair.grace.until_value(&cell, 0.08).await;

        pair.grace_wire.heal();
        pair.grace.until_saved().await;
        pair.ada_wire.heal();
        pair.grace.until_value(&cell, 0.07).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.value(&cell), Some(0.07));
        assert_eq!(after.revision, before.revision.map(|revision| revision + 2));
    })
    .await;
}

#[tokio::test]
async fn what_both_write_into_one_label_is_there() {
    Stage::run("one-label", async |stage| {
        let pair = Pair::open(stage).await;
        let label = Place::label("net_sales");
        assert_eq!(pair.ada.look().await.label("net_sales"), "Net sales");

        pair.part();
        let hers = async {
            pair.ada.edit(&label).await;
            pair.ada.press(Key::Home).await;
            pair.ada.type_text("Total ").await;
            pair.ada.press(Key::Enter).await;
        };
        let his = async {
            pair.grace.edit(&label).await;
            pair.grace.press(Key::End).await;
            pair.grace.type_text(" – all segments 🍏").await;
            pair.grace.press(Key::Enter).await;
        };
        tokio::join!(hers, his);
        pair.ada.until("Ada's words", |look| look.label("net_sales") == "Total Net sales").await;
        pair.grace.until("Grace's words", |look| look.label("net_sales") == "Net sales – all segments 🍏").await;

        pair.ada_wire.heal();
        pair.grace_wire.heal();
        let both = "Total Net sales – all segments 🍏";
        pair.ada.until("both their words", |look| look.label("net_sales") == both).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.label("net_sales"), both);
    })
    .await;
}

#[tokio::test]
async fn a_label_that_one_is_still_writing_takes_in_what_the_other_wrote() {
    Stage::run("label-in-progress", async |stage| {
        let pair = Pair::open(stage).await;
        let label = Place::label("gross_profit");
        pair.ada.edit(&label).await;
        pair.ada.press(Key::End).await;
        pair.ada.type_text(" and ").await;

        pair.grace.edit(&label).await;
        pair.grace.press(Key::Home).await;
        pair.grace.type_text("The ").await;
        pair.grace.press(Key::Enter).await;
        pair.grace.until_saved().await;
        let told = pair.grace.look().await.revision;
        let ada = pair.ada.until("Grace's edit", |look| look.revision == told).await;
        assert!(ada.is_editing, "Ada's edit was ended by Grace's");
        assert_eq!(ada.label("gross_profit"), "Gross profit and ");

        pair.ada.type_text("more").await;
        pair.ada.press(Key::Enter).await;
        let both = "The Gross profit and more";
        pair.grace.until("both their words", |look| look.label("gross_profit") == both).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.label("gross_profit"), both);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_one_inserts_does_not_move_what_the_other_is_writing_elsewhere() {
    Stage::run("row-above", async |stage| {
        let pair = Pair::open(stage).await;
        let cell = growth("fy2028");
        pair.grace.draft(&cell, "9").await;

        // A new row above the one that Grace is in, and a label for it.
        pair.ada.select(&Place::cell("net_sales", "fy2025")).await;
        let rows = pair.ada.look().await.labels.len();
        pair.ada.press_with(Key::Control, Key::Enter).await;
        pair.ada.until("a new row", |look| look.labels.len() == rows + 1 && look.is_editing).await;
        pair.ada.type_text("Services").await;
        pair.ada.press(Key::Enter).await;
        pair.grace.until("Ada's row", |look| look.labels.iter().any(|label| label.text == "Services")).await;

        let grace = pair.grace.look().await;
        assert_eq!(grace.selected.as_ref(), Some(&cell));
        assert!(grace.is_editing, "Grace's edit was ended by Ada's");
        pair.grace.type_text("%").await;
        pair.grace.press(Key::Enter).await;
        pair.ada.until_value(&cell, 0.09).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.value(&cell), Some(0.09));
        let names: Vec<&str> = after.labels.iter().map(|label| label.text.as_str()).collect();
        let sales = names.iter().position(|name| *name == "Net sales").unwrap();
        assert_eq!(names[sales + 1], "Services");
    })
    .await;
}

#[tokio::test]
async fn a_storm_of_edits_by_both_ends_in_one_document() {
    Stage::run("storm", async |stage| {
        let pair = Pair::open(stage).await;
        let seed = std::env::var("COVAL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20);
        println!("replay with COVAL_SEED={seed}");
        let ((hers, one), (his, two)) = tokio::join!(storm(&pair.ada, seed), storm(&pair.grace, seed ^ u64::MAX));
        let after = pair.agreed(stage).await;

        // What only one of them wrote has to be as it was written last; where both wrote, one of the two stays.
        for (cell, value) in &hers {
            let found = after.value(cell);
            let is_either = found == Some(*value) || found == his.get(cell).copied();
            assert!(is_either, "{cell} is {found:?}, Ada wrote {value}, Grace {:?}", his.get(cell));
        }
        for (cell, value) in his.iter().filter(|(cell, _)| !hers.contains_key(*cell)) {
            assert_eq!(after.value(cell), Some(*value), "{cell}, which only Grace wrote");
        }
        assert!(after.revision >= Some(2) && after.revision <= Some(one + two), "{after}");
        assert_eq!(pair.ada.complaints().await, Vec::<String>::new());
        assert_eq!(pair.grace.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// Writes into inputs as they come. Returns what was written last into each, and how many edits these were.
async fn storm(page: &Page, seed: u64) -> (HashMap<Place, f64>, u64) {
    const EDITS: u64 = 12;
    let mut written = HashMap::new();
    let mut state = seed;
    for _ in 0..EDITS {
        let draw = split_mix(&mut state);
        let year = FORECAST[usize::try_from(draw % 5).unwrap()];
        let cell = if (draw >> 8).is_multiple_of(2) { growth(year) } else { cost_ratio(year) };
        let text = format!("0.{:03}", 1 + (draw >> 16) % 500);
        page.enter(&cell, &text).await;
        written.insert(cell, text.parse().unwrap());
    }
    (written, EDITS)
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
