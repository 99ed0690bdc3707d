//! Without a network: the app opens, documents open and are edited, and nothing is lost or sent twice.

use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::http::{self, Method};
use coval_tests::wait::until;
use coval_tests::{Page, Stage, agreed, programs};
use fantoccini::key::Key;

use crate::looks::pictures;
use crate::scene::{Pair, growth};

/// How many files of the app are kept on the device, once all of it is.
const KEPT: &str = "
    const done = arguments[arguments.length - 1];
    (async () => {
      const meta = document.querySelector('meta[name=coval-app]').dataset.code;
      const names = await (await fetch(meta.replace(/[^/]*$/, 'files.json'))).json();
      const cache = await caches.open('coval');
      const kept = await Promise.all(names.map((name) => cache.match(meta.replace(/[^/]*$/, name))));
      return kept.every(Boolean) && Boolean(await cache.match('/'));
    })().then(done, (error) => done(String(error)));
";

async fn until_the_app_is_kept(page: &Page) {
    until("the app to be kept on the device", async || {
        let kept = page.window().client.execute_async(KEPT, Vec::new()).await.map_err(|error| error.to_string())?;
        if kept == true { Ok(()) } else { Err(kept.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn edits_made_without_a_network_outlive_the_page_and_are_sent_once() {
    Stage::run("offline", async |stage| {
        let Pair { document, ada, grace, ada_wire: wire, .. } = Pair::open(stage).await;
        until_the_app_is_kept(&ada).await;
        ada.enter(&growth("fy2025"), "1%").await;
        let before = ada.until_saved().await.revision.unwrap();

        wire.cut();
        ada.enter(&growth("fy2026"), "2%").await;
        ada.enter(&growth("fy2027"), "3%").await;
        ada.until("what is kept", |look| look.words.contains("2 changes kept on this device")).await;
        // The page goes, and comes again from the device with everything in it.
        ada.window().client.refresh().await.unwrap();
        ada.until_value(&growth("fy2027"), 0.03).await;
        ada.until("what is kept", |look| look.words.contains("2 changes kept on this device")).await;
        ada.window().picture(&programs::screenshots().join("offline.png")).await;
        ada.enter(&growth("fy2028"), "4%").await;
        ada.until("what is kept", |look| look.words.contains("3 changes kept on this device")).await;
        // Others go on meanwhile.
        grace.enter(&growth("fy2029"), "5%").await;
        grace.until_saved().await;

        wire.heal();
        let look = agreed(&stage.server, document, &[&ada, &grace]).await;
        for (year, value) in [("fy2026", 0.02), ("fy2027", 0.03), ("fy2028", 0.04), ("fy2029", 0.05)] {
            assert_eq!(look.value(&growth(year)), Some(value), "{year}");
        }
        // Grace's edit, Ada's first one, and the two that waited for it as one.
        assert_eq!(look.revision, Some(before + 3), "{look}");

        // What was sent is not sent again by the next page.
        ada.window().client.refresh().await.unwrap();
        ada.until_saved().await;
        let look = agreed(&stage.server, document, &[&ada, &grace]).await;
        assert_eq!(look.revision, Some(before + 3));
    })
    .await;
}

#[tokio::test]
async fn edits_that_a_window_left_behind_are_sent_by_the_next_one_whatever_it_shows() {
    Stage::run("left-behind", async |stage| {
        let Pair { document, ada, grace, ada_wire: wire, .. } = Pair::open(stage).await;
        until_the_app_is_kept(&ada).await;
        wire.cut();
        ada.enter(&growth("fy2026"), "2%").await;
        ada.until("what is kept", |look| look.words.contains("1 change kept on this device")).await;
        ada.leave().await;
        wire.heal();
        // Only the list is opened.
        ada.go("/").await;
        ada.until_list().await;
        grace.until_value(&growth("fy2026"), 0.02).await;
        grace.until_saved().await;
        agreed(&stage.server, document, &[&grace]).await;
    })
    .await;
}

#[tokio::test]
async fn the_next_window_sends_what_two_windows_have_left_behind_in_one_document() {
    Stage::run("two-left-behind", async |stage| {
        let Pair { document, ada, grace, ada_wire: wire, .. } = Pair::open(stage).await;
        until_the_app_is_kept(&ada).await;
        let before = grace.until_saved().await.revision.unwrap();
        // Two windows of one browser, each with an edit of its own that it can't send.
        let client = ada.window().client.clone();
        let first = client.window().await.unwrap();
        let second = client.new_window(true).await.unwrap().handle;
        client.switch_to_window(second).await.unwrap();
        ada.open_by_link(document).await;
        wire.cut();
        ada.until("the loss", |look| !look.is_saved()).await;
        ada.enter(&growth("fy2027"), "3%").await;
        ada.until("what is kept", |look| look.words.contains("1 change kept on this device")).await;
        client.switch_to_window(first.clone()).await.unwrap();
        ada.enter(&growth("fy2026"), "2%").await;
        ada.enter(&growth("fy2025"), "1%").await;
        ada.until("what is kept", |look| look.words.contains("2 changes kept on this device")).await;
        ada.leave().await;
        let windows = client.windows().await.unwrap();
        let other = windows.into_iter().find(|window| *window != first).unwrap();
        client.switch_to_window(other).await.unwrap();
        ada.leave().await;
        wire.heal();
        ada.go("/").await;
        ada.until_list().await;
        for (year, value) in [("fy2025", 0.01), ("fy2026", 0.02), ("fy2027", 0.03)] {
            grace.until_value(&growth(year), value).await;
        }
        let look = agreed(&stage.server, document, &[&grace]).await;
        assert_eq!(look.revision, Some(before + 3));
        // Nothing is left to be sent by the window after that one.
        ada.open(APPLE_DCF_TITLE).await;
        ada.window().client.refresh().await.unwrap();
        ada.until_saved().await;
        let look = agreed(&stage.server, document, &[&ada, &grace]).await;
        assert_eq!(look.revision, Some(before + 3));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_let_out_meanwhile_is_told_what_could_not_be_saved() {
    Stage::run("let-out", async |stage| {
        let Pair { grace, grace_wire: wire, .. } = Pair::open(stage).await;
        wire.cut();
        grace.enter(&growth("fy2026"), "2%").await;
        grace.enter(&growth("fy2027"), "3%").await;
        grace.until("what is kept", |look| look.words.contains("2 changes kept on this device")).await;

        let token = stage.server.token().await.unwrap();
        let origin = stage.server.origin();
        let ask = async |method: Method, path: String| -> serde_json::Value {
            let answer = http::ask(token, method, &format!("{origin}{path}"), &serde_json::Value::Null).await.unwrap();
            answer.json().unwrap_or_default()
        };
        let workspaces = ask(Method::GET, "/api/workspaces".to_owned()).await;
        let workspace = workspaces["items"][0]["id"].as_str().unwrap();
        let members = ask(Method::GET, format!("/api/workspace/{workspace}/members")).await;
        let is_grace = |member: &&serde_json::Value| member["name"] == "Grace";
        let member = members["items"].as_array().unwrap().iter().find(is_grace).unwrap();
        let user = member["user"].as_str().unwrap();
        ask(Method::DELETE, format!("/api/workspace/{workspace}/members/{user}")).await;

        wire.heal();
        grace
            .until_texts(".notice-lost li", |lost| {
                lost.len() == 2 && lost[0].ends_with("2026E: 2%") && lost[1].ends_with("2027E: 3%")
            })
            .await;
        let said = grace.texts("[data-testid=notice] strong").await;
        assert!(said[0].contains("could not be saved"), "{said:?}");
        pictures(&grace, "offline-let-out").await;
        // Nothing of it is sent by the next page.
        grace.window().client.refresh().await.unwrap();
        grace.until("to be out", |look| look.text.contains("can't be opened")).await;
        assert_eq!(grace.texts("[data-testid=notice]").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_list_says_without_a_network_what_is_kept_here_and_opens_it() {
    Stage::run("offline-list", async |stage| {
        let wire = stage.proxy().await;
        let ada = stage.window_through(&wire, "Ada").await;
        ada.click_on("[data-action=new-document]").await;
        ada.click_on("[data-template=memo]").await;
        ada.click_on("#new-title").await;
        ada.type_text("Board memo").await;
        ada.press(Key::Enter).await;
        ada.until_texts("[data-testid=memo]", |texts| texts.len() == 1).await;
        let token = stage.server.token().await.unwrap();
        let way = format!("{}/api/workspaces", stage.server.origin());
        let ask = async |method: Method, way: String, body: serde_json::Value| -> serde_json::Value {
            http::ask(token, method, &way, &body).await.unwrap().json().unwrap()
        };
        let workspaces = ask(Method::GET, way, serde_json::Value::Null).await;
        let workspace = workspaces["items"][0]["id"].as_str().unwrap();
        let way = format!("{}/api/workspace/{workspace}/documents", stage.server.origin());
        ask(Method::POST, way, serde_json::json!({"title": "Never opened", "body": "x"})).await;
        ada.click_on("a.brand").await;
        ada.until_list().await;
        until_the_app_is_kept(&ada).await;
        ada.open(APPLE_DCF_TITLE).await;

        wire.cut();
        ada.enter(&growth("fy2026"), "2%").await;
        ada.until("what is kept", |look| look.words.contains("1 change kept on this device")).await;
        ada.leave().await;
        ada.go("/").await;
        ada.until_texts("[data-testid=kept-documents] .document-title", |titles| {
            titles == [APPLE_DCF_TITLE, "Board memo"]
        })
        .await;
        ada.until_texts("[data-testid=last-seen] .document-title", |titles| titles == ["Never opened"]).await;
        let said = ada.texts("[data-testid=list-offline] p").await;
        assert!(said[0].contains("kept on this device"), "{said:?}");
        pictures(&ada, "offline-list").await;
        ada.click_on("#search").await;
        ada.type_text("apple").await;
        ada.until_texts("[data-testid=kept-documents] .document-title", |titles| titles == [APPLE_DCF_TITLE]).await;
        ada.click_on("[data-testid=kept-documents] a").await;
        ada.until_value(&growth("fy2026"), 0.02).await;

        wire.heal();
        ada.until_saved().await;
        ada.go("/").await;
        ada.until_texts("a[data-document] .document-title", |titles| titles.len() == 3).await;
    })
    .await;
}
