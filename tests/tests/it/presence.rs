//! Who else is here, and where.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Place, Stage};
use fantoccini::key::Key;

use crate::scene::{Pair, growth, is_at, until_name_flies};

#[tokio::test]
async fn each_sees_the_others_avatar_and_the_cell_they_are_in_with_their_name() {
    Stage::run("presence", async |stage| {
        let pair = Pair::open(stage).await;
        pair.ada.until("Grace's avatar", |look| look.people == ["Grace"]).await;
        pair.grace.until("Ada's avatar", |look| look.people == ["Ada"]).await;

        pair.ada.select(&growth("fy2026")).await;
        pair.grace.until("Ada's outline", |look| is_at(look, &pair.ada, &growth("fy2026"))).await;
        pair.grace.select(&Place::single("beta")).await;
        let ada = pair.ada.until("Grace's outline", |look| is_at(look, &pair.grace, &Place::single("beta"))).await;
        assert_eq!(ada.cursors.len(), 1, "nobody sees an outline of their own: {ada}");

        until_name_flies(&pair.ada, &pair.grace).await;
        until_name_flies(&pair.grace, &pair.ada).await;

        pair.ada.select(&growth("fy2026")).await;
        pair.ada.press(Key::Right).await;
        let grace = pair.grace.until("Ada one cell on", |look| is_at(look, &pair.ada, &growth("fy2027"))).await;
        assert_eq!(grace.cursors.len(), 1, "the outline is in one cell: {grace}");
        pair.grace.select(&Place::label("net_sales")).await;
        pair.ada.until("Grace at a label", |look| is_at(look, &pair.grace, &Place::label("net_sales"))).await;

        // Both in one cell.
        pair.grace.select(&growth("fy2027")).await;
        pair.ada.until("Grace in Ada's cell", |look| is_at(look, &pair.grace, &growth("fy2027"))).await;
        pair.grace.until("Ada in Grace's cell", |look| look.cursors.iter().any(|cursor| cursor.name == "Ada")).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_in_whatever_way_is_no_longer_shown() {
    Stage::run("leaving", async |stage| {
        let pair = Pair::open(stage).await;
        let is_here = async || {
            pair.grace.select(&growth("fy2026")).await;
            pair.ada
                .until("Grace to be here", |look| {
                    is_at(look, &pair.grace, &growth("fy2026")) && look.people == ["Grace"]
                })
                .await;
        };
        let is_gone = async || {
            pair.ada.until("Grace to be gone", |look| look.people.is_empty() && look.cursors.is_empty()).await;
        };

        // To the list and back, inside of the page.
        is_here().await;
        pair.grace.click_on("a.brand").await;
        is_gone().await;
        pair.grace.open(APPLE_DCF_TITLE).await;
        is_here().await;

        // To the list, and at once to the document by its address.
        pair.grace.click_on("a.brand").await;
        pair.grace.open_by_link(pair.document).await;
        is_here().await;

        // To another page and back. The browser may have kept the page that was left.
        pair.grace.leave().await;
        is_gone().await;
        pair.grace.go_back().await;
        pair.grace.until_saved().await;
        is_here().await;

        pair.grace_wire.cut();
        is_gone().await;
        pair.grace_wire.heal();
        pair.grace.until_saved().await;
        is_here().await;
        pair.agreed(stage).await;
    })
    .await;
}
