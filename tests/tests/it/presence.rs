//! Who else is here, and where.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Place, Stage};
use fantoccini::key::Key;

use crate::scene::{Pair, growth, is_at, until_name_flies};

#[tokio::test]
async fn each_sees_the_others_avatar_and_the_cell_they_are_in_with_their_name() {
    Stage::run("presence", async |stage| {
        let pair = Pair::open(stage).await;
        pair.ada.until("Ben's avatar", |look| look.people == ["Ben"]).await;
        pair.ben.until("Ada's avatar", |look| look.people == ["Ada"]).await;

        pair.ada.select(&growth("fy2026")).await;
        pair.ben.until("Ada's outline", |look| is_at(look, &pair.ada, &growth("fy2026"))).await;
        pair.ben.select(&Place::single("beta")).await;
        let ada = pair.ada.until("Ben's outline", |look| is_at(look, &pair.ben, &Place::single("beta"))).await;
        assert_eq!(ada.cursors.len(), 1, "nobody sees an outline of their own: {ada}");

        until_name_flies(&pair.ada, &pair.ben).await;
        until_name_flies(&pair.ben, &pair.ada).await;

        pair.ada.select(&growth("fy2026")).await;
        pair.ada.press(Key::Right).await;
        let ben = pair.ben.until("Ada one cell on", |look| is_at(look, &pair.ada, &growth("fy2027"))).await;
        assert_eq!(ben.cursors.len(), 1, "the outline is in one cell: {ben}");
        pair.ben.select(&Place::label("net_sales")).await;
        pair.ada.until("Ben at a label", |look| is_at(look, &pair.ben, &Place::label("net_sales"))).await;

        // Both in one cell.
        pair.ben.select(&growth("fy2027")).await;
        pair.ada.until("Ben in Ada's cell", |look| is_at(look, &pair.ben, &growth("fy2027"))).await;
        pair.ben.until("Ada in Ben's cell", |look| look.cursors.iter().any(|cursor| cursor.name == "Ada")).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_another_name_is_shown_by_it() {
    Stage::run("new-name", async |stage| {
        let pair = Pair::open(stage).await;
        pair.ada.until("Ben's avatar", |look| look.people == ["Ben"]).await;
        pair.ben.click_on("[data-testid=own-name]").await;
        pair.ben.press_with(Key::Control, 'a').await;
        pair.ben.type_text("Benedikta").await;
        pair.ben.press(Key::Enter).await;
        pair.ada.until("the new name", |look| look.people == ["Benedikta"]).await;
        pair.agreed(stage).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_in_whatever_way_is_no_longer_shown() {
    Stage::run("leaving", async |stage| {
        let pair = Pair::open(stage).await;
        let is_here = async || {
            pair.ben.select(&growth("fy2026")).await;
            pair.ada
                .until("Ben to be here", |look| is_at(look, &pair.ben, &growth("fy2026")) && look.people == ["Ben"])
                .await;
        };
        let is_gone = async || {
            pair.ada.until("Ben to be gone", |look| look.people.is_empty() && look.cursors.is_empty()).await;
        };

        // To the list and back, inside of the page.
        is_here().await;
        pair.ben.click_on("a.brand").await;
        is_gone().await;
        pair.ben.open(APPLE_DCF_TITLE).await;
        is_here().await;

        // To the list, and at once to the document by its address.
        pair.ben.click_on("a.brand").await;
        pair.ben.open_by_link(pair.document).await;
        is_here().await;

        // To another page and back. The browser may have kept the page that was left.
        pair.ben.leave().await;
        is_gone().await;
        pair.ben.go_back().await;
        pair.ben.until_saved().await;
        is_here().await;

        pair.ben_wire.cut();
        is_gone().await;
        pair.ben_wire.heal();
        pair.ben.until_saved().await;
        is_here().await;
        pair.agreed(stage).await;
    })
    .await;
}
