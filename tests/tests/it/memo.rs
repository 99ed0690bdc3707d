//! Memos: written by many at once, read with figures of models.

use coval_shared::protocol::DocumentId;
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::page::number;
use coval_tests::wait::until;
use coval_tests::{Page, Proxy, Stage, documents, http};
use fantoccini::key::Key;
use hyper::Method;
use serde_json::{Value, json};

use crate::looks::told;
use crate::scene::growth;

pub(crate) const TEXT: &str = "[data-testid=memo]";
const LINES: &str = "return [...document.querySelectorAll('[data-testid=memo] > .line')].map(line => line.textContent)";

/// A memo that holds `body`.
pub(crate) async fn memo(stage: &Stage, title: &str, body: &str) -> DocumentId {
    documents::make(&stage.server, title, &json!(body)).await.expect("the memo is made")
}

/// The text that the window shows.
pub(crate) async fn shown(page: &Page) -> String {
    let lines = page.window().client.execute(LINES, Vec::new()).await.unwrap();
    serde_json::from_value::<Vec<String>>(lines).unwrap().join("\n")
}

/// The text that the server has.
pub(crate) async fn stored(stage: &Stage, id: DocumentId) -> String {
    let token = stage.server.token().await.unwrap().to_owned();
    let url = format!("{}/api/document/{id}/snapshot", stage.server.origin());
    let answer: Value = http::ask(&token, Method::GET, &url, &json!({})).await.unwrap().json().unwrap();
    answer["snapshot"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Waits until all windows and the server have the same text, and returns it.
pub(crate) async fn agreed(stage: &Stage, id: DocumentId, pages: &[&Page]) -> String {
    until("everybody to have the same text", async || {
        let stored = stored(stage, id).await;
        for page in pages {
            let (look, shown) = (page.look().await, shown(page).await);
            if !look.is_saved() || shown != stored {
                return Err(format!("{}: {shown:?}, the server: {stored:?}", page.person()));
            }
        }
        Ok(stored)
    })
    .await
}

/// Puts the caret of `page` behind `text`, by the keyboard.
async fn caret_behind(page: &Page, text: &str) {
    page.click_on(&format!("{TEXT} .line")).await;
    page.press_with(Key::Control, Key::Home).await;
    for _ in text.chars() {
        page.press(Key::Right).await;
    }
}

/// Two people who have a memo open.
pub(crate) async fn two(stage: &Stage, body: &str) -> (DocumentId, Page, Page) {
    let (id, ada, grace, _) = two_over(stage, body).await;
    (id, ada, grace)
}

/// The same, with the wire of the first.
pub(crate) async fn two_over(stage: &Stage, body: &str) -> (DocumentId, Page, Page, Proxy) {
    let id = memo(stage, "Notes", body).await;
    let wire = stage.proxy().await;
    let (ada, grace) = (stage.window_through(&wire, "Ada").await, stage.window("Grace").await);
    for page in [&ada, &grace] {
        page.open_by_link(id).await;
        page.until_texts(TEXT, |texts| texts.len() == 1).await;
    }
    agreed(stage, id, &[&ada, &grace]).await;
    (id, ada, grace, wire)
}

#[tokio::test]
async fn whoever_was_cut_off_takes_in_a_thousand_letters_and_gives_their_own() {
    Stage::run("memo-cut-off", async |stage| {
        let (id, ada, grace, wire) = two_over(stage, "A\nG").await;
        wire.cut();
        caret_behind(&ada, "A").await;
        ada.type_text(" was away.").await;
        ada.until("what is kept", |look| look.words.contains("kept on this device")).await;
        caret_behind(&grace, "A\nG").await;
        for _ in 0..10 {
            grace.type_text(&"abcdefghi ".repeat(10)).await;
        }
        assert_eq!(stored(stage, id).await.lines().next(), Some("A"));
        wire.heal();
        let text = agreed(stage, id, &[&ada, &grace]).await;
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[0], "A was away.");
        assert_eq!(lines[1].chars().count(), 1_001);
    })
    .await;
}

#[tokio::test]
async fn two_people_write_a_memo_at_once_and_see_each_others_carets() {
    Stage::run("memo", async |stage| {
        let (id, ada, grace) = two(stage, "Thesis\n\nRisks").await;
        caret_behind(&ada, "Thesis").await;
        grace.click_on(&format!("{TEXT} .line:last-child")).await;
        grace.press_with(Key::Control, Key::End).await;
        tokio::join!(ada.type_text(": services grow 𝛼"), grace.type_text(": regulation"));
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, "Thesis: services grow 𝛼\n\nRisks: regulation");
        // Each goes on where they are, though the other has written before them.
        grace.press(Key::Enter).await;
        grace.type_text("- China").await;
        ada.press(Key::Enter).await;
        ada.type_text("more").await;
        let text = agreed(stage, id, &[&ada, &grace]).await;
        assert_eq!(text, "Thesis: services grow 𝛼\nmore\n\nRisks: regulation\n- China");
        let name = "return document.querySelector('[data-testid=memo-caret]')?.dataset.name";
        until("Grace's caret at Ada's", async || {
            let name = ada.window().client.execute(name, Vec::new()).await.map_err(|error| error.to_string())?;
            if name == json!("Grace") { Ok(()) } else { Err(name.to_string()) }
        })
        .await;
        // What Ada takes back is hers alone, wherever Grace has written.
        ada.press_with(Key::Control, 'z').await;
        let text = agreed(stage, id, &[&ada, &grace]).await;
        assert!(!text.contains("more") && text.ends_with("Risks: regulation\n- China"), "{text}");
        ada.press_with(Key::Control, 'y').await;
        assert!(agreed(stage, id, &[&ada, &grace]).await.contains("more"));
        // What is selected is marked at the other, without cutting the text.
        grace.press_with(Key::Control, 'a').await;
        let marks = "return [...CSS.highlights.keys()].filter(name => name.startsWith('person-')).length";
        until("Grace's selection at Ada's", async || {
            let marks = ada.window().client.execute(marks, Vec::new()).await.map_err(|error| error.to_string())?;
            if marks == json!(1) { Ok(()) } else { Err(marks.to_string()) }
        })
        .await;
        ada.window().picture(&coval_tests::programs::screenshots().join("memo.png")).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_input_method_composes_while_others_write_in_the_same_line() {
    Stage::run("input-method", async |stage| {
        let (id, ada, grace) = two(stage, "估值：").await;
        caret_behind(&ada, "估值：").await;
        let compose = async |text: &str| {
            let end = text.encode_utf16().count();
            let parameters = json!({"text": text, "selectionStart": end, "selectionEnd": end});
            ada.window().command("Input.imeSetComposition", parameters).await;
        };
        compose("ㄆ").await;
        compose("ㄆㄧㄥ").await;
        caret_behind(&grace, "").await;
        grace.type_text("AAPL ").await;
        until("Grace's words to be stored", async || {
            let stored = stored(stage, id).await;
            if stored.starts_with("AAPL 估值：") { Ok(()) } else { Err(stored) }
        })
        .await;
        compose("蘋果").await;
        ada.window().command("Input.insertText", json!({"text": "蘋果"})).await;
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, "AAPL 估值：蘋果");
        ada.type_text("!").await;
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, "AAPL 估值：蘋果!");
    })
    .await;
}

#[tokio::test]
async fn a_comment_on_words_leads_back_to_them_wherever_they_went() {
    Stage::run("memo-comment", async |stage| {
        let (id, ada, grace) = two(stage, "Margins hold. Services grow.").await;
        caret_behind(&ada, "Margins hold. ").await;
        for _ in "Services".chars() {
            ada.press_with(Key::Shift, Key::Right).await;
        }
        ada.click_on("[data-action=comment-on-text]").await;
        ada.click_on(".panel textarea").await;
        ada.type_text("Which ones?").await;
        ada.click_on("[data-action=send-comment]").await;
        ada.until_texts("[data-testid=comment-body]", |texts| texts == ["Which ones?"]).await;
        // The panel follows the words while others write before them, delete them and bring them back.
        caret_behind(&grace, "Margins hold. ").await;
        grace.type_text("All ").await;
        agreed(stage, id, &[&ada, &grace]).await;
        until("the words to be selected where they went", async || {
            ada.click_on("[data-action=go-to-place]").await;
            let selected = told(&ada, "return String(getSelection())").await;
            if selected == "Services" { Ok(()) } else { Err(selected.to_string()) }
        })
        .await;
        for _ in "Services".chars() {
            grace.press(Key::Delete).await;
        }
        agreed(stage, id, &[&ada, &grace]).await;
        ada.until_texts(".thread-place.lost", |texts| texts.len() == 1).await;
        grace.press_with(Key::Control, 'z').await;
        ada.until_texts(".thread-place.lost", <[String]>::is_empty).await;
        // Grace writes before the words, then follows the comment to them.
        caret_behind(&grace, "").await;
        grace.type_text("First: ").await;
        agreed(stage, id, &[&ada, &grace]).await;
        grace.go(&format!("/document/{id}")).await;
        grace.until_texts(TEXT, |texts| texts.len() == 1).await;
        grace.click_on("[data-panel=comments]").await;
        grace.click_on("[data-action=go-to-place]").await;
        until("the words to be selected", async || {
            let script = "return String(getSelection())";
            let selected =
                grace.window().client.execute(script, Vec::new()).await.map_err(|error| error.to_string())?;
            if selected == json!("Services") { Ok(()) } else { Err(selected.to_string()) }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_memo_reads_as_markdown_and_its_figures_follow_the_model() {
    Stage::run("figures", async |stage| {
        let body = format!(
            "# Apple\n\nWorth **{{{{{APPLE_DCF_TITLE}!value_per_share}}}}** a share.\n\n{{{{Nothing!x}}}}\n\n<b>raw</b>"
        );
        let id = memo(stage, "Apple in words", &body).await;
        let grace = stage.window("Grace").await;
        let model = grace.open(APPLE_DCF_TITLE).await;
        let ada = stage.window("Ada").await;
        ada.open_by_link(id).await;
        ada.until_texts(".prose h2", |texts| texts == ["Apple"]).await;
        ada.until_texts(".prose .figure.wrong", |texts| texts == ["#x"]).await;
        let figure = async || {
            let figures = http::outputs(&stage.server, model).await.unwrap().outputs;
            let output = figures.iter().find(|output| output.name == "value_per_share").unwrap().clone();
            output.format.display(number(&output.bits.unwrap()))
        };
        let before = figure().await;
        ada.until_texts(".prose strong .figure", |texts| texts[..].iter().any(|text| text.starts_with(&before))).await;
        assert!(ada.texts(".prose").await[0].contains("<b>raw</b>"));
        ada.window().picture(&coval_tests::programs::screenshots().join("memo-preview.png")).await;
        grace.enter(&growth("fy2026"), "20%").await;
        grace.until_saved().await;
        let after = figure().await;
        assert_ne!(before, after);
        ada.until_texts(".prose strong .figure", |texts| texts[..].iter().any(|text| text.starts_with(&after))).await;
        // The preview follows what is typed.
        caret_behind(&ada, "# Apple").await;
        ada.type_text(" Inc.").await;
        ada.until_texts(".prose h2", |texts| texts == ["Apple Inc."]).await;

        // On paper it is as it reads, once its figures are there.
        let keep = "window.print = () => { window.printed = document.querySelector('.print .prose').textContent; }";
        told(&ada, keep).await;
        ada.press_with(Key::Control, 'p').await;
        let printed = until("the print", async || {
            let printed = told(&ada, "return window.printed ?? null").await;
            printed.as_str().map(str::to_owned).ok_or("nothing".to_owned())
        })
        .await;
        assert!(printed.starts_with("Apple Inc.") && printed.contains(&format!("Worth {after}")), "{printed}");
        ada.window().print(&coval_tests::programs::screenshots().join("memo-print.pdf")).await;
        told(&ada, "window.dispatchEvent(new Event('afterprint'))").await;
        ada.until_texts(".print", <[String]>::is_empty).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn whoever_follows_somebody_in_a_memo_sees_where_they_write() {
    Stage::run("memo-follow", async |stage| {
        let body = (1..=200).map(|line| format!("Line {line}")).collect::<Vec<_>>().join("\n");
        let (_, ada, grace) = two(stage, &body).await;
        let is_seen = async |awaited: &str, line: usize| {
            let script = format!(
                "const box = document.querySelectorAll('[data-testid=memo] > .line')[{}].getBoundingClientRect(); \
                 return box.top >= 0 && box.bottom <= innerHeight",
                line - 1
            );
            until(awaited, async || {
                if told(&ada, &script).await == true { Ok(()) } else { Err("it is out of sight".to_owned()) }
            })
            .await;
        };
        grace.click_on(&format!("{TEXT} .line")).await;
        ada.until_texts("[data-testid=avatar]", |people| people.len() == 1).await;
        ada.click_on("[data-testid=avatar]").await;
        ada.until_texts("[data-testid=following]", |frames| frames.len() == 1).await;
        grace.press_with(Key::Control, Key::End).await;
        grace.type_text("!").await;
        is_seen("the last line", 200).await;
        grace.press_with(Key::Control, Key::Home).await;
        is_seen("the first line", 1).await;
        // Whoever writes goes on their own.
        ada.click_on(&format!("{TEXT} .line")).await;
        ada.type_text("A").await;
        ada.until_texts("[data-testid=following]", <[String]>::is_empty).await;
        assert_eq!(ada.complaints().await, Vec::<String>::new());
    })
    .await;
}
