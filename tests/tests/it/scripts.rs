//! Texts that would run in a careless page, in every name and cell that a window shows: they stand there as they were
//! written. `server/tests/it/scripts.rs` has the same texts in answers and files.

use coval_shared::protocol::DocumentId;
use coval_tests::http::{self, Method};
use coval_tests::{Page, Stage};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

#[path = "../../corpus/scripts.rs"]
mod corpus;

use corpus::{corpus, model};

/// Finds in the page what only a text that was taken for a part of it could have brought there, and whether one ran.
const TRACES: &str = "\
    const strange = 'script:not([src]), iframe, object, embed, portal, base, form[action], link[href^=javascript], \
        img[src=x], svg animate, svg script, math, marquee, details[ontoggle], video, isindex, template, mglyph';\
    const found = [...document.querySelectorAll(strange)].map(element => element.outerHTML);\
    for (const element of document.querySelectorAll('*')) {\
        for (const {name, value} of element.attributes) {\
            const leads = ['href', 'src', 'action', 'data', 'xlink:href', 'formaction'].includes(name);\
            if (name.startsWith('on') || (leads && /^[\\s\\u0000-\\u001f]*(java|vb)script:|^data:text/i.test(value))) \
                found.push(`${name}=${value}`);\
        }\
    }\
    if (window.xss !== undefined) found.push('a script ran');\
    return found";

async fn nothing_ran(page: &Page, place: &str) {
    // A dialog would make this fail, for it keeps the page from answering.
    let traces =
        page.window().client.execute(TRACES, Vec::new()).await.unwrap_or_else(|error| panic!("{place}: {error}"));
    assert_eq!(traces, json!([]), "{place}");
    assert_eq!(page.complaints().await, Vec::<String>::new(), "{place}");
}

#[tokio::test]
async fn texts_that_would_run_are_shown_as_they_are_written() {
    Stage::run("scripts", async |stage| {
        let origin = stage.server.origin();
        let token = stage.server.token().await.unwrap().to_owned();
        let ask = async |method: Method, path: &str, body: Value| -> Value {
            http::ask(&token, method, &format!("{origin}/api{path}"), &body).await.unwrap().json().unwrap()
        };
        let workspaces: Value = ask(Method::GET, "/workspaces", json!({})).await;
        let documents = format!("/workspace/{}/documents", workspaces["items"][0]["id"].as_str().unwrap());
        let id = |made: &Value| serde_json::from_value::<DocumentId>(made["id"].clone()).unwrap();
        for text in corpus().iter().take(60) {
            ask(Method::POST, &documents, json!({"title": text, "body": text})).await;
        }
        let memo = json!({"title": "</title><script>xss=1</script>", "body": corpus().join("\n\n")});
        let memo = id(&ask(Method::POST, &documents, memo).await);
        let model = json!({"title": "<img src=x onerror=xss=1>", "body": model()});
        let model = id(&ask(Method::POST, &documents, model).await);
        ask(Method::PATCH, "/me", json!({"name": "<img src=x onerror=window.xss=1>"})).await;
        for text in corpus() {
            let comment = json!({"body": text, "anchor": {"cell": {"item": "x0"}}});
            ask(Method::POST, &format!("/document/{model}/comments"), comment).await;
        }

        let ada = stage.window("Ada").await;
        let list = ada.documents().await;
        assert!(list.iter().any(|(_, words)| words.contains("<script>window.xss=1</script>")), "{list:?}");
        nothing_ran(&ada, "the list").await;

        let grace = stage.window("Grace").await;
        grace.open_by_link(model).await;
        ada.open_by_link(model).await;
        let look =
            grace.until("the name of the other", |look| look.people.iter().any(|name| name.contains("onerror"))).await;
        assert!(look.labels.iter().any(|label| label.text.contains("<svg onload")), "{look}");
        let cell = coval_tests::Place::single("x5");
        grace.reveal(&cell).await;
        assert_eq!(grace.look().await.cell(&cell).text, corpus()[5]);
        ada.reveal(&cell).await;
        ada.select(&cell).await;
        grace.until("the cursor of the other", |look| !look.cursors.is_empty()).await;
        nothing_ran(&ada, "the model").await;
        nothing_ran(&grace, "the model beside somebody").await;

        grace.window().client.goto(&format!("{origin}/document/{memo}")).await.unwrap();
        grace.until("the memo", |look| look.text.contains("onerror")).await;
        let words = grace.window().client.execute("return document.body.innerText", Vec::new()).await.unwrap();
        assert!(words.as_str().unwrap().contains("<script>window.xss=1</script>"), "{words}");
        nothing_ran(&grace, "the memo").await;
    })
    .await;
}

/// What a panel, a dialog or a page has to show somewhere.
const SIGN: &str = "onerror=window.xss=1";

#[tokio::test]
async fn panels_dialogs_and_lists_show_such_texts_as_they_are_written() {
    Stage::run("scripts-panels", async |stage| {
        let origin = stage.server.origin();
        let token = stage.server.token().await.unwrap().to_owned();
        let ask = async |method: Method, path: &str, body: Value| -> Value {
            http::ask(&token, method, &format!("{origin}/api{path}"), &body).await.unwrap().json().unwrap()
        };
        let texts = corpus();
        for text in texts.iter().take(20) {
            ask(Method::POST, "/workspaces", json!({"name": text})).await;
        }
        let mut body = model();
        let labelled = |(number, text): (usize, &String)| {
            json!({"id": format!("s{number}"), "name": format!("s{number}"), "label": text, "note": text})
        };
        body["scenarios"] = texts.iter().enumerate().take(40).map(labelled).collect();
        let workspaces = ask(Method::GET, "/workspaces", json!({})).await;
        let documents = format!("/workspace/{}/documents", workspaces["items"][0]["id"].as_str().unwrap());
        let made = ask(Method::POST, &documents, json!({"title": texts[5], "body": body})).await;
        let model: DocumentId = serde_json::from_value(made["id"].clone()).unwrap();
        let at = |end: &str| format!("/document/{model}{end}");
        ask(Method::PATCH, "/me", json!({"name": "<img src=x onerror=window.xss=1>"})).await;
        for text in texts.iter().take(40) {
            let note = json!({"kind": "note", "colour": 1, "body": text, "anchor": {"cell": {"item": "x0"}}});
            ask(Method::POST, &at("/annotations"), note).await;
            ask(Method::POST, &at("/comments"), json!({"body": text})).await;
            ask(Method::POST, &at("/versions"), json!({"name": text, "revision": 0})).await;
            ask(Method::POST, &at("/branches"), json!({"name": text})).await;
            ask(Method::PATCH, &at(""), json!({"title": text})).await;
        }
        ask(Method::PATCH, &at(""), json!({"title": texts[5]})).await;

        let ada = stage.window("Ada").await;
        ada.open_by_link(model).await;
        for panel in ["outputs", "scenarios", "analysis", "explain", "comments", "history", "branches", "activity"] {
            ada.click_on(&format!("[data-panel={panel}].panel-switch")).await;
            ada.until_texts(".panel-body", |texts| texts.iter().any(|text| text.len() > 20)).await;
            // Names of scenarios stand in fields.
            let shown = "const body = document.querySelector('.panel-body'); \
                         return body.innerText + [...body.querySelectorAll('input')].map(input => input.value).join()";
            if !matches!(panel, "outputs" | "analysis" | "explain" | "activity") {
                coval_tests::wait::until(format!("{SIGN} in {panel}"), async || {
                    let shown = crate::looks::told(&ada, shown).await;
                    let shown = shown.as_str().unwrap_or_default();
                    if shown.contains(SIGN) { Ok(()) } else { Err(shown.chars().take(500).collect()) }
                })
                .await;
            }
            nothing_ran(&ada, panel).await;
        }
        ada.click_on("[data-action=open-share]").await;
        ada.until_texts("dialog", |texts| texts.iter().any(|text| text.contains(SIGN))).await;
        nothing_ran(&ada, "the dialog of sharing").await;
        ada.press(Key::Escape).await;
        ada.press_with(Key::Control, 'k').await;
        ada.type_text("onerror").await;
        ada.until_texts("dialog", |texts| texts.iter().any(|text| text.contains("onerror="))).await;
        nothing_ran(&ada, "the palette").await;
        ada.press(Key::Escape).await;

        // What is typed is no other than what is stored.
        let text = "<img src=x onerror=window.xss=1>";
        let place = coval_tests::Place::label("x3");
        ada.reveal(&place).await;
        ada.edit(&place).await;
        ada.press_with(Key::Control, 'a').await;
        ada.type_text(text).await;
        ada.press(Key::Enter).await;
        ada.until("the label", |look| look.labels.iter().any(|label| label.item == "x3" && label.text == text)).await;
        for entry in ["edit-unit", "edit-note"] {
            ada.select(&place).await;
            ada.click_on("[data-action=open-row-tools]").await;
            ada.click_on(&format!("[role=menuitem][data-action={entry}]")).await;
            ada.until_texts("[data-testid=question]", |texts| texts.len() == 1).await;
            ada.press_with(Key::Control, 'a').await;
            ada.type_text(text).await;
            ada.press(Key::Enter).await;
            ada.until_texts("[data-testid=question]", |texts| texts.is_empty()).await;
        }
        ada.until_saved().await;
        nothing_ran(&ada, "what was typed").await;
        ada.go("/").await;
        ada.until_list().await;
        nothing_ran(&ada, "the list with its workspaces").await;

        // A file, too, is made of texts, and its name is one.
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("<img src=x onerror=window.xss=1>.csv");
        let quoted = |text: &String| format!("\"{}\",1,2\n", text.replace('"', "\"\""));
        std::fs::write(&path, format!("Item,2023,2024\n{}", texts.iter().map(quoted).collect::<String>())).unwrap();
        ada.click_on("[data-action=import]").await;
        ada.until_texts("dialog", |dialogs| dialogs.len() == 1).await;
        let input = ada.window().client.find(Locator::Css("#import-file")).await.unwrap();
        input.send_keys(path.to_str().unwrap()).await.unwrap();
        ada.until_texts("[data-testid=import-report]", |reports| reports.len() == 1).await;
        nothing_ran(&ada, "the report of an import").await;
        ada.click_on("[data-action=open-import]").await;
        ada.until("what was imported", |look| look.labels.iter().any(|label| label.text.contains(SIGN))).await;
        nothing_ran(&ada, "what was imported").await;
    })
    .await;
}

#[tokio::test]
async fn the_viewer_of_the_interface_keeps_to_its_content_policy() {
    Stage::run("viewer", async |stage| {
        let page = stage.window("Ada").await;
        let client = &page.window().client;
        client.goto(&format!("{}/api/docs", stage.server.origin())).await.unwrap();
        let operations = "return document.querySelectorAll('.opblock').length";
        coval_tests::wait::until("the operations in the viewer", async || {
            let count = client.execute(operations, Vec::new()).await.map_err(|error| error.to_string())?;
            if count.as_u64().unwrap_or_default() > 50 { Ok(()) } else { Err(count.to_string()) }
        })
        .await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
