//! People who are told of things, let in, and followed.

use coval_tests::wait::until;
use coval_tests::{Page, Place, Stage};
use fantoccini::key::Key;

use crate::looks::pictures;
use crate::scene::{Pair, growth, is_at};
use crate::shell::until_so;

/// What the first field that fits a CSS selector holds.
async fn value_of(page: &Page, selector: &str) -> String {
    until(format!("{selector} to hold something"), async || {
        let script = format!("return document.querySelector('{selector}')?.value ?? ''");
        let value = page.window().client.execute(&script, Vec::new()).await.map_err(|error| error.to_string())?;
        let value = value.as_str().unwrap_or_default().to_owned();
        if value.is_empty() { Err("nothing".to_owned()) } else { Ok(value) }
    })
    .await
}

/// Chooses an option of the first list of choices that fits a CSS selector.
async fn choose(page: &Page, selector: &str, value: &str) {
    page.until_texts(selector, |found| !found.is_empty()).await;
    let script = format!(
        "const list = document.querySelector(`{selector}`); list.value = '{value}'; \
         list.dispatchEvent(new Event('change', {{bubbles: true}}))"
    );
    page.window().client.execute(&script, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn whoever_is_named_in_a_comment_is_told_wherever_they_are_and_led_there() {
    Stage::run("mentions", async |stage| {
        let ada = stage.window("Ada").await;
        let document = ada.open(coval_shared::template::APPLE_DCF_TITLE).await;
        let grace = stage.window("Grace").await;
        // On the list, with no document open.
        grace.until_texts("[data-action=open-notifications]", |bells| bells.len() == 1).await;

        ada.select(&growth("fy2028")).await;
        ada.click_on("button[data-panel=comments]").await;
        ada.click_on("[data-testid=comment-input]").await;
        ada.type_text("Too low, @gra").await;
        ada.until_texts("[data-testid=mention-option]", |names| names == ["Grace"]).await;
        pictures(&ada, "together-mention").await;
        ada.press(Key::Enter).await;
        ada.type_text("?").await;
        ada.press_with(Key::Control, Key::Enter).await;
        ada.until_texts("[data-testid=comment-body]", |said| said == ["Too low, @Grace ?"]).await;

        grace.until_texts("[data-testid=unread]", |count| count == ["1"]).await;
        grace
            .until_texts("[data-testid=toast]", |toasts| toasts.len() == 1 && toasts[0].contains("Ada mentioned you"))
            .await;
        pictures(&grace, "together-toast").await;
        grace.click_on("[data-action=open-notifications]").await;
        grace.until_texts("[data-testid=notification]", |told| told.len() == 1).await;
        pictures(&grace, "together-notifications").await;
        grace.click_on("[data-testid=notification] a").await;
        grace.until_selected(&growth("fy2028")).await;
        grace.until_texts(".thread.current .mention.me", |names| names == ["@Grace"]).await;
        grace.until_texts("[data-testid=unread]", <[String]>::is_empty).await;
        let there = grace.window().client.execute("return location.pathname", Vec::new()).await.unwrap();
        assert_eq!(there, format!("/document/{document}"));
        assert_eq!(grace.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_guest_comes_by_a_link_edits_as_it_allows_and_no_longer_when_the_role_changes() {
    Stage::run("share", async |stage| {
        let ada = stage.window("Ada").await;
        let document = ada.open(coval_shared::template::APPLE_DCF_TITLE).await;
        ada.click_on("[data-action=open-share]").await;
        choose(&ada, "[data-testid=link-role]", "editor").await;
        ada.click_on("[data-action=make-link]").await;
        let link = value_of(&ada, "[data-testid=made-link]").await;
        ada.until_texts("[data-testid=links] li", |links| links.len() == 1).await;
        pictures(&ada, "together-share").await;

        let path = link.strip_prefix(&stage.server.origin()).expect("the link leads to the server");
        let guest = stage.window_of_guest("Linus", path).await;
        guest.until_focused("guest-name").await;
        pictures(&guest, "together-guest").await;
        guest.type_text("Linus").await;
        guest.press(Key::Enter).await;
        guest.until_saved().await;
        let there = guest.window().client.execute("return location.pathname", Vec::new()).await.unwrap();
        assert_eq!(there, format!("/document/{document}"));
        ada.until("the guest", |look| look.people == ["Linus"]).await;
        guest.enter(&growth("fy2026"), "7%").await;
        guest.until_value(&growth("fy2026"), 0.07).await;
        guest.until_saved().await;
        ada.until_value(&growth("fy2026"), 0.07).await;

        // The owner takes the link back: the guest is out.
        ada.click_on("[data-action=revoke-link]").await;
        guest.until("to be out", |look| look.text.contains("can't be opened")).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());

        // A member's role changes while they look.
        let grace = stage.window("Grace").await;
        grace.open_by_link(document).await;
        choose(&ada, "[data-name=Grace] [data-testid=member-role]", "viewer").await;
        grace.until("to read alone", |look| look.is_read_only).await;
        choose(&ada, "[data-name=Grace] [data-testid=member-role]", "commenter").await;
        grace.select(&growth("fy2027")).await;
        until("the menu of those who comment", async || {
            grace.press_with(Key::Shift, Key::F10).await;
            let offered = grace.texts("[data-testid=menu] [role=menuitem] span").await;
            if offered == ["Select the whole row", "Comment on the selected cells"] {
                Ok(())
            } else {
                Err(format!("{offered:?}"))
            }
        })
        .await;
        pictures(&grace, "together-commenter").await;
        grace.click_on("[data-testid=menu] [data-action=comment]").await;
        let is_there = "return document.activeElement?.dataset.testid === 'comment-input'";
        until_so(&grace, "the keyboard in the comment", is_there).await;
        choose(&ada, "[data-name=Grace] [data-testid=member-role]", "editor").await;
        grace.until("to edit again", |look| !look.is_read_only).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_is_invited_makes_an_account_and_is_in() {
    Stage::run("invitation", async |stage| {
        let ada = stage.window("Ada").await;
        ada.open(coval_shared::template::APPLE_DCF_TITLE).await;
        ada.click_on("[data-action=open-share]").await;
        ada.click_on("[data-action=invite]").await;
        let link = value_of(&ada, "[data-testid=made-link]").await;
        let path = link.strip_prefix(&stage.server.origin()).expect("the link leads to the server");
        let new = stage.window_of_guest("Barbara", path).await;
        new.until_focused("sign-up-name").await;
        for (text, key) in
            [("Barbara", Key::Tab), ("barbara@example.com", Key::Tab), ("a long password of hers", Key::Enter)]
        {
            new.type_text(text).await;
            pictures(&new, "together-sign-up").await;
            new.press(key).await;
        }
        new.until_list().await;
        ada.click_on("[data-action=close-dialog]").await;
        ada.click_on("[data-action=open-share]").await;
        ada.until_texts("[data-testid=members] li", |members| members.iter().any(|it| it.contains("Barbara"))).await;
    })
    .await;
}

#[tokio::test]
async fn one_follows_another_and_sees_that_they_type() {
    Stage::run("follow", async |stage| {
        let pair = Pair::open(stage).await;
        let (ada, grace) = (&pair.ada, &pair.grace);
        ada.until("Grace", |look| look.people == ["Grace"]).await;
        ada.click_on("[data-testid=avatar]").await;
        ada.until_texts("[data-testid=following]", |frames| frames.len() == 1 && frames[0].contains("Grace")).await;
        grace.select(&growth("fy2027")).await;
        ada.until_selected(&growth("fy2027")).await;
        grace.select(&Place::single("beta")).await;
        ada.until_selected(&Place::single("beta")).await;
        pictures(ada, "together-follow").await;

        grace.draft(&growth("fy2028"), "6").await;
        ada.until_texts(".remote-cursor.typing", |typing| typing.len() == 1).await;
        ada.until_texts(".avatar.typing", |typing| typing.len() == 1).await;
        pictures(ada, "together-typing").await;
        grace.press(Key::Escape).await;
        ada.until_texts(".remote-cursor.typing", <[String]>::is_empty).await;

        ada.press(Key::Escape).await;
        ada.until_texts("[data-testid=following]", <[String]>::is_empty).await;
        ada.select(&growth("fy2025")).await;
        grace.select(&growth("fy2029")).await;
        ada.until("Grace elsewhere", |look| is_at(look, grace, &growth("fy2029"))).await;
        assert_eq!(ada.look().await.selected, Some(growth("fy2025")), "nobody is followed any more");

        // Whoever goes is pale for a while.
        grace.leave().await;
        ada.until_texts("[data-testid=avatar-away]", |away| away.len() == 1).await;
        ada.click_on("[data-action=list-people]").await;
        ada.until_texts("[data-testid=people] li", |people| people.len() == 1 && people[0].contains("left")).await;
        pictures(ada, "together-people").await;
    })
    .await;
}

#[tokio::test]
async fn each_sees_the_block_that_the_other_has_selected() {
    Stage::run("blocks", async |stage| {
        let pair = Pair::open(stage).await;
        pair.grace.select(&growth("fy2026")).await;
        pair.grace.press_with(Key::Shift, Key::Right).await;
        pair.grace.press_with(Key::Shift, Key::Down).await;
        pair.ada.until_texts("[data-testid=cell-block]", |cells| cells.len() == 4).await;
        pictures(&pair.ada, "together-block").await;
        pair.grace.select(&growth("fy2026")).await;
        pair.ada.until_texts("[data-testid=cell-block]", <[String]>::is_empty).await;
    })
    .await;
}
