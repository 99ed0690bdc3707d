//! The list of documents, and what surrounds all pages.

use std::fmt::Display;

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::http::{self, Method};
use coval_tests::wait::until;
use coval_tests::{Page, Stage};
use fantoccini::key::Key;

use crate::looks::{pictures, told};

/// Waits until a script of the test says true of the page.
pub(crate) async fn until_so(page: &Page, awaited: impl Display, script: &str) {
    until(format!("{awaited}, in the window of {}", page.person()), async || {
        let answer = told(page, script).await;
        if answer == true {
            return Ok(());
        }
        let text = told(page, "return document.body.innerText").await;
        Err(format!("{answer} on a page that says {text}"))
    })
    .await;
}

/// Waits until the page says `words`.
pub(crate) async fn until_says(page: &Page, words: &str) {
    let script = format!("return document.body.innerText.includes({})", serde_json::json!(words));
    until_so(page, format!("the page to say {words:?}"), &script).await;
}

/// Waits until the list has these titles, in this order.
async fn until_titles(page: &Page, titles: &[&str]) {
    let script = format!(
        "return JSON.stringify([...document.querySelectorAll('.document-title')].map(title => title.innerText)) === {}",
        serde_json::json!(serde_json::json!(titles).to_string())
    );
    until_so(page, format!("the list to be {titles:?}"), &script).await;
}

/// Makes a document from a template, which opens, and goes back to the list.
async fn make(page: &Page, template: &str, title: &str) {
    page.click_on("[data-action=new-document]").await;
    page.click_on(&format!("[data-template={template}]")).await;
    page.click_on("#new-title").await;
    page.type_text(title).await;
    page.press(Key::Enter).await;
    until_so(page, "the new document", "return location.pathname.startsWith('/document/')").await;
    until_says(page, title).await;
    page.click_on("a.brand").await;
    page.until_list().await;
}

/// Chooses something from the menu of the first document on the list.
async fn choose(page: &Page, action: &str) {
    page.click_on(".document-row [data-action=open-row-menu]").await;
    page.click_on(&format!(".menu [data-action={action}]")).await;
}

#[tokio::test]
async fn documents_are_made_found_while_typing_sorted_renamed_copied_archived_and_brought_back() {
    Stage::run("shell-list", async |stage| {
        let ada = stage.window("Ada").await;
        ada.click_on("[data-action=new-document]").await;
        ada.click_on("[data-template=lbo]").await;
        until_says(&ada, "Harbour Packaging").await;
        until_so(&ada, "its figures", "return document.querySelectorAll('[data-testid=key-figures] tr').length > 2")
            .await;
        pictures(&ada, "shell-new-document").await;
        ada.press(Key::Escape).await;
        until_so(&ada, "the dialog to close", "return document.querySelector('dialog') === null").await;
        // The keyboard is where it was.
        until_so(&ada, "the keyboard to come back", "return document.activeElement.dataset.action === 'new-document'")
            .await;

        make(&ada, "lbo", "Zeta buyout").await;
        make(&ada, "memo", "Board memo").await;
        until_titles(&ada, &["Board memo", "Zeta buyout", APPLE_DCF_TITLE]).await;
        pictures(&ada, "shell-list").await;

        ada.click_on("[data-action=sort-title]").await;
        until_titles(&ada, &[APPLE_DCF_TITLE, "Board memo", "Zeta buyout"]).await;
        ada.click_on("[data-action=show-memos]").await;
        until_titles(&ada, &["Board memo"]).await;
        ada.click_on("[data-action=show-all-kinds]").await;

        ada.click_on("#search").await;
        ada.type_text("zet").await;
        until_titles(&ada, &["Zeta buyout"]).await;
        // What stands inside is found too, with the words around it.
        for _ in 0..3 {
            ada.press(Key::Backspace).await;
        }
        ada.type_text("net sales").await;
        until_so(
            &ada,
            "the model with these words inside",
            "return document.querySelector('[data-testid=found-inside] mark') !== null",
        )
        .await;
        pictures(&ada, "shell-search").await;
        ada.type_text(" xyzzy").await;
        until_says(&ada, "No document fits.").await;
        ada.click_on("[data-action=show-all]").await;
        until_titles(&ada, &[APPLE_DCF_TITLE, "Board memo", "Zeta buyout"]).await;

        choose(&ada, "rename").await;
        ada.until_focused("name").await;
        ada.type_text("A company").await;
        ada.press(Key::Enter).await;
        until_titles(&ada, &["A company", "Board memo", "Zeta buyout"]).await;

        choose(&ada, "archive").await;
        until_titles(&ada, &["Board memo", "Zeta buyout"]).await;
        ada.click_on("[data-action=undo-archive]").await;
        until_titles(&ada, &["A company", "Board memo", "Zeta buyout"]).await;
        choose(&ada, "archive").await;
        until_titles(&ada, &["Board memo", "Zeta buyout"]).await;
        ada.click_on("[data-action=show-archived]").await;
        until_titles(&ada, &["A company"]).await;
        choose(&ada, "restore").await;
        until_says(&ada, "The archive is empty.").await;
        ada.click_on("[data-action=show-recent]").await;
        until_titles(&ada, &["A company", "Board memo", "Zeta buyout"]).await;

        choose(&ada, "duplicate").await;
        until_so(&ada, "the copy", "return location.pathname.startsWith('/document/')").await;
        until_says(&ada, "Copy of A company").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_workspace_is_made_named_and_holds_what_is_made_in_it() {
    Stage::run("shell-workspaces", async |stage| {
        let ada = stage.window("Ada").await;
        ada.click_on("[data-action=open-workspaces]").await;
        ada.click_on("[data-action=new-workspace]").await;
        ada.until_focused("name").await;
        ada.type_text("Deals").await;
        ada.press(Key::Enter).await;
        until_says(&ada, "No document fits.").await;
        make(&ada, "blank", "First deal").await;
        until_titles(&ada, &["First deal"]).await;
        ada.click_on("[data-action=open-workspaces]").await;
        ada.click_on("[data-action=rename-workspace]").await;
        ada.until_focused("name").await;
        ada.type_text("Mergers").await;
        ada.press(Key::Enter).await;
        until_says(&ada, "Mergers").await;
        // Where one was is remembered.
        ada.window().client.refresh().await.unwrap();
        until_titles(&ada, &["First deal"]).await;
        ada.click_on("[data-action=open-workspaces]").await;
        ada.click_on("[data-action=workspace-all]").await;
        until_titles(&ada, &["First deal", APPLE_DCF_TITLE]).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_page_speaks_the_language_and_has_the_look_that_was_chosen_also_after_a_reload() {
    Stage::run("shell-language", async |stage| {
        let ada = stage.window("Ada").await;
        ada.click_on("[data-action=open-account]").await;
        pictures(&ada, "shell-account").await;
        ada.click_on("[data-action=language-zh-TW]").await;
        until_says(&ada, "所有工作區").await;
        let english = "return [...document.body.innerText.matchAll(/[A-Za-z]{3,}/g)].map(word => word[0])";
        let words = told(&ada, english).await;
        let known = ["Coval", "Ada", "Apple", "Inc", "DCF", "Demo", "demo", "Lovelace"];
        let foreign: Vec<_> =
            words.as_array().unwrap().iter().filter(|word| !known.contains(&word.as_str().unwrap())).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        assert_eq!(told(&ada, "return document.documentElement.lang").await, "zh-TW");
        ada.window().client.refresh().await.unwrap();
        until_says(&ada, "所有工作區").await;
        pictures(&ada, "shell-chinese").await;
        ada.click_on("[data-action=open-account]").await;
        ada.click_on("[data-action=language-en]").await;
        until_says(&ada, "All workspaces").await;

        let ground = "return getComputedStyle(document.body).backgroundColor";
        let theme = "return document.documentElement.dataset.theme ?? null";
        told(&ada, "delete document.documentElement.dataset.theme").await;
        let light = told(&ada, ground).await;
        ada.click_on("[data-action=open-account]").await;
        ada.click_on("[data-action=theme-dark]").await;
        until_so(&ada, "the dark", "return document.documentElement.dataset.theme === 'dark'").await;
        assert_ne!(told(&ada, ground).await, light);
        ada.window().client.refresh().await.unwrap();
        ada.until_list().await;
        assert_eq!(told(&ada, theme).await, "dark");
        ada.click_on("[data-action=open-account]").await;
        ada.click_on("[data-action=theme-system]").await;
        until_so(&ada, "the system's", "return document.documentElement.dataset.theme === undefined").await;
        assert_eq!(told(&ada, ground).await, light);
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_document_speaks_the_language_too_and_a_shortcut_of_the_system_leads_to_a_new_one() {
    Stage::run("shell-wish", async |stage| {
        let ada = stage.window("Ada").await;
        let manifest = told(&ada, "return document.querySelector('link[rel=manifest]').getAttribute('href')").await;
        let url = format!("{}{}", stage.server.origin(), manifest.as_str().unwrap());
        let manifest: serde_json::Value = coval_tests::http::get(&url).await.unwrap().json().unwrap();
        assert_eq!((&manifest["id"], &manifest["display"]), (&"/".into(), &"standalone".into()));
        for icon in manifest["icons"].as_array().unwrap() {
            let url = format!("{}{}", stage.server.origin(), icon["src"].as_str().unwrap());
            let icon = coval_tests::http::get(&url).await.unwrap();
            assert!(icon.status.is_success() && icon.body.starts_with("<svg"), "{url}");
        }
        let wish = manifest["shortcuts"][0]["url"].as_str().unwrap();
        ada.window().client.goto(&format!("{}{wish}", stage.server.origin())).await.unwrap();
        until_says(&ada, "Leveraged buyout").await;
        // It is asked once: a reload shows the list.
        assert_eq!(told(&ada, "return location.search").await, "");
        ada.press(Key::Escape).await;

        ada.open(APPLE_DCF_TITLE).await;
        ada.click_on("[data-action=open-account]").await;
        ada.click_on("[data-action=language-zh-TW]").await;
        until_says(&ada, "已儲存").await;
        ada.press(Key::F1).await;
        until_says(&ada, "鍵盤快速鍵").await;
        ada.press(Key::Escape).await;
        ada.click_on("a.brand").await;
        until_says(&ada, "最近編輯").await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_in_the_archive_is_deleted_for_ever_by_its_owner_who_types_the_title() {
    Stage::run("shell-delete", async |stage| {
        let (ada, grace) = (stage.window("Ada").await, stage.window("Grace").await);
        make(&ada, "memo", "Board memo").await;
        until_titles(&ada, &["Board memo", APPLE_DCF_TITLE]).await;
        choose(&ada, "archive").await;
        until_titles(&ada, &[APPLE_DCF_TITLE]).await;
        ada.click_on("[data-action=show-archived]").await;
        until_titles(&ada, &["Board memo"]).await;
        choose(&ada, "delete-forever").await;
        ada.until_focused("name").await;
        pictures(&ada, "shell-delete").await;
        ada.type_text("board").await;
        ada.press(Key::Enter).await;
        until_says(&ada, "nothing was deleted").await;
        ada.press_with(Key::Control, 'a').await;
        ada.type_text("Board memo").await;
        ada.press(Key::Enter).await;
        until_says(&ada, "The archive is empty.").await;
        until_says(&ada, "“Board memo” is deleted.").await;
        let token = stage.server.token().await.unwrap();
        let url = format!("{}/api/workspaces", stage.server.origin());
        let ask = async |url: String| -> serde_json::Value {
            http::ask(token, Method::GET, &url, &serde_json::Value::Null).await.unwrap().json().unwrap()
        };
        let workspace = ask(url).await["items"][0]["id"].as_str().unwrap().to_owned();
        let activity = ask(format!("{}/api/workspace/{workspace}/activity", stage.server.origin())).await;
        assert_eq!(activity["items"][0]["action"], "document_deleted", "{activity}");

        // Grace edits what is Ada's, and has no such choice.
        choose_in(&ada, "show-recent", "archive").await;
        grace.click_on("[data-action=show-archived]").await;
        until_titles(&grace, &[APPLE_DCF_TITLE]).await;
        grace.click_on(".document-row [data-action=open-row-menu]").await;
        let offered = "return [...document.querySelectorAll('.menu [data-action]')].map(entry => entry.dataset.action)";
        let offered = told(&grace, offered).await.to_string();
        assert!(offered.contains("restore") && !offered.contains("delete"), "{offered}");
    })
    .await;
}

/// Chooses a list, and something from the menu of its first document.
async fn choose_in(page: &Page, list: &str, action: &str) {
    page.click_on(&format!("[data-action={list}]")).await;
    page.until_list().await;
    choose(page, action).await;
}
