//! Texts that would run in a careless page, in every place where people may write, and in every answer and file that
//! these come back in. `tests/tests/it/scripts.rs` looks at the same texts in a browser.

use std::io::{Cursor, Read};

use coval_server::spreadsheet::{read, write_xlsx};
use coval_shared::protocol::DocumentId;
use coval_shared::spreadsheet::{Cell, Content, Place, Sheet, Workbook};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::fixtures::DEMO_WORKSPACE;
use crate::http::{self, Answer};
use crate::server::Server;
use crate::signed_in::SignedIn;

#[path = "../../../tests/corpus/scripts.rs"]
mod corpus;

use corpus::{corpus, model};

/// An answer that no browser takes for a page, whatever it holds.
fn is_inert(path: &str, answer: &Answer) {
    let kind = answer.header("content-type").unwrap_or_else(|| panic!("{path}: no content type"));
    let inert = ["application/json", "application/problem+json", "text/csv", "text/markdown", "text/event-stream"];
    let is_inert = inert.iter().any(|inert| kind.starts_with(inert)) || kind.contains("spreadsheetml");
    assert!(is_inert, "{path}: {kind}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}: no policy"));
    assert!(!policy.contains("'unsafe-inline'") && policy.contains("object-src 'none'"), "{path}: {policy}");
}

async fn get(who: &SignedIn, path: &str) -> Answer {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    is_inert(path, &answer);
    answer
}

async fn post(who: &SignedIn, path: &str, body: &Value) -> Value {
    let answer = who.post(path, body).await;
    assert!(matches!(answer.status, 200..=202), "{path} {body}: {}", answer.text());
    is_inert(path, &answer);
    answer.json()
}

fn id(made: &Value) -> DocumentId {
    serde_json::from_value(made["id"].clone()).unwrap()
}

#[tokio::test]
async fn every_text_comes_back_as_it_is_in_answers_that_no_browser_takes_for_a_page() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let texts = corpus();
    // People are in at most 100 workspaces.
    for text in texts.iter().take(90) {
        let made = post(&ada, "/api/workspaces", &json!({"name": text})).await;
        assert_eq!(made["name"], json!(text));
        let renamed = ada.send("PATCH", "/api/me", &json!({"name": text.chars().take(40).collect::<String>()})).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text());
    }
    let all = get(&ada, "/api/workspaces?limit=200").await.json();
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert!(texts.iter().take(90).all(|text| names.contains(&text.as_str())));

    let documents = format!("/api/workspace/{DEMO_WORKSPACE}/documents");
    let document = id(&post(&ada, &documents, &json!({"title": texts[0], "body": model()})).await);
    let at = |end: &str| format!("/api/document/{document}{end}");
    for text in &texts {
        let renamed = ada.send("PATCH", &at(""), &json!({"title": text})).await;
        assert_eq!((renamed.status, &renamed.json()["title"]), (200, &json!(text)));
        let comment = post(&ada, &at("/comments"), &json!({"body": text})).await;
        assert_eq!(comment["body"], json!(text));
        let anchor = json!({"cell": {"item": "x0"}});
        post(&ada, &at("/annotations"), &json!({"kind": "note", "colour": 1, "body": text, "anchor": anchor})).await;
        post(&ada, &at("/versions"), &json!({"name": text, "revision": 0})).await;
    }
    for text in texts.iter().take(90) {
        post(&ada, &at("/branches"), &json!({"name": text})).await;
    }
    let paths = [
        "",
        "/snapshot",
        "/outputs",
        "/comments?limit=200",
        "/annotations?limit=200",
        "/versions",
        "/branches",
        "/history",
        "/revisions",
        "/activity",
        "/members",
        "/collaboration",
        "/calculations",
        "/share-links",
        "/diff?from=0&to=0",
        "/revision/0",
    ];
    for path in paths {
        get(&ada, &at(path)).await;
    }
    for path in ["/api/me", "/api/documents", "/api/notifications", "/api/search?q=script", "/api/templates"] {
        get(&ada, path).await;
    }
    for path in ["", "/status", "/activity", "/members", "/invitations"] {
        get(&ada, &format!("/api/workspace/{DEMO_WORKSPACE}{path}")).await;
    }
    let missing = ada.get("/api/document/%3Cscript%3Exss=1%3C/script%3E").await;
    assert_eq!(missing.status, 404);
    is_inert("a missing document", &missing);
    let wrong = ada.get("/api/documents?sort=%3Cscript%3E").await;
    assert_eq!(wrong.status, 422);
    is_inert("a wrong parameter", &wrong);
}

#[tokio::test]
async fn no_file_that_is_exported_has_anything_that_runs() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let documents = format!("/api/workspace/{DEMO_WORKSPACE}/documents");
    let document = id(&post(&ada, &documents, &json!({"title": "<script>xss=1</script>.html", "body": model()})).await);
    for format in ["xlsx", "csv", "json", "document"] {
        let file = get(&ada, &format!("/api/document/{document}/export?format={format}")).await;
        let disposition = file.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; ") && !disposition.contains('<'), "{disposition}");
        match format {
            "csv" => is_harmless_csv(&file.body),
            "xlsx" => is_harmless_workbook(&file.body),
            _ => drop(file.json()),
        }
    }
    for text in corpus() {
        let text = format!("# Why\n\n{text}\n\na {text} b\n\n> {text}\n\n- {text}\n");
        let memo = id(&post(&ada, &documents, &json!({"title": "Memo", "body": text})).await);
        let file = get(&ada, &format!("/api/document/{memo}/export?format=md")).await.text();
        for dialect in [Options::empty(), Options::all()] {
            for event in Parser::new_ext(&file, dialect) {
                match event {
                    Event::Html(html) | Event::InlineHtml(html) => panic!("{html} is left of {text}"),
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                        assert!(
                            dest_url.starts_with("http") || !dest_url.contains(':'),
                            "{dest_url} is left of {text}"
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_imported_is_as_harmless_as_what_is_written_here() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let texts = corpus();
    let csv = {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut rows = vec!["Item,2024,2025".to_owned()];
        rows.extend(texts.iter().map(|text| format!("{},1,{}", quoted(text), quoted(text))));
        rows.join("\n").into_bytes()
    };
    let workbook = {
        let mut sheet = Sheet { name: "<script>xss=1".to_owned(), ..Sheet::default() };
        let mut put =
            |row, column, content| sheet.cells.insert(Place::new(row, column), Cell { content, ..Cell::default() });
        put(0, 1, Content::Number(2024.0));
        put(0, 2, Content::Number(2025.0));
        for (row, text) in (1..).zip(&texts) {
            put(row, 0, Content::Text(text.clone()));
            put(row, 1, Content::Number(1.0));
            put(row, 2, Content::Text(text.clone()));
        }
        write_xlsx(&Workbook { sheets: vec![sheet], ..Workbook::default() }).unwrap()
    };
    let files = [
        ("text/csv", csv),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
        ("application/json", model().to_string().into_bytes()),
        ("text/markdown", texts.join("\n\n").into_bytes()),
    ];
    for (kind, bytes) in files {
        let path = format!("/api/workspace/{DEMO_WORKSPACE}/import?title=%3Cscript%3E");
        let headers = [("Authorization", &*ada.bearer()), ("Content-Type", kind)];
        let answer = http::send_bytes(server.address(), "POST", &path, &headers, &bytes).await;
        assert_eq!(answer.status, 201, "{kind}: {}", answer.text());
        is_inert(&path, &answer);
        let document = id(&answer.json()["document"]);
        get(&ada, &format!("/api/document/{document}/snapshot")).await;
        if kind != "text/markdown" {
            let file = |format: &str| format!("/api/document/{document}/export?format={format}");
            is_harmless_csv(&get(&ada, &file("csv")).await.body);
            is_harmless_workbook(&get(&ada, &file("xlsx")).await.body);
        }
    }
}

/// No field is one that spreadsheets take for a formula.
fn is_harmless_csv(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    for field in fields(text) {
        let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!is_formula || field.parse::<f64>().is_ok(), "{field:?}");
    }
}

/// The fields of a csv text.
fn fields(text: &str) -> Vec<String> {
    let (mut fields, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' | '\n' if !is_quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    fields.push(field);
    fields
}

/// No macro, no link to elsewhere, and only formulas that calculate.
fn is_harmless_workbook(bytes: &[u8]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        for banned in ["externalLink", "vbaProject", "activeX", "embeddings", "connections"] {
            assert!(!name.contains(banned), "{name}");
        }
        for banned in ["TargetMode=\"External\"", "<hyperlink", "<script", "ddeLink"] {
            assert!(!text.contains(banned), "{name}: {banned}");
        }
    }
    for sheet in &read(bytes).unwrap().sheets {
        for cell in sheet.cells.values() {
            if let Content::Formula { text, .. } = &cell.content {
                let outside: String = text.split('"').step_by(2).collect();
                let calls = ["HYPERLINK", "WEBSERVICE", "IMPORTXML", "DDE", "CALL", "REGISTER", "|"];
                assert!(calls.iter().all(|call| !outside.to_uppercase().contains(call)), "{text}");
            }
        }
    }
}
