//! Every screen, asked by axe-core what would keep somebody out of it, in the light and in the dark.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;

use coval_shared::protocol::DocumentId;
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::barriers::{Barrier, Rules, barriers};
use coval_tests::http::{self, Method};
use coval_tests::{Page, Place, Stage};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::looks::{theme, told};
use crate::scene::growth;
use crate::shell::{until_says, until_so};

/// What was found so far, and on which screens each.
#[derive(Default)]
struct Findings {
    found: RefCell<BTreeMap<String, Vec<String>>>,
}

impl Findings {
    /// Asks of the screen as it is, in both looks, which differ in their colours alone.
    async fn of(&self, page: &Page, screen: &str) {
        self.ask(page, screen, None).await;
    }

    /// The same, but for the rows of the grid, of which was asked before.
    async fn around(&self, page: &Page, screen: &str) {
        self.ask(page, screen, Some(".sheet tbody")).await;
    }

    async fn ask(&self, page: &Page, screen: &str, except: Option<&str>) {
        for (look, rules) in [("light", Rules::All), ("dark", Rules::Colours)] {
            theme(page, look).await;
            for barrier in barriers(page, rules, except).await.into_iter().filter(Barrier::is_serious) {
                let mut found = self.found.borrow_mut();
                found.entry(barrier.to_string()).or_default().push(format!("{screen} ({look})"));
            }
        }
        theme(page, "light").await;
    }

    fn assert_none(&self) {
        let found = self.found.borrow();
        let told = found.iter().map(|(barrier, screens)| format!("{barrier}\n    on {}\n", screens.join(", ")));
        assert!(found.is_empty(), "{} barriers:\n{}", found.len(), told.collect::<String>());
    }
}

async fn there(page: &Page, selector: &str) {
    let selector_text = serde_json::to_string(selector).unwrap();
    until_so(page, selector, &format!("return document.querySelector({selector_text}) !== null")).await;
}

async fn close_dialog(page: &Page) {
    page.press(Key::Escape).await;
    until_so(page, "the dialog to close", "return document.querySelector('dialog') === null").await;
}

#[tokio::test]
async fn nothing_keeps_anybody_out_of_the_list_and_its_dialogs() {
    Stage::run("accessibility-list", async |stage| {
        let findings = Findings::default();
        let ada = stage.window_of_nobody("Ada").await;
        ada.until_focused("email").await;
        findings.of(&ada, "sign-in").await;
        ada.sign_in("something else").await;
        there(&ada, "[data-testid=sign-in-problem]").await;
        findings.of(&ada, "sign-in refused").await;
        ada.window().client.refresh().await.unwrap();
        ada.sign_in(coval_tests::server::PASSWORD).await;
        ada.until_list().await;
        findings.of(&ada, "list").await;

        ada.click_on(".document-row [data-action=open-row-menu]").await;
        there(&ada, ".menu").await;
        findings.of(&ada, "menu of a document").await;
        ada.press(Key::Escape).await;
        ada.click_on("[data-action=open-workspaces]").await;
        findings.of(&ada, "menu of workspaces").await;
        ada.press(Key::Escape).await;
        ada.click_on("[data-action=open-account]").await;
        findings.of(&ada, "menu of the account").await;
        ada.press(Key::Escape).await;
        ada.click_on("[data-action=open-notifications]").await;
        until_says(&ada, "Notifications").await;
        findings.of(&ada, "notifications").await;
        ada.press(Key::Escape).await;

        ada.click_on("[data-action=new-document]").await;
        ada.click_on("[data-template=lbo]").await;
        until_so(&ada, "its figures", "return document.querySelectorAll('[data-testid=key-figures] tr').length > 2")
            .await;
        findings.of(&ada, "templates").await;
        close_dialog(&ada).await;

        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("Sales plan.csv");
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(b"Item,2023,2024\nSales,100,110\nCosts,60,66\n").unwrap();
        drop(file);
        ada.click_on("[data-action=import]").await;
        there(&ada, "#import-file").await;
        findings.of(&ada, "import").await;
        let input = ada.window().client.find(Locator::Css("#import-file")).await.unwrap();
        input.send_keys(path.to_str().unwrap()).await.unwrap();
        there(&ada, "[data-testid=import-report]").await;
        findings.of(&ada, "import report").await;
        ada.click_on("[data-action=discard-import]").await;
        until_so(&ada, "the dialog to close", "return document.querySelector('dialog') === null").await;

        ada.press_with(Key::Control, 'k').await;
        ada.until_focused("palette-input").await;
        findings.of(&ada, "palette").await;
        close_dialog(&ada).await;
        ada.press(Key::F1).await;
        until_says(&ada, "Select whole columns").await;
        findings.of(&ada, "keys").await;
        close_dialog(&ada).await;

        ada.click_on("#search").await;
        ada.type_text("net sales").await;
        there(&ada, "[data-testid=found-inside] mark").await;
        findings.of(&ada, "search").await;
        ada.type_text(" xyzzy").await;
        until_says(&ada, "No document fits.").await;
        findings.of(&ada, "nothing found").await;
        ada.click_on("[data-action=show-archived]").await;
        findings.of(&ada, "empty archive").await;

        ada.window().phone().await;
        ada.go("/").await;
        ada.until_list().await;
        findings.of(&ada, "list on a phone").await;
        ada.click_on("[data-action=new-document]").await;
        until_says(&ada, "Leveraged buyout").await;
        findings.of(&ada, "templates on a phone").await;
        ada.go("/nothing/here").await;
        until_says(&ada, "All documents").await;
        findings.of(&ada, "not found").await;
        findings.assert_none();
    })
    .await;
}

#[tokio::test]
async fn nothing_keeps_anybody_out_of_a_model_and_what_is_around_it() {
    Stage::run("accessibility-model", async |stage| {
        let findings = Findings::default();
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        findings.of(&ada, "model").await;
        ada.select(&growth("fy2028")).await;
        findings.of(&ada, "cell").await;
        ada.press_with(Key::Shift, Key::Down).await;
        ada.click_on("[data-action=toggle-trace]").await;
        ada.click_on("[data-action=toggle-chart]").await;
        there(&ada, "[data-testid=chart] svg").await;
        findings.of(&ada, "block, trace and chart").await;
        ada.click_on("[data-action=close-chart]").await;
        ada.click_on("[data-action=toggle-trace]").await;
        ada.click_on("[data-action=open-row-tools]").await;
        findings.around(&ada, "menu of a row").await;
        ada.click_on("[role=menuitem][data-action=edit-unit]").await;
        there(&ada, "[data-testid=question]").await;
        findings.around(&ada, "question").await;
        ada.press(Key::Escape).await;
        ada.select(&growth("fy2028")).await;
        ada.type_text("=max(gro").await;
        there(&ada, "[role=option] .offer-name").await;
        findings.of(&ada, "formula").await;
        ada.press(Key::Escape).await;
        ada.press(Key::Escape).await;
        ada.draft(&growth("fy2028"), "=nothing * 2").await;
        ada.until("what is wrong", |look| look.error.contains("nothing")).await;
        findings.of(&ada, "wrong formula").await;
        ada.press(Key::Escape).await;
        ada.press(Key::Escape).await;

        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        grace.select(&growth("fy2026")).await;
        ada.until("Grace", |look| !look.cursors.is_empty()).await;
        findings.of(&ada, "somebody else in a cell").await;

        ada.click_on("[data-action=open-document-menu]").await;
        findings.around(&ada, "menu of the document").await;
        ada.click_on(".menu [data-action=export]").await;
        until_so(
            &ada,
            "the preview",
            "return document.querySelectorAll('[data-testid=export-preview] tbody tr').length > 9",
        )
        .await;
        findings.around(&ada, "export").await;
        close_dialog(&ada).await;

        ada.click_on("[data-action=open-share]").await;
        ada.click_on("[data-action=make-link]").await;
        there(&ada, "[data-testid=made-link]").await;
        ada.until_texts("[data-testid=links] li", |links| links.len() == 1).await;
        findings.around(&ada, "share").await;
        ada.click_on("[data-action=invite]").await;
        let links = "return [...document.querySelectorAll('[data-testid=made-link]')].map(link => link.value)";
        until_so(&ada, "both links", &format!("{links}.length === 2")).await;
        let links: Vec<String> = serde_json::from_value(told(&ada, links).await).unwrap();
        close_dialog(&ada).await;
        let path = |link: &str| link.strip_prefix(&stage.server.origin()).unwrap().to_owned();
        let guest = stage.window_of_guest("Linus", &path(&links[0])).await;
        guest.until_focused("guest-name").await;
        findings.of(&guest, "guest").await;
        guest.go("/").await;
        guest.go(&path(&links[1])).await;
        guest.until_focused("sign-up-name").await;
        findings.of(&guest, "invitation").await;
        findings.assert_none();
    })
    .await;
}

#[tokio::test]
async fn nothing_keeps_anybody_out_of_what_opens_beside_a_model() {
    Stage::run("accessibility-panels", async |stage| {
        let findings = Findings::default();
        let ada = stage.window("Ada").await;
        let id = ada.open(APPLE_DCF_TITLE).await;
        let grace = stage.window("Grace").await;
        grace.open_by_link(id).await;
        findings.panels(&ada, &grace, stage, id).await;
        findings.assert_none();
    })
    .await;
}

impl Findings {
    /// What can be opened beside a model.
    async fn panels(&self, ada: &Page, grace: &Page, stage: &Stage, id: DocumentId) {
        ada.click_on("[data-panel=outputs]").await;
        there(ada, ".panel-body table").await;
        self.around(ada, "outputs").await;

        ada.click_on("[data-panel=scenarios]").await;
        there(ada, "[data-testid=side-by-side]").await;
        self.around(ada, "scenarios").await;

        ada.click_on("[data-panel=analysis]").await;
        for (action, sign) in [
            ("show-sensitivity", "[data-testid=sensitivity]"),
            ("show-tornado", "[data-testid=tornado] g"),
            ("show-football-field", "[data-testid=football-field] g"),
            ("show-goal", "[data-testid=goal-target]"),
            ("show-simulation", "[data-action=simulate]"),
        ] {
            ada.click_on(&format!("[data-action={action}]")).await;
            there(ada, sign).await;
            if action == "show-simulation" {
                ada.click_on("[data-testid=trials] option[value='1000']").await;
                ada.click_on("[data-action=simulate]").await;
                there(ada, "[data-testid=histogram]").await;
            }
            self.around(ada, action).await;
        }

        ada.click_on("[data-panel=explain]").await;
        ada.select(&Place::cell("gross_profit", "fy2026")).await;
        there(ada, "[data-testid=explain-with-values]").await;
        ada.click_on("[data-cell='net_sales@fy2026'] [data-action=toggle-precedents]").await;
        self.around(ada, "explain").await;

        ada.click_on("[data-panel=comments]").await;
        self.around(ada, "no comments").await;
        ada.select(&growth("fy2026")).await;
        for text in ["Is this too low?", "Why?"] {
            ada.click_on("[data-testid=comment-input]").await;
            ada.type_text(text).await;
            ada.press_with(Key::Control, Key::Enter).await;
            until_says(ada, text).await;
        }
        ada.click_on("[data-testid=comment-input]").await;
        ada.type_text("@gra").await;
        there(ada, "[data-testid=mention-option]").await;
        self.around(ada, "comments with a mention").await;
        ada.press(Key::Enter).await;
        ada.press_with(Key::Control, Key::Enter).await;
        there(grace, "[data-testid=toast]").await;
        self.around(grace, "toast").await;
        grace.click_on("[data-action=open-notifications]").await;
        there(grace, "[data-testid=notification]").await;
        self.around(grace, "unread notifications").await;
        grace.press(Key::Escape).await;
        ada.click_on("[data-action=reply-comment]").await;
        self.around(ada, "reply").await;
        ada.click_on("[data-tab=notes]").await;
        self.around(ada, "notes").await;

        ada.click_on("[data-panel=activity]").await;
        there(ada, "[data-testid=activity-entry]").await;
        self.around(ada, "activity").await;

        ada.click_on("[data-panel=branches]").await;
        ada.click_on("[data-testid=new-branch]").await;
        ada.type_text("Cautious").await;
        ada.press(Key::Enter).await;
        there(ada, "[data-branch] [data-action=compare-branch]").await;
        self.around(ada, "branches").await;
        let branches: Value = ask(stage, Method::GET, &format!("document/{id}/branches"), Value::Null).await;
        let branch: DocumentId = serde_json::from_value(branches["items"][0]["id"].clone()).unwrap();
        grace.open_by_link(branch).await;
        for (page, entry) in [(grace, "2%"), (ada, "7%")] {
            page.enter(&growth("fy2026"), entry).await;
            page.until_saved().await;
        }
        grace.click_on("a.brand").await;
        ada.click_on(&format!("[data-branch='{branch}'] [data-action=compare-branch]")).await;
        there(ada, "[data-conflict]").await;
        there(ada, "[data-testid=both-figures] tbody td").await;
        self.around(ada, "conflict").await;

        ada.click_on("[data-panel=history]").await;
        ada.click_on("[data-testid=name-now]").await;
        ada.type_text("As agreed").await;
        ada.press(Key::Enter).await;
        there(ada, "[data-version]").await;
        there(ada, "[data-session] button").await;
        self.around(ada, "history").await;
        ada.select(&growth("fy2026")).await;
        ada.click_on("[data-action=show-cell-history]").await;
        there(ada, "[data-testid=cell-history] li").await;
        self.around(ada, "history of a cell").await;
        ada.click_on("[data-testid=cell-history] [data-action=open-revision]").await;
        there(ada, "[data-testid=past]").await;
        there(ada, "[data-action=restore]").await;
        self.of(ada, "past").await;
        ada.click_on("[data-action=back-to-now]").await;
        ada.click_on("[data-action=close-panel]").await;
    }
}

#[tokio::test]
async fn nothing_keeps_anybody_out_of_a_memo_nor_of_documents_on_a_phone() {
    Stage::run("accessibility-memo", async |stage| {
        let findings = Findings::default();
        let workspaces = ask(stage, Method::GET, "workspaces", Value::Null).await;
        let body = format!(
            "# Apple\n\nWorth **{{{{{APPLE_DCF_TITLE}!value_per_share}}}}** a share.\n\n## Risks\n\n- China\n- [Fees](https://example.com)\n\n\
             | a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n> said"
        );
        let at = format!("workspace/{}/documents", workspaces["items"][0]["id"].as_str().unwrap());
        let made = ask(stage, Method::POST, &at, json!({"title": "Apple in words", "body": body})).await;
        let memo: DocumentId = serde_json::from_value(made["id"].clone()).unwrap();
        let ada = stage.window("Ada").await;
        ada.open_by_link(memo).await;
        ada.until_texts(".prose strong .figure", |texts| texts.len() == 1).await;
        findings.of(&ada, "memo").await;
        ada.click_on("[data-action=show-text]").await;
        findings.of(&ada, "memo as text").await;
        ada.click_on("[data-action=show-preview]").await;
        findings.of(&ada, "memo as it reads").await;
        ada.click_on("[data-action=show-both]").await;
        ada.click_on("[data-testid=memo] .line").await;
        ada.press_with(Key::Control, 'a').await;
        ada.click_on("[data-action=comment-on-text]").await;
        there(&ada, "[data-testid=comment-input]").await;
        findings.of(&ada, "comment on words").await;
        ada.click_on("[data-panel=history]").await;
        there(&ada, "[data-testid=name-now]").await;
        findings.of(&ada, "history of a memo").await;

        ada.window().phone().await;
        ada.open_by_link(memo).await;
        there(&ada, "[data-testid=memo]").await;
        findings.of(&ada, "memo on a phone").await;
        ada.go("/").await;
        ada.open(APPLE_DCF_TITLE).await;
        ada.select(&growth("fy2026")).await;
        findings.of(&ada, "model on a phone").await;
        ada.click_on("[data-panel=comments]").await;
        there(&ada, "[data-testid=comment-input]").await;
        findings.around(&ada, "panel on a phone").await;
        ada.press_with(Key::Control, 'k').await;
        ada.until_focused("palette-input").await;
        findings.around(&ada, "palette on a phone").await;
        findings.assert_none();
    })
    .await;
}

async fn ask(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let url = format!("{}/api/{path}", stage.server.origin());
    let token = stage.server.token().await.unwrap();
    http::ask(token, method, &url, &body).await.unwrap().json().unwrap()
}
