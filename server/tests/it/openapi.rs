//! The description of the HTTP interface: it is complete, and only changes on purpose.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::http;
use crate::server::Server;

/// The description as it was last looked at.
const SNAPSHOT: &str = "tests/openapi.json";

/// Set to write the snapshot anew.
const RENEW: &str = "COVAL_RENEW_SNAPSHOTS";

/// Compares with a snapshot in the crate's folder, or writes it anew.
pub(crate) fn compare_with_snapshot(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let different = before.lines().zip(now.lines()).position(|(before, now)| before != now);
    let line = different.unwrap_or_else(|| before.lines().count().min(now.lines().count()));
    assert!(
        before == now,
        "server/{file} differs from line {}: {:?}, now {:?}; if that is right, \
         `{RENEW}=1 cargo test -p coval-server --test it -- snapshot` writes it anew",
        line + 1,
        before.lines().nth(line),
        now.lines().nth(line),
    );
}

#[tokio::test]
async fn the_description_of_the_interface_is_that_of_the_snapshot() {
    let server = Server::start();
    let answer = http::get(server.address(), "/api/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    compare_with_snapshot(SNAPSHOT, &format!("{}\n", answer.text()));
}

#[tokio::test]
async fn every_route_in_the_code_is_in_the_description_and_every_one_there_answers() {
    let server = Server::start();
    let description = http::get(server.address(), "/api/openapi.json").await.json();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    }
    assert_eq!(routes_in_code(), described);
    for (method, path) in &described {
        let path = path.replace(['{', '}'], "");
        let answer = http::request(server.address(), &method.to_uppercase(), &path, &[]).await;
        assert_ne!(answer.status, 405, "{method} {path}");
        let other = http::request(server.address(), "TRACE", &path, &[]).await;
        assert_eq!(other.status, 405, "{path}");
        assert!(other.header("allow").unwrap().contains(&method.to_uppercase()), "{path}");
    }
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let server = Server::start();
    let description = http::get(server.address(), "/api/openapi.json").await.json();
    let mut references = BTreeSet::new();
    collect_references(&description, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let items = description["paths"].as_object().unwrap().values();
    let operations: Vec<_> = items.flat_map(|item| item.as_object().unwrap().values()).collect();
    let names: BTreeSet<_> = operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len(), "two operations have one name: {names:?}");
    for operation in operations {
        assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{}", operation["operationId"]);
    }
}

#[tokio::test]
async fn the_viewer_is_served_whole_and_from_here_alone() {
    let server = Server::start();
    let page = http::get(server.address(), "/api/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let text = page.text();
    let files: Vec<_> = text.split('"').filter(|part| part.starts_with("/api/docs/")).collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let answer = http::get(server.address(), file).await;
        assert_eq!(answer.status, 200, "{file}");
        let kind = answer.header("content-type").unwrap();
        assert!(kind.starts_with("text/javascript") || kind.starts_with("text/css"), "{file}: {kind}");
    }
    // Code or styles in the page itself, or from elsewhere, would not run.
    assert!(!text.contains("<style") && !text.contains("style=") && !text.contains("://"), "{text}");
    assert_eq!(text.matches("<script").count(), text.matches("<script src=\"/api/docs/").count());
    assert_eq!(http::get(server.address(), "/api/docs/index.html").await.status, 404);
}

/// Every route that the source registers: its method and its path.
fn routes_in_code() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rest")) {
        let source = std::fs::read_to_string(&file).unwrap();
        for line in source.lines().map(str::trim) {
            for method in ["get", "post", "put", "patch", "delete"] {
                if let Some(path) = line.strip_prefix(&format!("#[{method}(\"")) {
                    routes.insert((method.to_owned(), format!("/api{}", path.split('"').next().unwrap())));
                }
            }
            let is_hidden = [".route(", "web::resource(", "web::scope("].iter().any(|way| line.contains(way));
            assert!(!is_hidden || file.ends_with("system.rs"), "a route that is not described: {line}");
        }
    }
    routes
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("$ref", Value::String(reference)) => {
                        found.insert(reference.clone());
                    }
                    _ => collect_references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}
