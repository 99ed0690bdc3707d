//! Coming in, what one may do there, and leaving.

use std::time::Duration;

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::server::PASSWORD;
use coval_tests::wait::until_within;
use coval_tests::{Stage, programs};
use fantoccini::key::Key;

use crate::scene::growth;

#[tokio::test]
async fn who_is_not_signed_in_is_asked_and_comes_to_where_they_wanted() {
    Stage::run("sign-in", async |stage| {
        let document = stage.window("Ada").await.open(APPLE_DCF_TITLE).await;
        let grace = stage.window_of_nobody("Grace").await;
        grace.until_focused("email").await;
        assert_eq!(grace.complaints().await, Vec::<String>::new());
        grace.window().picture(&programs::screenshots().join("sign-in.png")).await;

        let link = format!("{}/document/{document}", stage.server.origin());
        grace.window().client.goto(&link).await.unwrap();
        grace.sign_in(PASSWORD).await;
        grace.until_saved().await;
        // The browser's cookie brings them back in; no script can read it.
        grace.window().client.refresh().await.unwrap();
        grace.until_saved().await;
        let cookies = grace.window().client.execute("return document.cookie", Vec::new()).await.unwrap();
        assert_eq!(cookies, "");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_answered_in_words_and_can_be_mended() {
    Stage::run("wrong-password", async |stage| {
        let ada = stage.window_of_nobody("Ada").await;
        ada.sign_in("not her password").await;
        let look = ada.until("the refusal", |look| look.text.contains("do not belong together")).await;
        assert!(!look.text.contains("Documents"), "{look}");
        ada.until_focused("password").await;
        ada.window().picture(&programs::screenshots().join("wrong-password.png")).await;
        ada.press(Key::Enter).await;
        ada.until("the missing password", |look| look.text.contains("Enter your password")).await;
        ada.type_text(PASSWORD).await;
        ada.press(Key::Enter).await;
        ada.until_list().await;
    })
    .await;
}

#[tokio::test]
async fn a_viewer_sees_what_others_do_and_can_change_nothing() {
    Stage::run("viewer", async |stage| {
        let ada = stage.window("Ada").await;
        let document = ada.open(APPLE_DCF_TITLE).await;
        let vera = stage.window("Vera").await;
        vera.open_by_link(document).await;
        let look = vera.until("the word for it", |look| look.is_read_only).await;
        let before = look.value(&growth("fy2026"));

        vera.select(&growth("fy2026")).await;
        vera.type_text("0.5").await;
        vera.press(Key::Enter).await;
        vera.select(&growth("fy2026")).await;
        vera.press(Key::Delete).await;
        ada.enter(&growth("fy2027"), "0.07").await;
        let look = vera.until_value(&growth("fy2027"), 0.07).await;
        assert_eq!(look.value(&growth("fy2026")), before);
        assert_eq!(look.notices, Vec::<String>::new());
        vera.window().picture(&programs::screenshots().join("read-only.png")).await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_in_one_window_ends_the_other() {
    Stage::run("sign-out", async |stage| {
        let ada = stage.window("Ada").await;
        let document = ada.open(APPLE_DCF_TITLE).await;
        let client = &ada.window().client;
        let first = client.window().await.unwrap();
        let second = client.new_window(true).await.unwrap().handle;
        client.switch_to_window(second).await.unwrap();
        ada.open_by_link(document).await;
        ada.click_on("[data-action=open-account]").await;
        ada.click_on("[data-action=sign-out]").await;
        ada.until_focused("email").await;

        client.switch_to_window(first).await.unwrap();
        until_within(Duration::from_secs(10), "the other window to ask who is there", async || {
            let look = ada.look().await;
            if look.text.contains("You were signed out") && look.revision.is_none() {
                Ok(())
            } else {
                Err(look.to_string())
            }
        })
        .await;
        // Whoever comes back by the same way in goes on where they were.
        ada.sign_in(PASSWORD).await;
        ada.until_saved().await;
    })
    .await;
}
