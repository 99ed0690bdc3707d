//! Ten megabytes and rubbish on the clipboard: what does not fit is said in words, and the window goes on.

use std::time::{Duration, Instant};

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::{Page, Place, Stage};
use fantoccini::key::Key;
use serde_json::json;

use crate::looks::told;
use crate::memo::{TEXT, agreed, memo, two};
use crate::scene::growth;

/// How long the window may be busy with a paste.
const LONGEST: Duration = Duration::from_secs(5);

/// Pastes ten megabytes that were copied before, and waits until the window answers.
async fn paste(page: &Page, place: &str) {
    let begin = Instant::now();
    page.paste_what_is_copied().await;
    told(page, "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
    let taken = begin.elapsed();
    println!("ten megabytes in {place}: {:.2} s", taken.as_secs_f64());
    assert!(taken < LONGEST, "{place} was busy for {taken:?}");
}

/// How long the text is that has the keyboard.
async fn length(page: &Page) -> usize {
    let length = told(page, "return document.activeElement.value.length").await;
    usize::try_from(length.as_u64().expect("a length")).expect("it fits")
}

async fn until_said(page: &Page, words: &str) {
    page.until_texts("[data-testid=said-over]", |texts| texts.iter().any(|text| text.contains(words))).await;
}

#[tokio::test]
async fn ten_megabytes_are_too_much_for_any_field_and_the_page_says_so() {
    Stage::run("large-pastes", async |stage| {
        let ada = stage.window("Ada").await;
        ada.copy("0123456789", 1_000_000).await;
        ada.click_on("input[type=search]").await;
        paste(&ada, "the search").await;
        assert!(length(&ada).await <= 200);
        until_said(&ada, "was left out").await;
        told(&ada, "document.activeElement.select()").await;
        ada.press(Key::Delete).await;
        ada.click_on("[data-action=new-document]").await;
        ada.click_on("[data-template=dcf]").await;
        ada.click_on("#new-title").await;
        paste(&ada, "a title").await;
        assert_eq!(length(&ada).await, 200);
        until_said(&ada, "takes 200 characters").await;
        ada.press(Key::Escape).await;

        ada.go("/").await;
        ada.open(APPLE_DCF_TITLE).await;
        let before = ada.look().await;
        ada.select(&growth("fy2026")).await;
        paste(&ada, "the grid").await;
        let look = ada.until("a notice", |look| !look.notices.is_empty()).await;
        assert!(look.notices[0].contains("4 MB"), "{:?}", look.notices);
        for (place, name) in [(growth("fy2026"), "a cell"), (Place::label("growth"), "a label")] {
            ada.edit(&place).await;
            paste(&ada, name).await;
            assert_eq!(length(&ada).await, 4_096);
            until_said(&ada, "takes 4096 characters").await;
            ada.press(Key::Escape).await;
        }
        ada.select(&growth("fy2026")).await;
        ada.click_on("[data-testid=formula-bar]").await;
        paste(&ada, "the formula bar").await;
        assert_eq!(length(&ada).await, 4_096);
        ada.press(Key::Escape).await;
        ada.click_on("[data-panel=comments].panel-switch").await;
        ada.click_on("[data-testid=comment-input]").await;
        paste(&ada, "a comment").await;
        assert_eq!(length(&ada).await, 10_000);
        until_said(&ada, "takes 10000 characters").await;
        ada.window().picture(&coval_tests::programs::screenshots().join("large-paste.png")).await;

        // Rubbish goes where it can, or says why not.
        ada.select(&growth("fy2026")).await;
        for rubbish in ["\u{1}\u{2}\u{fffd}\t\"open\n\"x\"y\t\u{202e}", &"\t".repeat(10_000), &"1\t".repeat(10_000)] {
            ada.paste(rubbish).await;
            ada.until("another notice", |look| look.notices.len() > 1).await;
        }
        ada.press_with(Key::Control, 'z').await;
        ada.press_with(Key::Control, 'z').await;
        ada.press_with(Key::Control, 'z').await;
        let after = ada.until_saved().await;
        assert_eq!(after.digest, before.digest);
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_memo_takes_what_fits_and_says_what_does_not() {
    Stage::run("large-memo", async |stage| {
        let (id, ada, grace) = two(stage, "Thesis").await;
        ada.click_on(&format!("{TEXT} .line")).await;
        ada.copy("0123456789", 1_000_000).await;
        paste(&ada, "a memo").await;
        let look = ada.until("a notice", |look| !look.notices.is_empty()).await;
        assert!(look.notices[0].contains("1024 KB"), "{:?}", look.notices);
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, "Thesis");

        // More than was once a message, and less than is too much.
        let line = "A line of some length, with a letter that is no Latin one: 𝛼.\n";
        ada.press_with(Key::Control, Key::End).await;
        ada.copy(line, 8_000).await;
        ada.paste_what_is_copied().await;
        let text = agreed(stage, id, &[&ada, &grace]).await;
        assert_eq!(text.chars().count(), 6 + 8_000 * line.chars().count());
        ada.press_with(Key::Control, 'z').await;
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, "Thesis");
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn letters_from_right_to_left_and_beyond_the_first_plane_are_written_as_any() {
    Stage::run("any-letters", async |stage| {
        let id = memo(stage, "مذكرة 🍏", "").await;
        let ada = stage.window("Ada").await;
        ada.open_by_link(id).await;
        ada.click_on(TEXT).await;
        ada.type_text("مرحبا 𝛼🍏").await;
        ada.press(Key::Backspace).await;
        ada.press(Key::Backspace).await;
        ada.type_text("𝛽").await;
        ada.press(Key::Home).await;
        ada.press(Key::Delete).await;
        assert_eq!(agreed(stage, id, &[&ada]).await, "رحبا 𝛽");
        let title = told(&ada, "return document.querySelector('h1.title').innerText").await;
        assert_eq!(title, json!("مذكرة 🍏"));
        ada.click_on("[data-panel=comments].panel-switch").await;
        ada.click_on("[data-testid=comment-input]").await;
        ada.type_text("שלום 👩‍🔬 𝛼").await;
        ada.click_on("[data-action=send-comment]").await;
        ada.until_texts("[data-testid=comment-body]", |texts| texts == ["שלום 👩‍🔬 𝛼"]).await;

        ada.go("/").await;
        ada.open(APPLE_DCF_TITLE).await;
        let label = Place::label("growth");
        ada.edit(&label).await;
        ada.press(Key::End).await;
        ada.type_text(" نمو 🍏𝛼").await;
        ada.press(Key::Backspace).await;
        ada.press(Key::Enter).await;
        let look = ada.until("the label", |look| look.label("growth").ends_with(" نمو 🍏")).await;
        assert_eq!(look.notices, Vec::<String>::new());
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}
