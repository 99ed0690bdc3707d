//! The app's files.

use std::path::{Path, PathBuf};

use crate::http::{self, Answer};
use crate::server::Server;

fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist")
}

/// The name of what was built that begins and ends so.
pub(crate) fn built(begin: &str, end: &str) -> String {
    let names = std::fs::read_dir(dist()).expect("the app is not built: `cargo xtask app` builds it");
    let mut names = names.flatten().map(|entry| entry.file_name().into_string().unwrap());
    names.find(|name| name.starts_with(begin) && name.ends_with(end)).unwrap_or_else(|| panic!("no {begin}…{end}"))
}

/// A file of the app's code.
pub(crate) fn code(name: &str) -> String {
    format!("{}/{name}", built("coval-", ""))
}

async fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    http::request(server.address(), "GET", path, headers).await
}

#[tokio::test]
async fn files_come_with_their_type() {
    let server = Server::start();
    let files = [
        ("index.html".to_owned(), "text/html; charset=utf-8"),
        (code("coval.js"), "text/javascript; charset=utf-8"),
        (code("coval_bg.wasm"), "application/wasm"),
        (code("styles.css"), "text/css; charset=utf-8"),
        (built("icon", ".svg"), "image/svg+xml"),
        (built("manifest", ".webmanifest"), "application/manifest+json"),
    ];
    for (name, kind) in files {
        let answer = get(&server, &format!("/{name}"), &[]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{name}");
        assert_eq!(answer.body, std::fs::read(dist().join(&name)).unwrap(), "{name}");
    }
}

#[tokio::test]
async fn a_client_gets_the_best_compression_that_it_takes() {
    let server = Server::start();
    let wasm = code("coval_bg.wasm");
    let cases = [
        ("br, gzip", Some("br"), ".br"),
        ("gzip, deflate, br, zstd", Some("br"), ".br"),
        ("gzip", Some("gzip"), ".gz"),
        ("gzip;q=1.0, br;q=0", Some("gzip"), ".gz"),
        ("br;q=0.1, gzip;q=0.9", Some("gzip"), ".gz"),
        ("*", Some("br"), ".br"),
        ("*;q=0", None, ""),
        ("deflate", None, ""),
        ("identity", None, ""),
        ("", None, ""),
    ];
    for (accepted, encoding, ending) in cases {
        let answer = get(&server, &format!("/{wasm}"), &[("Accept-Encoding", accepted)]).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.header("content-type"), Some("application/wasm"));
        assert_eq!(answer.header("vary").map(str::to_ascii_lowercase).as_deref(), Some("accept-encoding"));
        assert!(answer.body == std::fs::read(dist().join(format!("{wasm}{ending}"))).unwrap(), "{accepted}");
    }
    let plain = get(&server, &format!("/{wasm}"), &[]).await;
    assert_eq!(plain.header("content-encoding"), None);
}

#[tokio::test]
async fn what_is_named_by_its_hash_is_kept_for_ever_and_the_rest_is_asked_for_again() {
    let server = Server::start();
    for name in [code("coval_bg.wasm"), code("coval.js"), code("styles.css")] {
        let answer = get(&server, &format!("/{name}"), &[]).await;
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"), "{name}");
    }
    for path in ["/", "/index.html", "/icon.svg", "/document/0199b1ef-0000-7000-8000-000000000001"] {
        let first = get(&server, path, &[]).await;
        assert_eq!((first.status, first.header("cache-control")), (200, Some("no-cache")), "{path}");
        let tag = first.header("etag").unwrap();
        let again = get(&server, path, &[("If-None-Match", tag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), Some(tag));
        let weak = format!("\"other\", W/{tag}");
        assert_eq!(get(&server, path, &[("If-None-Match", &weak)]).await.status, 304);
        assert_eq!(get(&server, path, &[("If-None-Match", "\"other\"")]).await.status, 200);
    }
    // The two forms of one file are two things.
    let script = format!("/{}", code("coval.js"));
    let plain = get(&server, &script, &[]).await;
    let small = get(&server, &script, &[("Accept-Encoding", "br")]).await;
    assert_ne!(plain.header("etag"), small.header("etag"));
}

#[tokio::test]
async fn addresses_inside_the_app_bring_its_page_and_wrong_ones_do_not() {
    let server = Server::start();
    let page = std::fs::read(dist().join("index.html")).unwrap();
    for path in ["/", "/document/0199b1ef-0000-7000-8000-000000000001", "/some/where?x=a.b"] {
        let answer = get(&server, path, &[("Accept", "text/html,*/*;q=0.8")]).await;
        assert_eq!((answer.status, answer.body == page), (200, true), "{path}");
    }
    for accepted in ["application/json", "image/*", "application/json, text/plain"] {
        let answer = get(&server, "/some/where", &[("Accept", accepted)]).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{accepted}");
    }
    for path in ["/missing.js", "/document/missing.css", "/index.html.br", "/..%2fCargo.toml", "/%2e%2e/Cargo.toml"] {
        let answer = get(&server, path, &[("Accept", "*/*")]).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{path}");
    }
}

#[tokio::test]
async fn the_head_of_a_file_is_that_of_the_file_without_its_body() {
    let server = Server::start();
    let wasm = format!("/{}", code("coval_bg.wasm"));
    let whole = get(&server, &wasm, &[]).await;
    let head = http::request(server.address(), "HEAD", &wasm, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()));
    assert_eq!(head.header("etag"), whole.header("etag"));
}

#[tokio::test]
async fn the_page_holds_no_script_that_its_policy_forbids() {
    let server = Server::start();
    let page = get(&server, "/", &[]).await.text();
    for script in page.split("<script").skip(1) {
        let (attributes, content) = script.split_once('>').unwrap();
        assert!(attributes.contains("src="), "a script in the page: {script:.80}");
        assert!(content.starts_with("</script>"), "a script in the page: {script:.80}");
    }
    assert!(!page.contains(" style=") && !page.contains("<style"), "a style in the page");
}
