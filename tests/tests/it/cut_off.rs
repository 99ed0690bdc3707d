//! One window loses its connection and gets it back.

use coval_tests::{Place, Stage};
use fantoccini::key::Key;

use crate::scene::{Pair, cost_ratio, growth};

#[tokio::test]
async fn what_is_done_while_cut_off_arrives_and_nothing_is_lost() {
    Stage::run("cut-off", async |stage| {
        let pair = Pair::open(stage).await;

        pair.ada_wire.cut();
        let ada = pair
            .ada
            .until("the indicator to say that the connection is lost", |look| {
                matches!(look.connection.as_deref(), Some("reconnecting" | "offline"))
            })
            .await;
        assert!(ada.words.contains("Connection lost") || ada.words.contains("Reconnecting"), "{:?}", ada.words);

        // Ada goes on: three values, one of them twice, a formula, and a label.
        pair.ada.enter(&growth("fy2025"), "1%").await;
        pair.ada.enter(&growth("fy2025"), "2%").await;
        pair.ada.enter(&growth("fy2026"), "3%").await;
        pair.ada.enter(&growth("fy2027"), "=prev(growth) + 1%").await;
        pair.ada.edit(&Place::label("net_sales")).await;
        pair.ada.press(Key::Home).await;
        pair.ada.type_text("Total ").await;
        pair.ada.press(Key::Enter).await;
        let ada = pair.ada.until_value(&growth("fy2027"), 0.03 + 0.01).await;
        assert_eq!(ada.connection.as_deref(), Some("offline"));
        pair.ada.until("what is kept", |look| look.words.contains("changes kept on this device")).await;

        // So does Grace: other cells, one that Ada changed too, and the same label.
        pair.grace.enter(&cost_ratio("fy2025"), "54%").await;
        pair.grace.enter(&growth("fy2026"), "9%").await;
        pair.grace.edit(&Place::label("net_sales")).await;
        pair.grace.press(Key::End).await;
        pair.grace.type_text(", all").await;
        pair.grace.press(Key::Enter).await;
        pair.grace.until_saved().await;

        pair.ada_wire.heal();
        pair.ada.until_value(&cost_ratio("fy2025"), 0.54).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.value(&growth("fy2025")), Some(0.02));
        // Ada's came to the server after Grace's.
        assert_eq!(after.value(&growth("fy2026")), Some(0.03));
        assert_eq!(after.value(&growth("fy2027")), Some(0.03 + 0.01));
        assert_eq!(after.value(&cost_ratio("fy2025")), Some(0.54));
        assert_eq!(after.label("net_sales"), "Total Net sales, all");
        assert!(after.words.contains("Saved"), "{:?}", after.words);
        assert_eq!(after.notices, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_is_there_once() {
    Stage::run("lost-answer", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.ada.look().await;

        // The edit is on its way, or its answer is, when the connection goes: Ada can't know which.
        for (round, percent) in ["1%", "2%", "3%", "4%", "5%"].into_iter().enumerate() {
            pair.ada.draft(&growth("fy2025"), percent).await;
            if round.is_multiple_of(2) {
                pair.ada_wire.hold();
            }
            pair.ada.press(Key::Enter).await;
            pair.ada_wire.cut();
            pair.ada
                .until("the loss to be noticed", |look| {
                    matches!(look.connection.as_deref(), Some("reconnecting" | "offline"))
                })
                .await;
            pair.ada_wire.heal();
            pair.ada.until_saved().await;
        }
        pair.grace.until_value(&growth("fy2025"), 0.05).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.revision, before.revision.map(|revision| revision + 5));
    })
    .await;
}
