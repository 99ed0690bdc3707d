//! Documents over HTTP: made, found, named, put away, carried in and out.

use std::time::{Duration, Instant};

use coval_shared::protocol::{DocumentKind, ErrorCode};
use coval_shared::rest::{DocumentSummary, Imported, Page, SearchResult, TemplateSummary, WorkspaceStatus};
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixtures::DEMO_WORKSPACE;
use crate::http::{self, Answer};
use crate::server::Server;
use crate::signed_in::SignedIn;

fn demo(path: &str) -> String {
    format!("/api/workspace/{DEMO_WORKSPACE}{path}")
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn make(who: &SignedIn, body: Value) -> DocumentSummary {
    let answer = who.post(&demo("/documents"), &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    read(&answer)
}

/// Sends a file.
async fn upload(server: &Server, who: &SignedIn, path: &str, kind: &str, bytes: &[u8]) -> Answer {
    let bearer = who.bearer();
    http::send_bytes(server.address(), "POST", path, &[("Authorization", &bearer), ("Content-Type", kind)], bytes).await
}

#[tokio::test]
async fn every_template_makes_a_document_and_so_does_what_is_in_one() {
    let server = Server::start();
    let grace = server.signed_in("Grace").await;
    let templates: Page<TemplateSummary> = read(&grace.get("/api/templates").await);
    assert_eq!(templates.items.len(), coval_shared::template::all().len() + 1);
    for template in templates.items {
        let made = make(&grace, json!({ "template": template.name })).await;
        assert_eq!((made.title.as_str(), made.kind), (template.title.as_str(), template.kind));
        assert_eq!((made.template, made.created_by), (Some(template.name), Some(grace.user)));
        let snapshot = grace.get(&format!("/api/document/{}/snapshot", made.id)).await.json();
        assert_eq!(snapshot["snapshot"].is_string(), template.kind == DocumentKind::Memo);
        // What is told of a template is what a document made from it calculates to.
        let figures = grace.get(&format!("/api/document/{}/outputs", made.id)).await.json();
        assert_eq!(figures["outputs"], serde_json::to_value(&template.outputs).unwrap());
    }
    let memo = make(&grace, json!({ "body": "# Thesis", "title": "  Why  " })).await;
    assert_eq!((memo.kind, memo.title.as_str()), (DocumentKind::Memo, "Why"));
    let copy = grace.post(&format!("/api/document/{}/duplicate", memo.id), &json!({})).await;
    assert_eq!(copy.status, 201);
    let copy: DocumentSummary = read(&copy);
    assert_eq!((copy.title.as_str(), copy.kind), ("Copy of Why", DocumentKind::Memo));
    let snapshot = grace.get(&format!("/api/document/{}/snapshot", copy.id)).await.json();
    assert_eq!(snapshot["snapshot"], "# Thesis");
    let outputs = grace.get(&format!("/api/document/{}/outputs", copy.id)).await;
    assert_eq!((outputs.status, outputs.json()["outputs"].clone()), (200, json!([])));
}

#[tokio::test]
async fn what_is_no_document_is_refused_and_the_field_is_named() {
    let server = Server::start();
    let grace = server.signed_in("Grace").await;
    let cases = [
        (json!({}), "template"),
        (json!({ "template": "dcf", "body": "x" }), "template"),
        (json!({ "template": "nothing" }), "template"),
        (json!({ "body": { "sections": 1 } }), "body"),
        (json!({ "body": [1] }), "body"),
        (json!({ "body": "x", "title": " " }), "title"),
        (json!({ "body": "x", "title": "x".repeat(201) }), "title"),
        (json!({ "body": "x", "title": "a\nb" }), "title"),
        (json!({ "body": "x", "title": "a\u{0}" }), "title"),
    ];
    for (body, field) in cases {
        let answer = grace.post(&demo("/documents"), &body).await;
        assert_eq!(code(&answer), (422, "invalid".to_owned()), "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
    }
    assert_eq!(make(&grace, json!({ "body": "x", "title": "é".repeat(200) })).await.title, "é".repeat(200));
    let unknown = grace.post(&demo("/documents"), &json!({ "template": "dcf", "owner": "me" })).await;
    assert_eq!(code(&unknown), (422, "invalid".to_owned()));
    let path = demo("/documents");
    let bearer = grace.bearer();
    let send = async |kind: &'static str, body: &'static [u8]| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        code(&http::send_bytes(server.address(), "POST", &path, &headers, body).await)
    };
    assert_eq!(send("text/plain", b"{}").await, (415, "unsupported_media_type".to_owned()));
    assert_eq!(send("application/x-www-form-urlencoded", b"template=dcf").await.0, 415);
    assert_eq!(send("application/json", b"{").await, (400, "bad_request".to_owned()));
    assert_eq!(send("application/json", b"").await, (400, "bad_request".to_owned()));
    let large = grace.post(&path, &json!({ "body": "x".repeat(5_000_000) })).await;
    assert_eq!(code(&large), (413, "message_too_large".to_owned()));
    let nearly = grace.post(&path, &json!({ "body": "x".repeat(4 * 1024 * 1024) })).await;
    assert_eq!(code(&nearly), (413, "message_too_large".to_owned()));
}

#[tokio::test]
async fn a_document_is_renamed_archived_restored_and_deleted_by_those_who_may() {
    let server = Server::start();
    let (ada, grace, vera) =
        (server.signed_in("Ada").await, server.signed_in("Grace").await, server.signed_in("Vera").await);
    let made = make(&grace, json!({ "template": "blank" })).await;
    let path = format!("/api/document/{}", made.id);
    assert_eq!(code(&vera.send("PATCH", &path, &json!({ "title": "Mine" })).await), (403, "forbidden".to_owned()));
    let renamed = grace.send("PATCH", &path, &json!({ "title": "Plan" })).await;
    assert_eq!((renamed.status, renamed.json()["title"].clone()), (200, json!("Plan")));
    assert_eq!(code(&ada.delete(&path).await), (409, "conflict".to_owned()));

    let archived: DocumentSummary = read(&grace.send("PATCH", &path, &json!({ "is_archived": true })).await);
    assert!(archived.archived_at_ms.is_some());
    let again: DocumentSummary = read(&grace.send("PATCH", &path, &json!({ "is_archived": true })).await);
    assert_eq!(again.archived_at_ms, archived.archived_at_ms);
    let listed = async |query: &str| {
        let page: Page<DocumentSummary> = read(&vera.get(&format!("/api/documents{query}")).await);
        page.items.iter().any(|document| document.id == made.id)
    };
    assert!(!listed("").await && listed("?archived=true").await);
    let restored: DocumentSummary = read(&grace.send("PATCH", &path, &json!({ "is_archived": false })).await);
    assert_eq!(restored.archived_at_ms, None);
    assert!(listed("").await && !listed("?archived=true").await);

    grace.send("PATCH", &path, &json!({ "is_archived": true })).await;
    assert_eq!(code(&grace.delete(&path).await), (403, "forbidden".to_owned()));
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(code(&ada.get(&path).await), (404, "unknown_document".to_owned()));
    assert_eq!(code(&ada.delete(&path).await), (404, "unknown_document".to_owned()));
    assert!(!listed("?archived=true").await);
}

#[tokio::test]
async fn what_is_in_the_archive_is_not_edited_until_it_is_restored() {
    let server = Server::start();
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    let made = make(&grace, json!({ "template": "blank" })).await;
    let path = format!("/api/document/{}", made.id);
    let branch = grace.post(&format!("{path}/branches"), &json!({ "name": "Bear" })).await;
    assert_eq!(branch.status, 201, "{}", branch.text());
    let branch: coval_shared::protocol::DocumentId = serde_json::from_value(branch.json()["id"].clone()).unwrap();
    let (mut client, _) = Client::in_document(&server, "Grace", made.id).await;
    let mut in_branch = Client::new(&server, "Ada").await;
    in_branch.open(branch).await;
    let op = || serde_json::from_value(json!(["about", { "r": true, "i": "changed" }])).unwrap();

    assert_eq!(grace.send("PATCH", &path, &json!({ "is_archived": true })).await.status, 200);
    client.submit(made.id, 1, ot_core::Revision(0), op()).await;
    assert_eq!(client.error().await, (ErrorCode::Conflict, Some(ot_core::Sequence(1))));
    in_branch.submit(branch, 1, ot_core::Revision(0), op()).await;
    assert_eq!(in_branch.error().await.0, ErrorCode::Conflict, "a branch is archived with its document");
    for (way, body) in [("restore", json!({ "revision": 0 })), ("branches", json!({ "name": "Bull" }))] {
        let refused = grace.post(&format!("{path}/{way}"), &body).await;
        assert_eq!(code(&refused), (409, "conflict".to_owned()), "{way}: {}", refused.text());
        assert!(refused.json()["detail"].as_str().unwrap().contains("restore it first"), "{}", refused.text());
    }
    // It is read, named and commented on as before.
    assert_eq!(grace.get(&format!("{path}/snapshot")).await.status, 200);
    assert_eq!(grace.send("PATCH", &path, &json!({ "title": "Old" })).await.status, 200);

    assert_eq!(grace.send("PATCH", &path, &json!({ "is_archived": false })).await.status, 200);
    client.submit(made.id, 1, ot_core::Revision(0), op()).await;
    assert_eq!(client.ack().await, (ot_core::Sequence(1), ot_core::Revision(1)));

    // A branch goes without the way through the archive, and by owners alone.
    let path = format!("/api/document/{branch}");
    assert_eq!(code(&grace.delete(&path).await), (403, "forbidden".to_owned()));
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(code(&ada.get(&path).await), (404, "unknown_document".to_owned()));
    assert_eq!(ada.get(&format!("/api/document/{}/branches", made.id)).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_workspace_is_made_and_renamed_in_its_record() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let made = ada.post("/api/workspaces", &json!({ "name": "Before" })).await.json();
    let path = format!("/api/workspace/{}", made["id"].as_str().unwrap());
    for name in ["After", "After"] {
        assert_eq!(ada.send("PATCH", &path, &json!({ "name": name })).await.status, 200);
    }
    let told = ada.get(&format!("{path}/activity")).await.json();
    let told: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].clone(), entry["detail"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("workspace_renamed"), json!({ "from": "Before", "to": "After" })),
            (json!("workspace_created"), json!({ "name": "Before" })),
        ]
    );
    let audit = ada.get(&format!("{path}/audit")).await;
    assert_eq!(audit.status, 200, "{}", audit.text());
    assert!(audit.json()["broken"].is_null(), "{}", audit.text());
}

#[tokio::test]
async fn lists_come_in_pages_that_leave_nothing_out_and_repeat_nothing() {
    let server = Server::start();
    let grace = server.signed_in("Grace").await;
    for number in 0..7 {
        let body = if number % 2 == 0 { json!("memo") } else { coval_shared::template::blank::document() };
        make(&grace, json!({ "body": body, "title": format!("{} Plan {number}", ["b", "A"][number % 2]) })).await;
    }
    for sort in ["edited", "created", "title"] {
        for filter in ["", "&kind=memo", "&q=plan", "&q=PLAN&kind=model"] {
            let whole: Page<DocumentSummary> = read(&grace.get(&format!("/api/documents?sort={sort}{filter}")).await);
            assert_eq!(whole.next, None);
            let mut found = Vec::new();
            let mut cursor = String::new();
            loop {
                let path = format!("/api/documents?limit=2&sort={sort}{filter}{cursor}");
                let page: Page<DocumentSummary> = read(&grace.get(&path).await);
                assert!(page.items.len() <= 2);
                found.extend(page.items);
                match page.next {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(found, whole.items, "{sort}{filter}");
            let count = [8, 4, 7, 3][["", "&kind=memo", "&q=plan", "&q=PLAN&kind=model"]
                .iter()
                .position(|other| *other == filter)
                .unwrap()];
            assert_eq!(found.len(), count, "{sort}{filter}");
            let titles: Vec<_> = found.iter().map(|document| document.title.to_lowercase()).collect();
            assert!(sort != "title" || titles.is_sorted(), "{titles:?}");
        }
    }
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "sort=size",
        "kind=page",
        "cursor=x",
        "cursor=bnVsbA",
        "workspace=1",
        "q=%00",
    ] {
        assert_eq!(code(&grace.get(&format!("/api/documents?{wrong}")).await), (422, "invalid".to_owned()), "{wrong}");
    }
    let none: Page<DocumentSummary> =
        read(&grace.get("/api/documents?q=100%25&workspace=0199b1ef-0000-7000-8000-00000000ffff").await);
    assert_eq!(none.items, []);
}

/// Asks until the answer has as many results as it is to have.
async fn search(who: &SignedIn, query: &str, count: usize) -> Vec<SearchResult> {
    for _ in 0..100 {
        let page: Page<SearchResult> = read(&who.get(&format!("/api/search?q={query}")).await);
        if page.items.len() == count {
            return page.items;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{query} is not found {count} times");
}

pub(crate) async fn documents_are_found_by_what_is_in_them(server: &Server) {
    let grace = server.signed_in("Grace").await;
    let found = search(&grace, "net%20sal", 1).await;
    assert_eq!(found[0].document.title, coval_shared::template::APPLE_DCF_TITLE);
    assert!(found[0].excerpt.iter().any(|piece| piece.is_match), "{:?}", found[0].excerpt);
    let body = format!("{} Zürich <b>granite</b> {}", "hay ".repeat(99), "😀 ".repeat(99));
    let memo = make(&grace, json!({ "body": body, "title": "On stones" })).await;
    for query in ["granite", "GRANITE%20zurich", "granit", "stones", "st%C3%B6nes%20granit"] {
        assert_eq!(search(&grace, query, 1).await[0].document.id, memo.id, "{query}");
    }
    let found = search(&grace, "granite", 1).await;
    let text: String = found[0].excerpt.iter().map(|piece| piece.text.as_str()).collect();
    assert!(text.contains("Zürich <b>granite</b> 😀"), "{text}");
    assert_eq!(found[0].excerpt.iter().find(|piece| piece.is_match).unwrap().text, "granite");
    search(&grace, "granite%20marble", 0).await;
    search(&grace, "ranite", 0).await;

    let path = format!("/api/document/{}", memo.id);
    grace.send("PATCH", &path, &json!({ "title": "On marble" })).await;
    search(&grace, "granite%20marble", 1).await;
    search(&grace, "stones", 0).await;
    grace.send("PATCH", &path, &json!({ "is_archived": true })).await;
    search(&grace, "granite", 0).await;
    for odd in ["%22", "a%22%20OR%20b", "a%27%29%20--", "AND", "NOT%20granite*", "%3A%2A%26%7C%21"] {
        let answer = grace.get(&format!("/api/search?q={odd}")).await;
        assert!(matches!(answer.status, 200 | 422), "{odd}: {}", answer.text());
    }
}

#[tokio::test]
async fn documents_are_found_by_what_is_in_them_on_sqlite() {
    documents_are_found_by_what_is_in_them(&Server::start()).await;
}

#[tokio::test]
async fn documents_are_found_by_what_is_in_them_on_postgres() {
    let postgres = crate::postgres::Postgres::shared();
    documents_are_found_by_what_is_in_them(&Server::start_on(&postgres.database(), &[])).await;
}

#[tokio::test]
async fn a_stranger_finds_lists_and_opens_nothing_of_a_workspace() {
    let server = Server::start();
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    let own = ada.post("/api/workspaces", &json!({ "name": "Ada's own" })).await;
    assert_eq!(own.status, 201, "{}", own.text());
    let own = own.json()["id"].as_str().unwrap().to_owned();
    let body = json!({ "body": "a secret word: xylophone", "title": "Secret" });
    let secret: DocumentSummary = read(&ada.post(&format!("/api/workspace/{own}/documents"), &body).await);
    search(&ada, "xylophone", 1).await;
    search(&grace, "xylophone", 0).await;
    let list: Page<DocumentSummary> = read(&grace.get(&format!("/api/documents?workspace={own}")).await);
    assert_eq!(list.items, []);
    for path in ["", "/snapshot", "/outputs", "/export?format=md", "/collaboration"] {
        let answer = grace.get(&format!("/api/document/{}{path}", secret.id)).await;
        assert_eq!(code(&answer), (404, "unknown_document".to_owned()), "{path}");
    }
    for path in ["", "/status"] {
        assert_eq!(code(&grace.get(&format!("/api/workspace/{own}{path}")).await), (404, "not_found".to_owned()));
    }
    let copy = grace.post(&format!("/api/document/{}/duplicate", secret.id), &json!({})).await;
    assert_eq!(code(&copy), (404, "unknown_document".to_owned()));
    // A model of one's own can't take values from a document that one may not read.
    let mut model = coval_shared::template::blank::document();
    link(&mut model, &secret.id.to_string());
    let linked = grace.post(&demo("/documents"), &json!({ "body": model })).await;
    assert_eq!(code(&linked), (422, "invalid".to_owned()), "{}", linked.text());
    assert!(linked.json()["detail"].as_str().unwrap().contains("may not read"), "{}", linked.text());
}

/// Has the first item with one value take it from elsewhere.
fn link(model: &mut Value, document: &str) {
    for section in model["sections"].as_array_mut().unwrap() {
        for item in section["items"].as_array_mut().unwrap() {
            if item["span"] == "single" {
                item["link"] = json!({ "document": document, "item": "x" });
                item["value"] = json!(1);
                return;
            }
        }
    }
    panic!("no item has one value: {model}");
}

#[tokio::test]
async fn what_is_exported_comes_as_a_file_and_what_is_imported_is_the_same_again() {
    let server = Server::start();
    let (grace, vera) = (server.signed_in("Grace").await, server.signed_in("Vera").await);
    let document = server.demo().await;
    let import = demo("/import");
    let types = [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("document", "application/json"),
    ];
    for (format, kind) in types {
        let file = vera.get(&format!("/api/document/{document}/export?format={format}")).await;
        assert_eq!((file.status, file.header("content-type")), (200, Some(kind)), "{format}");
        let disposition = file.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; filename=\"Apple-Inc"), "{disposition}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        if format != "json" {
            let answer = upload(&server, &grace, &format!("{import}?title=Again"), kind, &file.body).await;
            assert_eq!(answer.status, 201, "{format}: {}", answer.text());
            let imported: Imported = read(&answer);
            assert_eq!(imported.document.title, "Again");
            assert_eq!(imported.document.kind, DocumentKind::Model);
        }
    }
    let wrong = vera.get(&format!("/api/document/{document}/export?format=md")).await;
    assert_eq!((code(&wrong), wrong.json()["field"].clone()), ((422, "invalid".to_owned()), json!("format")));
    assert_eq!(code(&upload(&server, &vera, &import, "text/csv", b"a,b").await), (403, "forbidden".to_owned()));
    let memo = upload(&server, &grace, &import, "text/markdown", "# Ünïcode".as_bytes()).await;
    let memo: Imported = read(&memo);
    let file = vera.get(&format!("/api/document/{}/export?format=md", memo.document.id)).await;
    assert_eq!(
        (file.text().as_str(), file.header("content-type")),
        ("# Ünïcode", Some("text/markdown; charset=utf-8"))
    );
    for (kind, bytes, status) in [
        ("text/plain", &b"a"[..], 415),
        ("text/markdown", &[0xff], 422),
        ("text/csv", b"", 422),
        ("application/json", b"{", 422),
        ("application/json", b"{}", 422),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04", 422),
    ] {
        assert_eq!(upload(&server, &grace, &import, kind, bytes).await.status, status, "{kind} {bytes:?}");
    }
    let large = upload(&server, &grace, &import, "text/csv", &vec![b'1'; 20 * 1024 * 1024 + 1]).await;
    assert_eq!(code(&large), (413, "message_too_large".to_owned()));
}

#[tokio::test]
async fn a_workspace_says_how_much_is_in_it() {
    let server = Server::start();
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    make(&grace, json!({ "body": "text" })).await;
    let status: WorkspaceStatus = read(&grace.get(&demo("/status")).await);
    assert_eq!((status.models, status.memos, status.archived, status.members), (1, 1, 0, 3));
    assert!(status.storage_bytes > 1_000 && status.edited_at_ms.is_some());
    assert_eq!(code(&grace.send("PATCH", &demo(""), &json!({ "name": "Mine" })).await), (403, "forbidden".to_owned()));
    let renamed = ada.send("PATCH", &demo(""), &json!({ "name": "Valuation" })).await;
    assert_eq!((renamed.status, renamed.json()["name"].clone()), (200, json!("Valuation")));
    let list = grace.get("/api/workspaces").await.json();
    assert_eq!(
        (list["items"][0]["name"].clone(), list["items"][0]["role"].clone()),
        (json!("Valuation"), json!("editor"))
    );
    assert_eq!(code(&ada.get("/api/system/stats").await), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn who_works_on_a_document_is_shown() {
    let server = Server::start();
    let (demo, ada) = (server.demo().await, server.signed_in("Ada").await);
    let collaboration = format!("/api/document/{demo}/collaboration");
    assert_eq!(ada.get(&collaboration).await.json()["people"], json!([]));
    let (grace, _) = Client::in_document(&server, "Grace", demo).await;
    let (_vera, _) = Client::in_document(&server, "Vera", demo).await;
    let answer = ada.get(&collaboration).await.json();
    let mut names: Vec<&str> =
        answer["people"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Grace", "Vera"]);
    let status = format!("/api/workspace/{DEMO_WORKSPACE}/status");
    assert_eq!(ada.get(&status).await.json()["people_online"], 2);
    drop(grace);
    let begun = Instant::now();
    while ada.get(&status).await.json()["people_online"] != 1 {
        assert!(begun.elapsed() < Duration::from_secs(10), "who is gone is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
