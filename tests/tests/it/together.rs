//! People who talk about a document: comments, notes, and who is told of them.

use coval_tests::{Page, Place, Stage};
use fantoccini::key::Key;
use serde_json::json;

use crate::looks::pictures;
use crate::scene::{Pair, growth};

/// Opens the panel of comments.
async fn open_comments(page: &Page) {
    page.click_on("button[data-panel=comments]").await;
    page.until_texts("[data-testid=threads]", |threads| threads.len() == 1).await;
}

/// Writes into the field at `selector`, and sends it with the keyboard.
async fn say(page: &Page, selector: &str, text: &str) {
    page.click_on(selector).await;
    page.type_text(text).await;
    page.press_with(Key::Control, Key::Enter).await;
}

#[tokio::test]
async fn a_comment_shows_up_at_the_other_with_a_mark_and_is_answered_and_settled() {
    Stage::run("comments", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.select(&growth("fy2026")).await;
        // The keys begin a comment at the cell.
        ada.window()
            .client
            .execute(
                "dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyM', key: 'm', ctrlKey: true, altKey: true}))",
                Vec::new(),
            )
            .await
            .unwrap();
        ada.until_texts("[data-testid=comment-target]", |place| place.iter().any(|place| place.contains("2026"))).await;
        let script = "<img src=x onerror=window.xss=1> is too <b>high</b>";
        say(ada, "[data-testid=comment-input]", script).await;
        ada.until_texts("[data-testid=comment-body]", |said| said == [script]).await;

        let marked = "td[data-item=growth][data-period=fy2026] [data-testid=cell-comment].unread";
        grace.until_texts(marked, |marks| marks.len() == 1).await;
        open_comments(grace).await;
        grace.until_texts("[data-testid=comment-body]", |said| said == [script]).await;
        let ran = grace.window().client.execute("return window.xss === undefined", Vec::new()).await.unwrap();
        assert_eq!(ran, json!(true), "what is in a comment is text");
        pictures(grace, "together-comments").await;

        // To the cell, and an answer.
        grace.click_on("[data-action=go-to-place]").await;
        grace.until_selected(&growth("fy2026")).await;
        grace.click_on("[data-action=reply-comment]").await;
        say(grace, "[data-testid=thread] [data-testid=comment-input]", "Agreed, 4%").await;
        ada.until_texts("[data-testid=comment-body]", |said| said.len() == 2 && said[1] == "Agreed, 4%").await;
        grace.until_texts(marked, <[String]>::is_empty).await;

        // Settled: the mark goes, and the thread stands among the settled ones.
        ada.click_on("[data-action=resolve-thread]").await;
        grace.until_texts("[data-testid=cell-comment]", <[String]>::is_empty).await;
        grace.until_texts("[data-testid=thread]", <[String]>::is_empty).await;
        grace.click_on("[data-filter=resolved]").await;
        grace.until_texts("[data-testid=thread]", |threads| threads.len() == 1).await;
        grace.click_on("[data-action=resolve-thread]").await;
        ada.until_texts("[data-testid=cell-comment]", |marks| marks.len() == 1).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
        assert_eq!(grace.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn whoever_wrote_a_comment_changes_and_deletes_it_and_a_link_leads_to_it() {
    Stage::run("own-comments", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.select(&Place::single("beta")).await;
        open_comments(ada).await;
        say(ada, "[data-testid=comment-input]", "Whose beta?").await;
        open_comments(grace).await;
        grace.until_texts("[data-testid=comment-body]", |said| said == ["Whose beta?"]).await;
        assert!(grace.texts("[data-action=edit-comment]").await.is_empty(), "it is not hers");

        ada.click_on("[data-action=edit-comment]").await;
        say(ada, "[data-testid=comment] [data-testid=comment-input]", " Bloomberg?").await;
        grace.until_texts("[data-testid=comment-body]", |said| said == ["Whose beta? Bloomberg?"]).await;

        let script = "return document.querySelector('[data-comment]').dataset.comment";
        let id = ada.window().client.execute(script, Vec::new()).await.unwrap();
        grace.go("/").await;
        grace.go(&format!("/document/{}#comment-{}", pair.document, id.as_str().unwrap())).await;
        grace.until_texts("[data-testid=thread].current", |threads| threads.len() == 1).await;
        grace.until_selected(&Place::single("beta")).await;

        ada.click_on("[data-action=delete-comment]").await;
        ada.click_on("[data-action=delete-comment]").await;
        grace.until_texts("[data-testid=thread]", <[String]>::is_empty).await;
        grace.until_texts("[data-testid=cell-comment]", <[String]>::is_empty).await;
    })
    .await;
}

#[tokio::test]
async fn a_note_stands_beside_a_cell_for_everybody() {
    Stage::run("notes", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.select(&growth("fy2027")).await;
        open_comments(ada).await;
        ada.click_on("[data-tab=notes]").await;
        say(ada, "[data-testid=comment-input]", "From the call of 1 May").await;
        let mark = "td[data-item=growth][data-period=fy2027] [data-testid=cell-note]";
        grace.until_texts(mark, |marks| marks.len() == 1).await;
        pictures(ada, "together-notes").await;
        ada.click_on("[data-action=delete-note]").await;
        grace.until_texts(mark, <[String]>::is_empty).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_done_shows_up_by_itself_and_is_found_by_kind() {
    Stage::run("activity", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.click_on("button[data-panel=activity]").await;
        ada.until_texts("[data-testid=activity-entry]", |entries| !entries.is_empty()).await;
        grace.enter(&growth("fy2026"), "6%").await;
        grace.until_saved().await;
        ada.until_texts("[data-testid=activity-entry]", |entries| entries[0].contains("edited the document")).await;
        open_comments(grace).await;
        say(grace, "[data-testid=comment-input]", "Six is enough").await;
        ada.until_texts("[data-testid=activity-entry]", |entries| entries[0].contains("commented")).await;
        pictures(ada, "together-activity").await;
        ada.click_on("[data-testid=panel] [data-filter=comments]").await;
        ada.until_texts("[data-testid=activity-entry]", |entries| entries.len() == 1).await;
        ada.click_on("[data-scope=workspace]").await;
        ada.until_texts("[data-testid=activity-entry] a", |links| links.len() == 1 && links[0].contains("Apple")).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_comment_on_a_block_marks_all_its_cells_and_says_which_they_are() {
    Stage::run("comment-block", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.select(&growth("fy2026")).await;
        ada.press_with(Key::Shift, Key::Right).await;
        ada.press_with(Key::Shift, Key::Down).await;
        ada.window()
            .client
            .execute(
                "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', \
                 {code: 'KeyM', key: 'm', ctrlKey: true, altKey: true, bubbles: true, cancelable: true}))",
                Vec::new(),
            )
            .await
            .unwrap();
        let names_both =
            |place: &str| place.contains("2026") && place.contains("2027") && place.contains("Cost of sales");
        ada.until_texts("[data-testid=comment-target]", |place| place.iter().any(|place| names_both(place))).await;
        say(ada, "[data-testid=comment-input]", "Both too high").await;
        grace.until_texts("[data-testid=cell-comment]", |marks| marks.len() == 4).await;
        for (item, period) in [("growth", "fy2026"), ("growth", "fy2027"), ("cost_ratio", "fy2027")] {
            let mark = format!("td[data-item={item}][data-period={period}] [data-testid=cell-comment]");
            grace.until_texts(&mark, |marks| marks.len() == 1).await;
        }
        open_comments(grace).await;
        grace.until_texts("[data-action=go-to-place]", |places| places.len() == 1 && names_both(&places[0])).await;
        pictures(grace, "together-comment-block").await;

        // The menu does the same.
        ada.click_on("[data-action=close-panel]").await;
        ada.select(&growth("fy2028")).await;
        ada.press_with(Key::Shift, Key::Right).await;
        ada.press_with(Key::Shift, Key::F10).await;
        ada.click_on("[data-testid=menu] [data-action=comment]").await;
        ada.until_texts("[data-testid=comment-target]", |place| {
            place.iter().any(|place| place.contains("2028") && place.contains("2029"))
        })
        .await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}
